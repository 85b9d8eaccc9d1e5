"""Add-ons: which images they start from, and how one talks to their databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

#: ``image: ${POSTGRES_IMAGE:-postgres:17}``: the variable, and the official image it replaces.
_IMAGE = re.compile(r"image:\s*[\"']?\$\{(?P<variable>\w+):-(?P<image>[^}\s]+)\}")


def images(addons_dir: Path, addons: Sequence[str]) -> dict[str, str]:
    """The official image behind each variable that the chosen add-ons' files name."""
    found: dict[str, str] = {}
    for addon in addons:
        text = (addons_dir / f"{addon}.yaml").read_text(encoding="utf-8")
        found |= {match["variable"]: match["image"] for match in _IMAGE.finditer(text)}
    return found


def _psql(env: Mapping[str, str]) -> list[str]:
    user, name = env.get("DATABASE_USERNAME") or "app", env.get("DATABASE_NAME") or "app"
    return ["psql", "--username", user, "--dbname", name]


def _mysql(env: Mapping[str, str]) -> list[str]:
    user, name = env.get("DATABASE_USERNAME") or "app", env.get("DATABASE_NAME") or "app"
    # MySQL's image and MariaDB's call it by other names. The password stays in the container.
    script = 'MYSQL_PWD="$MYSQL_PASSWORD" exec "$(command -v mariadb || command -v mysql)" "$@"'
    return ["sh", "-c", script, "mysql", f"--user={user}", f"--database={name}"]


#: The add-on's service and the client that its image carries.
_CLIENTS: Mapping[str, tuple[str, Callable[[Mapping[str, str]], list[str]]]] = {
    "mysql": ("db", _mysql),
    "postgres": ("db", _psql),
}


def database_client(addons: Sequence[str], env: Mapping[str, str]) -> tuple[str, list[str]] | None:
    """The service to run a database client in and its command line; None without a database."""
    for addon in addons:
        if addon in _CLIENTS:
            service, client = _CLIENTS[addon]
            return service, client(env)
    return None
