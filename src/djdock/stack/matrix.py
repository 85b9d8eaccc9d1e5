"""The site's own tests on one database after another, each in a stack that is removed afterwards."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from djdock.config import Config
from djdock.errors import CommandFailed, one_of
from djdock.images import build
from djdock.shell import Shell
from djdock.stack import addons, compose, named, once
from djdock.stack.plan import Request, docker_for

#: The databases, and the add-ons that bring them.
DATABASES: dict[str, tuple[str, ...]] = {
    "postgres": ("postgres",),
    "mysql": ("mysql",),
    "sqlite": (),
}


@dataclass(frozen=True)
class Ran:
    """How the tests went on one database; ``code`` is their exit code."""

    database: str
    code: int
    seconds: float


def chosen(words: Sequence[str]) -> list[str]:
    """The databases named, or all of them; raises UsageError for another word."""
    for word in words:
        if word not in DATABASES:
            raise one_of("database", word, DATABASES)
    return [name for name in DATABASES if name in words or not words]


def on(config: Config, database: str) -> Config:
    """The Config of a stack with this database only, which shares nothing with the project's."""
    env = {**config.env, "COMPOSE_PROJECT_NAME": f"{config.name}-test-{database}"}
    return replace(config, env=env, chosen=DATABASES[database])


def run(config: Config, shell: Shell, database: str, note: Callable[[str], None]) -> Ran:
    """Runs the tests on ``database`` and removes the stack, its data and its image again."""
    docker, config = docker_for(shell), on(config, database)
    note(f"\nThe site's tests on {database} …")
    started = time.monotonic()
    for name in _missing(config):
        os.environ.setdefault(name, secrets.token_hex(16))  # of a database that lives for a minute
    variant = config.variant()
    stage = build.test_stage(config, variant)
    request = Request(variant, build=True, stage=stage)
    code = 0
    try:
        command = compose.manage("test", "--noinput")
        once.run(config, shell, command, tty=False, request=request)
    except CommandFailed as error:
        code = error.exit_code
    finally:
        named.run(config, shell, docker, *compose.down(volumes=True), check=False)
        image = config.image(variant) + (f"-{stage}" if stage else "")
        shell.run([docker, "image", "rm", "--force", image], check=False)
    return Ran(database, code, time.monotonic() - started)


def _missing(config: Config) -> list[str]:
    """The variables that the Compose files need and ``.env`` does not have."""
    texts = [
        (config.root / path).read_text("utf-8") for path in compose.files(config, config.addons)
    ]
    needed = {name for text in texts for name in addons.needed(text)}
    return sorted(name for name in needed if not config.env.get(name))
