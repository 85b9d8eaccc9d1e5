"""Which blobs of an image archive make up the image: the layouts of `docker save` and of OCI.

Sources: moby's image/spec/v1.2 ("Combined Image JSON + Filesystem Changeset Format"); the OCI image
specification's image-layout.md, image-index.md and manifest.md; BuildKit's attestation-storage.md.
"""

from __future__ import annotations

import json
import platform
import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from djdock.errors import MissingError, UsageError
from djdock.images.stream import Damaged
from djdock.images.wording import printable, shortened

#: Gives the JSON document of that path in the archive. Raises Damaged when it is not there.
Document = Callable[[str], Any]

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "armv6l": "arm", "i686": "386"}
_CONFIGS = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")

_PLATFORM = ("os", "architecture")

#: An index may name an index; more than so many steps are a circle.
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Found:
    """One image of an archive: its names, and the paths of its configuration and layers."""

    names: Sequence[str]
    config: str
    layers: Sequence[str]
    platform: str = ""  # os/architecture, where the index says it


def machine() -> str:
    """This machine's platform, as images name theirs: ``linux/amd64``."""
    name = platform.machine().lower()
    return f"linux/{_MACHINES.get(name, name)}"


def classic(manifest: Any) -> list[Found]:
    """The images of a ``manifest.json``."""
    found = []
    for item in _list(manifest, "manifest.json"):
        entry = _dict(item, "manifest.json")
        tags = _list(entry.get("RepoTags") or [], "manifest.json")
        layers = _list(entry.get("Layers") or [], "manifest.json")
        found.append(
            Found(
                [printable(str(tag)) for tag in tags],
                path_of(_text(entry.get("Config"), "manifest.json")),
                [path_of(_text(layer, "manifest.json")) for layer in layers],
            )
        )
    return found


def oci(index: Any, document: Document) -> list[Found]:
    """The images of an ``index.json``; attestations and other artifacts are none."""
    return _index(index, document, [], 0)


def _index(index: Any, document: Document, names: list[str], depth: int) -> list[Found]:
    if depth > _DEPTH:
        raise Damaged("its index names itself")
    found: list[Found] = []
    missing: Damaged | None = None
    for item in _list(_dict(index, "index.json").get("manifests") or [], "index.json"):
        entry = _dict(item, "index.json")
        notes = _dict(entry.get("annotations") or {}, "index.json")
        where = _dict(entry.get("platform") or {}, "index.json")
        if "vnd.docker.reference.type" in notes or where.get("os") == "unknown":
            continue
        own = [printable(str(notes[key])) for key in _NAMES if notes.get(key)] or names
        said = "/".join(printable(str(where[key])) for key in _PLATFORM if where.get(key))
        try:
            content = _dict(document(blob_of(entry)), "a manifest")
        except Damaged as error:
            # `docker save` names all platforms, and holds those that were pulled.
            if said in ("", machine()):
                raise
            missing = error
            continue
        if "manifests" in content:
            found += _index(content, document, own, depth + 1)
        elif _dict(content.get("config") or {}, "a manifest").get("mediaType") in _CONFIGS:
            layers = _list(content.get("layers") or [], "a manifest")
            found.append(
                Found(
                    own,
                    blob_of(content["config"]),
                    [blob_of(_dict(layer, "a manifest")) for layer in layers],
                    said,
                )
            )
    if not found and missing is not None:
        raise missing
    return found


def choose(images: Sequence[Found], wanted: str, archive: str) -> Found:
    """The image that is meant: the one with that name, the one for this machine, the only one."""
    if wanted:
        named = [image for image in images if any(_same(wanted, name) for name in image.names)]
        if not named:
            names = sorted({name for image in images for name in image.names}) or ["no name at all"]
            raise MissingError(
                f"{archive} holds no image `{wanted}`.", f"It has {', '.join(names)}."
            )
        images = named
    if not images:
        raise Damaged("it holds no image")
    if len(images) > 1:
        images = [image for image in images if image.platform in ("", machine())] or images
    if len(images) == 1:
        return images[0]
    names = sorted({name for image in images for name in image.names})
    if len(names) > 1:
        raise UsageError(
            f"{archive} holds {len(images)} images.", f"Name one of them: {', '.join(names)}."
        )
    platforms = sorted({image.platform for image in images})
    raise MissingError(
        f"{archive} holds no image for {machine()}.",
        f"It has {', '.join(filter(None, platforms)) or 'several without a platform'}.",
    )


def _same(wanted: str, name: str) -> bool:
    """Is it the same reference? ``site`` is ``docker.io/library/site:latest``."""

    def full(text: str) -> str:
        text = text if ":" in text.rpartition("/")[2] else f"{text}:latest"
        return text.removeprefix("docker.io/").removeprefix("library/")

    return wanted == name or full(wanted) == full(name)


def path_of(name: str) -> str:
    """A member's name, as paths are compared."""
    return posixpath.normpath("/" + name).lstrip("/")


def blob_of(descriptor: Any) -> str:
    """Where the blob of a descriptor is: ``blobs/sha256/…``."""
    digest = _text(_dict(descriptor, "a manifest").get("digest"), "a manifest")
    kind, colon, value = digest.partition(":")
    if not colon or not kind.isalnum() or not value.isalnum():
        raise Damaged(f"it names a blob `{printable(shortened(digest, 80))}`, which is no digest")
    return f"blobs/{kind}/{value}"


def parse(content: bytes, what: str) -> Any:
    """A JSON document. Raises Damaged when it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{what} is not JSON") from error


def _dict(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Damaged(f"{what} does not have the form it should")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise Damaged(f"{what} does not have the form it should")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise Damaged(f"{what} does not have the form it should")
    return value
