"""An owner's files as a tree of folders, small enough to draw: what is small stands together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from djdock.images.owners import Owned
from djdock.images.wording import printable

#: How deep a tree goes below its owner, and the least part of the owner's bytes that is shown.
DEPTH, LEAST = 4, 0.01

#: Nothing smaller is shown, in bytes.
LEAST_BYTES = 10_000


@dataclass(slots=True)
class _Folder:
    size: int = 0
    files: int = 0
    inside: dict[str, _Folder] = field(default_factory=dict)


def tree(files: Iterable[Owned]) -> list[dict[str, Any]]:
    """The folders and files of one owner, the largest first; sizes in bytes.

    Each node has ``name``, ``bytes`` and ``files``, and ``children`` where it is a folder that is
    looked into. Folders with nothing but one folder in them are one node. What is smaller than a
    hundredth of the owner, or 10 kB, is added up as one last node, which has ``others``: how many
    there are. The children's bytes always add up to their parent's.
    """
    root = _Folder()
    for file in files:
        at = root
        at.size, at.files = at.size + file.size, at.files + 1
        for name in file.path.split("/"):
            at = at.inside.setdefault(name, _Folder())
            at.size, at.files = at.size + file.size, at.files + 1
    return _nodes(root, max(LEAST_BYTES, root.size * LEAST), DEPTH, prefix="/")


def _nodes(folder: _Folder, least: float, depth: int, prefix: str = "") -> list[dict[str, Any]]:
    nodes, small = [], []
    for name, inside in sorted(folder.inside.items(), key=lambda item: (-item[1].size, item[0])):
        if inside.size < least:
            small.append(inside)
        else:
            nodes.append(_node(f"{prefix}{name}", inside, least, depth))
    if small:
        size, files = sum(item.size for item in small), sum(item.files for item in small)
        if size:
            nodes.append({"name": "others", "bytes": size, "files": files, "others": len(small)})
    return nodes


def _node(name: str, folder: _Folder, least: float, depth: int) -> dict[str, Any]:
    while len(folder.inside) == 1:
        [(inner, only)] = folder.inside.items()
        name, folder = f"{name}/{inner}", only
    node: dict[str, Any] = {"name": printable(name), "bytes": folder.size, "files": folder.files}
    if folder.inside and depth > 1:
        children = _nodes(folder, least, depth - 1)
        if any("others" not in child for child in children):
            node["children"] = children
    return node


def size(nodes: Sequence[dict[str, Any]]) -> int:
    """The bytes of nodes together."""
    return sum(int(node["bytes"]) for node in nodes)
