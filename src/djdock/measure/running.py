"""A container of an image that is measured: from its start to its first HTTP 200."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from djdock.errors import CheckFailed
from djdock.measure import load
from djdock.measure.subject import Subject

if TYPE_CHECKING:
    from docker.client import DockerClient

#: How long a first answer may take, in seconds.
START_LIMIT = 60.0

#: How often it is asked for, and how often whether the container is still there, in seconds. Each
#: question costs the machine something that the container then has not.
POLL, LOOK = 0.005, 0.25

#: What the containers of a run are known by.
LABEL = "io.djdock.measurement"


@dataclass(frozen=True)
class Running:
    """A container that has answered; ``first_200`` in seconds from the call that started it."""

    container: Any
    port: int
    first_200: float


@contextmanager
def running(sdk: DockerClient, subject: Subject, mark: str) -> Iterator[Running]:
    """A container of the subject's image, removed in the end; ``mark`` becomes its label.

    Raises CheckFailed, with the container's last lines, when it cannot be started, when it ends, when
    a minute passes without a 200, or when somebody else removes it.
    """
    import docker.errors

    inside = f"{subject.port}/tcp"
    try:
        container = sdk.containers.create(
            subject.image,
            environment=dict(subject.environment),
            ports={inside: ("127.0.0.1", 0)},
            tmpfs={"/tmp": "size=64m,mode=1777"},  # noqa: S108
            labels={LABEL: mark},
        )
    except docker.errors.APIError as error:
        raise CheckFailed(f"No container of it can be made: {error.explanation}.") from error
    try:
        started = time.monotonic()
        try:
            container.start()
        except docker.errors.APIError as error:
            raise CheckFailed(f"It cannot be started: {error.explanation}.") from error
        port = _wait(container, inside, subject.health_path, started)
        yield Running(container, port, time.monotonic() - started)
    except docker.errors.APIError as error:  # somebody removed it, say
        raise CheckFailed(f"It was lost: {error.explanation}.") from error
    finally:
        with contextlib.suppress(docker.errors.APIError):  # gone, or the sweep's
            container.remove(force=True, v=True)


def _wait(container: Any, inside: str, path: str, started: float) -> int:
    """The port on this machine, as soon as it answers with 200."""
    port, looked, said = 0, float("-inf"), ""
    while (now := time.monotonic()) - started < START_LIMIT:
        if not port or now - looked > LOOK:
            container.reload()
            looked = now
            if container.status not in ("created", "running"):
                raise CheckFailed(f"It ended: {_log(container)}")
            published = container.ports.get(inside)
            port = int(published[0]["HostPort"]) if published else 0
        status, location = _ask(port, path) if port else (0, None)
        if status == 200:
            return port
        if status:
            said = load.refusal(path, status, location)
        time.sleep(POLL)
    raise CheckFailed(f"It gave no 200 in {START_LIMIT:g} s: {said or _log(container)}")


def _ask(port: int, path: str) -> tuple[int, str | None]:
    """The status of an answer, and where a redirect leads; 0 where nothing answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location")
    except (OSError, http.client.HTTPException):
        return 0, None
    finally:
        connection.close()


def _log(container: Any) -> str:
    """The last lines of a container's log, as one."""
    lines = container.logs(tail=3).decode(errors="replace").splitlines()
    said = " / ".join(line.strip() for line in lines if line.strip())
    return said or "its log is empty."


def sweep(sdk: DockerClient, mark: str) -> None:
    """Removes the containers with this mark: what an interrupt at a bad moment leaves."""
    import docker.errors

    for container in sdk.containers.list(all=True, filters={"label": f"{LABEL}={mark}"}):
        try:
            container.remove(force=True, v=True)
        except docker.errors.APIError:  # somebody was faster
            continue
