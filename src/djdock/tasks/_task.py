"""What every task shares: the decorator that turns errors into exit codes, and a Job to work with."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task

from djdock import config as config_module
from djdock import engine
from djdock.config import Config
from djdock.errors import CommandFailed, DjdockError, Interrupted, MissingError, of_system, one_of
from djdock.narration import note
from djdock.shell import Shell
from djdock.stack import named, owner, record, state
from djdock.tasks._parser import OptionalTask, remainder
from djdock.tasks._terminal import colour, confirm, fail

__all__ = ["Job", "colour", "confirm", "fail", "note", "remainder", "task"]


@dataclass(frozen=True)
class Job:
    """One run of one task: the project, and how commands are run."""

    config: Config
    shell: Shell
    #: Where the user is, to whom a file's name on the command line is relative.
    called_from: Path = field(default_factory=Path.cwd)

    @classmethod
    def of(cls, context: Context, *, lenient: bool = False, salvage: bool = False) -> Job:
        """The Job for an invoke context: its ``--dry`` and ``--echo`` are honoured.

        ``lenient`` is for what must work while the project's settings are broken, ``salvage`` for
        what says how they are broken.
        """
        called_from = Path.cwd()
        config = config_module.salvage() if salvage else config_module.load(lenient=lenient)
        os.chdir(config.root)  # tasks work from any subfolder
        for name in ("COMPOSE_FILE", "COMPOSE_ENV_FILES"):
            os.environ.pop(name, None)  # djdock names the files itself, or means none
        run = context.config.run
        shell = Shell(dry=bool(run.dry), echo=bool(run.echo), secrets=config.secrets)
        return cls(config, shell, called_from)

    @property
    def docker(self) -> str:
        """The docker client; in a dry run its plain name will do."""
        return engine.docker_name(dry=self.shell.dry)

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
        owner.require(
            self.config,
            found,
            lambda: state.has_volumes(self.shell, self.docker, self.config.name),
        )
        return found

    def stack_config(self, found: Sequence[state.Container]) -> Config:
        """The Config of the stack that is up, whose containers ``found`` are: its own add-ons."""
        return self.config if self.shell.dry else record.in_effect(self.config, found)

    def volumes(self) -> set[str]:
        """The stack's volumes, by the names that the Compose files have for them."""
        return state.volumes(self.shell, self.docker, self.config.name)

    def require_service(self, service: str) -> list[state.Container]:
        """The stack's containers; an empty name asks for any service, a dry run asks nothing.

        Raises MissingError when the stack is down and UsageError when it has no such service.
        """
        found = [container for container in self.containers() if not container.oneoff]
        there = {container.service for container in found}
        if self.shell.dry:
            return found
        if not there:
            raise MissingError(f"The stack {self.config.name} is not up.", "Start it: `invoke up`.")
        if service and service not in there:
            raise one_of("service", service, there)
        return found

    def on_stack(self, *words: str, said: bool = False) -> None:
        """Runs ``docker compose …`` on the stack that is up; see :mod:`djdock.stack.named`.

        ``said`` is for commands that tell their user themselves what is wrong. Raises CommandFailed
        with the command's own exit code.
        """
        code = named.run(self.config, self.shell, self.docker, *words, check=not said)
        if code:
            raise CommandFailed(words, code, said=True)


def task(
    *,
    name: str | None = None,
    help: Mapping[str, str] | None = None,  # noqa: A002 - invoke's word
    positional: Sequence[str] = (),
    optional_positional: Sequence[str] = (),
    iterable: Sequence[str] = (),
    lenient: bool = False,
    salvage: bool = False,
) -> Callable[[Callable[..., Any]], Task[Any]]:
    """invoke's ``@task`` with djdock's errors, and with positional arguments that may be left out.

    The function gets a Job in place of invoke's context. ``iterable`` flags may be repeated. A
    ``lenient`` task works while ``.env`` or ``[tool.djdock]`` is broken: it needs no more than the
    stack's name. A ``salvage`` task gets what can be read of them, whatever that is.
    """

    def decorate(function: Callable[..., Any]) -> Task[Any]:
        @functools.wraps(function)
        def body(context: Context, *args: Any, **kwargs: Any) -> Any:
            try:
                with contextlib.chdir(os.curdir):  # back, for the next task of the command line
                    return function(
                        Job.of(context, lenient=lenient, salvage=salvage), *args, **kwargs
                    )
            except DjdockError as error:
                fail(error)
            except KeyboardInterrupt:
                fail(Interrupted())
            except BrokenPipeError:  # `invoke logs | head`
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise Exit(code=141) from None
            except OSError as error:
                fail(of_system(error))

        made = OptionalTask(
            body,
            name=name,
            positional=[*positional, *optional_positional],
            iterable=iterable,
            help=dict(help or {}),
            auto_shortflags=False,
        )
        made.may_be_left_out = frozenset(optional_positional)
        return made

    return decorate
