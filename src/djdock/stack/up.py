"""Brings the stack up: in which order, and what is left when it fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from djdock.config import Config
from djdock.errors import CommandFailed, DjdockError, Interrupted
from djdock.shell import Shell
from djdock.stack import after, compose, failure, fit, named, publish, record, secret_files, state
from djdock.stack.dotenv import require_env
from djdock.stack.plan import Plan, Request, Resolved, docker_for, is_replaced, look, resolve
from djdock.stack.turn import Turn

#: How long a container that has failed may take to be listed as one, in seconds.
SETTLE = 2.0


def up(
    config: Config, shell: Shell, request: Request, note: Callable[[str], None], turn: Turn
) -> None:
    """Brings the stack up and waits until every service is healthy.

    A site that is up goes on serving until the migrations of the new one have been applied. In the
    foreground ``turn`` ends when the containers are being started: they stay for hours. Raises
    MissingError (no engine, a taken port, no base image), UsageError (``.env``, a variant that cannot
    be web), CheckFailed (a service failed; its last lines are printed), Interrupted. A stack that was
    down before is down again after any of them.
    """
    docker = docker_for(shell)
    variant = config.variant(request.variant or None)
    fit.require(config, variant)
    _ = config.source  # without manage.py nothing of what follows can work
    if not shell.dry:
        require_env(config)
        for name in secret_files.left(config):
            note(f"{name} stays in the environment: no file in docker/secrets names it.")
    plan = look(config, shell, docker, variant, request, note)
    config = publish.apply(config, request.published, dry=shell.dry)
    if gone := _gone(config, plan):
        note(f"No longer chosen: {', '.join(gone)}. The containers go, the volumes stay.")
    words = compose.up(
        foreground=request.foreground, wait_timeout=request.wait_timeout, scale=request.scale
    )
    try:
        now = Resolved() if shell.dry else resolve(config, shell, docker, plan.images)
        if not shell.dry:
            if is_replaced(config, plan, now.digest):
                _migrate_first(config, shell, docker, request, plan, now)
            remove(config, shell, docker, plan, now)
        if request.foreground and not shell.dry:
            record.write(config, now.digest)  # for other tasks, as long as it stays
            turn.end()
        shell.run(compose.compose(docker, config, *words), env=plan.images)
        if not shell.dry:
            record.write(config, now.digest)
            for line in after.failed(config, shell, docker):
                note(line)
    except (CommandFailed, Interrupted) as error:
        _after_failure(config, shell, docker, plan, error, note)


def _gone(config: Config, plan: Plan) -> list[str]:
    """The add-ons of the stack that is up and that the new one does not have."""
    before = record.in_effect(config, plan.before).addons if plan.was_up else ()
    return [name for name in before if name not in config.addons]


def needed_first(services: Mapping[str, Any]) -> list[str]:
    """The services, as ``docker compose config`` resolves them, that migrations and web wait to be up.

    Not what is in front of web, or beside it (nginx, a worker): that goes on with the old one. Not
    what runs once either: Compose takes for failed what has ended when it waits for it.
    """
    found: set[str] = set()
    open_ = [compose.MIGRATE, compose.WEB]
    while open_:
        needs = (services.get(open_.pop()) or {}).get("depends_on") or {}
        for name, need in needs.items():
            once = need.get("condition") == "service_completed_successfully"
            if name not in found and not once:
                found.add(name)
                open_.append(name)
    return sorted(found - {compose.MIGRATE, compose.WEB})


def remove(config: Config, shell: Shell, docker: str, plan: Plan, now: Resolved) -> None:
    """Stops and removes the containers of services that the new stack does not have.

    Compose calls nobody an orphan whose service stands in the files with a profile (worker, beat), and
    then cannot take the stack down: it misses what such a one depends on. The site's own go first, so
    that a worker can still finish its jobs.
    """
    rest = [c for c in plan.before if c.service not in now.services and not c.oneoff]
    ours = [c.name for c in rest if c.image.startswith(f"{config.name}:")]
    for names in (ours, [c.name for c in rest if c.name not in ours]):
        if names:
            shell.capture([docker, "stop", *names])
            shell.capture([docker, "rm", *names])


def _migrate_first(
    config: Config, shell: Shell, docker: str, request: Request, plan: Plan, now: Resolved
) -> None:
    """Brings the backing services up and migrates, while the web that is there goes on serving.

    Compose itself would take the old web away before it runs the migrations.
    """
    behind = needed_first(now.services)
    words = compose.up(foreground=False, wait_timeout=request.wait_timeout, orphans=True)
    # What the new stack does not have may be what the old web needs, or what stands in front of it.
    env = {**plan.images, "COMPOSE_IGNORE_ORPHANS": "true"}
    if behind:
        shell.run(compose.compose(docker, config, *words, *behind), env=env)
    # With what it depends on: that may run once itself, and so cannot be waited for above.
    argv = compose.compose(docker, config, "up", "--no-build", "--detach", compose.MIGRATE)
    shell.run(argv, env=env)
    found = state.containers(shell, docker, config.name)
    name = next(c.name for c in found if c.service == compose.MIGRATE and not c.oneoff)
    code = int(shell.capture([docker, "wait", name]).stdout.strip() or 1)
    if code:
        raise CommandFailed(argv, code)


def _after_failure(
    config: Config,
    shell: Shell,
    docker: str,
    plan: Plan,
    error: CommandFailed | Interrupted,
    note: Callable[[str], None],
) -> None:
    raised: DjdockError = error
    if isinstance(error, Interrupted):
        found = state.containers(shell, docker, config.name)
    else:
        found = settled(config, shell, docker, plan.before)
        tail, raised = failure.explain(shell, docker, found, error, plan.before)
        if raised is error:  # no service is to blame
            problem = "Compose could not bring the stack up: what it said is shown above."
            remedy = "Correct what it names; `invoke --echo up` shows the commands."
            raised = CommandFailed(error.argv, error.returncode, problem=problem, remedy=remedy)
        if tail:
            note(tail)
    if not plan.was_up:
        named.run(config, shell, docker, *compose.down(volumes=False), check=False)
    elif isinstance(error, Interrupted):
        if plan.web and not state.running(found, compose.WEB):
            # Compose had taken the old web away; its migrations are done, so the new one may start.
            named.run(config, shell, docker, "start", compose.WEB, check=False)
        again = "Interrupted; what was up before is up again."
        half = "Interrupted in the middle of a change; `invoke up` brings the stack up again."
        found = state.containers(shell, docker, config.name)
        raised = Interrupted(error.signum, again if is_whole(config, plan, found) else half)
    elif state.running(found, compose.WEB) and is_whole(config, plan, found):
        raised.remedy += " The site that was up is still up."
    raise raised from None


def settled(
    config: Config, shell: Shell, docker: str, before: Sequence[state.Container] = ()
) -> list[state.Container]:
    """The stack's containers after a failure, as soon as one shows it that had not failed ``before``.

    A busy engine says how a process has ended before its list of containers does.
    """
    until = time.monotonic() + SETTLE
    while True:
        found = state.containers(shell, docker, config.name)
        old = failure.ended(before)
        shown = any(c.failing and c.name not in old for c in found if not c.oneoff)
        if shown or time.monotonic() > until:
            return found
        time.sleep(SETTLE / 8)


def is_whole(config: Config, plan: Plan, found: list[state.Container]) -> bool:
    """Whether all that ran before still runs, on the same images: another database may have come.

    Not so the site's own image: a new build takes its tag away from what runs, which has a digest for a
    name then.
    """
    own = (f"{config.name}:", "sha256:")
    before = [c for c in plan.before if c.running and not c.oneoff]
    running = {(c.service, c.image) for c in found if c.running}
    services = {service for service, _ in running}
    return all(
        c.service in services if c.image.startswith(own) else (c.service, c.image) in running
        for c in before
    )
