"""Which database the site has, and how it is reached: an add-on of the stack, or a SQLite file."""

from __future__ import annotations

from dataclasses import dataclass

from djdock.backup import site as sites
from djdock.backup.database import Database
from djdock.backup.inside import Inside
from djdock.backup.mysql import Mysql
from djdock.backup.postgres import Postgres
from djdock.backup.site import Site
from djdock.backup.sqlite import Sqlite
from djdock.config import Config
from djdock.errors import MissingError, UsageError
from djdock.shell import Shell
from djdock.stack import compose, local

#: The service of the add-ons that are databases.
DB = "db"

#: What Django's settings call SQLite, in DATABASE_ENGINE.
SQLITE = ("sqlite3", "sqlite", "django.db.backends.sqlite3")


@dataclass(frozen=True)
class Target:
    """A site and its database."""

    database: Database
    #: Where the site runs; None while web does not.
    web: Inside | None
    python: str = "python"

    def site(self) -> Site | None:
        """What the site says of itself; None when it cannot be asked."""
        return sites.ask(self.web, self.python) if self.web else None


def service(config: Config) -> str:
    """The service that has the database: an add-on's, or web with its SQLite file."""
    return DB if {"postgres", "mysql"} & set(config.addons) else compose.WEB


def target(config: Config, shell: Shell, docker: str, *, web: bool) -> Target:
    """The stack's; ``web`` says whether the site's service runs.

    Raises UsageError when its database is none that djdock can back up: one outside of the stack.
    """
    env = config.env
    there = Inside.service(config, shell, docker, compose.WEB)
    site = there if web else None
    db = Inside.service(config, shell, docker, DB)
    name, user = env.get("DATABASE_NAME") or "app", env.get("DATABASE_USERNAME") or "app"
    if "postgres" in config.addons:
        return Target(Postgres(db, name, user), site)
    if "mysql" in config.addons:
        return Target(Mysql(db, name, user), site)
    chosen = "sqlite" in config.addons
    if not chosen and (env.get("DATABASE_ENGINE") or "sqlite3").lower() not in SQLITE:
        raise UsageError(
            "The site's database is outside of the stack.",
            "Back it up with its own tools, where it runs.",
        )
    if site is None and not shell.dry:
        raise MissingError("The site is not up, and it has the database.", "Start it: `invoke up`.")
    found = sites.ask(there) if not shell.dry else None
    file = found.database if found else name
    return Target(Sqlite(there, file), site)


def local_target(config: Config, shell: Shell) -> Target:
    """That of `up --local`. Raises MissingError when it was never up."""
    python = config.scratch / "venv" / "bin" / "python"
    env = local.environment(config)
    if not python.is_file() and not shell.dry:
        raise MissingError("The local site was never up.", "Start it: `invoke up --local`.")
    here = Inside(shell, env=env, cwd=config.source)
    return Target(Sqlite(here, env["DATABASE_NAME"], str(python)), here, str(python))
