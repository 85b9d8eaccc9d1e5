"""Tables, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def plain(rows: Sequence[Sequence[object]], headers: Sequence[str], *, right: str = "") -> str:
    """A table for the terminal; ``right`` holds the headers, joined by ``|``, to align right."""
    return _table(rows, headers, right, "simple")


def markdown(rows: Sequence[Sequence[object]], headers: Sequence[str], *, right: str = "") -> str:
    """A GitHub-flavoured Markdown table."""
    return _table(rows, headers, right, "pipe")


def _table(rows: Sequence[Sequence[object]], headers: Sequence[str], right: str, style: str) -> str:
    from tabulate import tabulate

    align = ["right" if name in right.split("|") else "left" for name in headers]
    text: str = tabulate(
        [[str(cell) for cell in row] for row in rows],
        headers=headers,
        tablefmt=style,
        colalign=align if rows else None,
        disable_numparse=True,
    )
    return text
