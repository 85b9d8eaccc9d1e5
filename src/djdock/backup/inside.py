"""Where a backup's commands run: in a service's container, or on this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from djdock.config import Config
from djdock.shell import Shell
from djdock.stack import compose


@dataclass(frozen=True)
class Inside:
    """A place, and the shell that runs commands there."""

    shell: Shell
    #: What stands before a command's flags for its environment, and behind them.
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    #: The command's own environment on this machine.
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: Path | None = None
    #: Variables that a command in a container gets, no secrets.
    given: tuple[tuple[str, str], ...] = ()

    @classmethod
    def service(cls, config: Config, shell: Shell, docker: str, service: str) -> Inside:
        """In the container of a service that is up; see :mod:`djdock.stack.named` for the folder."""
        before = compose.running(docker, config, "exec", "-T")
        return cls(shell, tuple(before), (service,), cwd=Path("/"))

    def having(self, **variables: str) -> Inside:
        """The same place, with more variables for what runs in its container."""
        return replace(self, given=(*self.given, *variables.items()))

    def command(self, *words: str) -> list[str]:
        """The whole command line."""
        flags = [word for name, value in self.given for word in ("--env", f"{name}={value}")]
        return [*self.before, *flags, *self.behind, *words]

    def ask(self, *words: str) -> str:
        """What a command prints. Raises CommandFailed when it fails."""
        return self.shell.capture(self.command(*words), env=self.env, cwd=self.cwd).stdout.strip()

    def tell(self, text: str, *words: str) -> str:
        """What a command prints that is told ``text`` on its stdin: a script that shows in no list of
        processes. Raises CommandFailed when it fails."""
        with self.piped(*words, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(text.encode())
            process.stdin.close()
            return process.stdout.read().decode()
        return ""  # stdin broke: not reached, as the exit code raises

    @contextmanager
    def piped(
        self, *words: str, stdin: int = subprocess.DEVNULL
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A command whose streams the caller holds; see :meth:`djdock.shell.Shell.piped`."""
        argv = self.command(*words)
        with self.shell.piped(argv, env=self.env, cwd=self.cwd, stdin=stdin) as process:
            yield process
