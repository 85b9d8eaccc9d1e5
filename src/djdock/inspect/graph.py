"""What of a lock file a site gets: locks also pin what its developers and their tools need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from packaging.utils import canonicalize_name

from djdock.inspect.requirement import NOWHERE, Needed, parse

PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


def reached(packages: Iterable[object], roots: Iterable[Needed]) -> set[str]:
    """The names of the packages that these roots lead to, themselves among them.

    ``packages`` are the tables of a uv.lock, poetry.lock or pdm.lock: ``dependencies`` is a list of
    tables with ``name`` and ``extra``, a table by name, or a list of requirements.
    """
    tables: dict[str, list[dict[str, Any]]] = {}
    for one in packages:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            tables.setdefault(canonicalize_name(one["name"]), []).append(one)
    waiting = [(one.name, one.extras) for one in roots if _on_linux(one.marker)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        step = waiting.pop()
        if step in seen:
            continue
        seen.add(step)
        for table in tables.get(step[0], ()):
            waiting += _edges(table, step[1])
    return {name for name, _ in seen}


def _edges(table: dict[str, Any], extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    yield from _of(table.get("dependencies"))
    optional = table.get("optional-dependencies")
    if isinstance(optional, dict):
        for extra in extras:
            yield from _of(optional.get(extra))


def _of(given: object) -> Iterator[tuple[str, frozenset[str]]]:
    if isinstance(given, dict):
        for name, value in given.items():
            wanted = value.get("extras") if isinstance(value, dict) else None
            if isinstance(value, dict) and not _on_linux(value.get("markers")):
                continue
            yield canonicalize_name(name), _words(wanted)
    elif isinstance(given, list):
        for one in given:
            if isinstance(one, str) and (needed := parse(one, NOWHERE)) is not None:
                if _on_linux(needed.marker):
                    yield needed.name, needed.extras
                continue
            if not isinstance(one, dict) or not isinstance(one.get("name"), str):
                continue
            if _on_linux(one.get("marker")):
                yield canonicalize_name(one["name"]), _words(one.get("extra"))


def _on_linux(marker: object) -> bool:
    """Whether a marker holds for some Python of a container."""
    if not isinstance(marker, str) or "extra" in marker:
        return True
    return _holds(marker)


@cache
def _holds(marker: str) -> bool:
    needed = Needed("", marker=marker)
    return any(needed.applies(python) for python in PYTHONS)


def _words(given: object) -> frozenset[str]:
    return (
        frozenset(one for one in given if isinstance(one, str))
        if isinstance(given, list)
        else frozenset()
    )
