"""The report for the terminal: within 100 columns for four variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from djdock import table
from djdock.images.baseline import signed
from djdock.report import rows


def text(report: Mapping[str, Any]) -> str:
    """The figures side by side, the best marked with an asterisk; the bases, the verdicts, the rest."""
    names = [item["variant"] for item in report["variants"]]
    lines = [
        [row.title, *(f"*{cell}" if n in row.best else cell for n, cell in enumerate(row.cells))]
        for row in rows.rows(report)
    ]
    parts = [table.plain(lines, ["", *names], right="|".join(names)), _legend(report)]
    parts += [found for found in (_changes(report), _verdicts(report)) if found]
    return "\n\n".join(parts)


def _legend(report: Mapping[str, Any]) -> str:
    bases = [
        f"{item['variant']} is FROM {item['base_image']}."
        for item in report["variants"]
        if item["base_image"]
    ]
    measured = any(any(item["measurements"].values()) for item in report["variants"])
    runs = " in every run" if measured and not report["quick"] else ""
    spread = ["Measurements: the median (least-most)."] if runs else []
    return "\n".join([f"* the best{runs}.", *spread, *bases])


def _changes(report: Mapping[str, Any]) -> str:
    return "\n".join(
        f"{item['variant']} since the baseline: {signed(found['bytes'])}, {found['sentence']}."
        for item in report["variants"]
        if "sentence" in (found := item["baseline"])
    )


def _verdicts(report: Mapping[str, Any]) -> str:
    kept = [f"within budget: {item['sentence']}" for item in report["budget"] if item["ok"]]
    return "\n".join([*kept, *(f"complaint:     {said}" for said in report["complaints"])])
