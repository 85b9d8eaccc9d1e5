"""Which Python: the newest that Django, the pins and the project's own words allow.

Of those that all allow, one that Debian has comes first: it can be had where no registry answers.

Django's table: https://docs.djangoproject.com/en/stable/faq/install/ and each release's notes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from djdock.inspect import containers, grammar, requirement
from djdock.inspect.dependencies import Dependencies
from djdock.inspect.model import Decision, Evidence, Problem
from djdock.inspect.tree import Tree, join

#: Those that Debian has, and so stand-ins (djdock.images.catalogue).
DEBIAN = ("3.13", "3.14", "3.11", "3.9")

#: Those that there are base images for, the best first.
PYTHONS = (*DEBIAN, "3.12", "3.10")

#: So many pins without a wheel are built in a minute.
FEW = 1

#: But not these: elder releases of theirs use what a newer Python has changed, or take half an hour.
NEVER = frozenset(
    ("psycopg2", "psycopg2-binary", "greenlet", "numpy", "pandas", "scipy", "pydantic-core",
     "grpcio", "asyncpg", "orjson"))  # fmt: skip

#: Django, and the oldest and newest Python that it supports.
DJANGO = {
    "1.8": ("3.4", "3.5"), "1.11": ("3.4", "3.7"), "2.0": ("3.4", "3.7"), "2.1": ("3.5", "3.7"),
    "2.2": ("3.5", "3.9"),
    "3.0": ("3.6", "3.9"), "3.1": ("3.6", "3.9"), "3.2": ("3.6", "3.10"), "4.0": ("3.8", "3.10"),
    "4.1": ("3.8", "3.11"), "4.2": ("3.8", "3.12"), "5.0": ("3.10", "3.12"), "5.1": ("3.10", "3.13"),
    "5.2": ("3.10", "3.14"), "6.0": ("3.12", "3.14"),
}  # fmt: skip

#: Djangos that nobody promised for 3.9, and that run on it (tried: migrations, the admin's pages).
RUNS_ON_39 = ("1.8", "1.11", "2.0", "2.1")

Reason = tuple[str, Evidence]


def decide(
    tree: Tree,
    source: str,
    dependencies: Dependencies,
    found: containers.Containers,
    lacking: Mapping[str, Mapping[str, str]],
) -> tuple[list[Decision], list[Problem]]:
    """The Python, and what stands against it.

    ``lacking`` has, by Python, the pins that have no wheel for it, each with the reason.
    """
    refused: dict[str, Reason] = {}
    problems = _by_django(dependencies, refused)
    _by_words(dependencies, refused)
    _by_grammar(tree, source, refused)
    stated = said(tree, source, found)
    allowed = [one for one in PYTHONS if one not in refused]
    if not allowed:
        allowed, more = _none_left(dependencies, refused)
        problems += more
        if not allowed:
            return [], problems
    floor = _floor(stated, lacking)
    best = min(
        allowed,
        key=lambda one: (len(lacking.get(one, {})), _key(one) < floor, PYTHONS.index(one)),
    )
    reason, evidence = _reason(best, refused, lacking, stated, dependencies)
    others = tuple(one for one in allowed if one != best)
    return [Decision("python", best, reason, evidence, others)], problems


def _floor(
    stated: list[tuple[str, Evidence]], lacking: Mapping[str, Mapping[str, str]]
) -> tuple[int, ...]:
    """The Python that the project names, where pins are so new that they may want that at least.

    They are if they have wheels for the Debian's Python that would stand in for it; of one that is
    wanted by elder pins, an elder Python is the better one.
    """
    if not stated:
        return (0,)
    named = _key(stated[0][0])
    standin = next((one for one in sorted(DEBIAN, key=_key) if _key(one) >= named), "")
    without = lacking.get(standin, {})
    return named if standin and len(without) <= FEW and not NEVER & {*without} else (0,)


def _reason(
    best: str,
    refused: Mapping[str, Reason],
    lacking: Mapping[str, Mapping[str, str]],
    stated: list[tuple[str, Evidence]],
    dependencies: Dependencies,
) -> tuple[str, tuple[Evidence, ...]]:
    newer = [one for one in PYTHONS if _key(one) > _key(best) and one != "3.14"]
    ours = ""
    if any(one not in refused and not lacking.get(one) for one in newer):
        ours = ", of those that Debian has"
        newer = [one for one in newer if one in DEBIAN]
    evidence = [where for version, where in stated if version][:2]
    for one in sorted(newer, key=_key):
        if one in refused:
            why, where = refused[one]
            return f"the newest allowed{ours}: {why}", (where, *evidence)
        if lacking.get(one):
            name, why = next(iter(lacking[one].items()))
            hit = dependencies.get(name)
            return f"the newest that all pins have wheels for{ours}: {why}", (
                (hit.where,) if hit else ()
            ) + tuple(evidence)
    before = next((refused[one] for one in PYTHONS[: PYTHONS.index(best)] if one in refused), None)
    if before is not None:
        return f"the nearest that is allowed: {before[0]}", (before[1], *evidence)
    django = dependencies.get("django")
    lines = (django.where,) if django and django.where.path else ()
    return "the newest that nothing stands against", (*lines, *evidence)


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def series(dependencies: Dependencies) -> tuple[str, Evidence] | None:
    """The series of Django that will be installed (``4.2``), where the requirements keep it to one."""
    django = dependencies.get("django")
    if django is None:
        return None
    if django.pin:
        try:
            version = Version(django.pin)
        except InvalidVersion:
            return None
        name = f"{version.major}.{version.minor}"
        return (name, django.where) if name in DJANGO or version.major < 2 else None
    allowed = _allowed(django.specifier)
    return (allowed[-1], django.where) if allowed else None


def _allowed(given: SpecifierSet) -> list[str]:
    """The series of Django that a specifier has a version of."""
    return [
        name
        for name in DJANGO
        if given.contains(f"{name}.99", prereleases=True) or given.contains(name, prereleases=True)
    ]


def _by_django(dependencies: Dependencies, refused: dict[str, Reason]) -> list[Problem]:
    found = series(dependencies)
    if found is None:
        return []
    name, where = found
    django = dependencies.get("django")
    if name not in DJANGO:
        return [
            Problem(
                f"Django {name} starts on no Python that there are base images for (3.9 and later).",
                "Django 1.8.19 and 1.11.29 are the nearest that start on 3.9; 2.2.28 is made for it.",
                (where,),
                fatal=True,
            )
        ]
    low, high = DJANGO[name]
    made_for = high
    pinned = bool(django and (django.pin or len(list(django.specifier)) > 0))
    if name in RUNS_ON_39:
        high = "3.9"
    floor = low
    if django and not django.pin:
        # An elder Python takes an elder Django of those that are allowed.
        floor = min((DJANGO[one][0] for one in _allowed(django.specifier)), key=_key)
    for one in PYTHONS:
        if (_key(one) > _key(high) and pinned) or _key(one) < _key(floor):
            refused.setdefault(one, (f"Django {name} supports Python {low} to {high}", where))
    if name in RUNS_ON_39:
        return [
            Problem(
                f"Django {name} was made for Python up to {made_for}; it is tried on 3.9.",
                "Django 2.2.28 is the nearest that supports it.",
                (where,),
            )
        ]
    return []


def _by_words(dependencies: Dependencies, refused: dict[str, Reason]) -> None:
    """``requires-python`` and its relatives."""
    if not dependencies.python or dependencies.path.endswith(("Pipfile", "Pipfile.lock")):
        # Pipenv's python_version is what it was made with, no bound.
        return
    allowed: SpecifierSet = requirement.specifier(dependencies.python)
    where = dependencies.python_where or Evidence(dependencies.path, 0, "")
    for one in PYTHONS:
        # Any patch release will do: 3.11 is allowed by ==3.11.4, too.
        if not any(allowed.contains(f"{one}.{patch}") for patch in range(30)):
            refused.setdefault(one, (f"the project asks for Python {dependencies.python}", where))


def _by_grammar(tree: Tree, source: str, refused: dict[str, Reason]) -> None:
    """Pythons that do not read the source, where others are left."""
    found = grammar.oldest(tree, source)
    if found is None:
        return
    version, where = found
    elder = [one for one in PYTHONS if _key(one) < _key(version)]
    if {*PYTHONS} - {*refused} - {*elder}:
        for one in elder:
            refused.setdefault(one, (f"{where.path} is written for Python {version}", where))


def _none_left(
    dependencies: Dependencies, refused: Mapping[str, Reason]
) -> tuple[list[str], list[Problem]]:
    """No Python is allowed: Django's word counts, the project's own is set aside."""
    reasons = dict.fromkeys(why for why, _ in refused.values())
    lines = tuple(dict.fromkeys(where for _, where in refused.values()))
    django: dict[str, Reason] = {}
    _by_django(dependencies, django)
    left = [one for one in PYTHONS if one not in django]
    problem = Problem(
        f"No Python that there are base images for (3.9 to 3.14) is allowed: {'; '.join(reasons)}.",
        f"Allow Python {left[0]}." if left else "Take a newer Django.",
        lines,
        fatal=True,
    )
    asked = any("asks for" in why for why in reasons)
    if (
        left
        and asked
        and not dependencies.path.endswith(("uv.lock", "poetry.lock", "pdm.lock", "pyproject.toml"))
    ):
        return left, []
    return [], [problem]


def said(tree: Tree, source: str, found: containers.Containers) -> list[tuple[str, Evidence]]:
    """Pythons that files name: .python-version, runtime.txt, .tool-versions, Dockerfile, CI."""
    answer = []
    for folder in dict.fromkeys((source, "")):
        for name, pattern in (
            (".python-version", r"(?m)^(?:cpython-|python-)?(3\.\d+)"),
            ("runtime.txt", r"python-(3\.\d+)"),
            (".tool-versions", r"(?m)^python (3\.\d+)"),
        ):
            hit = tree.search(join(folder, name), re.compile(pattern))
            if hit:
                answer.append((hit[0][1], hit[1]))
    docker = containers.python(tree, found)
    return [*answer, *([docker] if docker else [])]
