"""Lock and project files: uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile(.lock), pyproject.toml, …

Formats: https://docs.astral.sh/uv/, https://python-poetry.org/docs/, https://pipenv.pypa.io/,
https://packaging.python.org/en/latest/specifications/pylock-toml/.
What is not what it should be is left out.
"""

from __future__ import annotations

import ast
import configparser
import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from djdock.inspect import requirement, requirements, syntax
from djdock.inspect.model import Evidence
from djdock.inspect.requirement import Needed
from djdock.inspect.tree import Tree


@dataclass(frozen=True)
class Project:
    """What a project file says: requirements, those of extras and groups by name, the Pythons."""

    path: str
    needed: tuple[Needed, ...] = ()
    extras: Mapping[str, tuple[Needed, ...]] | None = None
    groups: Mapping[str, tuple[Needed, ...]] | None = None
    python: str = ""


def table(data: object, *keys: str) -> dict[str, Any]:
    """A table in tables; empty when one of them is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def own_name(tree: Tree, path: str) -> str:
    """The name that a pyproject.toml gives the project itself, normalized; "" without one."""
    data = tree.toml(path) or {}
    name = table(data, "project").get("name") or table(data, "tool", "poetry").get("name")
    return canonicalize_name(name) if isinstance(name, str) else ""


def rows(data: object) -> list[Any]:
    """A list; empty when it is none."""
    return data if isinstance(data, list) else []


def line_of(tree: Tree, path: str, word: str) -> Evidence:
    """The first line of a file that has a word."""
    hit = tree.search(path, re.compile(rf"(?i)(?<![\w-]){re.escape(word)}(?![\w-])"))
    return hit[1] if hit else Evidence(path, 0, "")


def _pinned(tree: Tree, path: str, name: object, version: object, **more: Any) -> Needed | None:
    if not isinstance(name, str) or not name:
        return None
    spec = SpecifierSet()
    if isinstance(version, str) and version:
        try:
            spec = SpecifierSet(f"=={version.removeprefix('==')}")
        except InvalidSpecifier:
            spec = SpecifierSet()
    return Needed(canonicalize_name(name), spec, line_of_name(tree, path, name), **more)


def line_of_name(tree: Tree, path: str, name: str) -> Evidence:
    """The line of a lock file that names a package."""
    for mark in (f'name = "{name}"', f'"{name}":'):
        at = (tree.text(path) or "").find(mark)
        if at >= 0:
            return tree.evidence(path, (tree.text(path) or "").count("\n", 0, at) + 1)
    return Evidence(path, 0, name)


def packages(tree: Tree, path: str) -> tuple[Needed, ...]:
    """What a lock file pins, without what only development wants where the file tells."""
    name = path.rpartition("/")[2]
    if name == "Pipfile.lock":
        return tuple(_pipfile_lock(tree, path))
    data = tree.toml(path) or {}
    key = "packages" if name.startswith("pylock") else "package"
    return tuple(one for row in rows(data.get(key)) if (one := _row(tree, path, row)) is not None)


def _row(tree: Tree, path: str, row: object) -> Needed | None:
    if not isinstance(row, dict):
        return None
    groups = rows(row.get("groups"))
    if row.get("category") == "dev" or (
        groups and set(map(str, groups)) <= {"dev", "test", "docs", "lint"}
    ):
        return None
    origin = row.get("source")
    # PDM has it in the row itself.
    url = f"git+{row['git']}" if isinstance(row.get("git"), str) else ""
    if isinstance(origin, dict):
        # The project itself stands in its own uv.lock.
        if "virtual" in origin or "editable" in origin:
            return None
        git = origin.get("git") or (origin.get("url") if origin.get("type") == "git" else "")
        url = f"git+{git}" if isinstance(git, str) and git else ""
    return _pinned(tree, path, row.get("name"), row.get("version"), url=url)


def _pipfile_lock(tree: Tree, path: str) -> Iterator[Needed]:
    try:
        data = json.loads(tree.text(path) or "{}")
    except (ValueError, RecursionError):
        return
    for name, row in table(data, "default").items():
        if isinstance(row, dict):
            git = row.get("git")
            one = _pinned(
                tree, path, name, row.get("version"),
                url=f"git+{git}" if isinstance(git, str) else "",
                marker=row["markers"] if isinstance(row.get("markers"), str) else "",
            )  # fmt: skip
            if one is not None:
                yield one


def indexes(tree: Tree, path: str) -> list[tuple[str, str, Evidence]]:
    """The indexes other than the usual one that a Pipfile or its lock, poetry.lock or uv.lock names."""
    name = path.rpartition("/")[2]
    given: list[object] = []
    if name == "Pipfile.lock":
        with contextlib.suppress(ValueError, RecursionError):
            given = rows(table(json.loads(tree.text(path) or "{}"), "_meta").get("sources"))
    elif name == "Pipfile":
        given = rows((tree.toml(path) or {}).get("source"))
    elif name == "poetry.lock":
        origins = [table(one, "source") for one in rows((tree.toml(path) or {}).get("package"))]
        given = [one for one in origins if one.get("type") == "legacy"]
    elif name == "uv.lock":
        origins = [table(one, "source") for one in rows((tree.toml(path) or {}).get("package"))]
        given = [{"url": one.get("registry")} for one in origins]
    urls = [url for one in given if isinstance(url := table(one).get("url"), str)]
    return [
        ("source", url, _line_with(tree, path, url))
        for url in dict.fromkeys(urls)
        # A variable in it has its value in the build only.
        if "://" in url and "$" not in url and not requirements.USUAL.match(url)
    ]


def _line_with(tree: Tree, path: str, text: str) -> Evidence:
    at = (tree.text(path) or "").find(text)
    if at < 0:
        return Evidence(path, 0, "")
    return tree.evidence(path, (tree.text(path) or "").count("\n", 0, at) + 1)


def pyproject(tree: Tree, path: str) -> Project:
    """A pyproject.toml: PEP 621, dependency groups, Poetry's tables."""
    data = tree.toml(path) or {}
    project, poetry = table(data, "project"), table(data, "tool", "poetry")
    needed = [
        *_list(tree, path, project.get("dependencies")),
        *_poetry(tree, path, poetry.get("dependencies")),
    ]
    extras = {
        str(name): tuple(_list(tree, path, given))
        for name, given in table(project, "optional-dependencies").items()
    }
    groups = {
        str(k): tuple(_list(tree, path, v)) for k, v in table(data, "dependency-groups").items()
    }
    for name, group in table(poetry, "group").items():
        groups[str(name)] = tuple(_poetry(tree, path, table(group).get("dependencies")))
    python = project.get("requires-python") or table(poetry, "dependencies").get("python") or ""
    for name, given in table(poetry, "extras").items():
        extras[str(name)] = tuple(_list(tree, path, given))
    return Project(path, tuple(needed), extras, groups, python if isinstance(python, str) else "")


def _list(tree: Tree, path: str, given: object) -> Iterator[Needed]:
    for text in rows(given):
        if isinstance(text, str):
            one = requirement.parse(
                text, line_of(tree, path, re.split(r"[\s\[<>=!~;(@]", text.strip())[0])
            )
            if one is not None:
                yield one


def _poetry(tree: Tree, path: str, given: object) -> Iterator[Needed]:
    """Poetry's and Pipenv's tables: name = "^1.0", or name = {version = …, git = …}."""
    for name, value in table(given).items():
        if name.lower() == "python":
            continue
        row = value[0] if isinstance(value, list) and value else value
        inner = row if isinstance(row, dict) else {"version": row}
        if inner.get("optional") is True:
            continue
        git = inner.get("git")
        yield Needed(
            canonicalize_name(name),
            requirement.specifier(inner.get("version")),
            line_of(tree, path, name),
            frozenset(map(str, rows(inner.get("extras")))),
            url=f"git+{git}" if isinstance(git, str) else "",
        )


def pipfile(tree: Tree, path: str) -> Project:
    """A Pipfile."""
    data = tree.toml(path) or {}
    wanted = table(data, "requires")
    python = wanted.get("python_version") or wanted.get("python_full_version")
    found = tuple(_poetry(tree, path, data.get("packages")))
    return Project(path, found, python=python if isinstance(python, str) else "")


def setup(tree: Tree, path: str) -> Project:
    """A setup.cfg or setup.py, as text."""
    if path.endswith(".cfg"):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(tree.text(path) or "")
        except configparser.Error:
            return Project(path)
        lines = parser.get("options", "install_requires", fallback="").split("\n")
        python = parser.get("options", "python_requires", fallback="")
        return Project(path, tuple(_list(tree, path, lines)), python=python)
    found: dict[str, object] = {}
    for top in syntax.parse(tree.text(path) or "").body:
        for node in ast.walk(top):
            if isinstance(node, ast.keyword) and node.arg in (
                "install_requires",
                "python_requires",
            ):
                try:
                    found[node.arg] = ast.literal_eval(node.value)
                except (ValueError, TypeError, RecursionError, MemoryError, SyntaxError):
                    continue
    wanted = found.get("python_requires")
    return Project(
        path,
        tuple(_list(tree, path, found.get("install_requires"))),
        python=wanted if isinstance(wanted, str) else "",
    )
