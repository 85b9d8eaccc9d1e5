"""The report's data, as ``reports/images.json`` has them: every figure, and what was complained of.

Sizes are in bytes, times in seconds. ``made`` and the measurements are all that differs between two
reports of the same images.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from djdock import __version__
from djdock.errors import DjdockError
from djdock.images import baseline, budget
from djdock.images.budget import Verdict
from djdock.measure.series import MEASUREMENTS

VERSION = 2

NO_BASELINE = {"problem": "there is no baseline"}


def report(
    project: str,
    variants: Sequence[Mapping[str, Any]],
    *,
    engine: str,
    store: str,
    verdicts: Sequence[Verdict] = (),
    quick: bool = False,
) -> dict[str, Any]:
    """The whole report. ``variants`` are those of :func:`variant`, the naive one first."""
    found = [*_failed(variants), *(item.sentence for item in verdicts if not item.ok)]
    return {
        "version": VERSION,
        "djdock": __version__,
        "project": project,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "engine": engine,
        "store": store,
        "machine": f"{platform.machine()}, {os.cpu_count()} cpus",
        "quick": quick,
        "ok": not found,
        "complaints": found,
        "variants": list(variants),
        "budget": [item.as_dict() for item in verdicts],
    }


def variant(
    name: str,
    contents: Mapping[str, Any],
    *,
    dockerfile: str = "",
    base_image: str = "",
    measurements: Mapping[str, Any] | None = None,
    compared: Mapping[str, Any] = NO_BASELINE,
) -> dict[str, Any]:
    """One variant. ``contents`` is that of :func:`djdock.images.contents.contents`."""
    return {
        "variant": name,
        "dockerfile": dockerfile,
        "base_image": base_image,
        **contents,
        "measurements": dict(measurements or {}),
        "baseline": dict(compared),
    }


def against_baseline(path: Path, name: str, snapshot: baseline.Snapshot | None) -> dict[str, Any]:
    """What changed since ``images.lock.json``, ``path``; a problem where that cannot be said."""
    if snapshot is None or not path.exists():
        return dict(NO_BASELINE)
    before = budget.baseline_of(path, name)
    if before.snapshot is None:
        return {"problem": before.problem}
    try:
        found = baseline.compare(before.snapshot, snapshot)
    except DjdockError as error:
        return {"problem": error.problem}
    return {
        "sentence": found.sentence(),
        "bytes": found.delta,
        "before": found.before.size,
        "after": found.after.size,
        "changes": [change.as_dict() for change in found.changes],
    }


def _failed(variants: Sequence[Mapping[str, Any]]) -> list[str]:
    """One sentence for each reason why something of a variant could not be measured."""
    found = []
    for item in variants:
        reasons: dict[str, list[str]] = {}
        for kind in MEASUREMENTS:
            given = item["measurements"].get(kind.name)
            if given and "problem" in given:
                reasons.setdefault(given["problem"], []).append(kind.title)
        for reason, titles in reasons.items():
            what = ", ".join(titles)
            found.append(f"{item['variant']}: {what} could not be measured: {reason}")
    return found
