"""Python source as a tree, even where a statement is not of this Python."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

#: How many statements that do not parse are left out before a file is given up.
MOST_FAULTS = 12


@dataclass(frozen=True)
class Parsed:
    """A module's statements, and the lines (from 1) of those that were left out."""

    body: tuple[ast.stmt, ...]
    faults: tuple[int, ...] = ()


def parse(text: str) -> Parsed:
    """The statements of a module.

    A top-level statement that does not parse (of Python 2, or of a newer Python than this one) is left
    out; the rest counts.
    """
    faults: list[int] = []
    for _ in range(MOST_FAULTS):
        try:
            with warnings.catch_warnings():
                # What the source of somebody else has to be warned of is not ours to print.
                warnings.simplefilter("ignore")
                return Parsed(tuple(ast.parse(text).body), tuple(faults))
        except SyntaxError as error:
            line = error.lineno or 1
            faults.append(line)
            shorter = without_statement(text, line)
            if shorter == text:
                break
            text = shorter
        except (ValueError, RecursionError, MemoryError):
            break
    return Parsed((), tuple(faults) or (1,))


def without_statement(text: str, line: int) -> str:
    """The text with the top-level statement around a line made blank: other lines keep their numbers."""
    lines = text.split("\n")
    at = min(max(line, 1), len(lines)) - 1
    first = at
    while first > 0 and not _begins(lines[first]):
        first -= 1
    after = at + 1
    while after < len(lines) and not _begins(lines[after]):
        after += 1
    return "\n".join([*lines[:first], *[""] * (after - first), *lines[after:]])


def _begins(line: str) -> bool:
    """Whether a line begins a statement at the top level."""
    return bool(line) and not line[0].isspace() and line[0] not in "#)]}'\""
