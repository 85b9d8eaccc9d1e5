"""Which image to use where an official one is named: that one, or its stand-in (built if need be)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from djdock.config import Config
from djdock.errors import DjdockError
from djdock.images import build
from djdock.shell import Shell


@dataclass(frozen=True)
class Chosen:
    """The image to use for each official one: in the services, and as a base of builds."""

    services: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)

    @property
    def contexts(self) -> dict[str, str]:
        """The build contexts that replace official bases by stand-ins; empty where none is needed."""
        return {official: image for official, image in self.bases.items() if image != official}


def choose(
    config: Config,
    shell: Shell,
    note: Callable[[str], None],
    *,
    services: Iterable[str] = (),
    bases: Iterable[str] = (),
    ask_again: bool = False,
) -> Chosen:
    """Chooses between official images and stand-ins, and builds the stand-ins that are missing.

    A service keeps a stand-in that is here even when the registry answers again: another build of a
    database may sort text differently, which would corrupt the indexes in its volume. ``ask_again``
    forgets what a registry said a while ago. Raises what resolving and building raise.
    """
    from djdock.images import bases as standins
    from djdock.images import registry

    memory = config.scratch / "registry.json"
    if not ask_again:
        registry.recall(memory, time.time())
    before = registry.known()
    mode = config.table.bases
    for_services = standins.resolve(list(services), mode, shell, keep=True)
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
            note(f"{found.official} is replaced by {found.image}: {found.difference}.")
    if needed and not shell.dry:
        for found in needed:
            note(f"{found.official}: {found.reason}; its stand-in is built from Debian's packages.")
        standins.ensure(
            [found.base for found in needed if found.base],
            shell,
            note=note,
            ca=build.ca_bundle(config, os.environ),
        )
    return Chosen(
        {name: found.image for name, found in for_services.items()},
        {name: found.image for name, found in for_bases.items()},
    )


def usable(config: Config, shell: Shell, services: Iterable[str]) -> dict[str, str | DjdockError]:
    """The image that `up` would use for each official one, or why there is none; nothing is built."""
    from djdock.images import bases as standins
    from djdock.images import registry

    wanted = list(dict.fromkeys(services))
    memory = config.scratch / "registry.json"
    registry.recall(memory, time.time())
    before = registry.known()
    found: dict[str, str | DjdockError] = {}
    registry.look_up([name for name in wanted if config.table.bases == "auto"])  # all at once
    for name in wanted:
        try:
            found[name] = standins.resolve([name], config.table.bases, shell, keep=True)[name].image
        except DjdockError as error:
            found[name] = error
    config.make_scratch()
    registry.remember(memory, time.time(), before)
    return found
