"""What ``djdock inspect`` prints: text for people, data for programs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace

from djdock.inspect.model import VERSION, Decision, Evidence, Given, Inspection, Problem, Variable


def data(inspection: Inspection) -> dict[str, object]:
    """For ``--json``: ``version`` 1, and the fields of :class:`Inspection` and of what they hold."""
    return {
        "version": VERSION,
        "root": str(inspection.root),
        "possible": not inspection.fatal,
        "decisions": [asdict(one) for one in inspection.decisions],
        "variables": [asdict(_without_secret(one)) for one in inspection.variables],
        "problems": [asdict(one) for one in inspection.problems],
        "facts": [asdict(one) for one in inspection.facts],
    }


def _without_secret(one: Variable) -> Variable:
    """A secret's default, written into the settings, is not for a report."""
    return replace(one, default=None) if one.secret else one


def text(inspection: Inspection) -> str:
    """For people: what is decided and why, what the settings read, what is in the way."""
    parts = [
        _section(
            "[tool.djdock]", [line for one in inspection.decisions for line in _decision(one)]
        ),
        _section("Variables", [line for one in inspection.variables for line in _variable(one)]),
        _section("Found", [line for one in inspection.facts for line in _decision(one)]),
        _section("Impossible", [line for one in inspection.fatal for line in _problem(one)]),
        _section(
            "Worth knowing",
            [line for one in inspection.problems if not one.fatal for line in _problem(one)],
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([title, *lines]) if lines else ""


def shown(value: Given) -> str:
    """A value as TOML has it."""
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{_key(name)} = {shown(one)}" for name, one in value.items()) + " }"
        )
    if isinstance(value, tuple):
        return "[" + ", ".join(shown(one) for one in value) + "]"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else f'"{name}"'


def _decision(one: Decision) -> list[str]:
    lines = [f"  {one.key} = {shown(one.value)}", f"      {one.reason}"]
    if one.alternatives:
        lines.append(f"      others: {', '.join(one.alternatives)}")
    return [*lines, *_evidence(one.evidence)]


def _variable(one: Variable) -> list[str]:
    words = [word for word, true in (("required", one.required), ("secret", one.secret)) if true]
    value = "" if one.value is None else one.value
    head = f"  {one.name}={value}" + (f"  ({', '.join(words)})" if words else "")
    return [
        head,
        f"      {one.why}"
        + (f"; default {one.default!r}" if one.default and not one.secret else ""),
    ]


def _problem(one: Problem) -> list[str]:
    return [f"  {one.what}", f"      {one.remedy}", *_evidence(one.evidence)]


def _evidence(found: tuple[Evidence, ...]) -> list[str]:
    most = 3
    lines = []
    for one in found[:most]:
        if one.path:
            place = f"{one.path}:{one.line}" if one.line else one.path
            lines.append(f"      {place}  {one.text}".rstrip())
    return lines
