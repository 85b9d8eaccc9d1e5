"""The base of an image: which of its layers somebody else made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker.client import DockerClient


@dataclass(frozen=True, slots=True)
class Base:
    """A local image whose layers another one starts with, all of them."""

    image: str
    layers: int


def base(sdk: DockerClient, layers: Sequence[str]) -> Base | None:
    """The tagged local image that has the most of these layers (diff ids), from the first one on.

    An image does not say what it was built on; that the base is still here does. None where no
    local image is such a start.
    """
    import docker.errors

    found: Base | None = None
    for listed in sdk.api.images():
        tags = sorted(tag for tag in listed.get("RepoTags") or () if tag != "<none>:<none>")
        if not tags:
            continue
        try:
            own = sdk.api.inspect_image(listed["Id"])["RootFS"].get("Layers") or []
        except docker.errors.ImageNotFound:  # removed meanwhile
            continue
        if not own or len(own) >= len(layers) or own != list(layers[: len(own)]):
            continue
        # Of two images with the same layers the first by name, on every run.
        if found is None or (-len(own), tags[0]) < (-found.layers, found.image):
            found = Base(tags[0], len(own))
    return found
