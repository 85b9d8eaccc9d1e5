"""Where python-dotenv, Compose and ``docker run --env-file`` do not read a ``.env`` alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from djdock.env import NAME, URL_PASSWORD, is_secret
from djdock.envfile import docker_env_file
from djdock.envfile.line import READERS, why_not
from djdock.envfile.reading import Reading, Refusal, Variable

Meaning = tuple[Variable | Refusal, ...]


@dataclass(frozen=True)
class Difference:
    """A statement that the readers do not take for the same, or that names no variable."""

    #: The line that it begins on.
    line: int
    #: The variable's name; empty where it is not known.
    name: str
    why: str
    #: Each reader's meaning of it, without secrets.
    meanings: Mapping[str, str]
    #: The line to write in its place, without secrets; empty when there is none.
    instead: str
    #: Whether python-dotenv and Compose differ, too, or refuse it: ``up`` rests on those two.
    stops_up: bool


@dataclass(frozen=True)
class Remark:
    """What all three read alike, but other programs or people may not."""

    line: int
    text: str


def differences(text: str, environ: Mapping[str, str]) -> tuple[Difference, ...]:
    """The statements of ``text`` that differ, in the order of their lines.

    ``environ`` is what variables are looked up in, as Compose and python-dotenv do. Empty for whatever
    :func:`djdock.envfile.line.line` writes.
    """
    readings = {reader: read(text, environ) for reader, read in READERS.items()}
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    found = []
    for first, last in _statements(readings):
        meanings = {name: _of(reading, first, last) for name, reading in readings.items()}
        difference = _difference(lines[first - 1], first, meanings)
        if difference:
            found.append(difference)
    return tuple(found)


def remarks(text: str) -> tuple[Remark, ...]:
    """A byte order mark, line ends of Windows, and names that stand twice."""
    found = []
    if text.startswith("\ufeff"):
        found.append(Remark(1, "a byte order mark: older releases of python-dotenv trip over it"))
    if "\r\n" in text:
        line = text.count("\n", 0, text.index("\r\n")) + 1
        found.append(Remark(line, "lines end as on Windows (CRLF): a shell that sources it trips"))
    seen: dict[str, int] = {}
    for variable in READERS["python-dotenv"](text, {}).variables:
        name, line = variable.name, variable.line
        if name in seen and NAME.fullmatch(name):
            found.append(Remark(line, f"{name} stands on line {seen[name]}, too; the last counts"))
        seen[name] = line
    return tuple(found)


def _statements(readings: Mapping[str, Reading]) -> list[tuple[int, int]]:
    """First and last lines of what any reader takes for one statement; they do not overlap."""
    spans = [(v.line, v.last) for r in readings.values() for v in r.variables]
    spans += [(f.line, f.line) for r in readings.values() for f in r.refusals]
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    return merged


def _of(reading: Reading, first: int, last: int) -> Meaning:
    items: list[Variable | Refusal] = [*reading.variables, *reading.refusals]
    return tuple(sorted((i for i in items if first <= i.line <= last), key=lambda i: i.line))


def _difference(raw: str, line: int, meanings: Mapping[str, Meaning]) -> Difference | None:
    plain = {reader: _plain(meaning) for reader, meaning in meanings.items()}
    python, compose, docker = (plain[reader] for reader in READERS)
    named = all(NAME.fullmatch(name) and value is not None for name, value in python or [("", "")])
    if python == compose == docker and named:
        return None
    name, value = python[0] if python and len(python) == 1 else ("", None)
    name = name if NAME.fullmatch(name) and "=" in raw else ""
    agreed = bool(name) and python == compose and value is not None
    instead = ""
    if agreed and value is not None and not why_not(name, value):
        instead = f"{name}={_shown(name, value)}"
    return Difference(
        line=line,
        name=name,
        why=_why(raw, agreed=agreed, refused=python is None),
        meanings=_described(raw, meanings),
        instead=instead,
        stops_up=python is None or python != compose or not named,
    )


def _plain(meaning: Meaning) -> list[tuple[str, str | None]] | None:
    """The names and values that it sets; None when it is refused."""
    if any(isinstance(item, Refusal) for item in meaning):
        return None
    return [(item.name, item.value) for item in meaning if isinstance(item, Variable)]


def _shown(name: str, value: str) -> str:
    return "***" if is_secret(name) else URL_PASSWORD.sub("://***@", value)


def _described(raw: str, meanings: Mapping[str, Meaning]) -> dict[str, str]:
    secret = any(map(is_secret, re.findall(r"[\w.-]+", raw)))
    values: list[str] = []  # of secrets: the same number is the same value

    def one(reader: str, item: Variable | Refusal) -> str:
        if isinstance(item, Refusal):
            passed = "passes over the line" if reader == "python-dotenv" else "refuses the file"
            return f"{passed}: {item.why}"
        # A line without = may be the rest of a secret that was broken off.
        name = item.name if NAME.fullmatch(item.name) and "=" in raw else "(no name)"
        if item.value is None:
            return (
                f"{name} is not set" if reader == "python-dotenv" else f"{name} of the environment"
            )
        if secret:
            if item.value not in values:
                values.append(item.value)
            return f"{name}=*** ({values.index(item.value) + 1})"
        shown = URL_PASSWORD.sub("://***@", item.value)
        return f"{name}={shown!r}"

    def all_of(reader: str, meaning: Meaning) -> str:
        if not meaning:
            return "nothing"
        more = f", and {len(meaning) - 1} more" if len(meaning) > 1 else ""
        return one(reader, meaning[0]) + more

    return {reader: all_of(reader, meaning) for reader, meaning in meanings.items()}


#: What a line has -> why its readers differ. The first that is found is said.
_CAUSES = (
    (r"\s*export\s", "docker knows no `export`"),
    (r"[^=]*\Z", "without = it has no value of its own"),
    (r"\s*=", "it has no name"),
    (r"[^=]*\s=", "docker allows no blank in or behind a name"),
    (r"(?!\s*[A-Za-z_]\w*=)", "that is no name of a variable"),
    (r"[^=]*=\s+\S", "docker keeps the blanks behind the ="),
    (r"[^=]*=(?P<q>['\"])(?!.*(?P=q))", "docker knows no quotes, and ends a value with its line"),
    (r"[^=]*=['\"]", "docker knows no quotes: they are part of the value"),
)


def _why(raw: str, *, agreed: bool, refused: bool) -> str:
    if len(raw.encode()) > docker_env_file.LONGEST:
        return f"docker reads no line of more than {docker_env_file.LONGEST} bytes"
    value = raw.partition("=")[2]
    if refused and value.lstrip().startswith(("'", '"')):
        return "a quote is not closed"
    if "$" in value and not agreed:
        return "Compose takes what follows a $ for a variable"
    if "\r" in raw:
        return "python-dotenv takes a carriage return for the end of a line"
    for pattern, cause in _CAUSES:
        if re.match(pattern, raw, re.S):
            return cause
    if re.search(r"\s#", value):
        return "docker knows no comments behind a value"
    if value != value.strip():
        return "docker keeps the blanks at the end"
    return "docker knows no variables" if "$" in value else "they read it each in its own way"
