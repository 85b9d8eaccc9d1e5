"""Which commands of `after_migrate` failed while the stack came up: the site starts all the same."""

from __future__ import annotations

from collections.abc import Iterator

from djdock.config import Config
from djdock.shell import Shell
from djdock.stack import compose, state

#: What docker/migrate.py writes before the commands, and for one that failed.
BEGIN, FAILED = "Commands that follow migrations:", "Failed after the migrations: "


def failed(config: Config, shell: Shell, docker: str) -> Iterator[str]:
    """A sentence for each; nothing is asked where there are no such commands."""
    if not config.table.after_migrate:
        return
    for one in state.containers(shell, docker, config.name):
        if one.service == compose.MIGRATE and not one.oneoff:
            said = shell.capture([docker, "logs", one.name], check=False)
            # A container that is started again goes on with the same log.
            for line in said.stdout.rpartition(BEGIN)[2].splitlines():
                if line.startswith(FAILED):
                    yield (
                        f"{line.removeprefix(FAILED)}. It is of `after_migrate` in [tool.djdock]; "
                        "`invoke logs migrate` has all that it said."
                    )
