"""The lines of ``.env``: does every reader take the same from them?

Readers are python-dotenv, Compose, and ``docker run --env-file``, which knows neither quotes nor
comments behind a value. A message names line and variable, never the value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from djdock import env
from djdock.doctor.env_file import ABSENT
from djdock.doctor.finding import Finding, Status, fault, note, worst
from djdock.doctor.patient import Patient
from djdock.envfile.differences import differences

_LINE = re.compile(
    r"(?P<before>\s*)(?P<export>export\s+)?(?P<name>[^=\s]+)(?P<gap>\s*)=(?P<value>.*)"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BEGIN = re.compile(r"\s*[A-Z_][A-Z0-9_]*=")

PLAINLY = "Write values plainly, NAME=value; .env.example says how."


def look(patient: Patient) -> Finding:
    """Every line; then python-dotenv has the last word."""
    if not patient.dotenv.is_file():
        return ABSENT
    found = judge(patient.dotenv.read_text(encoding="utf-8-sig"))
    if found.status is Status.FAULT:
        return found
    env.read(patient.dotenv)
    return worst([*_alike(env.text_of(patient.dotenv)), found], found.sentence)


def _alike(text: str) -> Iterator[Finding]:
    """What python-dotenv and Compose do not read alike; a stack has both."""
    for difference in differences(text, os.environ):
        if difference.stops_up:
            yield fault(
                f"{difference.name or 'The text'} (line {difference.line} of .env) is not read alike by "
                f"python-dotenv and Compose: {difference.why}.",
                f"Write {difference.instead}." if difference.instead
                else "Choose another value; `invoke env.check` shows what each makes of it.",
            )  # fmt: skip


def judge(text: str) -> Finding:
    """The faults of the text of a ``.env``, else what not every reader understands."""
    lines = text.splitlines()
    found: list[Finding] = []
    number = 0
    seen: dict[str, int] = {}
    while number < len(lines):
        line = lines[number]
        number += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or not _NAME.fullmatch(match["name"]):
            found.append(fault(f"Line {number} of .env is not `NAME=value`.", PLAINLY))
            continue
        where = f"{match['name']} (line {number} of .env)"
        if match["name"] in seen:
            found.append(
                note(f"{where} stands in line {seen[match['name']]} already; the last wins.")
            )
        seen[match["name"]] = number
        if match["before"] or match["export"] or match["gap"]:
            found.append(note(f"{where} has more before its `=` than its name.", PLAINLY))
        value = match["value"]
        if value.lstrip()[:1] in ("'", '"'):
            finding, more = _quoted(where, value.lstrip(), lines[number:])
            found.append(finding)
            number += more
        else:
            found += _bare(where, value)
    return worst(found, f"{len(seen)} variables, written plainly.")


def _quoted(where: str, value: str, rest: list[str]) -> tuple[Finding, int]:
    """What is wrong with a value that begins with a quote, and how many more lines it takes."""
    quote = value[0]
    closed = re.compile(rf"{quote}(?:[^{quote}\\]|\\.)*{quote}(?P<behind>.*)", re.S)
    for more in range(len(rest) + 1):
        if more and _BEGIN.match(rest[more - 1]):
            break  # the next variable: this one's quote was forgotten
        match = closed.fullmatch("\n".join([value, *rest[:more]]))
        if match is None:
            continue
        if match["behind"].strip() and not re.match(r"\s+#", match["behind"]):
            return fault(f"{where} has text behind its closing quote.", PLAINLY), more
        return note(
            f"{where} is quoted, and `docker run --env-file` takes the quotes for a part of it.",
            PLAINLY,
        ), more
    return fault(f"{where} opens a quote and does not close it.", PLAINLY), 0


def _bare(where: str, value: str) -> list[Finding]:
    if re.search(r"\s#", value):
        words = f"{where} has a comment behind it, which `docker run --env-file` takes for a part of it."
        return [note(words, PLAINLY)]
    stripped = value.strip()
    if stripped[-1:] in ("'", '"') and stripped.count(stripped[-1]) % 2:
        return [fault(f"{where} closes a quote that it does not open.", PLAINLY)]
    if value != stripped:
        return [
            note(f"{where} has blanks around its value, which not every reader removes.", PLAINLY)
        ]
    return []
