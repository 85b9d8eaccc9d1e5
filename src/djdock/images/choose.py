"""Which image to use where an official one is named: that one, or its stand-in (built if need be)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from djdock.config import Config
from djdock.images import build
from djdock.shell import Shell


def contexts(
    config: Config, shell: Shell, officials: Sequence[str], note: Callable[[str], None]
) -> dict[str, str]:
    """The build contexts that replace official bases by stand-ins; empty where none is needed."""
    chosen = _choose(config, shell, officials, note, keep=False)
    return {official: image for official, image in chosen.items() if image != official}


def services(
    config: Config, shell: Shell, officials: Sequence[str], note: Callable[[str], None]
) -> dict[str, str]:
    """The image for each official one that the stack's services name.

    A stand-in that is here is kept even when the registry answers again: another build of a database
    may sort text differently, which would corrupt the indexes in its volume.
    """
    return _choose(config, shell, officials, note, keep=True)


def _choose(
    config: Config,
    shell: Shell,
    officials: Sequence[str],
    note: Callable[[str], None],
    *,
    keep: bool,
) -> dict[str, str]:
    from djdock.images import bases

    found = bases.resolve(officials, config.table.bases, shell, keep=keep)
    needed = [
        resolution.base for resolution in found.values() if resolution.base and resolution.build
    ]
    if needed:
        names = ", ".join(base.official for base in needed)
        note(f"No registry answers for {names}: building stand-ins from Debian's packages …")
        bases.ensure(needed, shell, note=note, ca=build.ca_bundle(config, os.environ))
    return {official: resolution.image for official, resolution in found.items()}
