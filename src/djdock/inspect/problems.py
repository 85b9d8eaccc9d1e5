"""What makes it impossible, and what is worth knowing, beyond what each rule says itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from djdock.inspect import layout, reach, settings, wheels
from djdock.inspect.dependencies import Dependencies
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.model import Problem, Variable
from djdock.inspect.tree import Tree


def unreachable(needed: Dependencies, answer: wheels.Answer, get: reach.Status) -> list[Problem]:
    """Git dependencies that cannot be had; nothing is said where no network is there at all."""
    problems = reach.look(needed.needed.values(), get)
    if answer.word or (problems and not _online(get)):
        return []
    return problems


def _online(get: reach.Status) -> bool:
    try:
        return get(f"{wheels.index()}/django/") < 500
    except OSError:
        return False


def gone(needed: Dependencies, answer: wheels.Answer) -> list[Problem]:
    """Pins that the index does not have."""
    return [
        Problem(
            f"The package index has no {name} {pin}.",
            f"Require a version of {name} that it has.",
            (needed.needed[name].where,),
            fatal=True,
        )
        for name, pin in answer.gone.items()
    ]


def unsettled(
    final: Settings, found: tuple[Variable, ...], overrides: Iterable[object] = ()
) -> list[Problem]:
    """What the settings still lack or raise in the stack's environment, and with its overrides."""
    given = {str(name).upper() for name in overrides}
    problems = []
    for dotted, line in (final.missing or {}).items():
        problems.append(
            Problem(
                f"The settings import {dotted}, which is not in the repository.",
                "Add that file (its author keeps it out), or name settings that do without: --settings.",
                (line,),
                fatal=True,
            )
        )
    problems += [
        Problem(
            f"The settings raise {kind} here{f': {said}' if said else ''}.",
            "Set what they ask for in .env.",
            (line,),
        )
        for kind, said, line in final.raised
        if not given & set(re.findall(r"[A-Z_]{5,}", said))
    ]
    for one in found:
        if one.required and "placeholder" in one.why:
            problems.append(
                Problem(
                    f"The settings do not start without {one.name}; it gets a placeholder.",
                    f"Set {one.name} in .env to make what it is for work.",
                    one.evidence,
                )
            )
    return problems


def unnamed(
    tree: Tree, where: layout.Layout, chosen: settings.Chosen, first: Settings
) -> list[Problem]:
    """manage.py's own settings, where those are not there: often a file that is made of a sample."""
    hit = settings.named(tree, where.manage)
    if hit is None or settings.module_file(tree, where.paths, hit[0]):
        return []
    path = hit[0].replace(".", "/")
    near = [one for one in tree.files if one.rpartition("/")[0].endswith(path.rpartition("/")[0]) and (
        one.rpartition("/")[2].startswith(path.rpartition("/")[2]))]  # fmt: skip
    remedy = f"Make {path}.py of {near[0]}." if near else f"Add {path}.py."
    return [
        Problem(
            f"manage.py names {hit[0]}, which is not in the repository; {chosen.dotted} is taken.",
            remedy,
            (hit[1],),
            fatal=not first.has("INSTALLED_APPS"),
        )
    ]


def python2(tree: Tree, where: layout.Layout) -> list[Problem]:
    """A project of Python 2."""
    hit = tree.search(where.manage, re.compile(r"(?m)^\s*print\s+[\"']"))
    if hit is None:
        return []
    return [
        Problem(
            "manage.py is of Python 2, which no Django with fixes runs on.",
            "Bring the project to Python 3 and Django 2.2.28 at least.",
            (hit[1],),
            fatal=True,
        )
    ]
