"""Brings the stack up: what must be true first, in which order, and what is left when it fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from djdock import engine, env
from djdock.config import Config
from djdock.errors import CommandFailed, DjdockError, Interrupted, UsageError
from djdock.images import build, choose
from djdock.shell import Shell
from djdock.stack import addons, compose, failure, ports, state


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
    #: The variables that Compose gets: which images the services start from.
    images: Mapping[str, str] = field(default_factory=dict)


def prepare_env(config: Config, note: Callable[[str], None], *, https: bool = False) -> bool:
    """Makes ``.env`` on a fresh clone and says so; returns whether it did.

    ``https`` is for a site behind a proxy that ends TLS.
    """
    made = env.init(config.root, initial(config) | ({"DJANGO_HTTPS": "True"} if https else {}))
    if made:
        note(f"Made {made.name} from {env.EXAMPLE}, with generated secrets (mode 0600).")
    return made is not None


def initial(config: Config) -> dict[str, str]:
    """What a new ``.env`` gets besides secrets: a name that no other checkout has."""
    from djdock.config import default_name

    return {
        "COMPOSE_PROJECT_NAME": config.env.get("COMPOSE_PROJECT_NAME") or default_name(config.root)
    }


def require_env(config: Config) -> None:
    """Raises UsageError when ``.env`` lacks a variable that its example has, or has a placeholder."""
    example = config.root / env.EXAMPLE
    if not example.is_file():
        return
    found = env.compare(env.read(config.root / env.FILE), example)
    if found.missing:
        raise UsageError(
            f"{found.missing[0]} is missing from .env"
            + (f", and {len(found.missing) - 1} more" if len(found.missing) > 1 else "")
            + ".",
            "Add it as .env.example has it; `invoke env.check` lists all that differs.",
        )
    if found.default:
        raise UsageError(
            f"{found.default[0]} in .env still has its placeholder `{env.PLACEHOLDER}…`.",
            "Give it a value of your own, or move .env away and let `invoke env.init` make one.",
        )


def up(config: Config, shell: Shell, request: Request, note: Callable[[str], None]) -> None:
    """Brings the stack up and waits until every service is healthy.

    Raises MissingError (no engine, a taken port, no base image), UsageError (``.env``), CheckFailed
    (a service failed; its last lines are printed), Interrupted. A stack that was down before is down
    again after any of them.
    """
    docker = engine_for(shell)
    variant = config.variant(request.variant or None)
    if not shell.dry:
        require_env(config)
    plan = look(config, shell, docker, variant, request, note)
    argv = compose.compose(
        docker,
        config,
        *compose.up(foreground=request.foreground, wait_timeout=request.wait_timeout),
    )
    try:
        shell.run(argv, env=plan.images)
    except (CommandFailed, Interrupted) as error:
        _after_failure(config, shell, docker, plan, error, note)


def engine_for(shell: Shell) -> str:
    """The docker client; raises MissingError when no engine answers (a dry run needs neither)."""
    if not shell.dry:
        engine.require()
        return engine.docker_binary()
    try:
        return engine.docker_binary()
    except DjdockError:  # a dry run says what would be run, whatever is installed
        return "docker"


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

    ``publish`` says whether the site's port will be needed.
    """
    image = config.image(variant) + (f"-{request.stage}" if request.stage else "")
    images = {"WEB_IMAGE": image}
    if shell.dry:
        asked = build.Build(tag=image, target=request.stage)
        build.run(config, shell, docker, variant, asked)
        return Plan(images=images)
    before = state.containers(shell, docker, config.name)
    state.require_ours(before, config.root, config.name)
    if publish and not state.running(before, compose.WEB):
        ports.require_free(
            config.bind, config.port, state.owners(shell, docker, config.port), config.name
        )
    wanted = addons.images(config.docker_dir / "addons", config.table.addons)
    given = {**config.env, **os.environ}  # the environment wins over .env, as in Compose
    wanted = {name: official for name, official in wanted.items() if not given.get(name)}
    there = shell.capture([docker, "image", "inspect", "--format", "{{.Id}}", image], check=False)
    building = request.build or there.returncode != 0
    official = [build.base_image(variant, config.table.python)] if building else []
    chosen = choose.choose(config, shell, note, services=wanted.values(), bases=official)
    images |= {name: chosen.services[official] for name, official in wanted.items()}
    if building:
        note(f"Building {image} …")
        asked = build.Build(tag=image, target=request.stage, contexts=chosen.contexts)
        build.run(config, shell, docker, variant, asked)
    return Plan(before, images)


def _after_failure(
    config: Config,
    shell: Shell,
    docker: str,
    plan: Plan,
    error: CommandFailed | Interrupted,
    note: Callable[[str], None],
) -> None:
    raised: Exception = error
    if isinstance(error, CommandFailed):
        found = state.containers(shell, docker, config.name)
        tail, raised = failure.explain(shell, docker, found, error)
        if tail:
            note(tail)
    if not any(container.running for container in plan.before):
        shell.run(compose.running(docker, config, *compose.down(volumes=False)), check=False)
    raise raised from None
