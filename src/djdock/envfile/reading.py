"""What one reader makes of a ``.env``: variables, and lines that it refuses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One variable that a reader finds; ``value`` None is a name whose value is the environment's."""

    line: int
    name: str
    value: str | None
    #: The last line of the statement: a quoted value may have several.
    last: int


@dataclass(frozen=True)
class Refusal:
    """A line that a reader refuses. Compose and docker then refuse the whole file."""

    line: int
    #: Why, without the line's text: it may be a secret.
    why: str


@dataclass(frozen=True)
class Reading:
    """What one reader makes of a file; lines behind a refusal are read as if it were corrected."""

    variables: tuple[Variable, ...]
    refusals: tuple[Refusal, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        """The variables as a process would get them: the last of a name counts."""
        return {v.name: v.value for v in self.variables if v.value is not None}
