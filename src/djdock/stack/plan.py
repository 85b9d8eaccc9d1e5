"""What is there before anything is changed, and which images the stack will run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from djdock import engine
from djdock.config import Config
from djdock.errors import DjdockError
from djdock.images import build, choose, freshness
from djdock.shell import Shell
from djdock.stack import addons, compose, owner, ports, secret_files, state


@dataclass(frozen=True)
class Request:
    """The flags of ``invoke up``."""

    variant: str
    build: bool = False
    foreground: bool = False
    wait_timeout: int = 120
    #: The stage of the Dockerfile to run; the last one when empty.
    stage: str = ""


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
    publish: bool = True,
) -> Plan:
    """Finds out what is there, chooses the images and builds what is missing.

    ``publish`` says whether the site's port will be needed. A dry run only asks; without an engine it
    takes it that nothing is there.
    """
    image = config.image(variant) + (f"-{request.stage}" if request.stage else "")
    images = {"WEB_IMAGE": image}
    if is_blind(shell):
        build.run(config, shell, docker, variant, build.Build(image, target=request.stage))
        return Plan(images=images)
    before = state.containers(shell, docker, config.name)
    owner.require(config, before, lambda: state.has_volumes(shell, docker, config.name))
    if not shell.dry:
        owner.claim(config)
        images |= secret_files.write(config)
    plan = Plan(before, images)
    if publish and plan.web is None and not shell.dry:
        ports.require_free(
            config.bind, config.port, state.owners(shell, docker, config.port), config.name
        )
    wanted = addons.images(config.docker_dir / "addons", config.table.addons)
    wanted = {name: official for name, official in wanted.items() if not config.env.get(name)}
    there = shell.capture([docker, "image", "inspect", "--format", "{{.Id}}", image], check=False)
    building = request.build or there.returncode != 0
    official = build.bases(config, variant) if building else ()
    chosen = choose.choose(config, shell, note, services=wanted.values(), bases=official)
    images |= {name: chosen.services[official] for name, official in wanted.items()}
    if building:
        note(f"Building {image} …")
        asked = build.Build(image, target=request.stage, contexts=chosen.contexts)
        build.run(config, shell, docker, variant, asked)
    elif freshness.is_stale(config, variant):
        folder = config.source.relative_to(config.root)
        note(f"{folder} has changed since {image} was built: `invoke up --build` takes it in.")
    return plan


def digest(config: Config, shell: Shell, docker: str, images: Mapping[str, str]) -> str:
    """A digest of all that the stack is made of: its resolved configuration and the site's image.

    (`docker compose config --hash` is not what Compose writes on containers of services that have an
    env_file.)
    """
    resolved = shell.capture(compose.compose(docker, config, "config"), env=images).stdout
    image = [docker, "image", "inspect", "--format", "{{.Id}}", images["WEB_IMAGE"]]
    return hashlib.sha256((resolved + shell.capture(image).stdout).encode()).hexdigest()


def is_replaced(config: Config, plan: Plan, now: str) -> bool:
    """Whether ``up`` will put another web in the place of the one that serves.

    ``now`` is the stack's :func:`digest`. Not to know what was started last counts as yes.
    """
    if plan.web is None:
        return False
    try:
        return (config.scratch / "up").read_text(encoding="utf-8") != now
    except OSError:
        return True


def started(config: Config, now: str) -> None:
    """Writes down what the stack that has come up is made of."""
    (config.make_scratch() / "up").write_text(now, encoding="utf-8")
