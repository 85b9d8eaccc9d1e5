"""Which image to use where an official one is named: that one, or its stand-in (built if need be)."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from djdock.config import Config
from djdock.errors import DjdockError, MissingError
from djdock.images import host
from djdock.images.catalogue import find
from djdock.pyproject import requires_python
from djdock.shell import Shell

if TYPE_CHECKING:
    from djdock.images.bases import Resolution


@dataclass(frozen=True)
class Chosen:
    """The image to use for each official one: in the services, and as a base of builds."""

    services: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)

    @property
    def contexts(self) -> dict[str, str]:
        """The build contexts that replace official bases by stand-ins; empty where none is needed."""
        return {official: image for official, image in self.bases.items() if image != official}


def asked(defaults: Mapping[str, str], env: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    """The official image behind each variable: those that are the default, and those that ``env`` names.

    A named image that has no stand-in is in neither: it is the user's own affair, and taken as it is.
    """
    usual = {name: image for name, image in defaults.items() if not env.get(name)}
    named = {name: env[name] for name in defaults if env.get(name) and find(env[name])}
    return usual, named


def choose(
    config: Config,
    shell: Shell,
    note: Callable[[str], None],
    *,
    services: Iterable[str] = (),
    named: Iterable[str] = (),
    bases: Iterable[str] = (),
    ask_again: bool = False,
) -> Chosen:
    """Chooses between official images and stand-ins, and builds the stand-ins that are missing.

    A service keeps a stand-in that is here even when the registry answers again: another build of a
    database may sort text differently, which would corrupt the indexes in its volume. Not one of
    ``named``, which the user has asked for by name. ``ask_again`` forgets what a registry said a while
    ago. Raises what resolving and building raise.
    """
    from djdock.images import bases as standins
    from djdock.images import registry

    memory = config.scratch / "registry.json"
    if not ask_again:
        registry.recall(memory, time.time())
    before = registry.known()
    mode = config.table.bases
    for_services = standins.resolve(list(services), mode, shell, keep=True)
    for_services |= standins.resolve(list(named), mode, shell)
    for_bases = standins.resolve(list(bases), mode, shell)
    if not shell.dry:
        config.make_scratch()
        registry.remember(memory, time.time(), before)
    needed = [
        found
        for found in (*for_services.values(), *for_bases.values())
        if found.base and found.build
    ]
    for found in (*for_services.values(), *for_bases.values()):
        if found.difference and not shell.dry:
            _not_too_old((config.source, config.root), found)
            note(f"{found.official} is replaced by {found.image}: {found.difference}.")
    if needed and not shell.dry:
        for found in needed:
            note(f"{found.official}: {found.reason}; its stand-in is built from Debian's packages.")
        standins.ensure(
            [found.base for found in needed if found.base],
            shell,
            note=note,
            ca=host.ca_bundle(config, os.environ),
        )
    return Chosen(
        {name: found.image for name, found in for_services.items()},
        {name: found.image for name, found in for_bases.items()},
    )


def has_python(root: Path, source: str, version: str, shell: Shell) -> None:
    """Raises MissingError where no registry answers and the stand-in for that Python is too old.

    Nothing is said where there is no engine to ask: then the project may be for another machine.
    """
    from djdock.images import bases as standins

    name = f"python:{version}-slim"
    try:
        found = standins.resolve([name], "auto", shell)[name]
    except DjdockError:
        return
    _not_too_old((root / source, root), found)


def _not_too_old(folders: Iterable[Path], found: Resolution) -> None:
    """Raises MissingError for a stand-in of Python that is older than any that the project asks for."""
    version = re.match(r"djdock/python:3\.(\d+)", found.image)
    asked = next((said for folder in folders if (said := requires_python(folder))), "")
    if version is None or not asked:
        return
    here = int(version[1])
    allowed = [minor for minor in range(40) if _allows(asked, minor)]
    if allowed and min(allowed) > here:
        raise MissingError(
            f"The project asks for Python {asked}, {found.reason}, and the stand-in for "
            f"{found.official} has Python 3.{here}.",
            "Reach a registry (`docker login`), or bring that image along with `docker load`.",
        )


def _allows(asked: str, minor: int) -> bool:
    try:
        wanted = SpecifierSet(re.sub(r"\^(\S+)", r">=\1", asked))
    except InvalidSpecifier:
        return False
    return any(wanted.contains(f"3.{minor}.{patch}") for patch in (0, 99))


def usable(
    config: Config, shell: Shell, services: Iterable[str], named: Iterable[str] = ()
) -> dict[str, str | DjdockError]:
    """The image that `up` would use for each official one, or why there is none; nothing is built."""
    from djdock.images import bases as standins
    from djdock.images import registry

    keep = dict.fromkeys(services, True) | dict.fromkeys(named, False)
    wanted = list(keep)
    memory = config.scratch / "registry.json"
    registry.recall(memory, time.time())
    before = registry.known()
    found: dict[str, str | DjdockError] = {}
    registry.look_up([name for name in wanted if config.table.bases == "auto"])  # all at once
    for name in wanted:
        try:
            found[name] = standins.resolve([name], config.table.bases, shell, keep=keep[name])[
                name
            ].image
        except DjdockError as error:
            found[name] = error
    config.make_scratch()
    registry.remember(memory, time.time(), before)
    return found
