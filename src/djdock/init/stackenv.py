"""``docker/stack.env``: what a ``.env`` that was there before has for another place than the stack.

The file is read after ``.env``, in containers only: on this machine the project goes on as it did.
"""

from __future__ import annotations

import re
from pathlib import Path

from djdock import env
from djdock.envfile import python_dotenv
from djdock.init.action import KEEP, Action, new, text_of
from djdock.inspect.model import Inspection, Variable
from djdock.inspect.variables import HOSTS, filled

NAME = "stack.env"

HEAD = """\
# What .env has for another place than this stack: in its containers these win. Take a line out where
# .env is to be believed. ${NAME} is taken from .env.
"""

#: What a variable is for (djdock.inspect.variables), where that is one of the stack's services.
_SERVICE = re.compile(r"the stack's database$|for (redis|rabbitmq|memcached)\b")
_NAMES = "the names that the site answers to"


def plan(root: Path, inspection: Inspection, folder: str) -> list[Action]:
    """The file, where there is something to be said."""
    path, name = root / env.FILE, f"{folder}/{NAME}"
    if (root / name).exists():
        return [Action(name, KEEP, "it is there")]
    if not path.is_file():
        return []
    read = python_dotenv.read(text_of(path), {}).variables
    there = {one.name: one.value or "" for one in read}
    lines = [f"{one.name}={one.value}\n" for one in inspection.variables if _other(one, there)]
    if not lines:
        return []
    return [
        new(root, name, HEAD + "".join(lines), "what .env has for another place than the stack")
    ]


def _other(one: Variable, there: dict[str, str]) -> bool:
    """Whether ``.env`` has a value that cannot be right in the stack."""
    if one.value is None or one.name not in there:
        return False
    mine = there[one.name]
    if one.why == _NAMES:
        return "*" not in mine and not any(host in mine for host in HOSTS)
    return bool(_SERVICE.match(one.why)) and mine != filled(one.value, there)
