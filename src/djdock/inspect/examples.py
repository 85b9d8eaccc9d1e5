"""A module that its author keeps out of the repository, and the example that stands beside its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from djdock.inspect.model import Decision, Evidence
from djdock.inspect.tree import Tree, join, parent

_WORDS = r"(?:examples?|samples?|dist|defaults?|templates?|tmpl|tpl|skel|orig|in)"
#: What else stands behind a whole name, that of a file which is copied to be a module: settings.py.dev.
_KINDS = r"(?:dev\w*|local|docker|prod\w*|server)"


def find(tree: Tree, paths: Iterable[str], dotted: str) -> tuple[str, str] | None:
    """The path of a module that is not there, and that of its example; None where there is none."""
    *_, last = dotted.split(".")
    name = re.escape(last)
    pattern = re.compile(
        rf"(?i)({name}(\.py)?[._-]{_WORDS}(\.py|\.txt)?|{_WORDS}[._-]{name}(\.py)?|{name}\.py[._-]{_KINDS})$"
    )
    for folder in paths:
        path = f"{join(folder, *dotted.split('.'))}.py"
        beside = [
            one
            for one in tree.folder(parent(path))
            if pattern.fullmatch(one.rpartition("/")[2]) and not tree.has(path)
        ]
        if beside:
            return path, min(beside, key=lambda one: "prod" not in one.lower())
    return None


def of(tree: Tree, paths: tuple[str, ...], modules: Iterable[str]) -> dict[str, str]:
    """The examples of those of these modules that have one: their paths by what they stand for."""
    found = (find(tree, paths, dotted) for dotted in modules)
    return dict(pair for pair in found if pair is not None)


def decide(copies: Mapping[str, str]) -> list[Decision]:
    """The decision ``copies``; none where nothing is made of an example."""
    if not copies:
        return []
    names = ", ".join(path.rpartition("/")[2] for path in copies)
    reason = (
        f"{names} is not in the repository, and what it is made of is; a file of yours there wins"
    )
    where = tuple(Evidence(example, 0, "") for example in copies.values())
    return [Decision("copies", dict(copies), reason, where)]
