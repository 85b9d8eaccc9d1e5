"""invoke's parser, taught what djdock's command lines need.

Positional arguments that may be left out, the words behind ``--`` as they were typed, exit code 2 for
wrong usage, and the nearest task's name for a mistyped one.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from invoke.exceptions import ParseError
from invoke.parser.argument import Argument
from invoke.parser.parser import ParseMachine
from invoke.program import Program
from invoke.tasks import Task

from djdock.errors import UsageError
from djdock.tasks._terminal import fail


def remainder(argv: Sequence[str] | None = None) -> list[str]:
    """What stands behind ``--`` on the command line, word by word.

    invoke's own remainder is one string in which the quoting is lost.
    """
    words = list(sys.argv if argv is None else argv)
    return words[words.index("--") + 1 :] if "--" in words else []


class OptionalTask(Task[Any]):
    """A Task whose arguments remember that they may be left out."""

    may_be_left_out: frozenset[str] = frozenset()

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        texts = dict(self.help)
        arguments: list[Argument] = super().get_arguments(ignore_unknown_help)
        self.help = texts  # invoke takes them out, so that a second look would find none
        for argument in arguments:
            argument.may_be_left_out = argument.name in self.may_be_left_out  # type: ignore[attr-defined]
        return arguments


def _close(machine: ParseMachine, *, all_of_them: bool = False) -> None:
    for argument in machine.context.positional_args if machine.context else ():
        optional = all_of_them or getattr(argument, "may_be_left_out", False)
        if argument.value is None and optional:
            argument.set_value("", cast=False)


def _is_flag_of_nothing(machine: ParseMachine, token: str) -> bool:
    """Whether a flag that the task does not have would become the value of a positional argument."""
    context = machine.context
    return bool(
        token.startswith("--")
        and context is not None
        and context.missing_positional_args
        and token not in context.flags
        and token not in context.inverse_flags
        and not machine.waiting_for_flag_value
    )


def _allow_optional_positionals() -> None:
    """Teaches invoke's parser that some positional arguments may be left out.

    invoke (3.0) knows only required ones, and hands them `--help` as a value, as any flag that the task
    does not have.
    """
    handle, complete = ParseMachine.handle, ParseMachine.complete_context

    def patched_handle(self: ParseMachine, token: str) -> None:
        known = self.context is not None and token in self.context.flags
        if self.initial and token in self.initial.flags and not known:
            # Whoever asks for help need not say what the task would need.
            _close(self, all_of_them=self.initial.flags[token].name == "help")
        elif _is_flag_of_nothing(self, token):
            self.error(f"No idea what {token!r} is!")
        handle(self, token)

    def patched_complete(self: ParseMachine) -> None:
        _close(self)
        complete(self)

    ParseMachine.handle = patched_handle  # type: ignore[method-assign]
    ParseMachine.complete_context = patched_complete  # type: ignore[method-assign]


def _end_wrong_usage_with_two() -> None:
    """Teaches invoke that a word it cannot read is wrong usage, exit code 2; its own is 1."""
    see_value = ParseMachine.see_value

    def patched_see_value(self: ParseMachine, value: Any) -> None:
        try:
            see_value(self, value)
        except ValueError as error:
            name = self.flag.name.replace("_", "-") if self.flag else "value"
            raise ParseError(f"--{name} needs a number, not '{value}'.") from error

    complete_flag = ParseMachine.complete_flag

    def patched_complete_flag(self: ParseMachine) -> None:
        flag = self.flag
        if flag is not None and flag.takes_value and not flag.optional:
            # invoke lets a flag that may be repeated go by without a value.
            given = self.flag_got_value if flag.kind is list else flag.raw_value is not None
            if not given:
                name = flag.name.rstrip("_").replace("_", "-")
                self.error(f"--{name} needs a value.")
        complete_flag(self)

    ParseMachine.see_value = patched_see_value  # type: ignore[method-assign]
    ParseMachine.complete_flag = patched_complete_flag  # type: ignore[method-assign]
    for step in ("parse_tasks", "parse_cleanup"):
        setattr(Program, step, _two(getattr(Program, step)))


def _two(step: Callable[[Program], None]) -> Callable[[Program], None]:
    @functools.wraps(step)
    def patched(self: Program) -> None:
        try:
            step(self)
        except ParseError as error:
            fail(UsageError(str(error), _remedy(str(error), self.collection.task_names)))

    return patched


def _remedy(problem: str, tasks: Iterable[str]) -> str:
    """What to do about a command line that invoke cannot read: the nearest task, if there is one."""
    word = re.fullmatch(r"No idea what '(.+)' is!", problem)
    near = get_close_matches(word[1], list(tasks), n=1) if word else []
    if near:
        return f"Did you mean `{near[0]}`?"
    return "`invoke --list` shows the tasks, `invoke --help TASK` a task's flags."


_allow_optional_positionals()
_end_wrong_usage_with_two()
