"""What is measured, and the figures of its runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from djdock.units import human


@dataclass(frozen=True)
class Measurement:
    """One thing that is measured. ``unit`` is s, B or 1/s; ``better`` is less or more."""

    name: str
    title: str
    unit: str
    better: str

    def rounded(self, value: float) -> float:
        """A value as the report has it: milliseconds, whole bytes, tenths of a request."""
        digits = {"s": 3, "B": 0, "1/s": 1}[self.unit]
        return round(value, digits) if digits else int(value)

    def shown(self, value: float) -> str:
        """A value as people read it, with its unit."""
        if self.unit == "B":
            return human(value)
        return f"{value:.2f} s" if self.unit == "s" else f"{value:.0f} /s"


#: In the order in which they are shown.
MEASUREMENTS = (
    Measurement("cold_build", "cold build", "s", "less"),
    Measurement("rebuild_code", "code rebuild", "s", "less"),
    Measurement("rebuild_dependency", "dependency rebuild", "s", "less"),
    Measurement("first_200", "first 200", "s", "less"),
    Measurement("memory_rest", "memory at rest", "B", "less"),
    Measurement("memory_loaded", "memory after load", "B", "less"),
    Measurement("requests_per_second", "requests per second", "1/s", "more"),
)

BY_NAME = {item.name: item for item in MEASUREMENTS}


@dataclass(frozen=True)
class Series:
    """The values of one measurement, in the order in which they were measured; never none."""

    measurement: Measurement
    runs: Sequence[float]

    def as_dict(self) -> dict[str, Any]:
        """The series as JSON has it."""
        kind, runs = self.measurement, [self.measurement.rounded(run) for run in self.runs]
        return {
            "unit": kind.unit,
            "better": kind.better,
            "runs": runs,
            "median": kind.rounded(median(runs)),
            "least": min(runs),
            "most": max(runs),
        }


class Notebook:
    """The values of all measurements of all variants, written down as they come.

    A measurement that failed once has a problem and no values: what is left would be the good ones
    among bad ones.
    """

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], list[float]] = {}
        self._problems: dict[tuple[str, str], str] = {}

    def add(self, variant: str, name: str, value: float) -> None:
        """Writes down one run."""
        self._runs.setdefault((variant, name), []).append(value)

    def fail(self, variant: str, names: Iterable[str], sentence: str) -> None:
        """Writes down why something could not be measured; the first reason stays."""
        for name in names:
            self._problems.setdefault((variant, name), sentence)

    def failed(self, variant: str, name: str) -> bool:
        """Whether a measurement has failed, so that it needs no further runs."""
        return (variant, name) in self._problems

    def of(self, variant: str) -> dict[str, Any]:
        """A variant's measurements as JSON has them: a series, a problem, or None: not measured."""
        return {item.name: self._one(variant, item) for item in MEASUREMENTS}

    def _one(self, variant: str, kind: Measurement) -> dict[str, Any] | None:
        key = (variant, kind.name)
        if key in self._problems:
            return {"problem": self._problems[key]}
        return Series(kind, self._runs[key]).as_dict() if key in self._runs else None
