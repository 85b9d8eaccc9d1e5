"""The report's figures side by side: one row each, one cell for each variant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from djdock.measure.series import MEASUREMENTS, Measurement
from djdock.units import human

#: What stands where nothing was measured, and where measuring failed.
NONE, FAILED = "-", "failed"

#: Millions of bytes, as sizes are written.
MEGA = 1_000_000


@dataclass(frozen=True)
class Row:
    """One figure of all variants; ``best`` are the indexes of the best, none if all are equal."""

    title: str
    cells: Sequence[str]
    best: frozenset[int] = frozenset()


def rows(report: Mapping[str, Any], *, dash: str = "-") -> list[Row]:
    """All rows of a report; ``dash`` stands between the least and the most of a spread."""
    variants = report["variants"]
    found = _static(variants)
    for kind in MEASUREMENTS:
        given = [item["measurements"].get(kind.name) for item in variants]
        if any(given):
            found.append(_measured(kind, given, dash))
    return found


def _static(variants: Sequence[Mapping[str, Any]]) -> list[Row]:
    figures = [item["figures"] for item in variants]
    found = [_row("size", figures, lambda item: item["size"], human)]
    if any(item["compressed_size"] is not None for item in figures):
        found.append(_row("compressed", figures, lambda item: item["compressed_size"], human))
    if len(figures) > 1:
        first = figures[0]["size"]
        cells = [NONE, *(_ratio(first, item["size"]) for item in figures[1:])]
        found.append(Row(f"against {variants[0]['variant']}", cells))
    return [
        *found,
        Row("layers", [str(item["layers"]) for item in figures]),
        _row("waste", figures, lambda item: item["waste"], human),
        _row("efficiency", figures, lambda item: item["efficiency"], _efficiency, more=True),
        _row("files", figures, lambda item: item["files"], str),
        Row("Python packages", [str(item["python_packages"]) for item in figures]),
        Row("system packages", [str(item["system_packages"]) for item in figures]),
        _row("setuid files", figures, lambda item: len(item["setuid_files"]), str),
        _row("shells", figures, lambda item: len(item["shells"]), str),
        _row("compilers", figures, lambda item: len(item["compilers"]), str),
        Row("user", [str(item["user"]) for item in variants]),
    ]


def _ratio(first: int, size: int) -> str:
    # Rounded down: 5.996 must not be shown as the 6 that it is not.
    small, large = sorted((first, size))
    if not small:
        return NONE
    return f"{large * 100 // small / 100:.2f} times {'smaller' if size <= first else 'as large'}"


def _efficiency(value: float) -> str:
    return f"{int(value * 10_000) / 100:.2f} %"  # rounded down, too


def _row(
    title: str,
    figures: Sequence[Any],
    get: Callable[[Any], float | None],
    shown: Callable[[Any], str],
    *,
    more: bool = False,
) -> Row:
    values = [get(item) for item in figures]
    cells = [NONE if value is None else shown(value) for value in values]
    return Row(title, cells, best(values, more=more))


def best(values: Sequence[float | None], *, more: bool = False) -> frozenset[int]:
    """The indexes of the least, or of the most; none when there is nothing to choose from."""
    there = [value for value in values if value is not None]
    if len(set(there)) < 2:
        return frozenset()
    wanted = max(there) if more else min(there)
    return frozenset(index for index, value in enumerate(values) if value == wanted)


def _measured(kind: Measurement, given: Sequence[Mapping[str, Any] | None], dash: str) -> Row:
    cells = [NONE if item is None else _spread(kind, item, dash) for item in given]
    unit = {"s": "s", "B": "MB", "1/s": ""}[kind.unit]
    title = f"{kind.title}, {unit}" if unit else kind.title
    return Row(title, cells, clearly_best(kind, given))


def clearly_best(kind: Measurement, given: Sequence[Mapping[str, Any] | None]) -> frozenset[int]:
    """The index of the series whose worst run is better than every other's best; else none.

    Where runs overlap, another measurement might well turn the order round.
    """
    near, far = ("least", "most") if kind.better == "less" else ("most", "least")
    sign = 1 if kind.better == "less" else -1
    series = {n: item for n, item in enumerate(given) if item and "problem" not in item}
    found = [
        n
        for n, item in series.items()
        if len(series) > 1
        and all(sign * item[far] < sign * other[near] for m, other in series.items() if m != n)
    ]
    return frozenset(found)


def _spread(kind: Measurement, series: Mapping[str, Any], dash: str) -> str:
    """The median, and where there were several runs the least and the most."""
    if "problem" in series:
        return FAILED

    def shown(value: float) -> str:
        if kind.unit == "B":
            return f"{value / MEGA:.1f}"
        return f"{value:.2f}" if kind.unit == "s" else f"{value:.0f}"

    if len(series["runs"]) == 1:
        return shown(series["median"])
    return f"{shown(series['median'])} ({shown(series['least'])}{dash}{shown(series['most'])})"
