"""Owners, findings and comparisons as people read them, and as programs do."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from djdock import table
from djdock.images import findings, identity, orders
from djdock.images.baseline import Change, Comparison, signed
from djdock.images.findings import Finding
from djdock.images.opened import Opened
from djdock.images.owners import UNOWNED, Share, by_owner, percentages, totals
from djdock.units import human

#: How wide the longest bar is, in characters.
BAR = 16

#: How wide prose is, in characters.
WIDTH = 96

#: Findings of less are not shown to people, in bytes.
LEAST_FINDING = 100_000

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def packages(opened: Opened, *, sort: str, top: int, least: int) -> str:
    """Whose the bytes of an image are, and what could go."""
    files = opened.ownership.files
    shares = by_owner(files)
    rows, rest = choose(shares, sort=sort, top=top or orders.TOP, least=least)
    longest = max((share.size for share in shares), default=0)
    cells: list[tuple[object, ...]] = [
        (
            printable(share.owner.name),
            printable(share.owner.version),
            share.owner.group,
            human(share.size),
            f"{share.percent:.1f}",
            share.files,
            bar(share.size, longest),
        )
        for share in rows
    ]
    if rest:
        size = sum(share.size for share in rest)
        percent = sum(share.percent for share in rest)
        number = sum(share.files for share in rest)
        cells.append((f"{len(rest)} others", "", "", human(size), f"{percent:.1f}", number, ""))
    headers = ("owner", "version", "group", "size", "%", "files", "")
    snapshot = opened.snapshot
    head = (
        f"{printable(snapshot.name)}: {human(opened.ownership.total)} in {len(files)} files of "
        f"{len(shares)} owners ({snapshot.platform})"
    )
    parts = [
        head,
        table.plain(cells, headers, right="size|%|files"),
        _groups(opened),
        _could_go(findings.find(opened.ownership, least=LEAST_FINDING)),
        *opened.ownership.problems,
    ]
    return "\n\n".join(part for part in parts if part)


def _groups(opened: Opened) -> str:
    groups = totals(opened.ownership.files, lambda file: file.owner.group)
    percents = percentages(list(groups.values()))
    return " · ".join(
        f"{name} {human(size)} ({percent:.1f} %)"
        for (name, size), percent in zip(groups.items(), percents, strict=True)
        if size
    )


def _could_go(found: Sequence[Finding]) -> str:
    """Three lines for each finding: what it is, why, and the line to change."""
    if not found:
        return ""
    safe = findings.total(found)
    head = f"Could go: {human(safe)}, each file counted once" if safe else "Could go, at a price"
    width = max(len(human(item.size)) for item in found) + 4
    lines = []
    for item in found:
        price = "" if item.safe else " (at a price)" if safe else ""
        lines.append(f"  {human(item.size):>{width - 4}}  {item.title}{price}")
        lines += _wrapped(item.why, " " * width)
        lines += _wrapped(f"→ {item.change}", " " * width)
    return "\n".join([head, *lines])


def _wrapped(text: str, indent: str) -> list[str]:
    # A command is broken at blanks only, so that its words can be copied.
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def packages_data(opened: Opened, *, sort: str, top: int, least: int) -> dict[str, Any]:
    """The same for programs; all owners unless told otherwise."""
    files = opened.ownership.files
    shares = by_owner(files)
    rows, rest = choose(shares, sort=sort, top=top, least=least)
    found = findings.find(opened.ownership)
    unowned = sum(file.size for file in files if file.owner == UNOWNED)
    return {
        "version": 1,
        "image": opened.snapshot.name,
        "content": identity.content(opened.image),
        "platform": opened.snapshot.platform,
        "store": opened.snapshot.store,
        "size": opened.snapshot.size,
        "bytes": opened.ownership.total,
        "files": len(files),
        "unowned": unowned,
        "groups": totals(files, lambda file: file.owner.group),
        "kinds": totals(files, lambda file: file.kind),
        "owners": [share.as_dict() for share in rows],
        "others": {"owners": len(rest), "bytes": sum(share.size for share in rest)},
        "findings": [item.as_dict() for item in found],
        "could_go": findings.total(found),
        "problems": list(opened.ownership.problems),
    }


def choose(
    shares: Sequence[Share], *, sort: str, top: int, least: int
) -> tuple[list[Share], list[Share]]:
    """The shares to show, in order, and the others; the ``top`` largest ones are shown, 0 is all."""
    large = [share for share in shares if share.size >= least]
    shown = large[: top or None]
    orders = {
        "size": lambda share: (-share.size, share.owner),
        "files": lambda share: (-share.files, share.owner),
        "group": lambda share: (share.owner.group, -share.size, share.owner),
        "name": lambda share: (share.owner.name.lower(), share.owner),
    }
    chosen = {share.owner for share in shown}
    return sorted(shown, key=orders[sort]), [s for s in shares if s.owner not in chosen]


#: The orders of changes that --sort knows.
CHANGES: dict[str, Callable[[Change], tuple[object, ...]]] = {
    "size": lambda change: (-abs(change.delta), change.key),
    "name": lambda change: (change.name.lower(), change.key),
    "change": lambda change: (change.what, -abs(change.delta), change.key),
}


def comparison(found: Comparison, *, top: int, least: int, sort: str = "size") -> str:
    """What changed from one image to another: the ``top`` largest changes, in the order asked for."""
    rows = [change for change in found.changes if abs(change.delta) >= least]
    shown = rows[: top or orders.TOP]
    cells: list[tuple[object, ...]] = [
        (
            printable(change.name),
            change.what,
            signed(change.delta),
            human(change.before.size) if change.before else "",
            human(change.after.size) if change.after else "",
            _versions(change.before.version if change.before else "",
                      change.after.version if change.after else ""),
        )
        for change in sorted(shown, key=CHANGES[sort])
    ]  # fmt: skip
    if len(rows) > len(shown):
        rest = sum(change.delta for change in rows[len(shown) :])
        cells.append((f"{len(rows) - len(shown)} others", "", signed(rest), "", "", ""))
    before, after = found.before, found.after
    head = (
        f"{printable(before.name)} → {printable(after.name)}: {human(before.size)} → "
        f"{human(after.size)} ({signed(found.delta)}), {before.layers} → {after.layers} layers"
    )
    headers = ("owner", "change", "by", "before", "after", "version")
    parts = [head, f"{found.sentence()}."]
    if cells:
        parts.insert(1, table.plain(cells, headers, right="by|before|after"))
    return "\n\n".join(parts)


def _versions(before: str, after: str) -> str:
    return printable(f"{before} → {after}" if before and after and before != after else after)


def comparison_data(
    found: Comparison, *, top: int = 0, least: int = 0, sort: str = "size"
) -> dict[str, Any]:
    """The same for programs; all changes unless told otherwise."""
    rows = [change for change in found.changes if abs(change.delta) >= least][: top or None]
    rest = len(found.changes) - len(rows)
    others = sum(change.delta for change in found.changes) - sum(change.delta for change in rows)
    return {
        "version": 1,
        "before": {"name": found.before.name, **_figures(found.before.as_dict())},
        "after": {"name": found.after.name, **_figures(found.after.as_dict())},
        "bytes": found.delta,
        "changes": [change.as_dict() for change in sorted(rows, key=CHANGES[sort])],
        "others": {"owners": rest, "bytes": others},
        "sentence": found.sentence(),
    }


def _figures(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "owners"}


def bar(size: int, longest: int) -> str:
    """A bar that is as long as its part of the longest, in eighths of a character."""
    eighths = round(size / longest * BAR * 8) if longest else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def printable(text: str) -> str:
    """A name that a terminal can show: what is no text, or would move the cursor, is escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )
