"""What a check found: a status, one sentence, one remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from djdock.errors import DjdockError


class Status(StrEnum):
    """How a check ended. A note is worth knowing and stands in nobody's way."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """What one check found. ``fixable`` says that ``--fix`` repairs it."""

    status: Status
    sentence: str
    remedy: str = ""
    fixable: bool = False


def ok(sentence: str) -> Finding:
    """All is well."""
    return Finding(Status.OK, sentence)


def note(sentence: str, remedy: str = "", *, fixable: bool = False) -> Finding:
    """Something worth knowing."""
    return Finding(Status.NOTE, sentence, remedy, fixable)


def fault(sentence: str, remedy: str, *, fixable: bool = False) -> Finding:
    """Something that has to be mended."""
    return Finding(Status.FAULT, sentence, remedy, fixable)


def skipped(reason: str) -> Finding:
    """Nothing was looked at, and why."""
    return Finding(Status.SKIPPED, reason)


def of_error(error: DjdockError) -> Finding:
    """The fault that one of djdock's errors is."""
    return fault(error.problem, error.remedy)


def worst(findings: Iterable[Finding], healthy: str) -> Finding:
    """One finding for several: those of the worst status, joined; ``healthy`` when there are none."""
    found = list(findings)
    for status in (Status.FAULT, Status.NOTE):
        those = [one for one in found if one.status is status]
        if those:
            return Finding(
                status,
                " ".join(one.sentence for one in those),
                " ".join(dict.fromkeys(one.remedy for one in those if one.remedy)),
                any(one.fixable for one in those),
            )
    return ok(healthy)


def listed(names: Iterable[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
