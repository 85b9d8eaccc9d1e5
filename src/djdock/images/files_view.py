"""`image.files` as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from djdock import table
from djdock.images import identity
from djdock.images.files import SETGID, SETUID, Duplicate, Files, Sized
from djdock.images.model import Entry, Image
from djdock.images.wording import percent, platform, rooted, tail, title
from djdock.units import human

#: The orders that --sort knows.
ORDERS: dict[str, Callable[[Sized], tuple[int, str]]] = {
    "size": lambda item: (-item.entry.size, item.entry.path),
    "path": lambda item: (0, item.entry.path),
    "layer": lambda item: (item.layer, item.entry.path),
}

#: The width of a table's figures, in characters.
FIGURES = 30


def largest(files: Files, *, sort: str, top: int, least: int) -> list[Sized]:
    """The ``top`` largest files of at least ``least`` bytes, in the order that was asked for."""
    shown = [item for item in files.largest[:top] if item.entry.size >= least]
    return sorted(shown, key=ORDERS[sort])


def data(image: Image, files: Files, *, top: int, least: int, sort: str = "size") -> dict[str, Any]:
    """Everything about the files; sizes in bytes."""
    return {
        "version": 1,
        "image": image.name,
        "content": identity.content(image),
        "platform": platform(image),
        "files": files.count,
        "size": files.size,
        "largest": [
            {"path": item.entry.path, "size": item.entry.size, "layer": item.layer}
            for item in largest(files, sort=sort, top=top, least=least)
        ],
        "duplicates": {
            "reclaimable": files.reclaimable,
            "groups": [
                {"size": item.size, "reclaimable": item.reclaimable, "paths": list(item.paths)}
                for item in _worth(files.duplicates, top, least)
            ],
        },
        "setuid": [
            {"path": e.path, "mode": f"{e.mode:04o}", "uid": e.uid, "gid": e.gid}
            for e in files.privileged
        ],
    }


def text(
    image: Image, files: Files, *, top: int, least: int, sort: str = "size", width: int = 120
) -> str:
    """The same for people, in tables of ``width`` characters; the lists below them may be longer."""
    rows = [
        (
            human(item.entry.size),
            percent(item.entry.size, files.size),
            item.layer,
            tail(rooted(item.entry.path), width - FIGURES),
        )
        for item in largest(files, sort=sort, top=top, least=least)
    ]
    parts = [
        title(image),
        "",
        f"{files.count} files, {human(files.size)}.",
        "",
        table.plain(rows, ("size", "share", "layer", "largest files"), right="size|share|layer"),
        "",
    ]
    groups = _worth(files.duplicates, top, least)
    if groups:
        shown = [
            (
                human(item.reclaimable),
                len(item.paths),
                *(tail(rooted(path), (width - FIGURES) // 2 - 1) for path in item.paths[:2]),
            )
            for item in groups
        ]
        headers = ("reclaimable", "copies", "duplicates", "the same as")
        parts += [table.plain(shown, headers, right="reclaimable|copies"), ""]
    count = len(files.duplicates)
    parts.append(
        f"Duplicates: {human(files.reclaimable)} could be reclaimed in {count} "
        f"group{'s' if count != 1 else ''} of equal files."
        if count
        else "Duplicates: none."
    )
    parts += _privileged(files.privileged)
    return "\n".join(parts)


def _privileged(entries: Sequence[Entry]) -> list[str]:
    if not entries:
        return ["Setuid and setgid files: none."]
    lines = []
    for name, bit in (("Setuid", SETUID), ("Setgid", SETGID)):
        paths = [rooted(entry.path) for entry in entries if entry.mode & bit]
        lines += [f"{name} files ({len(paths)}): {', '.join(paths)}."] if paths else []
    return lines


def _worth(duplicates: Sequence[Duplicate], top: int, least: int) -> list[Duplicate]:
    return [item for item in duplicates[:top] if item.reclaimable >= least]
