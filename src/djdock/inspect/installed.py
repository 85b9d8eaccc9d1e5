"""What an existing Dockerfile of production installs: files of requirements, extras and groups."""

from __future__ import annotations

import re

from djdock.inspect import requirements
from djdock.inspect.containers import Containers
from djdock.inspect.model import Evidence
from djdock.inspect.tree import Tree, join, parent

#: Of developers, tests and documentation.
_ASIDE = re.compile(r"(?i)dev|test|\bdocs?\b|documentation|lint|\bci\b|debug|local")

#: `pip install .[a,b]`; uv's, Poetry's and PDM's options for extras and groups.
_EXTRAS = re.compile(r"""(?:^|[\s"'])\.\[([\w\s,.-]+)\]""")
_OPTIONS = re.compile(r"""--(?:extras?|group|with|only|with-groups?)[ =]+["']?([\w][\w,.-]*)""")


def files(tree: Tree, containers: Containers) -> dict[str, Evidence]:
    """Files that an existing Dockerfile of production installs."""
    found: dict[str, Evidence] = {}
    for path in containers.dockerfiles[:2]:
        if re.search(r"dev|local|test", path.lower()):
            continue
        for at, line in enumerate(tree.lines(path), 1):
            for name in re.findall(r"(?:-r|--requirement)[ =]+(\S+\.(?:txt|pip))", line):
                tail = name.strip("\"'").lstrip("./").rpartition("}/")[2]
                for one in _meant(tree, path, tail):
                    found.setdefault(one, tree.evidence(path, at))
    return {
        one: where
        for one, where in found.items()
        if requirements.rank(one, "")[0] % 4 != 0 or "dev" not in one
    }


def _meant(tree: Tree, dockerfile: str, tail: str) -> list[str]:
    """The files that a name in a Dockerfile could be: the one beside it, or below the root, or any."""
    for path in (join(parent(dockerfile), tail), tail):
        if tree.has(path):
            return [path]
    return [
        one
        for one in tree.files
        if (one.endswith(f"/{tail}") and one.count("/") <= 3) or tail.endswith(f"/{one}")
    ]


def parts(tree: Tree, containers: Containers) -> set[str]:
    """The extras and groups that such a Dockerfile asks for, without developers'."""
    found: set[str] = set()
    for path in containers.dockerfiles[:2]:
        if not _ASIDE.search(path):
            text = tree.text(path) or ""
            for pattern in (_EXTRAS, _OPTIONS):
                for match in pattern.finditer(text):
                    found.update(re.split(r"[\s,]+", match[1].strip()))
    return {name for name in found if name and not _ASIDE.search(name)}
