"""One command in a container of its own: of the site's image, on the stack's networks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from djdock.config import Config
from djdock.errors import CommandFailed
from djdock.narration import note
from djdock.shell import Shell
from djdock.stack import choice, compose, dev, record, state
from djdock.stack.dotenv import add_secrets, ensure_env
from djdock.stack.plan import Request, docker_for, look


def images(config: Config, shell: Shell, docker: str, request: Request) -> Mapping[str, str]:
    """The images of the stack, built if need be, as Compose's variables."""
    variant = config.variant(request.variant or None)
    return look(config, shell, docker, variant, request, note, ports_needed=False).images


def run(
    config: Config,
    shell: Shell,
    command: Sequence[str],
    *,
    tty: bool,
    deps: bool = True,
    pass_env: Sequence[str] = (),
    flags: Sequence[str] = (),
    request: Request | None = None,
) -> None:
    """Runs ``command`` in a new container of the site, as the service that migrates.

    What that service depends on is started first (unless ``deps`` is false). ``pass_env`` are names of
    variables of ours that it gets. Raises CommandFailed with the command's own exit code.
    """
    docker = docker_for(shell)
    if not shell.dry:
        config, shell = ensure_env(config, shell, note)
        config, shell = _of_stack(config, shell, docker)
    request = request or Request(config.table.variant)
    # Also where another image than the stack's is asked for: nobody else's volumes change hands then.
    mounted = dev.variables(config, shell, docker)
    if request.stage or not dev.has_stage(config, request.variant):
        config = replace(config, dev=False)
    if config.dev:
        flags = ()  # its files say so
    chosen = {**mounted, **images(config, shell, docker, request)}
    words = compose.run_once(compose.MIGRATE, command, tty=tty, deps=deps)
    # Ours reach Compose by themselves; those of .env have to be handed over.
    from_file = {n: config.env[n] for n in pass_env if n in config.env and n not in os.environ}
    given = [word for name in pass_env for word in ("--env", name)]
    words[2:2] = [*flags, *given]
    argv = compose.compose(docker, config, *words)
    code = shell.run(argv, env={**chosen, **from_file}, check=False)
    if code:
        raise CommandFailed(argv, code, said=True)


def _of_stack(config: Config, shell: Shell, docker: str) -> tuple[Config, Shell]:
    """The stack that is up, else the one that the project has chosen.

    Compose makes a service anew that its files describe otherwise: with others, a command would take the
    database away.
    """
    found = record.in_effect(config, state.containers(shell, docker, config.name))
    if found is config and config.chosen is None:
        found = choice.choose(config)
    return add_secrets(found, shell, note, lambda: state.volumes(shell, docker, found.name))


def run_on_source(config: Config, shell: Shell, command: Sequence[str]) -> None:
    """Runs ``command`` with this machine's source mounted over the image's, as the source's owner.

    So what it writes is on this machine, and belongs to whom the rest of the source belongs.
    """
    flags = [
        "--volume", f"{config.source}:/app",
        "--user", dev.owner(config, shell, docker_for(shell)),
        "--env", "HOME=/tmp",
    ]  # fmt: skip
    run(config, shell, command, tty=os.isatty(0), deps=False, flags=flags)
