"""Everything that can be said of an image without running it, as the report's data have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from djdock.images import dive, findings, layers, origin, programs, treemap
from djdock.images.files import SETGID, SETUID
from djdock.images.opened import Opened
from djdock.images.owners import Owned, Owner, by_owner, totals
from djdock.images.wording import compressed, instruction, printable

#: How many wasted paths are named.
WASTED = 10

SYSTEM = ("debian", "alpine", "rpm")


def contents(
    opened: Opened,
    *,
    base: origin.Base | None = None,
    mask: Callable[[str], str] = str,
) -> dict[str, Any]:
    """The image's figures, layers, owners and findings; sizes in bytes, shares from 0 to 1.

    Nothing in it depends on when the image was built: no time and no id. ``mask`` hides the project's
    secrets in instructions, which a build argument may hold.
    """
    image, snapshot = opened.image, opened.snapshot
    files = opened.ownership.files
    counted = layers.figures(image)
    theirs = dive.figures(image)
    found = findings.find(opened.ownership)
    return {
        "image": printable(snapshot.name),
        "platform": snapshot.platform,
        "store": snapshot.store,
        "user": str((image.config.get("config") or {}).get("User") or "root"),
        "figures": {
            "size": snapshot.size,
            "compressed_size": compressed(image),
            "layers": snapshot.layers,
            "waste": counted.waste,
            "efficiency": round(counted.efficiency, 6),
            "files": len(files),
            "python_packages": _packages(files, "pypi"),
            "system_packages": _packages(files, *SYSTEM),
            "setuid_files": [
                f"/{printable(file.path)}" for file in files if file.mode & (SETUID | SETGID)
            ],
            "shells": [printable(path) for path in programs.shells(files)],
            "compilers": [printable(path) for path in programs.compilers(files)],
        },
        "dive": {"efficiency": round(theirs.efficiency, 6), "wasted": theirs.wasted},
        "layers": [
            {
                "number": item.layer.index + 1,
                "digest": item.layer.digest,
                "instruction": instruction(mask(item.layer.instruction)),
                "size": item.layer.size,
                "compressed_size": item.layer.compressed_size,
                "added": item.changes.added,
                "changed": item.changes.changed,
                "removed": item.changes.removed,
                "waste": item.waste,
                "base": base is not None and item.layer.index < base.layers,
            }
            for item in counted.layers
        ],
        "wasted": [
            {
                "path": f"/{printable(item.path)}",
                "size": item.size,
                "copies": item.copies,
                "layer": item.last + 1,
                "how": "replaced" if item.replaced else "deleted",
            }
            for item in counted.wasted[:WASTED]
        ],
        "bytes": opened.ownership.total,
        "groups": totals(files, lambda file: file.owner.group),
        "owners": _owners(opened),
        "findings": [item.as_dict() for item in found],
        "could_go": findings.total(found),
        "problems": list(opened.ownership.problems),
    }


def _packages(files: tuple[Owned, ...] | list[Owned], *families: str) -> int:
    return len({file.owner for file in files if file.owner.family in families})


def _owners(opened: Opened) -> list[dict[str, Any]]:
    """The owners, the largest first, each with a tree of its files."""
    own: dict[Owner, list[Owned]] = {}
    for file in opened.ownership.files:
        own.setdefault(file.owner, []).append(file)
    return [
        {
            **share.as_dict(),
            "owner": printable(share.owner.name),
            "tree": treemap.tree(own[share.owner]),
        }
        for share in by_owner(opened.ownership.files)
    ]
