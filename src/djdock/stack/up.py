"""Brings the stack up: in which order, and what is left when it fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from djdock.config import Config
from djdock.errors import CommandFailed, DjdockError, Interrupted
from djdock.shell import Shell
from djdock.stack import compose, failure, fit, named, secret_files, state
from djdock.stack.dotenv import require_env
from djdock.stack.plan import Plan, Request, digest, docker_for, is_replaced, look, started


def up(config: Config, shell: Shell, request: Request, note: Callable[[str], None]) -> None:
    """Brings the stack up and waits until every service is healthy.

    A site that is up goes on serving until the migrations of the new one have been applied. Raises
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
    words = compose.up(foreground=request.foreground, wait_timeout=request.wait_timeout)
    try:
        now = "" if shell.dry else digest(config, shell, docker, plan.images)
        if not shell.dry and is_replaced(config, plan, now):
            _migrate_first(config, shell, docker, request, plan)
        shell.run(compose.compose(docker, config, *words), env=plan.images)
        if not shell.dry:
            started(config, now)
    except (CommandFailed, Interrupted) as error:
        _after_failure(config, shell, docker, plan, error, note)


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


def _migrate_first(config: Config, shell: Shell, docker: str, request: Request, plan: Plan) -> None:
    """Brings the backing services up and migrates, while the web that is there goes on serving.

    Compose itself would take the old web away before it runs the migrations.
    """
    argv = compose.compose(docker, config, "config", "--format", "json")
    resolved = json.loads(shell.capture(argv, env=plan.images).stdout or "{}")
    behind = needed_first(resolved.get("services") or {})
    words = compose.up(foreground=False, wait_timeout=request.wait_timeout)
    if behind:
        shell.run(compose.compose(docker, config, *words, *behind), env=plan.images)
    once = ["up", "--no-build", "--detach", "--no-deps", compose.MIGRATE]
    argv = compose.compose(docker, config, *once)
    shell.run(argv, env=plan.images)
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
    found = state.containers(shell, docker, config.name)
    if isinstance(error, CommandFailed):
        tail, raised = failure.explain(shell, docker, found, error)
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
        raised = Interrupted(error.signum, "Interrupted; what was up before is up again.")
    elif state.running(found, compose.WEB):
        raised.remedy += " The site that was up is still up."
    raise raised from None
