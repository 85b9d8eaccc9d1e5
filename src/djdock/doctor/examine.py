"""Runs the checks: all at once, each as soon as those that it needs have ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from djdock.doctor.check import Check
from djdock.doctor.finding import Finding, Status, note, of_error, skipped
from djdock.doctor.patient import Patient
from djdock.errors import DjdockError

#: After so many seconds nobody waits for a check any more. Probes have their own, shorter limits; this
#: one is for what has none, as a file system of another machine that hangs.
LIMIT = 15.0


@dataclass(frozen=True)
class Result:
    """How one check ended, and how long its own part took, in seconds."""

    check: Check
    finding: Finding
    seconds: float = 0.0


def examine(patient: Patient, checks: Sequence[Check], limit: float = LIMIT) -> list[Result]:
    """The results of all checks, in their order, within ``limit`` seconds.

    A check whose requirement has a fault, or was skipped itself, is skipped; a note stops nothing.
    """
    ended = {check.name: threading.Event() for check in checks}
    results: dict[str, Result] = {}
    deadline = time.monotonic() + limit

    def one(check: Check) -> None:
        for name in check.requires:
            ended[name].wait(max(0.0, deadline - time.monotonic()))
        started = time.monotonic()
        finding = _blocked(check.requires, results) or _look(check, patient)
        seconds = time.monotonic() - started
        for name in check.beside:
            ended[name].wait(max(0.0, deadline - time.monotonic()))
        finding = _blocked(check.beside, results) or finding
        results[check.name] = Result(check, finding, seconds)
        ended[check.name].set()

    for check in checks:
        # A daemon: Python's exit must not wait for an answer that never comes.
        threading.Thread(target=one, args=(check,), name=check.name, daemon=True).start()
    for check in checks:
        ended[check.name].wait(max(0.0, deadline - time.monotonic()))
    late = skipped(f"It had found nothing out after {limit:g} s.")
    return [results.get(check.name, Result(check, late, limit)) for check in checks]


def _blocked(needed: Sequence[str], results: Mapping[str, Result]) -> Finding | None:
    for name in needed:
        result = results.get(name)
        if result is None or result.finding.status in (Status.FAULT, Status.SKIPPED):
            return skipped(f"Not looked at: it needs `{name}`.")
    return None


def _look(check: Check, patient: Patient) -> Finding:
    try:
        return check.look(patient)
    except DjdockError as error:
        return of_error(error)
    except Exception as error:
        return note(f"This could not be found out: {type(error).__name__}: {error}.")


def root_cause(results: Sequence[Result]) -> Result | None:
    """The first fault in the checks' order: what comes after may well follow from it."""
    return next((one for one in results if one.finding.status is Status.FAULT), None)
