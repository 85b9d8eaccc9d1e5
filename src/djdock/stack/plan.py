"""What is there before anything is changed, and which images the stack will run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from djdock import engine
from djdock.config import Config
from djdock.errors import DjdockError
from djdock.images import build, choose, freshness
from djdock.shell import Shell
from djdock.stack import addons, compose, dev, owner, ports, publish, record, secret_files, state
from djdock.stack.publish import Published


@dataclass(frozen=True)
class Request:
    """The flags of ``invoke up``."""

    variant: str
    build: bool = False
    foreground: bool = False
    wait_timeout: int = 120
    #: The stage of the Dockerfile to run; the last one when empty.
    stage: str = ""
    #: How many containers a service gets.
    scale: Mapping[str, int] = field(default_factory=dict)
    #: The add-ons' ports on this machine.
    published: Sequence[Published] = ()


@dataclass(frozen=True)
class Plan:
    """What is known before anything is changed."""

    before: list[state.Container] = field(default_factory=list)
    #: The variables that Compose gets: which images the services start from, and when secrets changed.
    images: Mapping[str, str] = field(default_factory=dict)

    @property
    def was_up(self) -> bool:
        """Whether anything of the stack ran before."""
        return any(container.running for container in self.before)

    @property
    def web(self) -> state.Container | None:
        """The web container that serves now."""
        serving = (
            c for c in self.before if c.service == compose.WEB and c.running and not c.oneoff
        )
        return next(serving, None)


def docker_for(shell: Shell) -> str:
    """The docker client; raises MissingError when no engine answers (a dry run needs neither)."""
    if not shell.dry:
        engine.require()
    return engine.docker_name(dry=shell.dry)


def is_blind(shell: Shell) -> bool:
    """Whether this is a dry run that cannot ask an engine what is there."""
    if not shell.dry:
        return False
    try:
        engine.require()
    except DjdockError:
        return True
    return False


def look(
    config: Config,
    shell: Shell,
    docker: str,
    variant: str,
    request: Request,
    note: Callable[[str], None],
    *,
    ports_needed: bool = True,
) -> Plan:
    """Finds out what is there, chooses the images and builds what is missing.

    ``ports_needed`` says whether the site's port, and those of ``request``, will be needed. A dry run
    only asks; without an engine it takes it that nothing is there.
    """
    image = config.image(variant) + (f"-{request.stage}" if request.stage else "")
    stage = request.stage or (dev.STAGE if config.dev else "")
    images = {"WEB_IMAGE": image, **dev.variables(config, shell, docker)}
    if config.table.celery and not config.env.get("CELERY_APP"):
        images["CELERY_APP"] = config.table.celery
    if is_blind(shell):
        build.run(config, shell, docker, variant, build.Build(image, target=stage))
        return Plan(images=images)
    before = state.containers(shell, docker, config.name)
    owner.require(config, before, lambda: state.has_volumes(shell, docker, config.name))
    if not shell.dry:
        owner.claim(config)
        images |= secret_files.write(config)
    plan = Plan(before, images)
    if ports_needed and not shell.dry:
        _require_ports(config, shell, docker, plan, request)
    usual, named = choose.asked(addons.images(config.addons_dir, config.addons), config.env)
    there = shell.capture([docker, "image", "inspect", "--format", "{{.Id}}", image], check=False)
    building = request.build or there.returncode != 0
    official = build.bases(config, variant) if building else ()
    chosen = choose.choose(
        config, shell, note, services=usual.values(), named=named.values(), bases=official
    )
    images |= {name: chosen.services[image] for name, image in (usual | named).items()}
    if building:
        note(f"Building {image} …")
        asked = build.Build(image, target=stage, contexts=chosen.contexts)
        build.run(config, shell, docker, variant, asked)
    elif freshness.is_stale(config, variant):
        note(freshness.said(config, image))
    return plan


def _require_ports(config: Config, shell: Shell, docker: str, plan: Plan, request: Request) -> None:
    if plan.web is None:
        ports.require_free(
            config.bind, config.port, state.owners(shell, docker, config.port), config.name
        )
    for one in request.published:
        found = state.owners(shell, docker, one.port)
        ports.require_free(publish.BIND, one.port, found, config.name, publish.remedy(one))


@dataclass(frozen=True)
class Resolved:
    """What the stack's files come to: its services, as Compose has them, and a digest of all of it."""

    services: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""


def resolve(config: Config, shell: Shell, docker: str, images: Mapping[str, str]) -> Resolved:
    """Has Compose resolve the stack's files; the digest is of that and of the site's image.

    (`docker compose config --hash` is not what Compose writes on containers of services that have an
    env_file.)
    """
    argv = compose.compose(docker, config, "config", "--format", "json")
    said = shell.capture(argv, env=images).stdout
    image = [docker, "image", "inspect", "--format", "{{.Id}}", images["WEB_IMAGE"]]
    digest = hashlib.sha256((said + shell.capture(image).stdout).encode()).hexdigest()
    return Resolved(json.loads(said or "{}").get("services") or {}, digest)


def is_replaced(config: Config, plan: Plan, now: str) -> bool:
    """Whether ``up`` will put another web in the place of the one that serves.

    ``now`` is the stack's digest, of :func:`resolve`. Not to know what was started last counts as yes.
    """
    if plan.web is None:
        return False
    last = record.read(config)
    return last is None or last.digest != now
