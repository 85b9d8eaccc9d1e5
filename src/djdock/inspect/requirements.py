"""requirements.txt and its relatives: ``-r`` and ``-c`` chains, indexes, hashes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from djdock.inspect import requirement
from djdock.inspect.model import Evidence, Problem
from djdock.inspect.requirement import Needed
from djdock.inspect.tree import Tree, join, parent

#: Files in one chain, and requirements in one of them.
MOST_FILES, MOST_LINES = 40, 6_000

#: The index that everybody has, under any of its names.
USUAL = re.compile(r"https?://([\w-]+\.)?(pypi|pythonhosted)(\.python)?\.org(/|$)")

_OPTION = re.compile(
    r"(-r|--requirement|-c|--constraint|-e|--editable|-i|--index-url|--extra-index-url|-f|--find-links)"
    r"[ =]?\s*(.+)"
)


@dataclass
class Read:
    """What a file and those that it leads to say."""

    files: list[str] = field(default_factory=list)
    needed: list[Needed] = field(default_factory=list)
    constraints: list[Needed] = field(default_factory=list)
    #: (option, URL, line) of indexes other than the usual one.
    indexes: list[tuple[str, str, Evidence]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: Whether requirements have hashes.
    hashes: bool = False


def read(tree: Tree, path: str) -> Read:
    """Reads a file with all of its chain; a circle ends where it began."""
    found = Read()
    _read(tree, path, found, constraint=False)
    return found


def _read(tree: Tree, path: str, found: Read, *, constraint: bool) -> None:
    if path in found.files or len(found.files) >= MOST_FILES:
        return
    found.files.append(path)
    for number, line in list(logical(tree.lines(path)))[:MOST_LINES]:
        where = tree.evidence(path, number)
        option = _OPTION.match(line)
        if option:
            _take(
                tree,
                path,
                found,
                option[1],
                option[2].strip().strip("\"'"),
                where,
                constraint=constraint,
            )
        elif not re.match(r"-\S", line):
            if " --hash" in line:
                found.hashes = True
            one = requirement.parse(re.split(r"\s--\w", line)[0], where)
            if one is not None and not re.match(r"\./|/|\.$", line):
                (found.constraints if constraint else found.needed).append(one)


def _take(
    tree: Tree,
    path: str,
    found: Read,
    option: str,
    value: str,
    where: Evidence,
    *,
    constraint: bool,
) -> None:
    if option in ("-r", "--requirement", "-c", "--constraint"):
        target = join(parent(path), value)
        if tree.has(target):
            _read(tree, target, found, constraint=constraint or option in ("-c", "--constraint"))
        elif "://" not in value:
            found.problems.append(
                Problem(
                    f"{path} leads to {value}, which is not there.",
                    "Add that file, or remove the line.",
                    (where,),
                    fatal=True,
                )
            )
    elif option in ("-e", "--editable"):
        one = requirement.parse(value, where) if "+" in value or "://" in value else None
        if one is not None:
            found.needed.append(one)
    elif not USUAL.match(value):
        found.indexes.append((option, value, where))


def logical(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines without comments, with their numbers; those that end with a backslash are joined."""
    begun, number = "", 0
    for at, line in enumerate(lines, 1):
        number = number if begun else at
        bare = re.sub(r"(^|\s+)#.*$", "", line).strip()
        if line.rstrip().endswith("\\") and not line.lstrip().startswith("#"):
            begun += bare.removesuffix("\\").strip() + " "
            continue
        whole = (begun + bare).strip()
        begun = ""
        if whole:
            yield number, whole
    if begun.strip():
        yield number, begun.strip()


def candidates(tree: Tree, source: str) -> list[str]:
    """Files that could be it, the likeliest first: production's, then the plain one, then base's."""
    found = []
    for path in tree.files:
        folder, _, name = path.rpartition("/")
        inside = re.search(r"(^|/)(requirements?|reqs?|deps|dependencies)$", folder)
        named = re.match(
            r"(?i)(requirements?|reqs?)[\w.-]*\.(txt|pip|in|lock)$|(pip-)?requirements?$", name
        )
        if (
            (named or (inside and re.search(r"\.(txt|pip|in|lock)$", name)))
            and path.count("/") <= 4
            and not re.search(r"(^|/)docs?/", path)
        ):
            found.append(path)
    return sorted(found, key=lambda path: rank(path, source))[:60]


def near(path: str, source: str) -> bool:
    """Whether it is at the root, beside manage.py or in a folder of requirements."""
    folder = parent(path)
    return folder in ("", source) or folder.rpartition("/")[2] in (
        "requirements",
        "requirement",
        "reqs",
    )


def of_developers(path: str, source: str) -> bool:
    """Whether a file is named as those for development, tests and tools are."""
    return rank(path, source)[0] >= 8


def rank(path: str, source: str) -> tuple[int, int, int, str]:
    """How likely a file is it: lower is likelier."""
    low = re.sub(r"requirements?", "", path.lower().rpartition("/")[2])
    kind = 1
    if re.search(r"prod|deploy|live|heroku|server|docker|main", low):
        kind = 0
    elif re.search(r"base|common|core|default", low):
        kind = 2
    elif re.search(
        r"dev|test|doc|lint|local|ci\b|travis|debug|tool|build|min|opt|bench|rtd|types|stag", low
    ):
        kind = 8
    return (
        (0 if near(path, source) else 4) + kind,
        path.count("/"),
        1 if path.endswith(".in") else 0,
        path,
    )
