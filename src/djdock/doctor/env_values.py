"""The variables of ``.env`` against ``.env.example``: missing, still default, unknown; and repairs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from djdock import env
from djdock.doctor import settings
from djdock.doctor.env_file import ABSENT
from djdock.doctor.finding import Finding, fault, listed, note, ok, worst
from djdock.doctor.patient import Patient
from djdock.errors import DjdockError
from djdock.stack import dotenv

#: Read by Compose and by docker themselves.
_THEIRS = ("COMPOSE_", "DOCKER_", "BUILDKIT_", "BUILDX_")


def look(patient: Patient) -> Finding:
    """Missing variables and placeholders."""
    if not patient.dotenv.is_file():
        return ABSENT
    if not patient.example.is_file():
        return ok("There is no .env.example to compare it with.")
    values = env.read(patient.dotenv)
    found = dotenv.compare(patient.config, values)
    if not settings.is_debug(values):  # then it is `exposure` that says what empty hosts mean
        empty = {name for name in settings.HOSTS if name in values}
        found = replace(found, missing=tuple(n for n in found.missing if n not in empty))
    return judge(found, safe=safe(patient, (*found.missing, *found.default)))


def judge(found: env.Findings, safe: Collection[str]) -> Finding:
    """``safe`` are the variables that ``--fix`` may give a value."""
    findings = []
    if found.missing:
        findings.append(
            fault(
                f"{listed(found.missing)} {_is(found.missing)} missing from .env.",
                "Add it as .env.example has it." if len(found.missing) == 1
                else "Add them as .env.example has them.",
                fixable=any(name in safe for name in found.missing),
            )
        )  # fmt: skip
    if found.default:
        kept = [name for name in found.default if name not in safe]
        findings.append(
            fault(
                f"{listed(found.default)} in .env still {_has(found.default)} the placeholder "
                f"`{env.PLACEHOLDER}`.",
                f"Give {listed(kept)} the value that the database has: its volume keeps it."
                if kept else "Give it a value of your own.",
                fixable=len(kept) < len(found.default),
            )
        )  # fmt: skip
    return worst(findings, "It has all that .env.example asks for.")


def _is(names: Collection[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _has(names: Collection[str]) -> str:
    return "has" if len(names) == 1 else "have"


def safe(patient: Patient, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that can be given a value without a database that no longer fits.

    A volume keeps the names and the password that it was created with; so does a database outside
    of the stack. Where no engine says that there is no volume, there may be one.
    """
    try:
        is_new = not patient.volumes
    except DjdockError:
        is_new = False
    if patient.config.env.get("DATABASE_HOST"):
        is_new = False
    return [name for name in names if is_new or not name.startswith("DATABASE_")]


# --- unknown names ---------------------------------------------------------------------------------

#: A name is taken for a typing error of another one from this likeness on (difflib's ratio). Below it
#: are pairs as WEB_MEMORY and MYSQL_MEMORY.
LIKE = 0.86


def look_at_names(patient: Patient) -> Finding:
    """Variables that nobody reads."""
    if not patient.dotenv.is_file():
        return ABSENT
    if not patient.example.is_file():
        return ok("There is no .env.example to compare it with.")
    values = env.read(patient.dotenv)
    known = {*env.optional(patient.example), *env.read(patient.example)}
    unknown = env.compare(values, patient.example).unknown
    return judge_names(unknown, known - values.keys(), _read_elsewhere(patient, unknown))


def judge_names(
    unknown: Iterable[str], unset: Iterable[str], elsewhere: Collection[str]
) -> Finding:
    """``unset`` are the known variables that are not there: one of them may have been meant.

    ``elsewhere`` are names that the Compose files or the settings read.
    """
    findings = []
    others = []
    for name in unknown:
        if name in elsewhere or name.startswith(_THEIRS):
            continue
        near = get_close_matches(name, list(unset), n=1, cutoff=LIKE)
        if near:
            words = f"{name} in .env is read by nobody."
            findings.append(fault(words, f"Did you mean {near[0]}?"))
        else:
            others.append(name)
    if others:
        words = f"{listed(others)} in .env {_is(others)} not in .env.example."
        findings.append(note(words, "Add it there for others, if the site reads it."))
    return worst(findings, "Every variable is known.")


def _read_elsewhere(patient: Patient, names: Collection[str]) -> set[str]:
    """Those of ``names`` that stand as a word in a Compose file or beside the settings module."""
    if not names:
        return set()
    config = patient.config
    files = [config.docker_dir / "compose.yaml", *(config.docker_dir / "addons").rglob("*.yaml")]
    try:
        settings = config.source.joinpath(*config.settings.split(".")[:-1])
        files += [*settings.glob("*.py"), *settings.glob("settings/*.py")]
    except DjdockError:
        pass  # without the settings it is the Compose files only
    words: set[str] = set()
    for path in files:
        if path.is_file():
            words |= set(re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace")))
    return {name for name in names if name in words}


# --- repairs ---------------------------------------------------------------------------------------


def fix(patient: Patient) -> list[str]:
    """Adds what is missing, as ``env.init`` would write it, and replaces placeholders by secrets."""
    found = dotenv.compare(patient.config, env.read(patient.dotenv))
    missing = safe(patient, found.missing)
    default = safe(patient, found.default)
    text = patient.dotenv.read_text(encoding="utf-8-sig")
    made = env.fill(patient.example.read_text(encoding="utf-8-sig"), dotenv.initial(patient.config))
    env.rewrite(patient.dotenv, repaired(text, made, missing, default).encode())
    done = [f".env: {name} added." for name in missing]
    return done + [f".env: {name} has a generated value." for name in default]


def repaired(text: str, made: str, missing: Collection[str], default: Collection[str]) -> str:
    """``text`` with the ``missing`` lines of ``made`` (a fresh ``.env``) and new secrets.

    A variable that is missing may be there without a value: that line is filled, none is added.
    """
    fresh = _assignments(made)
    lines = []
    there = set()
    for line in text.splitlines():
        before, separator, value = line.partition("=")
        name = before.strip().removeprefix("export ").strip()
        stale = (name in missing and not value.strip("'\" ")) or name in default
        if separator and stale:
            generated = fresh.get(name) if name in fresh else env.generate()
            lines.append(f"{name}={generated}")
            there.add(name)
        else:
            lines.append(line)
    lines += [f"{name}={fresh[name]}" for name in missing if name not in there and name in fresh]
    return "\n".join(lines) + "\n"


def _assignments(text: str) -> Mapping[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if re.match(r"\w+=", line))
