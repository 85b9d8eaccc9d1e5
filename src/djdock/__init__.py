"""djdock: from a Django project's source to a small, safe, running stack of containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from invoke.collection import Collection

__all__ = ["joined", "namespace"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """``namespace``, the tasks: imported when somebody asks for them."""
    if name == "namespace":
        from djdock.tasks import namespace

        return namespace
    raise AttributeError(name)


def joined(found: dict[str, Any]) -> Collection:
    """djdock's tasks beside those of a ``tasks.py``, given as its ``globals()``."""
    from djdock.init.joined import joined as join

    return join(found)
