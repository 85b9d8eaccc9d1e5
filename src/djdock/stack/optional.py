"""Add-ons that a stack can do without: where their image cannot be had, the rest comes up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from djdock.config import Config
from djdock.errors import DjdockError
from djdock.images import choose
from djdock.shell import Shell
from djdock.stack import addons


def available(config: Config, shell: Shell, note: Callable[[str], None]) -> Config:
    """The Config without the optional add-ons whose image is not here and in no registry.

    Each of them is named in a note, with the reason. An image that ``.env`` names is taken as it is.
    """
    found = [one for one in addons.read_all(config.addons_dir, config.addons) if one.optional]
    images = {
        one.name: [
            image
            for variable, image in addons.images(config.addons_dir, [one.name]).items()
            if not config.env.get(variable)
        ]
        for one in found
    }
    wanted = [image for names in images.values() for image in names]
    if not wanted:
        return config
    used = choose.usable(config, shell, wanted)
    left = {
        name: problem.problem
        for name, names in images.items()
        for problem in [used[image] for image in names]
        if isinstance(problem, DjdockError)
    }
    for name, why in left.items():
        note(f"{name} is left out: {why}")
    return replace(config, chosen=tuple(name for name in config.addons if name not in left))
