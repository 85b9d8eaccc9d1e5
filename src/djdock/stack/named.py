"""``docker compose …`` on the stack that is up, found by its name alone.

Compose finds containers, networks and volumes by their labels. It is run outside of the project, where
it reads neither .env nor files, so that a stack can be looked at and stopped even when those are broken.
"""

from __future__ import annotations

from pathlib import Path

from djdock.config import Config
from djdock.shell import Shell
from djdock.stack import compose


def run(config: Config, shell: Shell, docker: str, *words: str, check: bool = True) -> int:
    """Runs Compose's ``words`` and returns their exit code.

    Raises CommandFailed for a non-zero one, unless ``check`` is false.
    """
    return shell.run(compose.running(docker, config, *words), cwd=Path("/"), check=check)
