"""Why a stack did not come up: which service failed, its last lines, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from djdock.errors import CheckFailed, CommandFailed
from djdock.shell import Shell
from djdock.stack import compose, page
from djdock.stack.state import Container

#: How many of the failing service's last lines are shown.
LINES = 15

#: What a service says -> what to do. The first that matches is shown.
HINTS = (
    (
        r"password authentication failed|Access denied for user",
        (
            "The database refuses DATABASE_PASSWORD of .env: its volume keeps the password that it "
            "was created with. Put that one back, or delete the data with `invoke down --volumes`."
        ),
    ),
    (
        r"has not been specified and superuser password|POSTGRES_PASSWORD",
        "Give DATABASE_PASSWORD a value in .env.",
    ),
    (
        r"Can't handle RDB format version",
        (
            "Its volume was written by another server, and Redis and Valkey do not read each other's: "
            "put that image back in .env, or remove the volume."
        ),
    ),
    (
        r"No space left on device",
        "The disk is full: `docker system df` shows what takes the room.",
    ),
    (
        r"ImproperlyConfigured: (?P<said>.+)",
        "Django's settings refuse the environment: correct .env, then `invoke up` again.",
    ),
    (
        r"Missing staticfiles manifest entry for",
        (
            "A template names a static file that was not there at build: a front end makes it, or "
            "something fetches it. Add the file, then `invoke up --build`."
        ),
    ),
    (
        r"No module named '?celery'?|Unable to load celery application",
        (
            "The add-on rabbitmq runs the site's Celery: name its module, `celery` in [tool.djdock], or "
            "leave the add-on out."
        ),
    ),
    (
        r"ModuleNotFoundError: No module named '(?P<said>[\w.]+)'",
        "A package is missing from the image: add it to the requirements, then `invoke up --build`.",
    ),
    (r"InconsistentMigrationHistory|CircularDependencyError|NodeNotFoundError|django\.db\.utils\.",
     "Correct the migration or the database, then `invoke up --build`."),
)  # fmt: skip


@dataclass(frozen=True)
class Blame:
    """The container that kept the stack from coming up, and how."""

    container: Container
    how: str


def blame(containers: Sequence[Container], before: Sequence[Container] = ()) -> Blame | None:
    """Who is to blame: one that failed before one that never got healthy; None if nobody is.

    What had ended ``before`` already, as migrations that a last run could not apply, comes last.
    """
    old = ended(before)
    ours = [container for container in containers if not container.oneoff]
    ours.sort(key=lambda container: container.name in old)
    for container in ours:
        if container.failing:
            match = re.match(r"Exited \((\d+)\)", container.status)
            if match:
                code = match[1]
                killed = "was killed, most likely for want of memory (exit code 137)"
                how = killed if code == "137" else f"ended with exit code {code}"
            elif "(unhealthy)" in container.status:
                how = "is unhealthy"
            else:
                how = "keeps restarting"
            return Blame(container, how)
    for container in ours:
        if container.waiting:
            return Blame(container, "did not become healthy in time")
    return None


def hint(log: str) -> str:
    """The remedy for the first known complaint in a service's log, or a general one."""
    for pattern, remedy in HINTS:
        if re.search(pattern, log):
            return remedy
    return "Correct what it complains about, then `invoke up --build`."


def ended(containers: Sequence[Container]) -> set[str]:
    """The names of those that have ended with an error, and are not being started again."""
    return {one.name for one in containers if one.failing and one.state == "exited"}


def explain(
    shell: Shell,
    docker: str,
    found: Sequence[Container],
    error: CommandFailed,
    before: Sequence[Container] = (),
) -> tuple[str, CheckFailed | CommandFailed]:
    """What to print, and which error to raise, after ``compose up`` failed.

    ``found`` are the stack's containers, ``before`` those of before. Returns the error
    unchanged when no service is to blame: Compose has said why itself.
    """
    culprit = blame(found, before)
    if culprit is None:
        return "", error
    name, service = culprit.container.name, culprit.container.service
    said = shell.capture([docker, "logs", "--tail", "100", name], check=False)
    log = shell.mask(said.stdout + said.stderr)
    lines = log.strip().splitlines()[-LINES:]
    if service == compose.WEB and culprit.container.running:
        told = page.why(shell, docker, name)
        log, lines = f"{told}\n{log}", [*lines, *told.splitlines()]
    tail = "\n".join(f"  {service} | {line}" for line in lines)
    return tail, CheckFailed(f"The service {service} {culprit.how}.", hint(log))
