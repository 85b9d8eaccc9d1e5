"""The report for a pull request: what matters in sight, the rest to be opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from djdock import table
from djdock.images.baseline import signed
from djdock.report import rows
from djdock.units import human

#: How many owners, and how many changed ones, are listed for a variant.
TOP = 10

#: Between the least and the most, as it is printed.
DASH = "\N{EN DASH}"


def markdown(report: Mapping[str, Any]) -> str:
    """The report as GitHub-flavoured Markdown."""
    variants = report["variants"]
    parts = ["## Images", _figures(report), *_verdicts(report)]
    parts += [found for item in variants if (found := _changes(item))]
    parts += [_owners(item) for item in variants]
    return "\n\n".join([*parts, _notes(report)]) + "\n"


def _figures(report: Mapping[str, Any]) -> str:
    names = [_plain(item["variant"]) for item in report["variants"]]
    lines = [
        [row.title, *(f"**{cell}**" if n in row.best else cell for n, cell in enumerate(row.cells))]
        for row in rows.rows(report, dash=DASH)
    ]
    bases = ["base", *(_code(item["base_image"]) for item in report["variants"])]
    return table.markdown([*lines, bases], ["", *names], right="|".join(names))


def _verdicts(report: Mapping[str, Any]) -> list[str]:
    bad = [f"- ❌ {_plain(said)}" for said in report["complaints"]]
    good = [f"- ✅ {_plain(item['sentence'])}" for item in report["budget"] if item["ok"]]
    found = ["\n".join(bad)] if bad else []
    if good:
        words = f"{len(good)} of {len(report['budget'])} limits are kept"
        found.append(_details(words, "\n".join(good)))
    return found


def _changes(item: Mapping[str, Any]) -> str:
    found = item["baseline"]
    if "changes" not in found:
        return ""
    title = f"**{_plain(item['variant'])}** since the baseline: {signed(found['bytes'])}"
    if not found["changes"]:
        return f"{title}, no owner changed."
    lines = [
        (_plain(change["owner"]), change["change"], signed(change["bytes"]), _versions(change))
        for change in found["changes"][:TOP]
    ]
    if len(found["changes"]) > TOP:
        rest = found["changes"][TOP:]
        total = signed(sum(change["bytes"] for change in rest))
        lines.append((f"{len(rest)} more", "", total, ""))
    shown = table.markdown(lines, ["owner", "change", "bytes", "version"], right="bytes")
    return f"{title}\n\n{shown}"


def _versions(change: Mapping[str, Any]) -> str:
    before, after = change["version_before"], change["version_after"]
    words = [before] if before == after else [before, after]
    return " → ".join(_plain(word) for word in words if word)


def _owners(item: Mapping[str, Any]) -> str:
    lines: list[Sequence[object]] = [
        (
            _plain(owner["owner"]),
            _plain(owner["version"]),
            human(owner["bytes"]),
            f"{owner['percent']:.1f} %",
        )
        for owner in item["owners"][:TOP]
    ]
    if len(item["owners"]) > TOP:
        rest = item["owners"][TOP:]
        size = sum(owner["bytes"] for owner in rest)
        share = sum(owner["percent"] for owner in rest)
        lines.append((f"{len(rest)} more", "", human(size), f"{share:.1f} %"))
    shown = table.markdown(lines, ["owner", "version", "size", "share"], right="size|share")
    words = f"{_plain(item['variant'])}: {human(item['bytes'])} in {item['figures']['files']} files"
    if item["could_go"]:
        words += f", of which {human(item['could_go'])} could go"
    return _details(words, shown)


def _details(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _notes(report: Mapping[str, Any]) -> str:
    measured = any(any(item["measurements"].values()) for item in report["variants"])
    runs = measured and not report["quick"]
    spread = f" in every run. Measurements: median (least{DASH}most)." if runs else "."
    quick = " A quick run: one of each." if report["quick"] else ""
    return (
        f"<sub>Bold: the best{spread}{quick} "
        f"Sizes as engine {report['engine']} counts them, image store {report['store']}; "
        f"{report['machine']}; djdock {report['djdock']}, {report['made']}.</sub>"
    )


def _code(text: str) -> str:
    return f"`{text}`" if text else rows.NONE


def _plain(text: str) -> str:
    """A text that means nothing in a Markdown table: names of packages and paths may hold anything."""
    for sign in "\\`*_|<>[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
