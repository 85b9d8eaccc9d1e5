"""What tasks say to people: errors with their exit codes, narration, questions. All of it on stderr."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any

from invoke.exceptions import Exit

from djdock.errors import CheckFailed, CommandFailed, DjdockError, Interrupted, UsageError


def fail(error: DjdockError) -> None:
    """Prints an error and ends with its exit code; with ``invoke --debug``, its traceback too."""
    if logging.getLogger("invoke").isEnabledFor(logging.DEBUG):
        traceback.print_exception(error)
    mark = "\033[31merror:\033[0m " if colour(sys.stderr) else "error: "
    if isinstance(error, Interrupted):
        mark = ""  # whoever pressed Ctrl-C knows
    if not (isinstance(error, CommandFailed) and error.said):
        print(f"{mark}{error}", file=sys.stderr, flush=True)
    raise Exit(code=error.exit_code)


def colour(stream: Any, environ: Mapping[str, str] | None = None) -> bool:
    """Whether to colour: NO_COLOR beats FORCE_COLOR beats being a terminal."""
    env = os.environ if environ is None else environ
    if env.get("NO_COLOR"):
        return False
    return bool(env.get("FORCE_COLOR")) or (stream.isatty() and env.get("TERM") != "dumb")


def confirm(question: str, *, yes: bool, flag: str = "--yes") -> None:
    """Asks before something is destroyed; without a terminal ``flag`` is the only way to agree.

    Raises UsageError when nobody can be asked and when the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is here to ask.", f"Add `{flag}` to agree.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CheckFailed("Nothing was done.")
