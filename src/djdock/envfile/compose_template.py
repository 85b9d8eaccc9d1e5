"""How Compose replaces ``$NAME`` and ``${NAME:-default}``: compose-go's ``template`` package.

https://github.com/compose-spec/compose-go/blob/v2.9.1/template/template.go; the names of the
functions there are given below.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Lookup = Callable[[str], str | None]


class TemplateError(Exception):
    """A text that Compose refuses; says why, without the text."""


# Go's (?i) folds as Unicode does: the long s and the Kelvin sign are letters of names, too.
_NAME = r"[_a-zA-Z\u017f\u212a][_a-zA-Z0-9\u017f\u212a]*"
_PATTERN = re.compile(
    rf"\$(?:(?P<escaped>\$)|(?P<named>{_NAME})"
    rf"|\{{(?:(?P<braced>{_NAME}(?::?[-+?].*)?)\}}|(?P<invalid>)))"
)
_SEPARATORS = (":?", "?", ":-", "-", ":+", "+")


def substitute(text: str, lookup: Lookup) -> str:
    """``text`` with its variables replaced; unknown ones are empty. Raises TemplateError."""
    return _PATTERN.sub(lambda match: _replace(match[0], lookup), text)


def _replace(part: str, lookup: Lookup) -> str:
    # DefaultReplacementAppliedFunc
    separator = _first_separator(part)
    end = _closing_brace(part)
    part, rest = (part[: end + 1], part[end + 1 :]) if end > -1 else (part, "")
    match = _PATTERN.search(part)
    name = (match["named"] or match["braced"]) if match else ""
    if match and match["escaped"]:
        return "$"
    if not match or not name:
        raise TemplateError("Compose cannot read what follows a $")
    if match["braced"] and separator in name:
        return _with_default(name, separator, lookup) + substitute(rest, lookup)
    return lookup(name) or ""


def _first_separator(part: str) -> str:
    # getSubstitutionFunctionForTemplate
    there = [(part.index(s), s) for s in _SEPARATORS if s in part]
    return min(there, key=lambda found: found[0])[1] if there else ":?"


def _with_default(part: str, separator: str, lookup: Lookup) -> str:
    # withDefaultWhenAbsence, withDefaultWhenPresence, withRequired
    name, _, other = part.partition(separator)
    value = lookup(name)
    there = bool(value) if separator.startswith(":") else value is not None
    kind = separator[-1]
    if kind == "?" and not there:
        raise TemplateError("Compose requires a variable that is not set")
    if kind == "+":
        return substitute(other, lookup) if there else value or ""
    return value or "" if there else substitute(other, lookup)


def _closing_brace(part: str) -> int:
    # getFirstBraceClosingIndex: what follows a { is passed over, as there
    depth = place = 0
    while place < len(part):
        if part[place] == "}":
            depth -= 1
            if depth == 0:
                return place
        if part[place] == "{":
            depth += 1
            place += 1
        place += 1
    return -1
