"""What `invoke addons` says: every add-on that is there, whether it is chosen, and what is up of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from djdock.config import Config
from djdock.errors import DjdockError
from djdock.images import catalogue, choose
from djdock.shell import Shell
from djdock.stack import addons, record, state
from djdock.stack.addons import Addon
from djdock.stack.compose import WEB
from djdock.stack.state import Container

#: The state of an add-on whose image can be had from nowhere.
NO_IMAGE = "needs a registry"

_PUBLISHED = re.compile(r"(?P<at>(?:\d+(?:\.\d+){3}|\[[\da-f:]+\]):\d+)->")


@dataclass(frozen=True)
class Row:
    """One add-on. ``size`` is in bytes, None where the image is not here; "" is nothing."""

    name: str
    role: str
    #: Whether it is part of the stack that is up, else of the one that `up` would start.
    chosen: bool
    #: healthy, unhealthy, starting, up, exited, restarting, …; "down"; or why it cannot be had.
    state: str
    image: str
    #: Whether that is a stand-in for the official image.
    stand_in: bool
    size: int | None
    #: How web reaches it, secrets masked.
    connection: str
    #: Where it is on this machine: address and port.
    published: str


def condition(found: Sequence[Container], service: str) -> str:
    """The state of a service in one word, the worst of its containers."""
    words = [_word(one) for one in found if one.service == service and not one.oneoff]
    return max(words, key=_badness, default="down")


def _word(one: Container) -> str:
    match = re.search(r"\((?:health: )?(healthy|unhealthy|starting)\)", one.status)
    return match[1] if match and one.running else "up" if one.running else one.state


def _badness(word: str) -> int:
    return {"healthy": 0, "up": 1, "starting": 2}.get(word, 3)


def published(found: Sequence[Container], service: str) -> str:
    """Where the ports of a service are on this machine; empty when it publishes none."""
    ports = [m["at"] for c in found if c.service == service for m in _PUBLISHED.finditer(c.ports)]
    return ", ".join(dict.fromkeys(ports))


def look(config: Config, shell: Shell, docker: str) -> list[Row]:
    """Every add-on. Asks the engine, and a registry about images that are not here."""
    found = state.containers(shell, docker, config.name)
    config = record.in_effect(config, found)
    known = addons.read_all(config.addons_dir, config.known_addons)
    # What an add-on brings to web runs in the site's image, which is not the add-on's own.
    served = [one for one in known if one.name in config.addons and one.service != WEB]
    settled = {one.name: _running(found, one) for one in served}
    defaults = {one.name: addons.images(config.addons_dir, [one.name]) for one in known}
    first = {name: next(iter(images), "") for name, images in defaults.items()}
    open_ = {
        variable: defaults[name][variable]
        for name, variable in first.items()
        if variable and not settled.get(name)
    }
    usual, named = choose.asked(open_, config.env)
    used = choose.usable(config, shell, usual.values(), named.values())
    # A name that has no stand-in is taken as it is.
    had = {**config.env, **{name: used[image] for name, image in (usual | named).items()}}
    names = {
        name: settled.get(name) or (had[variable] if variable else "")
        for name, variable in first.items()
    }
    here = catalogue.local(shell, [name for name in names.values() if isinstance(name, str)])
    return [_row(config, one, found, names[one.name], here) for one in known]


def _running(found: Sequence[Container], one: Addon) -> str:
    """The image that an add-on's service runs; empty when it has no container."""
    return next((c.image for c in found if c.service == one.service and not c.oneoff), "")


def _row(
    config: Config,
    one: Addon,
    found: Sequence[Container],
    image: str | DjdockError,
    here: Mapping[str, catalogue.Image],
) -> Row:
    chosen = one.name in config.addons
    word = condition(found, one.service) if chosen else "down"
    missing = isinstance(image, DjdockError)
    name = "" if isinstance(image, DjdockError) else image
    return Row(
        name=one.name,
        role=one.role,
        chosen=chosen,
        state=NO_IMAGE if missing and word == "down" else word,
        image=name,
        stand_in=any(base.standin == name for base in catalogue.BASES.values()),
        size=here[name].size if name in here else None,
        connection=addons.connection(one, config.env),
        # The port of a database that is a file is web's.
        published=published(found, one.service) if chosen and one.service != WEB else "",
    )
