"""Tables, for the terminal and for Markdown."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence


def plain(rows: Sequence[Sequence[object]], headers: Sequence[str], *, right: str = "") -> str:
    """A table for the terminal; ``right`` holds the headers, joined by ``|``, to align right.

    On a terminal that is too narrow for it, one block for each row.
    """
    text = _table(rows, headers, right, "simple")
    wide = max(map(len, text.splitlines()), default=0)
    if sys.stdout.isatty() and wide > shutil.get_terminal_size().columns:
        return blocks(rows, headers)
    return text


def blocks(rows: Sequence[Sequence[object]], headers: Sequence[str]) -> str:
    """A block for each row: its first cell, and below it the other cells that are not empty."""
    width = max(map(len, headers[1:]), default=0)
    parts = []
    for first, *rest in rows:
        cells = [(name, str(cell)) for name, cell in zip(headers[1:], rest, strict=True)]
        lines = [f"  {name:{width}}  {cell}" for name, cell in cells if cell]
        parts.append("\n".join([str(first), *lines]))
    return "\n".join(parts)


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
