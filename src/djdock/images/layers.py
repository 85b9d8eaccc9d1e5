"""What each layer brings, and how much of it is there for nothing.

* **all bytes**: the regular files of all layers, each hard-linked file once.
* **final bytes**: those of them that a container sees.
* **waste**: all bytes less final bytes, which is what could be *reclaimed*: every copy of a file but
  the last, and everything that a later layer deletes.
* **efficiency**: final bytes / all bytes; 1 for an image without any.

dive counts otherwise; :mod:`djdock.images.dive` has its figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from djdock.images import filesystem
from djdock.images.filesystem import Changes, Copy
from djdock.images.model import Entry, Image, Layer


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """One layer: what it did to the files below, and which of its bytes later layers made waste."""

    layer: Layer
    changes: Changes
    waste: int


@dataclass(frozen=True, slots=True)
class Wasted:
    """A path with copies that nobody sees. ``last`` is the last layer that took one away."""

    path: str
    size: int  # of those copies together, in bytes
    copies: int
    last: int
    replaced: bool  # by another file; else deleted


@dataclass(frozen=True, slots=True)
class Figures:
    """An image's layers, its final file system, and its waste, the largest first."""

    layers: Sequence[LayerFigures]
    final: Sequence[Entry]
    wasted: Sequence[Wasted]

    @property
    def size(self) -> int:
        """All bytes."""
        return sum(item.layer.size for item in self.layers)

    @property
    def waste(self) -> int:
        """The bytes that could be reclaimed."""
        return sum(item.waste for item in self.layers)

    @property
    def final_size(self) -> int:
        """The bytes that a container sees."""
        return sum(entry.size for entry in self.final)

    @property
    def efficiency(self) -> float:
        """Final bytes / all bytes."""
        return self.final_size / self.size if self.size else 1.0


def figures(image: Image) -> Figures:
    """All figures of an image."""
    system, changes = filesystem.merge(image.layers)
    gone = [copy for copy in system.copies if copy.gone is not None]
    waste = [0] * len(image.layers)
    for copy in gone:
        waste[copy.layer] += copy.entry.size
    return Figures(
        [
            LayerFigures(layer, done, lost)
            for layer, done, lost in zip(image.layers, changes, waste, strict=True)
        ],
        [entry for entry, _ in system.entries()],
        _by_path(gone),
    )


def _by_path(gone: Sequence[Copy]) -> list[Wasted]:
    paths: dict[str, list[Copy]] = {}
    for copy in gone:
        if copy.entry.size:
            paths.setdefault(copy.entry.path, []).append(copy)
    found = []
    for path, copies in paths.items():
        last = max(copies, key=lambda copy: copy.gone or 0)
        size = sum(copy.entry.size for copy in copies)
        found.append(Wasted(path, size, len(copies), last.gone or 0, last.replaced))
    return sorted(found, key=lambda item: (-item.size, item.path))


def folders(wasted: Sequence[Wasted], *, most: int) -> list[tuple[str, int]]:
    """Where the waste is: the deepest folders that together hold all of it, the largest first.

    A folder with one sub-folder that has nearly all of its waste (nine tenths) gives way to that.
    """
    sums: dict[str, int] = {}
    inside: dict[str, set[str]] = {}
    for item in wasted:
        path = item.path
        sums[path] = sums.get(path, 0) + item.size
        while path:
            folder = path.rpartition("/")[0]
            inside.setdefault(folder, set()).add(path)
            sums[folder] = sums.get(folder, 0) + item.size
            path = folder
    found = []
    for top in inside.get("", ()):
        at = top
        while at in inside:
            heaviest = max(inside[at], key=lambda path: (sums[path], path))
            if sums[heaviest] * 10 < sums[at] * 9:
                break
            at = heaviest
        found.append((at, sums[at]))
    return sorted(found, key=lambda item: (-item[1], item[0]))[:most]
