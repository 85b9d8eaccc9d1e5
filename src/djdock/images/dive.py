"""dive's figures, by dive's own formula and with its quirks, for whoever compares with them.

Source: wagoodman/dive d6c6919 (2025-05-16), dive/filetree/efficiency.go, dive/filetree/file_tree.go
and dive/image/analysis.go. What it does and djdock's own figures do not:

* waste counts all copies of a path that two layers have, the last one, too;
* a folder that a later layer deletes is no waste, and does not lower the efficiency;
* opaque whiteouts do nothing, and a hard link has no bytes;
* a whiteout of something that is not there ends the look at its layer, silently;
* the base image is the first layer, whatever made it; in an image of one layer the share of waste
  is 0/0, which is not a number (None here).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from djdock.images.model import Image, Layer

_WHITEOUT = ".wh."


@dataclass(frozen=True, slots=True)
class Dive:
    """``efficiencyScore``, ``inefficientBytes``, and the share that --highestUserWastedPercent tests."""

    efficiency: float
    wasted: int
    user_wasted: float | None


@dataclass(slots=True)
class _Node:
    """dive's FileNode: what is known of a name, and what is in it."""

    size: int = 0
    folder: bool = False
    inside: dict[str, _Node] = field(default_factory=dict)


@dataclass(slots=True)
class _Data:
    total: int = 0
    least: int = -1
    seen: int = 0


def figures(image: Image) -> Dive:
    """What dive says of an image."""
    trees = [_tree(layer) for layer in image.layers]
    stacked = _Node()
    paths: dict[str, _Data] = {}
    for tree in trees:
        for path, node, hidden in _depth_first(tree):
            if node.inside:
                continue
            size = node.size
            if hidden:
                before = _find(stacked, path)
                if before is None:
                    break  # as dive: the rest of the layer is not looked at
                size = sum(n.size for _, n, _ in _depth_first(before)) if before.folder else 0
            data = paths.setdefault(path, _Data())
            data.total += size
            data.least = size if data.least < 0 else min(data.least, size)
            data.seen += 1
        _stack(stacked, tree)
    everything = sum(data.total for data in paths.values())
    least = sum(data.least for data in paths.values())
    wasted = sum(data.total for data in paths.values() if data.seen > 1)
    user = sum(layer.size for layer in image.layers[1:])
    return Dive(
        least / everything if everything else 1.0,
        wasted,
        wasted / user if user else None,
    )


def _tree(layer: Layer) -> _Node:
    root = _Node()
    for entry in layer.entries:
        node = _make(root, entry.path)
        node.size, node.folder = entry.size, entry.kind == "dir"
    for path in layer.whiteouts:
        folder, slash, name = path.rpartition("/")
        _make(root, f"{folder}{slash}{_WHITEOUT}{name}")
    for folder in layer.opaque:
        # `.wh..wh..opq` is dropped, but the folder that it stands in is made.
        if folder:
            _make(root, folder)
    return root


def _make(root: _Node, path: str) -> _Node:
    node = root
    for name in path.split("/"):
        node = node.inside.setdefault(name, _Node())
    return node


def _find(root: _Node, path: str) -> _Node | None:
    node: _Node | None = root
    for name in path.split("/"):
        node = node.inside.get(name) if node is not None else None
    return node


def _depth_first(root: _Node) -> Iterator[tuple[str, _Node, bool]]:
    """Every node below (path, node, is it a whiteout), children first, by name.

    Without recursion: a path may have two thousand parts.
    """
    waiting: list[tuple[str, str, _Node, bool]] = [
        ("", name, node, False) for name, node in _last_first(root)
    ]
    while waiting:
        folder, name, node, seen = waiting.pop()
        path = f"{folder}{name}"
        if node.inside and not seen:
            waiting.append((folder, name, node, True))
            waiting += [(f"{path}/", n, child, False) for n, child in _last_first(node)]
            continue
        hidden = name.startswith(_WHITEOUT)
        yield (f"{folder}{name.removeprefix(_WHITEOUT)}" if hidden else path), node, hidden


def _last_first(node: _Node) -> Sequence[tuple[str, _Node]]:
    # Go sorts by bytes.
    return sorted(
        node.inside.items(),
        key=lambda item: item[0].encode("utf-8", "surrogateescape"),
        reverse=True,
    )


def _stack(lower: _Node, upper: _Node) -> None:
    """Puts a tree on top of another, as dive does: a file on a folder keeps what is in it."""
    for path, node, hidden in list(_depth_first(upper)):
        if not hidden:
            kept = _make(lower, path)
            kept.size, kept.folder = node.size, node.folder
            continue
        folder, _, name = path.rpartition("/")
        above = _find(lower, folder) if folder else lower
        if above is not None:
            above.inside.pop(name, None)
