"""What the checks look at: the project, its environment, and what its engine says, asked for once."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from djdock import engine
from djdock.config import Config
from djdock.errors import CommandFailed, DjdockError, MissingError
from djdock.images.build import LABEL
from djdock.shell import Completed, Shell
from djdock.stack import state

T = TypeVar("T")

#: How long one question to the engine or to a program may take, in seconds.
PROBE = 5.0


class Limited(Shell):
    """A Shell that gives up a question after :data:`PROBE` seconds, if not told otherwise."""

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
        """As Shell has it; raises MissingError also for a file that is no program of this machine."""
        try:
            return super().capture(
                argv, env=env, cwd=cwd, check=check, timeout=timeout or PROBE, stdin=stdin
            )
        except OSError as error:
            why = error.strerror or str(error)
            raise MissingError(f"{argv[0]} cannot be run: {why}.", "Install it anew.") from error


@dataclass(frozen=True)
class Info:
    """What ``docker info`` says, and when by our own clock it was asked and had answered."""

    said: Mapping[str, Any]
    asked: float
    answered: float


@dataclass(frozen=True)
class Volume:
    """A volume of the stack: the name that the Compose files have for it, and its own."""

    key: str
    name: str


@dataclass(frozen=True)
class Image:
    """An image that djdock built for the stack: its id, and its name ("" when it has lost it)."""

    id: str
    name: str


@dataclass(frozen=True)
class Patient:
    """The project in its environment. Facts are found out at most once, by whoever asks first."""

    config: Config
    shell: Shell
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _facts: dict[str, Any] = field(default_factory=dict, repr=False)
    _locks: dict[str, threading.Lock] = field(default_factory=dict, repr=False)

    def fact(self, name: str, find: Callable[[], T]) -> T:
        """What ``find`` returns; checks run in parallel, and only one of them has it find."""
        with self._locks.setdefault(name, threading.Lock()):
            if name not in self._facts:
                self._facts[name] = find()
            return cast("T", self._facts[name])

    @property
    def docker(self) -> str:
        """The docker client; raises MissingError when there is none that will do."""
        return self.fact("docker", lambda: engine.docker_binary(self.environ))

    @property
    def info(self) -> Info:
        """What the engine says of itself; raises DjdockError when it does not."""
        return self.fact("info", self._info)

    @property
    def containers(self) -> list[state.Container]:
        """The stack's containers; raises DjdockError when the engine does not list them."""
        return self.fact(
            "containers",
            lambda: state.containers(self.shell, self.docker, self.config.name),
        )

    @property
    def volumes(self) -> list[Volume]:
        """The stack's volumes; raises DjdockError when the engine does not list them."""
        return self.fact("volumes", self._volumes)

    @property
    def images(self) -> list[Image]:
        """The stack's own images; raises DjdockError when the engine does not list them."""
        return self.fact("images", self._images)

    @property
    def dotenv(self) -> Path:
        """Where ``.env`` is, or would be."""
        return self.config.root / ".env"

    @property
    def example(self) -> Path:
        """Where ``.env.example`` is, or would be."""
        return self.config.root / ".env.example"

    def _info(self) -> Info:
        asked = time.time()
        argv = [self.docker, "info", "--format", "{{json .}}"]
        where = engine.host(self.environ)
        try:
            done = self.shell.capture(argv, check=False)
        except CommandFailed:
            raise DjdockError(
                f"The Docker Engine at {where} gave no answer in {PROBE:g} s.",
                "It is busy or stuck: look at its log (`journalctl -u docker`), or start it again.",
            ) from None
        answered = time.time()
        try:
            said = json.loads(done.stdout)
        except ValueError:
            said = {}
        errors = said.get("ServerErrors") or []
        if errors or not said.get("ServerVersion"):
            why = (
                str(errors[0]) if errors else (done.stderr.strip().splitlines() or ["nothing"])[-1]
            )
            raise DjdockError(
                f"The Docker Engine at {where} says: {why.rstrip('.')}.",
                "Look at its log (`journalctl -u docker`) and start it again.",
            )
        return Info(said, asked, answered)

    def _images(self) -> list[Image]:
        argv = [self.docker, "image", "ls", "--no-trunc"]
        argv += ["--filter", f"label={LABEL}={self.config.name}"]
        argv += ["--format", "{{.ID}}\t{{.Repository}}:{{.Tag}}"]
        rows = [line.split("\t") for line in self.shell.capture(argv).stdout.splitlines()]
        return [Image(row[0], "" if "<none>" in row[1] else row[1]) for row in rows]

    def _volumes(self) -> list[Volume]:
        label = "com.docker.compose.volume"
        argv = [
            self.docker,
            "volume",
            "ls",
            "--filter",
            f"label={state.PROJECT}={self.config.name}",
        ]
        argv += ["--format", f'{{{{.Label "{label}"}}}}\t{{{{.Name}}}}']
        lines = self.shell.capture(argv).stdout.splitlines()
        return sorted((Volume(*line.split("\t")) for line in lines), key=lambda one: one.name)
