"""An image, read once: its layers, whose its bytes are, and the figures to compare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from djdock.images import archive, baseline, filesystem, size
from djdock.images.model import Image
from djdock.images.owners import Ownership, attribute, keep

if TYPE_CHECKING:
    from docker.client import DockerClient

#: What an archive's figures come from: the sum of its layers' files, which no engine has counted.
ARCHIVE = "archive"


@dataclass(frozen=True)
class Opened:
    """One image. ``snapshot`` has the size that its store says."""

    image: Image
    ownership: Ownership
    snapshot: baseline.Snapshot


def from_engine(sdk: DockerClient, name: str, *, compressed: bool = False) -> Opened:
    """An image of the engine; ``compressed`` measures what a registry would hold, too.

    Raises MissingError when it is not there.
    """
    measured = size.measure(sdk, [name])[0]
    read = archive.read(name, keep, compressed=compressed)
    return _opened(read, name, measured.size, measured.store)


def from_archive(path: Path, *, wanted: str = "", compressed: bool = False) -> Opened:
    """An image that ``docker save`` wrote to a file; ``wanted`` is its name there if it has several.

    ``-`` is standard input. Raises what :func:`djdock.images.archive.read` raises.
    """
    image = archive.read(path, keep, wanted=wanted, compressed=compressed)
    return _opened(
        image, image.name or path.name, sum(layer.size for layer in image.layers), ARCHIVE
    )


def _opened(image: Image, name: str, counted: int, store: str) -> Opened:
    ownership = attribute(image, filesystem.final(image))
    snapshot = baseline.Snapshot(
        name,
        baseline.platform(image.config),
        store,
        counted,
        len(image.layers),
        baseline.parts(ownership.files),
    )
    return Opened(image, ownership, snapshot)
