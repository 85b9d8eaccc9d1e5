"""What the tests on a real Docker Engine share."""

from __future__ import annotations

import contextlib
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from project import Project

from djdock import engine as engines
from djdock.errors import DjdockError
from djdock.images import bases, host
from djdock.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass
class Engine:
    """A docker client; what a test starts or names here is removed when the test ends."""

    binary: str
    containers: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    def docker(self, *words: str, check: bool = True, stdin: str | None = None) -> str:
        """Runs docker and returns both streams; a failure fails the test with them."""
        done = subprocess.run(
            [self.binary, *words],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout
        return done.stdout.strip()

    def start(self, *words: str) -> str:
        """Starts a container in the background and returns its name."""
        name = f"djdock-test-{uuid.uuid4().hex[:8]}"
        self.containers.append(name)
        self.docker("run", "--detach", "--name", name, *words)
        return name

    def volume(self) -> str:
        """The name of a volume that does not exist yet."""
        name = f"djdock-test-{uuid.uuid4().hex[:8]}"
        self.volumes.append(name)
        return name

    def image(self) -> str:
        """The name of an image that does not exist yet."""
        name = f"djdock-test-{uuid.uuid4().hex[:8]}:1"
        self.images.append(name)
        return name

    def build(self, dockerfile: str) -> str:
        """Builds an image without a context and returns its name."""
        name = self.image()
        words = ["buildx", "build", "--provenance=false", "--load", "--tag", name, "-"]
        self.docker(*words, stdin=dockerfile)
        return name

    def wait(self, condition: Callable[[], bool], *, seconds: float = 30, name: str = "") -> None:
        """Waits until a condition holds; else fails the test, with the container's log."""
        deadline = time.monotonic() + seconds
        while not condition():
            log = self.docker("logs", name, check=False) if name else ""
            assert time.monotonic() < deadline, f"waited {seconds} s in vain\n{log}"
            time.sleep(0.1)

    def clean(self) -> None:
        if self.containers:
            self.docker("rm", "--force", "--volumes", *self.containers, check=False)
        if self.volumes:
            self.docker("volume", "rm", "--force", *self.volumes, check=False)
        if self.images:
            self.docker("image", "rm", "--force", *self.images, check=False)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Builds the stand-ins that are missing, once, before workers share them.

    Whatever is wrong with the engine is for the tests to say.
    """
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    with contextlib.suppress(DjdockError):
        engines.require()
        system = host.SYSTEM_BUNDLE
        bases.ensure(bases.BASES.values(), Shell(), ca=system if system.is_file() else None)


@pytest.fixture(scope="session")
def docker() -> str:
    """The docker client, with an engine that answers; without one a test ends with an error."""
    engines.require()
    return engines.docker_binary()


@pytest.fixture
def project(tmp_path: Path, docker: str) -> Iterator[Project]:
    """A clone of its own, with a .env, that is not up: for tests that break it."""
    made = Project.clone(tmp_path / "site", docker)
    made.invoke("env.init").ok()
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture
def engine() -> Iterator[Engine]:
    """The engine. Without one a test fails: a test that was skipped has shown nothing."""
    try:
        engines.require()
        found = Engine(engines.docker_binary())
    except DjdockError as error:
        pytest.fail(str(error))
    yield found
    found.clean()
