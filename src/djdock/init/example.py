"""The ``.env.example`` of a project: what the stack reads, and what its settings read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from djdock import env
from djdock.inspect.model import Inspection, Variable

_HEAD = """\
# The variables of the stack. `invoke env.init` (and the first `invoke up`) makes .env from
# this file: a value of change-me is replaced by a generated secret. Lines that begin with # and a
# name are optional.
#
# Write values bare, NAME=value: no quotes around them, no blanks at their ends, no comment behind them.
# Then python-dotenv, Compose and `docker run --env-file` read the same; `invoke env.check` says where
# they do not. What ${NAME} stands for is written out when .env is made.

# --- The stack -----------------------------------------------------------------------------------
# The name of the stack: of its containers, networks, volumes and images.
COMPOSE_PROJECT_NAME=djdock
"""

_WEB = """\
# Where the site is published on this machine.
#WEB_PORT=8000
#WEB_BIND=127.0.0.1
# What one web container may use: memory and /tmp (m and g are powers of 1024), and cpus (0: all).
#WEB_MEMORY=512m
#WEB_TMP=64m
#WEB_CPUS=0
# gunicorn's processes, its access log (- is stdout), and more of its options.
#WEB_CONCURRENCY=2
#GUNICORN_ACCESS_LOG=-
#GUNICORN_CMD_ARGS=
"""

_DATABASE = """
# --- The database --------------------------------------------------------------------------------
DATABASE_NAME=app
DATABASE_USERNAME=app
DATABASE_PASSWORD=change-me
"""

_SETTINGS = """
# --- What the settings read ----------------------------------------------------------------------
"""

#: What signs sessions, whatever it is called.
_KEY = re.compile(r"(^|_)SECRET(_?KEY)?$")


def text(
    inspection: Inspection, *, addons: Collection[str], compose_file: str, known: Iterable[str] = ()
) -> str:
    """The text; ``compose_file`` is the value of COMPOSE_FILE, if there shall be one.

    Names in ``known`` stand somewhere else already, and are left out.
    """
    parts = [_HEAD]
    if compose_file:
        parts.append(
            "# So that plain `docker compose up` works in this folder, too.\n"
            f"COMPOSE_FILE={compose_file}\n"
        )
    parts.append(_web(inspection))
    if {"postgres", "mysql"} & {*addons}:
        parts.append(_DATABASE)
        if "mysql" in addons:
            parts.append("MYSQL_ROOT_PASSWORD=change-me\n")
    if "rabbitmq" in addons:
        parts.append("\n# --- RabbitMQ\nRABBITMQ_USERNAME=app\nRABBITMQ_PASSWORD=change-me\n")
    # The image names the settings module: a variable would win over what `overrides` puts before it.
    taken = {*known, *_names("".join(parts)), "DJANGO_SETTINGS_MODULE"}
    lines = _stated(inspection)
    taken |= _names("\n".join(lines))
    for one in inspection.variables:
        if one.name not in taken:
            taken.add(one.name)
            lines += written(one)
    if lines:
        parts += [_SETTINGS, "\n".join(lines), "\n"]
    return "".join(parts)


def _web(inspection: Inspection) -> str:
    memory = inspection.get("web_memory")
    if memory is None:
        return _WEB
    why = "# For all the packages that this site loads, in its workers and in Celery's.\n"
    lines = f"{why}WEB_MEMORY={memory.value}\nWORKER_MEMORY={memory.value}\n"
    return _WEB.replace("#WEB_MEMORY=512m\n", lines)


def _stated(inspection: Inspection) -> list[str]:
    """What djdock's own settings read, where they change the project's; and Celery's module."""
    lines = []
    given = inspection.get("overrides")
    overrides = given.value if given else ()
    if "secret_key" in overrides:
        lines += ["# Signs sessions and tokens.", "DJANGO_SECRET_KEY=change-me"]
    if "allowed_hosts" in overrides:
        lines.append("# The names that the site answers to.")
        lines.append("DJANGO_ALLOWED_HOSTS=127.0.0.1,localhost,[::1]")
    if "https" in overrides:
        lines += [
            "# True where a proxy ends TLS: the settings' own redirect to https, and cookies for it."
        ]
        lines += ["#DJANGO_HTTPS=False"]
    if celery := inspection.get("celery"):
        lines += ["# The module of the Celery application.", f"CELERY_APP={celery.value}"]
    return lines


def _names(text: str) -> set[str]:
    return set(re.findall(r"(?m)^#?([A-Za-z_]\w*)=", text))


def written(one: Variable) -> list[str]:
    """The lines of a variable: its reason, its value; a comment where the settings have a default."""
    why = " ".join(one.why.split())
    if one.value is not None:
        return [f"# {why}", f"{one.name}={one.value}"]
    if one.secret and (one.required or _KEY.search(one.name)):
        return [f"# {why}", f"{one.name}={env.PLACEHOLDER}"]
    if one.required:
        return [f"# {why}", f"{one.name}="]
    default = " ".join((one.default or "").split())
    return [f"#{one.name}={'' if one.secret else default}"]
