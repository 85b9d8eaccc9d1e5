"""What an inspection says: decisions, variables, problems and facts, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Of the JSON that :mod:`djdock.inspect.view` makes.
VERSION = 1


#: What a key can have for a value.
Given = str | tuple[str, ...] | Mapping[str, str]


@dataclass(frozen=True)
class Evidence:
    """A line of a file: the path relative to the root, the line's number from 1 (0: the whole file)."""

    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Decision:
    """One key of ``[tool.djdock]`` (or one fact): its value, why, and what it rests on.

    ``value`` is a string, a tuple of strings or strings by name; ``alternatives`` are other values that
    could be meant.
    """

    key: str
    value: Given
    reason: str
    evidence: tuple[Evidence, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Variable:
    """An environment variable that the settings read.

    ``default`` is the settings' own (None: there is none, or it is computed). ``value`` is what fits the
    stack, None where the default does. A value may hold ``${NAME}``, for a value that ``.env`` has:
    ``${DATABASE_PASSWORD}``. A ``secret`` without a value wants a generated one.
    """

    name: str
    default: str | None
    required: bool
    secret: bool
    value: str | None
    why: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Why it cannot be done (``fatal``), or what will not work as it stands; and the nearest remedy."""

    what: str
    remedy: str
    evidence: tuple[Evidence, ...] = ()
    fatal: bool = False


@dataclass(frozen=True)
class Inspection:
    """All of it. ``facts`` are findings that no key of ``[tool.djdock]`` holds."""

    root: Path
    decisions: tuple[Decision, ...] = ()
    variables: tuple[Variable, ...] = ()
    problems: tuple[Problem, ...] = ()
    facts: tuple[Decision, ...] = ()

    def table(self) -> dict[str, object]:
        """What goes into ``[tool.djdock]``: strings, lists of strings, and tables of them."""
        return {
            one.key: list(one.value) if isinstance(one.value, tuple) else one.value
            for one in self.decisions
        }

    def get(self, key: str) -> Decision | None:
        """The decision of a key, or the fact of that name."""
        return next((one for one in (*self.decisions, *self.facts) if one.key == key), None)

    @property
    def fatal(self) -> tuple[Problem, ...]:
        """The problems that make it impossible."""
        return tuple(one for one in self.problems if one.fatal)
