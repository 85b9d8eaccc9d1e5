"""What ``doctor`` prints: a line per check for people, or JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from djdock.doctor.examine import Result, root_cause
from djdock.doctor.finding import Status
from djdock.errors import CheckFailed

_COLOURS = {Status.OK: "32", Status.NOTE: "33", Status.FAULT: "31", Status.SKIPPED: "2"}

FIX = "`invoke doctor --fix` does that."


def lines(results: Sequence[Result], *, colour: bool) -> list[str]:
    """One line per check, in order; a remedy has a line of its own."""
    width = max((len(result.check.name) for result in results), default=0)
    shown = []
    for result in results:
        found = result.finding
        word = f"{found.status:<7}"
        if colour:
            word = f"\033[{_COLOURS[found.status]}m{word}\033[0m"
        shown.append(f"{word}  {result.check.name:<{width}}  {found.sentence}")
        if remedy := remedy_of(result):
            shown.append(f"{'':7}  {'':{width}}  → {remedy}")
    return shown


def remedy_of(result: Result) -> str:
    """The remedy, and whether ``--fix`` has it."""
    found = result.finding
    told = found.fixable and "--fix" not in found.remedy
    return " ".join(part for part in (found.remedy, FIX if told else "") if part)


def as_json(results: Sequence[Result], fixed: Sequence[str]) -> str:
    """Version 1; ``root`` is the first fault in the checks' order, or null."""
    root = root_cause(results)
    return json.dumps(
        {
            "version": 1,
            "healthy": root is None,
            "root": root.check.name if root else None,
            "fixed": list(fixed),
            "checks": [
                {
                    "name": result.check.name,
                    "status": str(result.finding.status),
                    "sentence": result.finding.sentence,
                    "remedy": result.finding.remedy,
                    "fixable": result.finding.fixable,
                    "reason": result.check.reason,
                    "requires": [*result.check.requires, *result.check.beside],
                    "seconds": round(result.seconds, 3),
                }
                for result in results
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def verdict(results: Sequence[Result], mask: Callable[[str], str]) -> str:
    """What to say of a healthy one; raises CheckFailed with the root cause otherwise."""
    root = root_cause(results)
    faults = sum(result.finding.status is Status.FAULT for result in results)
    if root is not None:
        many = f"There are {faults} faults, first of all" if faults > 1 else "There is one fault:"
        raise CheckFailed(
            mask(f"{many} {root.check.name}: {root.finding.sentence}"), mask(remedy_of(root))
        )
    notes = sum(result.finding.status is Status.NOTE for result in results)
    more = f", {notes} {'note' if notes == 1 else 'notes'}" if notes else ""
    return f"Healthy: {len(results)} checks{more}."
