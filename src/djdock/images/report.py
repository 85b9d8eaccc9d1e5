"""What a comparison leaves behind: ``reports/images.json`` (the data) and ``images.md``."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from djdock import __version__, table
from djdock.images import compare
from djdock.images.budget import Verdict
from djdock.units import human

HEADERS = (
    "variant", "size", "bytes", "layers", "cold build", "rebuild", "first 200", "user", "base",
)  # fmt: skip
RIGHT = "size|bytes|layers|cold build|rebuild|first 200"


def data(
    measured: Sequence[compare.Measured],
    *,
    min_ratio: float,
    engine: str,
    verdicts: Sequence[Verdict] = (),
) -> dict[str, Any]:
    """Everything that was measured, and the verdicts."""
    found = compare.ratio(measured)
    small_enough = found is not None and found >= min_ratio
    return {
        "version": 1,
        "djdock": __version__,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "engine": engine,
        "machine": f"{platform.machine()}, {os.cpu_count()} cpus",
        "variants": compare.as_dict(measured),
        # Rounded down: 5.996 must not be shown as the 6 that it is not.
        "ratio": None if found is None else math.floor(found * 100) / 100,
        "min_ratio": min_ratio,
        "small_enough": small_enough,
        "budget": [verdict.as_dict() for verdict in verdicts],
        "ok": small_enough and all(verdict.ok for verdict in verdicts),
    }


def rows(report: dict[str, Any]) -> list[tuple[object, ...]]:
    """One row per variant, as people read them."""
    return [
        (
            item["variant"],
            human(item["size"]),
            item["size"],
            item["layers"],
            f"{item['cold_build_seconds']:.1f} s",
            _spread(item["rebuild_seconds"]),
            _spread(item["first_answer_seconds"]),
            item["user"],
            item["base"],
        )
        for item in report["variants"]
    ]


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} s ({min(values):.2f}-{max(values):.2f})"


def verdict(report: dict[str, Any]) -> str:
    """One sentence: how many times smaller, and whether that is enough."""
    if report["ratio"] is None:
        return "single and multi were not both measured, so they cannot be compared."
    enough = (
        ""
        if report["small_enough"]
        else f", which is less than the {report['min_ratio']:g} asked for"
    )
    return f"multi is {report['ratio']:.2f} times smaller than single{enough}."


def complaints(report: dict[str, Any]) -> list[str]:
    """One sentence for each thing that is not as it was asked for."""
    found = [] if report["small_enough"] else [verdict(report)]
    return found + [item["sentence"] for item in report["budget"] if not item["ok"]]


def text(report: dict[str, Any]) -> str:
    """The report for the terminal."""
    said = [verdict(report), *_budget(report, "within budget: ", "over budget:   ")]
    return "\n".join([table.plain(rows(report), HEADERS, right=RIGHT), "", *said])


def _budget(report: dict[str, Any], good: str, bad: str) -> list[str]:
    return [f"{good if item['ok'] else bad}{item['sentence']}" for item in report["budget"]]


def markdown(report: dict[str, Any]) -> str:
    """The report for a pull request."""
    sign = "✅" if report["small_enough"] else "❌"
    said = [f"{sign} {verdict(report)}", *_budget(report, "✅ ", "❌ ")]
    sentences = "\n\n".join(said)
    store = report["variants"][0]["store"] if report["variants"] else "unknown"
    return (
        "## Images\n\n"
        f"{table.markdown(rows(report), HEADERS, right=RIGHT)}\n\n"
        f"{sentences}\n\n"
        f"Sizes as `docker image inspect` gives them (engine {report['engine']}, image store {store}). "
        "Cold build: without the layer cache. Rebuild: after a one-line change of the site's code. "
        "First 200: from starting a container. Medians, with the smallest and the largest value; "
        f"{report['machine']}, {report['made']}.\n"
    )


def write(report: dict[str, Any], folder: Path) -> list[Path]:
    """Writes both files, each whole or not at all; returns their paths.

    Under GitHub Actions the Markdown is added to the step's summary, and what is not as it was asked
    for becomes an annotation.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"images.json": json.dumps(report, indent=2) + "\n", "images.md": markdown(report)}
    paths = []
    for name, content in texts.items():
        partial = folder / f".{name}.tmp"
        partial.write_text(content, encoding="utf-8")
        paths.append(partial.rename(folder / name))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8") as file:
            file.write(texts["images.md"])
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for sentence in complaints(report):
            print(f"::error title=images::{sentence}", flush=True)
    return paths
