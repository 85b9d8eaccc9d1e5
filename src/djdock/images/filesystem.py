"""Layers put on top of each other, as a container sees them; and what happened on the way.

The rules are the OCI image specification's ("Image Layer Filesystem Changeset"): a layer's whiteouts
concern the layers below it only; anything but a directory on a directory replaces it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from djdock.images.model import Entry, Image, Layer


@dataclass(slots=True)
class Copy:
    """The bytes of one regular file in one layer, under all of its names (hard links)."""

    entry: Entry
    layer: int
    links: int = 0
    gone: int | None = None  # the layer that took its last name away
    replaced: bool = False  # by another file of that name, in that layer


@dataclass(slots=True)
class Placed:
    """What stands under one path. ``copy`` is None for what has no bytes."""

    entry: Entry
    layer: int
    copy: Copy | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What one layer did to the files (all but directories) below it, by number of paths."""

    added: int
    changed: int
    removed: int


@dataclass
class FileSystem:
    """The layers applied so far: every path, and every copy of a file that any of them brought."""

    paths: dict[str, Placed] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    #: The paths in each folder, also in those that no layer has an entry for.
    _in: dict[str, set[str]] = field(default_factory=lambda: {"": set()})
    #: The names of files below that the layer in hand took away.
    _taken: set[str] = field(default_factory=set)

    def apply(self, layer: Layer) -> Changes:
        """Puts one layer on top."""
        self._taken = set()
        for path in layer.whiteouts:
            self._remove(path, layer.index)
        for folder in layer.opaque:
            for path in list(self._in.get(folder, ())):
                self._remove(path, layer.index)
        for entry in layer.entries:
            self._put(entry, layer.index)
        files = {
            entry.path
            for entry in layer.entries
            if entry.kind != "dir"
            and (placed := self.paths.get(entry.path)) is not None
            and placed.entry is entry
        }
        for copy in self.copies:
            if copy.gone == layer.index:
                copy.replaced = copy.entry.path in files
        changed = len(self._taken & files)
        return Changes(len(files) - changed, changed, len(self._taken) - changed)

    def _put(self, entry: Entry, layer: int) -> None:
        path = entry.path
        standing = self.paths.get(path)
        both_folders = entry.kind == "dir" and (standing is None or standing.entry.kind == "dir")
        if not both_folders:
            # A hard link holds on to its bytes before its old name is taken away.
            copy = self._copy_for(entry, layer)
            self._remove(path, layer)
        else:
            copy = None
        self._make_room(path, layer)
        self.paths[path] = Placed(entry, layer, copy)

    def _copy_for(self, entry: Entry, layer: int) -> Copy | None:
        if entry.kind == "file":
            copy = Copy(entry, layer)
            self.copies.append(copy)
        elif entry.kind == "hardlink" and entry.target in self.paths:
            linked = self.paths[entry.target].copy
            if linked is None:
                return None
            copy = linked
        else:
            return None
        copy.links += 1
        return copy

    def _make_room(self, path: str, layer: int) -> None:
        """Makes the folders above a path; what is in their way and no folder goes, as in overlayfs."""
        while path:
            folder = path.rpartition("/")[0]
            known = self._in.get(folder)
            if known is not None:
                known.add(path)
                return
            self._in[folder] = {path}
            standing = self.paths.get(folder)
            if standing is not None and standing.entry.kind != "dir":
                self._drop(folder, layer)
            path = folder

    def _remove(self, path: str, layer: int) -> None:
        """Takes away a path and all below it; one that is not there is nobody's loss."""
        beside = self._in.get(path.rpartition("/")[0])
        if beside is None or path not in beside:
            return
        beside.discard(path)
        waiting = [path]
        while waiting:
            one = waiting.pop()
            waiting += self._in.pop(one, ())
            self._drop(one, layer)

    def _drop(self, path: str, layer: int) -> None:
        placed = self.paths.pop(path, None)
        if placed is None or placed.entry.kind == "dir":
            return
        if placed.layer != layer:
            self._taken.add(path)
        if placed.copy is not None:
            placed.copy.links -= 1
            if not placed.copy.links:
                placed.copy.gone = layer

    def entries(self) -> Iterator[tuple[Entry, int]]:
        """Every entry and its layer, by path. Each file's bytes are in exactly one of them.

        Where a later layer took a file away and left a hard link to it, the link is the file now.
        """
        bearer: dict[int, str] = {}
        for path in sorted(self.paths):
            placed = self.paths[path]
            copy = placed.copy
            if copy is None:
                yield placed.entry, placed.layer
                continue
            name = bearer.get(id(copy))
            if name is None:
                origin = self.paths.get(copy.entry.path)
                name = origin.entry.path if origin is not None and origin.copy is copy else path
                bearer[id(copy)] = name
            if path == name:
                yield _as_file(placed.entry, copy.entry), placed.layer
            else:
                yield replace(placed.entry, kind="hardlink", target=name), placed.layer


def _as_file(entry: Entry, content: Entry) -> Entry:
    if entry.kind == "file":
        return entry
    return replace(entry, kind="file", size=content.size, digest=content.digest, target="")


def merge(layers: Iterable[Layer]) -> tuple[FileSystem, list[Changes]]:
    """All layers on top of each other, and what each of them changed."""
    system = FileSystem()
    return system, [system.apply(layer) for layer in layers]


def final(image: Image) -> list[Entry]:
    """The entries of the image's final file system, by path; see :meth:`FileSystem.entries`."""
    return [entry for entry, _ in merge(image.layers)[0].entries()]
