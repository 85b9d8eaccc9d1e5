"""Runs one command: argv in, exit code out. Nothing else in djdock starts a process.

A :class:`Shell` knows whether this is a dry run, whether commands are echoed, and which values are
secret. Commands are lists of arguments; no shell ever interprets a string.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from djdock import children
from djdock.env import is_secret
from djdock.errors import CommandFailed, MissingError

#: Shorter values are not masked: they would mask prose.
LEAST_SECRET = 4


@dataclass(frozen=True)
class Completed:
    """What a captured command left: its exit code and its two streams, decoded."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Shell:
    """How commands are run; see the module's docstring.

    ``dry`` prints commands to stdout in place of running them; ``echo`` prints them to stderr first;
    ``secrets`` are values that are replaced by ``***`` wherever djdock itself prints a command.
    """

    dry: bool = False
    echo: bool = False
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    def mask(self, text: str) -> str:
        """``text`` with every secret value replaced by ``***``."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def line(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> str:
        """The command as one could paste it into a shell, with secrets masked."""
        assigned = [
            f"{name}={'***' if is_secret(name) else self._quoted(value)}"
            for name, value in (env or {}).items()
        ]
        return " ".join([*assigned, *(self._quoted(word) for word in argv)])

    def _quoted(self, word: str) -> str:
        # Masked before it is quoted: quoting changes a secret with a quote in it.
        parts = self.mask(word).split("***")
        return "***".join(shlex.quote(part) if part else "" for part in parts) or "''"

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        check: bool = True,
    ) -> int:
        """Runs a command on our own terminal and returns its exit code.

        ``env`` is added to the environment. Raises CommandFailed for a non-zero code (unless
        ``check`` is false), MissingError when there is no such program, Interrupted after Ctrl-C.
        """
        if self.dry:
            print(self.line(argv, env), flush=True)
            return 0
        self._echo(argv, env)
        returncode = children.wait(self._spawn(argv, env, cwd))
        if check and returncode:
            raise CommandFailed([self.mask(word) for word in argv], returncode)
        return returncode

    def logged(
        self,
        argv: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        shown: Callable[[str], str | None] = str,
    ) -> int:
        """Runs a command whose stderr also goes to the file ``log``, with secrets masked; the exit code.

        ``shown`` makes of each line what is shown of it; None is shown to nobody. A dry run prints the
        command. Raises as :meth:`run` does with ``check=False``.
        """
        if self.dry:
            print(self.line(argv, env), flush=True)
            return 0
        self._echo(argv, env)
        # The name of buildx' own variable, so that the command is the one that a person types.
        plain = {**(env or {}), "BUILDKIT_PROGRESS": "plain"}
        process = self._spawn(argv, plain, cwd, stderr=subprocess.PIPE)
        reader = threading.Thread(target=self._copy, args=(process.stderr, log, shown), daemon=True)
        reader.start()
        try:
            return children.wait(process)
        finally:
            reader.join(timeout=10)
            if process.stderr is not None:
                process.stderr.close()

    def _copy(self, source: IO[bytes], log: Path, shown: Callable[[str], str | None]) -> None:
        with suppress(OSError), log.open("w", encoding="utf-8") as file:
            for line in source:
                text = line.decode(errors="replace")
                # A full disk does not end the reading: the command would wait for ever to be read.
                with suppress(OSError):
                    file.write(self.mask(text))
                if (show := shown(text)) is not None:
                    with suppress(OSError):
                        sys.stderr.write(show)
                        sys.stderr.flush()

    def capture(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        check: bool = True,
        timeout: float | None = None,
        stdin: IO[bytes] | None = None,
    ) -> Completed:
        """Runs a command that only asks something, also in a dry run; returns what it printed.

        ``stdin`` is a file that it reads. Raises CommandFailed with the last line of stderr for a
        non-zero code (unless ``check`` is false) and after ``timeout`` seconds.
        """
        self._echo(argv, env)
        pipe = subprocess.PIPE
        with self._spawn(argv, env, cwd, stdin=stdin, stdout=pipe, stderr=pipe) as process:
            try:
                with children.terminable():
                    out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise CommandFailed(
                    argv, 124, problem=f"`{self.line(argv)}` gave no answer in {timeout:g} s."
                ) from None
            except BaseException:
                children.stop(process)
                raise
        result = Completed(
            process.returncode, out.decode(errors="replace"), err.decode(errors="replace")
        )
        if check and result.returncode:
            said = (
                self.mask(result.stderr.strip().splitlines()[-1]) if result.stderr.strip() else ""
            )
            raise CommandFailed(
                [self.mask(word) for word in argv],
                result.returncode,
                problem=f"`{self.line(argv)}` failed: {said or f'exit code {result.returncode}'}",
            )
        return result

    @contextmanager
    def piped(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A command whose stdout, and stdin if it is ``subprocess.PIPE``, the caller holds.

        It is waited for at the end, and killed when the caller fails. Raises CommandFailed with what
        it said on stderr for a non-zero code, also when that is why its stdin broke.
        """
        self._echo(argv, env)
        with tempfile.TemporaryFile() as errors, children.terminable():
            # fileno: unlike communicate() this never waits for a reader of stderr.
            process = self._spawn(
                argv, env, cwd, stdin=stdin, stdout=subprocess.PIPE, stderr=errors.fileno()
            )
            try:
                with suppress(BrokenPipeError):  # it has ended; why is what its exit code tells
                    yield process
                    if process.stdin is not None:
                        process.stdin.close()
                process.wait()
            except BaseException:
                process.kill()
                process.wait()
                raise
            finally:
                for pipe in (process.stdin, process.stdout):
                    with suppress(BrokenPipeError):
                        if pipe is not None:
                            pipe.close()
            if process.returncode:
                errors.seek(0)
                said = self.mask(_complaint(errors.read().decode(errors="replace")))
                raise CommandFailed(
                    [self.mask(word) for word in argv],
                    process.returncode,
                    problem=f"`{self.line(_brief(argv))}` failed: "
                    f"{said or f'exit code {process.returncode}'}",
                )

    def _echo(self, argv: Sequence[str], env: Mapping[str, str] | None) -> None:
        if self.echo:
            print(f"$ {self.line(argv, env)}", file=sys.stderr, flush=True)

    def _spawn(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None,
        cwd: Path | None,
        *,
        stdin: IO[bytes] | int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> subprocess.Popen[bytes]:
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            with children.held_back() as came:
                process = subprocess.Popen(
                    list(argv),
                    # Programs trust PWD over the kernel, and we may have changed directory.
                    env={**os.environ, "PWD": str(cwd or Path.cwd()), **(env or {})},
                    cwd=cwd,
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                )
        except FileNotFoundError as error:
            missing = str(cwd) if cwd is not None and not cwd.is_dir() else argv[0]
            raise MissingError(
                f"`{missing}` is not there.", "Install it, or put it on PATH."
            ) from error
        except PermissionError as error:
            raise MissingError(
                f"`{argv[0]}` may not be run.", "Make it executable, or put another first on PATH."
            ) from error
        if came:  # an interrupted Popen would have left a process that nobody knows of
            children.stop(process)
            with children.terminable():
                signal.raise_signal(came[0])
        return process


def secret_values(env: Mapping[str, str], names: Iterable[str]) -> frozenset[str]:
    """The values of ``names`` in ``env`` that are long enough to be masked."""
    return frozenset(env[name] for name in names if len(env.get(name) or "") >= LEAST_SECRET)


def _complaint(text: str) -> str:
    """The first line that speaks of an error (the last ones often repeat a command), else the last."""
    lines = [line.strip() for line in text.strip().splitlines()]
    found = (line for line in lines if re.search(r"\berror\b|\bfatal\b", line, re.I))
    return next(found, lines[-1] if lines else "")


def _brief(argv: Sequence[str]) -> list[str]:
    """A command line without the scripts in it: of a word of several lines the first."""
    return [f"{word.splitlines()[0]}…" if "\n" in word.strip() else word for word in argv]
