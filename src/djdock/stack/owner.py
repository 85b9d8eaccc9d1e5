"""Whose stack is it? djdock touches none that was started from another directory.

Containers carry the directory that Compose started them from. When there are none, their volumes are
still there, so the directory is also kept in ``.djdock/root``; a copied checkout brings that along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from djdock.config import Config, default_name
from djdock.errors import UsageError
from djdock.stack.state import Container

_GENERATED = re.compile(r".+-[0-9a-f]{6}")


def require(config: Config, found: Iterable[Container], has_volumes: Callable[[], bool]) -> None:
    """Raises UsageError when the stack of this name is another directory's.

    A directory that is gone may have been moved to here, so it is let pass. ``has_volumes`` is asked
    only when nothing else tells: a name that was made for another path, and data under it.
    """
    for container in found:
        folder = Path(container.working_dir).resolve() if container.working_dir else config.root
        if folder.is_dir() and config.root not in (folder, folder.parent):
            raise _not_ours(config, str(folder.parent))
    kept = _kept(config)
    if kept is not None:
        if kept != config.root and kept.is_dir():
            raise _not_ours(config, str(kept))
        return
    made_elsewhere = _GENERATED.fullmatch(config.name) and config.name != default_name(config.root)
    if made_elsewhere and not found and has_volumes():
        raise _not_ours(config, "another directory")


def claim(config: Config) -> None:
    """Writes down that this directory's stack has this name, before anything of it is made."""
    (config.make_scratch() / "root").write_text(f"{config.root}\n", encoding="utf-8")


def _kept(config: Config) -> Path | None:
    try:
        return Path((config.scratch / "root").read_text(encoding="utf-8").rstrip("\n"))
    except (OSError, UnicodeDecodeError):
        return None


def _not_ours(config: Config, other: str) -> UsageError:
    return UsageError(
        f"The stack `{config.name}` belongs to {other}, not to {config.root}.",
        "Give this one its own COMPOSE_PROJECT_NAME in .env. (Was the directory moved to here? Then "
        "write its new path into .djdock/root.)",
    )
