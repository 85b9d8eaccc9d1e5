"""One command in a container of its own: of the site's image, on the stack's networks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from djdock.config import Config
from djdock.shell import Shell
from djdock.stack import compose
from djdock.stack import up as stack_up


def _note(text: str) -> None:
    import sys

    print(text, file=sys.stderr, flush=True)


def images(
    config: Config,
    shell: Shell,
    docker: str,
    note: Callable[[str], None] = _note,
    *,
    request: stack_up.Request | None = None,
) -> Mapping[str, str]:
    """The images of the stack, built if need be, as Compose's variables."""
    request = request or stack_up.Request(config.table.variant)
    if not shell.dry:
        stack_up.prepare_env(config, note)
    variant = config.variant(request.variant or None)
    return stack_up.look(config, shell, docker, variant, request, note, publish=False).images


def run(
    config: Config,
    shell: Shell,
    service: str,
    command: Sequence[str],
    *,
    tty: bool,
    deps: bool = True,
    pass_env: Sequence[str] = (),
    flags: Sequence[str] = (),
    request: stack_up.Request | None = None,
) -> int:
    """Runs ``command`` in a new container of ``service`` and returns its exit code.

    What the service depends on is started first (unless ``deps`` is false). ``pass_env`` are names of
    variables of ours that it gets. Raises CommandFailed with the command's own exit code.
    """
    docker = stack_up.engine_for(shell)
    chosen = images(config, shell, docker, request=request)
    words = compose.run_once(service, command, tty=tty, deps=deps)
    given = [word for name in pass_env for word in ("--env", name)]
    words[2:2] = [*flags, *given]
    return shell.run(compose.compose(docker, config, *words), env=chosen)


def run_on_source(config: Config, shell: Shell, command: Sequence[str]) -> int:
    """Runs ``command`` with this machine's source mounted over the image's, as the source's owner.

    So what it writes is on this machine, and belongs to whom the rest of the source belongs.
    """
    owner = config.source.stat()
    flags = [
        "--volume", f"{config.source}:/app",
        "--user", f"{owner.st_uid}:{owner.st_gid}",
        "--env", "HOME=/tmp",
    ]  # fmt: skip
    return run(config, shell, compose.MIGRATE, command, tty=os.isatty(0), deps=False, flags=flags)
