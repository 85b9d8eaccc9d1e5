"""Findings as lines for people, and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from djdock.check.findings import Finding


def text(found: Sequence[Finding]) -> str:
    """One line per finding: what, by whom, what was done, how long; a failure with its remedy below."""
    rows = [
        (finding.name, finding.server, finding.said if finding.ok else f"FAILED  {finding.why}")
        for finding in found
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    # A long reason must not push the times of all others away.
    said = max((len(finding.said) for finding in found if finding.ok), default=0)
    lines = []
    for finding, (name, server, what) in zip(found, rows, strict=True):
        took = f"{finding.ms:.1f} ms" if finding.ms is not None and finding.ok else ""
        start = f"{name:{widths[0]}}  {server:{widths[1]}}  "
        lines.append(f"{start}{what:{said}}  {took:>10}".rstrip())
        if finding.remedy and not finding.ok:
            lines.append(f"{'':{len(start)}}-> {finding.remedy}")
    return "\n".join(lines)


def data(found: Sequence[Finding]) -> dict[str, Any]:
    """What ``--json`` prints; times in milliseconds."""
    return {
        "version": 1,
        "ok": all(finding.ok for finding in found),
        "checks": [asdict(finding) for finding in found],
    }
