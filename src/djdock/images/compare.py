"""Builds variants from one source and measures them side by side.

Every figure is measured here and now: sizes by the engine, times with a monotonic clock around the
real command. The builds run in a copy of the project, so that a change can be made to it.
"""

from __future__ import annotations

import shutil
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from djdock import engine, env
from djdock.config import Config
from djdock.errors import CheckFailed
from djdock.images import build, choose, freshness, size
from djdock.shell import Shell

if TYPE_CHECKING:
    from docker.client import DockerClient

#: What is never part of a build, and large.
LEFT_OUT = (".git", ".venv", ".nox", ".djdock", "node_modules", "reports", ".env", "__pycache__")

#: How often the time to the first answer is measured, and how long one may take, in seconds.
STARTS, START_LIMIT = 5, 60.0

#: How often a build after a change is measured.
REBUILDS = 3


@dataclass(frozen=True)
class Measured:
    """One variant: its image's figures, and times in seconds."""

    variant: str
    size: size.ImageSize
    base: str
    cold_build: float
    rebuilds: tuple[float, ...]
    starts: tuple[float, ...]


def compare(
    config: Config, shell: Shell, variants: Sequence[str], note: Callable[[str], None]
) -> list[Measured]:
    """Builds and measures the variants, in the order given.

    Raises what a build raises, and CheckFailed when an image never answers 200.
    """
    docker = engine.docker_binary()
    engine.require()
    # All bases first: how long they take to make is no property of a variant.
    officials = {name: build.bases(config, name) for name in variants}
    wanted = sorted({image for images in officials.values() for image in images})
    contexts = choose.choose(config, shell, note, bases=wanted).contexts
    with _copy(config) as copied, engine.client() as sdk:
        measured = []
        for name in variants:
            freshness.built(config, name)  # what is built is a copy of the source as it is now
            asked = (copied, shell, docker, sdk, name, officials[name], contexts, note)
            measured.append(_measure(*asked))
        return measured


@contextmanager
def _copy(config: Config) -> Iterator[Config]:
    """The same project in a temporary folder, with the same names of images."""
    with tempfile.TemporaryDirectory(prefix="djdock-images-") as folder:
        root = Path(folder, config.root.name)
        shutil.copytree(config.root, root, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        yield replace(config, root=root, env={**config.env, "COMPOSE_PROJECT_NAME": config.name})


def _measure(
    config: Config,
    shell: Shell,
    docker: str,
    sdk: DockerClient,
    variant: str,
    officials: Sequence[str],
    contexts: dict[str, str],
    note: Callable[[str], None],
) -> Measured:
    note(f"\n{variant}: cold build")
    tag, changed_tag = config.image(variant), f"{config.image(variant)}-changed"
    used = {name: contexts[name] for name in officials if name in contexts}
    cold = _timed_build(
        config, shell, docker, variant, build.Build(tag, no_cache=True, contexts=used)
    )
    figures = size.measure(sdk, [tag])[0]
    rebuilds = []
    module = settings_file(config)
    before = module.read_bytes()
    try:
        for number in range(1, REBUILDS + 1):
            note(f"{variant}: build after a one-line change, {number} of {REBUILDS}")
            change(module, number)
            asked = build.Build(changed_tag, contexts=used)
            rebuilds.append(_timed_build(config, shell, docker, variant, asked))
    finally:
        module.write_bytes(before)
        if engine.image_id(sdk, changed_tag):
            sdk.images.remove(changed_tag, force=True)
    note(f"{variant}: time to the first answer, {STARTS} times")
    starts = tuple(first_answer(sdk, tag, *_asked(config, variant)) for _ in range(STARTS))
    return Measured(
        variant=variant,
        size=figures,
        base=", ".join(used.get(name, name) for name in officials),
        cold_build=cold,
        rebuilds=tuple(rebuilds),
        starts=starts,
    )


def _timed_build(
    config: Config, shell: Shell, docker: str, variant: str, asked: build.Build
) -> float:
    started = time.monotonic()
    build.run(config, shell, docker, variant, asked)
    return time.monotonic() - started


def settings_file(config: Config) -> Path:
    """The file of the settings module, which every Django project has."""
    module = config.source.joinpath(*config.settings.split("."))
    plain = module.with_suffix(".py")
    return plain if plain.is_file() else module / "__init__.py"


def change(module: Path, number: int) -> None:
    """Adds a line to a module: a change that no cache has seen."""
    with module.open("a", encoding="utf-8") as file:
        file.write(f"\n# change {number} at {time.time_ns()}\n")


def _asked(config: Config, variant: str) -> tuple[str, int, Mapping[str, str]]:
    """What a variant's container is asked for, where, and the environment of its own."""
    named = config.named(variant)
    if named is None:
        return config.table.health_path, 8000, {}
    return named.health_path, named.port, named.environment


def first_answer(
    sdk: DockerClient,
    image: str,
    path: str,
    port: int = 8000,
    environment: Mapping[str, str] | None = None,
) -> float:
    """Seconds from `docker run` to the first HTTP 200 of ``path``, polled every 5 ms.

    The container gets what every Django site needs, an empty SQLite database in memory, and
    ``environment``, which wins; its server listens at ``port``. Raises
    CheckFailed, with the container's last line, when it ends or 60 s pass without a 200.
    """
    container = sdk.containers.create(
        image,
        environment={
            "DJANGO_SECRET_KEY": env.generate(),
            "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_ENGINE": "sqlite3",
            "DATABASE_NAME": "/tmp/db.sqlite3",  # noqa: S108 - in the container
            "WEB_CONCURRENCY": "2",
            **(environment or {}),
        },
        ports={f"{port}/tcp": ("127.0.0.1", 0)},
        tmpfs={"/tmp": "size=64m,mode=1777"},  # noqa: S108
        labels={"io.djdock.measurement": "first-answer"},
    )
    try:
        started = time.monotonic()
        container.start()
        while time.monotonic() - started < START_LIMIT:
            container.reload()
            published = container.ports.get(f"{port}/tcp")
            if published and _answers(f"http://127.0.0.1:{published[0]['HostPort']}{path}"):
                return time.monotonic() - started
            if container.status not in ("created", "running"):
                break
            time.sleep(0.005)
        lines = container.logs(tail=3).decode(errors="replace").strip()
        how = "ended" if container.status == "exited" else f"gave no 200 in {START_LIMIT:g} s"
        raise CheckFailed(
            f"{image} {how}, asked for {path}: {lines}",
            "Its log says why; `health_path` in [tool.djdock] says what is asked for.",
        )
    finally:
        container.remove(force=True, v=True)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own container
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def ratio(measured: Sequence[Measured], of: str = "single", to: str = "multi") -> float | None:
    """How many times smaller ``to`` is than ``of``; None unless both were measured."""
    sizes = {item.variant: item.size.size for item in measured}
    return sizes[of] / sizes[to] if of in sizes and to in sizes else None


def as_dict(measured: Sequence[Measured]) -> list[dict[str, Any]]:
    """The figures as JSON has them: bytes and seconds."""
    return [
        {
            "variant": item.variant,
            **item.size.as_dict(),
            "base": item.base,
            "cold_build_seconds": round(item.cold_build, 3),
            "rebuild_seconds": [round(value, 3) for value in item.rebuilds],
            "first_answer_seconds": [round(value, 3) for value in item.starts],
        }
        for item in measured
    ]
