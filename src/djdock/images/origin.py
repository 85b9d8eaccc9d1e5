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
    found: Base | None = None
    for image in sdk.images.list():
        tags = sorted(image.tags)
        own = image.attrs.get("RootFS", {}).get("Layers") or []
        known = found.layers if found else 0
        if tags and known <= len(own) < len(layers) and own and own == list(layers[: len(own)]):
            if len(own) == known and found is not None and found.image <= tags[0]:
                continue  # two images with the same layers: the first by name, on every run
            found = Base(tags[0], len(own))
    return found
