"""``docker/stack.env``: what a ``.env`` that was there before has for another place than the stack.

The file is read after ``.env``, in containers only: on this machine the project goes on as it did.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from djdock import env
from djdock.envfile import compose_dotenv, python_dotenv
from djdock.envfile.differences import differences
from djdock.init.action import KEEP, Action, new, text_of
from djdock.inspect.model import Inspection, Variable
from djdock.inspect.variables import HOSTS, filled

NAME = "stack.env"

HEAD = """\
# What .env has for another place than this stack, or in a form that Compose does not read as the project
# does: in the stack's containers these win. Take a line out where
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
    others = {one.name: one.value for one in inspection.variables if _other(one, there)}
    lines = [f"{name}={value}\n" for name, value in others.items()]
    lines += [
        f"{text}\n" for name, text in _misread(text_of(path), there).items() if name not in others
    ]
    if not lines:
        return []
    return [
        new(root, name, HEAD + "".join(lines), "what .env has for another place than the stack")
    ]


def settled(text: str, environ: Mapping[str, str]) -> frozenset[str]:
    """The names that a ``stack.env`` has a value for, whatever ``.env`` says."""
    return frozenset(compose_dotenv.read(text, environ).values)


def _misread(text: str, there: Mapping[str, str]) -> dict[str, str]:
    """Lines for what Compose reads otherwise than the project does, as Compose reads them rightly.

    A line that Compose refuses is refused with all of ``.env``: none helps.
    """
    refused = {one.line for one in compose_dotenv.read(text, {}).refusals}
    found = {}
    for one in differences(text, {}):
        quoted = f"{one.name}='{there.get(one.name, '')}'"
        right = compose_dotenv.read(f"{quoted}\n", {}).values.get(one.name) == there.get(one.name)
        if one.stops_up and one.name in there and one.line not in refused and right:
            found[one.name] = quoted
    return found


def _other(one: Variable, there: dict[str, str]) -> bool:
    """Whether ``.env`` has a value that cannot be right in the stack."""
    if one.value is None or one.name not in there:
        return False
    mine = there[one.name]
    if one.why == _NAMES:
        return "*" not in mine and not any(host in mine for host in HOSTS)
    return bool(_SERVICE.match(one.why)) and mine != filled(one.value, there)
