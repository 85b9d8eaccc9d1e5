"""What is known of a backup, in the JSON file beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from djdock.errors import MissingError

VERSION = 1


@dataclass(frozen=True)
class Media:
    """The site's media files, in a tar archive beside the backup."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Facts:
    """What the database says of the state that is in a backup."""

    #: The versions of the server and of the client that dumped it (the same, for SQLite).
    server: str
    client: str
    #: Table -> rows.
    rows: Mapping[str, int] = field(default_factory=dict)
    #: Whether they were counted in the dump's own snapshot.
    rows_exact: bool = True
    #: The migrations that are applied: ``polls.0001_initial``.
    migrations: tuple[str, ...] = ()
    #: The roles that own something or may do something (PostgreSQL).
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sidecar:
    """One backup. ``size`` is in bytes, ``made`` an ISO 8601 time in UTC."""

    stack: str
    made: str
    engine: str
    database: str
    file: str
    size: int
    sha256: str
    server: str
    client: str
    django: str
    rows: Mapping[str, int]
    rows_exact: bool
    migrations: tuple[str, ...]
    roles: tuple[str, ...] = ()
    media: Media | None = None
    version: int = VERSION

    def text(self) -> str:
        """As it is written."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> Sidecar:
    """Reads a sidecar; raises MissingError when there is none, or none that this djdock knows."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return _parsed(found)
    except FileNotFoundError:
        raise MissingError(
            f"There is no {path.name} beside the backup.",
            f"Put it back into {path.parent}: it holds the checksum.",
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MissingError(
            f"{path} describes no backup that this version of djdock knows.",
            "Take the file that was written with the backup, or a newer djdock.",
        ) from error


def _parsed(found: Mapping[str, Any]) -> Sidecar:
    if found["version"] != VERSION:
        raise ValueError(found["version"])
    values = {item.name: found[item.name] for item in fields(Sidecar)}
    if any(
        not isinstance(values[name], str) for name in ("stack", "made", "engine", "file", "sha256")
    ):
        raise TypeError
    values["media"] = Media(**values["media"]) if values["media"] else None
    values["rows"] = {str(name): int(count) for name, count in values["rows"].items()}
    for name in ("migrations", "roles"):
        values[name] = tuple(map(str, values[name]))
    return Sidecar(**values)
