"""What is there of this project's stack: containers by the labels that Compose writes on them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from djdock.shell import Shell

#: The label that Compose writes on whatever is of a stack: its name.
PROJECT = "com.docker.compose.project"


@dataclass(frozen=True)
class Container:
    """One container of the stack, as ``docker ps`` shows it."""

    name: str
    service: str
    state: str  # created, running, restarting, exited, …
    status: str  # "Up 3 minutes (healthy)", "Exited (1) 2 seconds ago"
    image: str
    working_dir: str
    files: tuple[str, ...]
    ports: str
    oneoff: bool = False  # made by `compose run`
    ending: tuple[str, ...] = ()  # the services that do their work and end, before this one starts

    @property
    def running(self) -> bool:
        """Whether its process runs; it may be unhealthy all the same."""
        return self.state == "running"

    @property
    def failing(self) -> bool:
        """Whether this is the one to blame: exited with an error, restarting, or unhealthy."""
        if self.state == "exited":
            return not self.status.startswith(("Exited (0)", "Exited (143)"))
        return self.state in ("restarting", "dead") or "(unhealthy)" in self.status

    @property
    def waiting(self) -> bool:
        """Whether its health check has not said anything yet."""
        return self.running and "(health: starting)" in self.status


_FORMAT = "\t".join(
    [
        "{{.Names}}",
        '{{.Label "com.docker.compose.service"}}',
        "{{.State}}",
        "{{.Status}}",
        "{{.Image}}",
        '{{.Label "com.docker.compose.project.working_dir"}}',
        '{{.Label "com.docker.compose.project.config_files"}}',
        "{{.Ports}}",
        '{{.Label "com.docker.compose.oneoff"}}',
        '{{.Label "com.docker.compose.depends_on"}}',
    ]
)


#: In Compose's label: ``db:service_healthy:false,migrate:service_completed_successfully:false``.
_ENDING = re.compile(r"([^,:]+):service_completed_successfully\b")


def command(docker: str, project: str) -> list[str]:
    """The command that lists a stack's containers; ``docker ps`` answers in a fraction of the time
    that ``docker compose ps`` takes."""
    flags = ["--all", "--no-trunc", "--filter", f"label={PROJECT}={project}"]
    return [docker, "ps", *flags, "--format", _FORMAT]


def parse(text: str) -> list[Container]:
    """The containers in what :func:`command` printed."""
    found = []
    for line in text.splitlines():
        fields = line.split("\t")
        name, service, state, status, image, folder, files, ports, oneoff, needed = fields
        paths = tuple(path for path in files.split(",") if path)
        ending = tuple(match[1] for match in _ENDING.finditer(needed))
        found.append(
            Container(
                name, service, state, status, image, folder, paths, ports, oneoff == "True", ending
            )
        )
    return sorted(found, key=lambda container: container.name)


def down(found: Sequence[Container]) -> dict[str, str]:
    """Service -> its status, of those that should run and do not, or are unhealthy."""
    once = {"migrate", *(name for container in found for name in container.ending)}
    ours = [c for c in found if not c.oneoff and c.service not in once]
    alive = {c.service for c in ours if c.running and not c.failing}
    return {c.service: c.status for c in ours if c.service not in alive}


def containers(shell: Shell, docker: str, project: str) -> list[Container]:
    """The stack's containers, running or not."""
    return parse(shell.capture(command(docker, project)).stdout)


def running(found: list[Container], service: str) -> bool:
    """Whether a service runs; the one-off containers of ``compose run`` do not count."""
    return any(c.service == service and c.running and not c.oneoff for c in found)


def has_volumes(shell: Shell, docker: str, project: str) -> bool:
    """Whether any volume of a stack is there."""
    argv = [docker, "volume", "ls", "--quiet", "--filter", f"label={PROJECT}={project}"]
    return bool(shell.capture(argv).stdout.strip())


def volumes(shell: Shell, docker: str, project: str) -> set[str]:
    """The stack's volumes, by the names that the Compose files have for them."""
    argv = [docker, "volume", "ls", "--filter", f"label={PROJECT}={project}"]
    argv += ["--format", '{{.Label "com.docker.compose.volume"}}']
    return {*shell.capture(argv).stdout.split()}


def owners(shell: Shell, docker: str, port: int) -> list[tuple[str, str]]:
    """Who publishes a port on this engine: each container's name and Compose project."""
    template = '{"name": {{json .Names}}, "project": {{json (.Label "' + PROJECT + '")}}}'
    argv = [docker, "ps", "--filter", f"publish={port}", "--format", template]
    rows = [json.loads(line) for line in shell.capture(argv).stdout.splitlines()]
    return [(row["name"], row["project"]) for row in rows]
