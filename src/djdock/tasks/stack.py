"""The stack: up, down, and what one does with it while it is up."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from djdock.config import Config
from djdock.errors import CommandFailed, Interrupted, UsageError
from djdock.stack import compose
from djdock.tasks._task import Job, confirm, note, remainder, task


@task(
    help={
        "build": "Build the image first, also when there is one.",
        "variant": "The variant to run; default: the one in [tool.djdock], else multi.",
        "foreground": "Stay attached and show the logs; Ctrl-C stops the stack.",
        "wait_timeout": "How many seconds to wait for every service to be healthy; default: 120.",
        "dev": "From the source on this machine: edits are live, DEBUG is on, for this machine only.",
        "local": "No engine: a virtual environment, SQLite and gunicorn on this machine.",
        "with_": "Add-ons that this stack has, too: redis,nginx. May be repeated.",
        "without": "Add-ons of [tool.djdock] that this stack does not have.",
        "db": "The database, in the place of the one in [tool.djdock]: postgres, mysql, sqlite.",
        "publish": "Add-ons whose port is published on 127.0.0.1: redis,postgres:15432.",
        "scale": "How many containers a service gets: web=3, behind nginx or apache.",
    },
    iterable=["with_", "without", "publish", "scale"],
)
def up(
    job: Job,
    build: bool = False,
    variant: str = "",
    foreground: bool = False,
    wait_timeout: int = 0,
    dev: bool = False,
    local: bool = False,
    with_: Sequence[str] | None = None,
    without: Sequence[str] | None = None,
    db: str = "",
    publish: Sequence[str] | None = None,
    scale: Sequence[str] | None = None,
) -> None:
    """Bring the site up and wait until it is healthy."""
    from djdock.stack import choice, dotenv, optional, plan
    from djdock.stack import dev as development
    from djdock.stack import local as local_site
    from djdock.stack import publish as publishing
    from djdock.stack import scale as scaling
    from djdock.stack import up as stack_up
    from djdock.stack.turn import turn

    asked = choice.Asked(choice.words(with_ or ()), choice.words(without or ()), db)
    if local:
        _require_none(dev, asked != choice.Asked() or publish or scale)
    wait = wait_timeout or job.config.table.wait_timeout
    if wait < 0:
        raise UsageError(f"--wait-timeout is {wait}.", "Give a number of seconds above 0.")
    if not local:  # what is wrong is said before anything is made
        config = choice.choose(job.config, asked)
        scaled, published = scaling.parse(scale or ()), publishing.parse(config, publish or ())
        scaling.require(config, scaled)
        if dev:
            development.require(config, config.variant(variant or None))
    if not job.shell.dry:
        job = Job(*dotenv.ensure_env(job.config, job.shell, note))
    if local:
        local_site.up(job.config, job.shell, note)
        return
    job = replace(job, config=_from_source(choice.choose(job.config, asked), dev))
    if not job.shell.dry:
        job.require_engine()
    with turn(job.config, note, dry=job.shell.dry) as ours:
        if not job.shell.dry:
            job = replace(job, config=optional.available(job.config, job.shell, note))
            published = tuple(one for one in published if one.addon in job.config.addons)
            config, shell = dotenv.add_secrets(job.config, job.shell, note, job.volumes)
            job = replace(job, config=config, shell=shell)
        request = plan.Request(variant, build, foreground, wait, scale=scaled, published=published)
        stack_up.up(job.config, job.shell, request, note, ours)
    if not job.shell.dry and not foreground:
        also = f"Published:  {', '.join(map(str, published))}\n" if published else ""
        note(f"\nThe site is up:  {job.config.url}\n{_where_from(job)}{also}{_next(job)}")


def _require_none(dev: bool, addons: object) -> None:
    if addons:
        raise UsageError(
            "--local has no containers, and so no add-ons.", "Leave --local or the others out."
        )
    if dev:
        raise UsageError(
            "--dev mounts the source into containers, and --local has none.",
            "Leave one of them out.",
        )


def _from_source(config: Config, dev: bool) -> Config:
    found = replace(config, dev=dev)
    if found.bind != config.bind:
        note(f"WEB_BIND is {config.bind}, and DEBUG is on: {found.bind} only.")
    return found


def _where_from(job: Job) -> str:
    if not job.config.dev:
        return ""
    folder = job.config.source.relative_to(job.config.root).as_posix()
    return f"It runs from {folder}: edits are live, and DEBUG is on.\n"


def _next(job: Job) -> str:
    words = ("superuser", "logs --follow", "ps", "down")
    invoke = invoke_command(job)
    return f"Next:  {'  ·  '.join(f'{invoke} {word}' for word in words)}"


def invoke_command(job: Job) -> str:
    """What to type for `invoke`: under ./bootstrap it is on PATH only while that runs."""
    bootstrapped = sys.prefix == str(job.config.root / ".venv") and "VIRTUAL_ENV" not in os.environ
    return "./bootstrap invoke" if bootstrapped else "invoke"


@task(
    lenient=True,
    help={
        "volumes": "Delete the volumes too, and with them the database's data.",
        "yes": "Do not ask before deleting volumes.",
    },
)
def down(job: Job, volumes: bool = False, yes: bool = False) -> None:
    """Stop the stack and remove its containers; data stays unless --volumes is given."""
    job.containers()
    if volumes and not job.shell.dry:
        confirm(f"Delete the stack {job.config.name} with all its data?", yes=yes)
    job.on_stack(*compose.down(volumes=volumes))


@task(help={"json": "One JSON object per service."})
def ps(job: Job, json: bool = False) -> None:
    """List the stack's services with their state and ports."""
    job.require_engine()
    words = ["ps", "--all", *(["--format", "json"] if json else [])]
    job.on_stack(*words)


@task(
    optional_positional=["service"],
    help={
        "service": "The service; all of them when it is left out.",
        "follow": "Go on showing what comes, until Ctrl-C.",
        "tail": "How many lines of each service to begin with; default: all.",
    },
)
def logs(job: Job, service: str, follow: bool = False, tail: str = "") -> None:
    """Show what the services log."""
    if tail and tail != "all" and not tail.isdecimal():
        raise UsageError(f"--tail is `{tail}`.", "Give a number of lines, or all.")
    job.require_service(service)
    words = compose.logs([service] if service else [], follow=follow, tail=tail)
    try:
        job.on_stack(*words)
    except Interrupted as error:
        raise CommandFailed((), error.exit_code, said=True) from None  # nothing was stopped


@task(
    optional_positional=["service"],
    help={"service": "The service; all of them when it is left out."},
)
def restart(job: Job, service: str) -> None:
    """Restart a service, or all that run for long."""
    found = job.require_service(service)
    # Without names Compose would run the migrations again.
    services = [service] if service else sorted({c.service for c in found if c.running})
    job.on_stack("restart", *services)


@task(
    name="exec",
    optional_positional=["service"],
    help={"service": "The service; default: web. The command stands behind --."},
)
def exec_(job: Job, service: str) -> None:
    """Run a command in a service's container: invoke exec db -- psql --version."""
    command = remainder()
    if not command:
        raise UsageError("No command was given.", "Put it behind --: invoke exec web -- id -u")
    job.require_service(service or compose.WEB)
    words = compose.execute(service or compose.WEB, command, tty=sys.stdin.isatty())
    job.on_stack(*words, said=True)
