"""The files of an image's final file system: the largest, those that are there twice, setuid ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from djdock.images import filesystem
from djdock.images.model import Entry, Image

SETUID, SETGID = 0o4000, 0o2000


@dataclass(frozen=True, slots=True)
class Sized:
    """A file, and the number of the layer (from 1) that it comes from."""

    entry: Entry
    layer: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Files with the same bytes. Hard links are one file, so they are none."""

    size: int  # of one of them, in bytes
    paths: Sequence[str]

    @property
    def reclaimable(self) -> int:
        """The bytes of all but one."""
        return self.size * (len(self.paths) - 1)


@dataclass(frozen=True, slots=True)
class Files:
    """An image's files. ``size`` is theirs together, in bytes."""

    count: int
    size: int
    largest: Sequence[Sized]
    duplicates: Sequence[Duplicate]
    privileged: Sequence[Entry]

    @property
    def reclaimable(self) -> int:
        """What duplicates take that one copy of each would not, in bytes."""
        return sum(item.reclaimable for item in self.duplicates)


def find(image: Image) -> Files:
    """All files of the final file system, the largest first."""
    system, _ = filesystem.merge(image.layers)
    placed = [(entry, layer) for entry, layer in system.entries() if entry.kind != "dir"]
    regular = [Sized(entry, layer + 1) for entry, layer in placed if entry.kind == "file"]
    same: dict[tuple[bytes, int], list[str]] = {}
    for item in regular:
        if item.entry.size and item.entry.digest:
            same.setdefault((item.entry.digest, item.entry.size), []).append(item.entry.path)
    duplicates = [Duplicate(size, paths) for (_, size), paths in same.items() if len(paths) > 1]
    return Files(
        len(placed),
        sum(item.entry.size for item in regular),
        sorted(regular, key=lambda item: (-item.entry.size, item.entry.path)),
        sorted(duplicates, key=lambda item: (-item.reclaimable, item.paths[0])),
        [
            entry
            for entry, _ in placed
            if entry.kind in ("file", "hardlink") and entry.mode & (SETUID | SETGID)
        ],
    )
