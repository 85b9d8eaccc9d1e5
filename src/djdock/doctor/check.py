"""What a check is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from djdock.doctor.finding import Finding
from djdock.doctor.patient import Patient


@dataclass(frozen=True)
class Check:
    """One check. ``requires`` names earlier ones: after a fault of theirs it makes no sense.

    ``beside`` does too, but it does not wait for those: what it found is dropped after such a fault.
    ``fix`` does what is safe and returns a sentence for each thing that it did; it is called only
    after a finding that says it is fixable.
    """

    name: str
    reason: str
    look: Callable[[Patient], Finding]
    requires: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    fix: Callable[[Patient], list[str]] | None = None
