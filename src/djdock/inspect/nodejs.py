"""Which Node a front end is built with: what package.json, .nvmrc or a Dockerfile ask for."""

from __future__ import annotations

import json
import re

from djdock.inspect.model import Decision, Evidence
from djdock.inspect.tree import Tree, join, parent

#: Versions with base images, the likeliest first.
MAJORS = (22, 24, 20, 18, 16)

#: Tools, by the version up to which they hash with what OpenSSL 3 does not have: Node 16's is older.
ELDER = {"webpack": 4, "react-scripts": 4, "@vue/cli-service": 4, "laravel-mix": 5, "next": 10}

_COMPARATOR = re.compile(r"(>=|<=|>|<|\^|~|=)?\s*v?(\d+)(\.\w+|\.\*)*")
_FROM = re.compile(r"(?im)^\s*FROM\s+(?:--\S+\s+)?\S*?node:v?(\d+)")


def decide(tree: Tree, path: str, dockerfiles: tuple[str, ...]) -> list[Decision]:
    """The decision ``node`` for a package.json; none where nothing asks for a version."""
    package = _package(tree, path)
    asked = _text(package.get("engines"), "node")
    allowed = [one for one in MAJORS if not asked or allows(asked, one)]
    for wanted, where in _named(tree, path, dockerfiles):
        nearest = max(wanted, MAJORS[-1])
        if nearest in allowed:
            return [_decision(nearest, f"{where.path} names {wanted}", where)]
    old = next(
        (
            name
            for name, last in ELDER.items()
            for key in ("dependencies", "devDependencies")
            if 0 < _major(_text(package.get(key), name)) <= last
        ),
        "",
    )
    if old and 16 in allowed:
        where = tree.evidence(path, _line(tree, path, f'"{old}"'))
        return [_decision(16, f"{old} of that age does not run on a newer one", where)]
    if asked and allowed:
        where = tree.evidence(path, _line(tree, path, '"engines"'))
        return [_decision(allowed[0], f"{path} asks for Node {asked}", where)]
    return []


def _decision(major: int, reason: str, where: Evidence) -> Decision:
    return Decision("node", str(major), reason, (where,))


def allows(asked: str, major: int) -> bool:
    """Whether a range of npm's allows some version with that major number."""
    return any(_all_hold(part, major) for part in asked.split("||"))


def _all_hold(part: str, major: int) -> bool:
    found = _COMPARATOR.findall(re.sub(r"(\d\S*)\s+-\s+(\d)", r">=\1 <=\2", part))
    for operator, text, rest in found:
        number, exact = int(text), bool(rest)
        holds = {
            ">=": major >= number,
            ">": major > number or (exact and major == number),
            "<=": major <= number,
            "<": major < number or (exact and rest not in (".0", ".x") and major == number),
        }.get(operator, major == number)
        if not holds:
            return False
    return True


def _named(tree: Tree, path: str, dockerfiles: tuple[str, ...]) -> list[tuple[int, Evidence]]:
    """The versions that a project names beside package.json's."""
    found = []
    for folder in dict.fromkeys((parent(path), "")):
        for name in (".nvmrc", ".node-version"):
            hit = tree.search(join(folder, name), re.compile(r"^\s*v?(\d+)"))
            if hit:
                found.append((int(hit[0][1]), hit[1]))
    for dockerfile in dockerfiles:
        hit = tree.search(dockerfile, _FROM)
        if hit:
            found.append((int(hit[0][1]), hit[1]))
    return found


def _package(tree: Tree, path: str) -> dict[str, object]:
    try:
        data = json.loads(tree.text(path) or "{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _text(table: object, key: str) -> str:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, str) else ""


def _major(version: str) -> int:
    hit = re.match(r"[\^~>=v\s]*(\d{1,6})", version)
    return int(hit[1]) if hit else 0


def _line(tree: Tree, path: str, word: str) -> int:
    text = tree.text(path) or ""
    at = text.find(word)
    return text.count("\n", 0, at) + 1 if at >= 0 else 0
