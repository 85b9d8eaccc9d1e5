"""Every error that a user can meet: one sentence on what is wrong, one on what to do, one exit code.

========  =================================================================
code      when
========  =================================================================
1         a check said no (:class:`CheckFailed`)
2         wrong usage or configuration (:class:`UsageError`)
3         something needed is missing (:class:`MissingError`)
other     the wrapped command's own code (:class:`CommandFailed`)
130, 143  interrupted, terminated (:class:`Interrupted`)
========  =================================================================
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import ClassVar


class DjdockError(Exception):
    """The root of djdock's errors: ``problem`` says what is wrong, ``remedy`` what to do."""

    code: ClassVar[int] = 1

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    @property
    def exit_code(self) -> int:
        """The exit code of a program that ends with this error."""
        return self.code

    def __str__(self) -> str:
        return "\n".join(part for part in (self.problem, self.remedy) if part)


class CheckFailed(DjdockError):
    """A check said no: a budget is exceeded, a service is unhealthy, ``--check`` found something."""

    code = 1


class UsageError(DjdockError):
    """The command line or the configuration is wrong."""

    code = 2


class MissingError(DjdockError):
    """Something that is needed is not there: the engine, a plugin, a registry, a file, a port."""

    code = 3


class CommandFailed(DjdockError):
    """A wrapped command failed; its own exit code is passed through.

    ``said`` is for a command that has told its user why, so that there is nothing to add.
    """

    def __init__(
        self,
        argv: Sequence[str],
        returncode: int,
        *,
        problem: str = "",
        remedy: str = "",
        said: bool = False,
    ) -> None:
        shown = shlex.join(argv)
        super().__init__(problem or f"`{shown}` failed with exit code {returncode}.", remedy)
        self.argv = tuple(argv)
        self.returncode = returncode
        self.said = said

    @property
    def exit_code(self) -> int:
        """The command's own exit code."""
        # A child that was ended by signal N is reported by Python as -N and by shells as 128 + N.
        return self.returncode if self.returncode > 0 else 128 - self.returncode


class Interrupted(DjdockError):
    """Ctrl-C (130) or a termination signal (143); what was started has been cleaned up."""

    def __init__(self, signum: int = 2, problem: str = "") -> None:
        usual = "Interrupted; what was started has been stopped." if signum == 2 else "Terminated."
        super().__init__(problem or usual)
        self.signum = signum

    @property
    def exit_code(self) -> int:
        """As shells have it: 128 and the signal's number."""
        return 128 + self.signum


def of_system(error: OSError) -> MissingError:
    """The error for what the system refuses: a full disk, a read-only folder, a file in the way."""
    place = f"{error.filename}: " if error.filename else ""
    return MissingError(f"{place}{error.strerror or error}.", "Mend that and try again.")


def one_of(what: str, given: str, valid: Iterable[str], *, where: str = "") -> UsageError:
    """The error for a word that is not in a list; it names the nearest valid one.

    ``what`` is the kind of thing (``variant``), ``where`` the file it stands in, if any.
    """
    choices = sorted(valid)
    near = get_close_matches(given, choices, n=1, cutoff=0.5)
    place = f" in {where}" if where else ""
    return UsageError(
        f"There is no {what} `{given}`{place}.",
        f"Did you mean `{near[0]}`?" if near else f"Choose from: {', '.join(choices) or 'none'}.",
    )
