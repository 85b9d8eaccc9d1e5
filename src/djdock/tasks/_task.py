"""What every task shares: the decorator that turns errors into exit codes, and a Job to work with."""

from __future__ import annotations

import functools
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.parser.argument import Argument
from invoke.parser.parser import ParseMachine
from invoke.program import Program
from invoke.tasks import Task

from djdock import config as config_module
from djdock import engine
from djdock.config import Config
from djdock.errors import DjdockError, Interrupted, UsageError
from djdock.shell import Shell
from djdock.stack import compose, state


@dataclass(frozen=True)
class Job:
    """One run of one task: the project, and how commands are run."""

    config: Config
    shell: Shell

    @classmethod
    def of(cls, context: Context) -> Job:
        """The Job for an invoke context: its ``--dry`` and ``--echo`` are honoured."""
        config = config_module.load()
        os.chdir(config.root)  # tasks work from any subfolder
        run = context.config.run
        return cls(config, Shell(dry=bool(run.dry), echo=bool(run.echo), secrets=config.secrets))

    @property
    def docker(self) -> str:
        """The docker client; in a dry run its plain name will do."""
        if self.shell.dry:
            try:
                return engine.docker_binary()
            except DjdockError:
                return "docker"
        return engine.docker_binary()

    def require_engine(self) -> None:
        """Raises MissingError when no engine answers; a dry run needs none."""
        if not self.shell.dry:
            engine.require()

    def containers(self) -> list[state.Container]:
        """The stack's containers; none in a dry run.

        Raises MissingError without an engine, and UsageError when the stack is another directory's.
        """
        if self.shell.dry:
            return []
        self.require_engine()
        found = state.containers(self.shell, self.docker, self.config.name)
        state.require_ours(found, self.config.root, self.config.name)
        return found

    def on_stack(self, *words: str) -> int:
        """Runs ``docker compose …`` on the stack that is up, found by its name alone.

        Compose finds containers, networks and volumes by their labels. It is run outside of the
        project, where it reads neither .env nor files, so that a stack can be looked at and stopped
        even when those are broken.
        """
        argv = compose.running(self.docker, self.config, *words)
        return self.shell.run(argv, cwd=Path("/"))


def task(
    *,
    name: str | None = None,
    help: Mapping[str, str] | None = None,  # noqa: A002 - invoke's word
    positional: Sequence[str] = (),
    optional_positional: Sequence[str] = (),
) -> Callable[[Callable[..., Any]], Task[Any]]:
    """invoke's ``@task`` with djdock's errors, and with positional arguments that may be left out.

    The function gets a Job in place of invoke's context.
    """

    def decorate(function: Callable[..., Any]) -> Task[Any]:
        @functools.wraps(function)
        def body(context: Context, *args: Any, **kwargs: Any) -> Any:
            try:
                return function(Job.of(context), *args, **kwargs)
            except DjdockError as error:
                fail(error)
            except KeyboardInterrupt:
                fail(Interrupted())
            except BrokenPipeError:  # `invoke logs | head`
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise Exit(code=141) from None

        made = _Task(
            body,
            name=name,
            positional=[*positional, *optional_positional],
            help=dict(help or {}),
            auto_shortflags=False,
        )
        made.may_be_left_out = frozenset(optional_positional)
        return made

    return decorate


def fail(error: DjdockError) -> None:
    """Prints an error and ends with its exit code; with ``invoke --debug``, its traceback too."""
    if logging.getLogger("invoke").isEnabledFor(logging.DEBUG):
        traceback.print_exception(error)
    mark = "\033[31merror:\033[0m " if colour(sys.stderr) else "error: "
    if isinstance(error, Interrupted):
        mark = ""  # whoever pressed Ctrl-C knows
    print(f"{mark}{error}", file=sys.stderr, flush=True)
    raise Exit(code=error.exit_code)


def colour(stream: Any, environ: Mapping[str, str] | None = None) -> bool:
    """Whether to colour: NO_COLOR beats FORCE_COLOR beats being a terminal."""
    env = os.environ if environ is None else environ
    if env.get("NO_COLOR"):
        return False
    return bool(env.get("FORCE_COLOR")) or (stream.isatty() and env.get("TERM") != "dumb")


def remainder(argv: Sequence[str] | None = None) -> list[str]:
    """What stands behind ``--`` on the command line, word by word.

    invoke's own remainder is one string in which the quoting is lost.
    """
    words = list(sys.argv if argv is None else argv)
    return words[words.index("--") + 1 :] if "--" in words else []


def note(text: str) -> None:
    """Narration, for people; data goes to stdout."""
    print(text, file=sys.stderr, flush=True)


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
        raise UsageError("Nothing was done.")


class _Task(Task[Any]):
    """A Task whose arguments remember that they may be left out."""

    may_be_left_out: frozenset[str] = frozenset()

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        texts = dict(self.help)
        arguments: list[Argument] = super().get_arguments(ignore_unknown_help)
        self.help = texts  # invoke takes them out, so that a second look would find none
        for argument in arguments:
            argument.may_be_left_out = argument.name in self.may_be_left_out  # type: ignore[attr-defined]
        return arguments


def _close(machine: ParseMachine) -> None:
    for argument in machine.context.positional_args if machine.context else ():
        if argument.value is None and getattr(argument, "may_be_left_out", False):
            argument.set_value("", cast=False)


def _allow_optional_positionals() -> None:
    """Teaches invoke's parser that some positional arguments may be left out.

    invoke (3.0) knows only required ones, and hands them `--help` as a value.
    """
    handle, complete = ParseMachine.handle, ParseMachine.complete_context

    def patched_handle(self: ParseMachine, token: str) -> None:
        known = self.context is not None and token in self.context.flags
        if self.initial and token in self.initial.flags and not known:
            _close(self)
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

    ParseMachine.see_value = patched_see_value  # type: ignore[method-assign]
    for step in ("parse_tasks", "parse_cleanup"):
        setattr(Program, step, _two(getattr(Program, step)))


def _two(step: Callable[[Program], None]) -> Callable[[Program], None]:
    @functools.wraps(step)
    def patched(self: Program) -> None:
        try:
            step(self)
        except ParseError as error:
            remedy = "`invoke --list` shows the tasks, `invoke --help TASK` a task's flags."
            fail(UsageError(str(error), remedy))

    return patched


_allow_optional_positionals()
_end_wrong_usage_with_two()
