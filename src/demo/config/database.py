"""From DATABASE_* variables to Django's database settings."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from config.env import Env

POSTGRESQL = "django.db.backends.postgresql"
MYSQL = "django.db.backends.mysql"
SQLITE = "django.db.backends.sqlite3"

# `postgresql_psycopg2` left Django in 3.0, but the guides (and people's .env files) still say it.
ENGINES = {
    "postgresql": POSTGRESQL,
    "postgresql_psycopg2": POSTGRESQL,
    "mysql": MYSQL,
    "sqlite3": SQLITE,
    "sqlite": SQLITE,
}
ACCEPTED = {**ENGINES, **{f"django.db.backends.{name}": path for name, path in ENGINES.items()}}
PORTS = {POSTGRESQL: 5432, MYSQL: 3306}

CONNECT_TIMEOUT = 3  # seconds; /readyz and every first query wait no longer than this
KEEP_CONNECTION = 60  # seconds


def database(env: Env, base_dir: Path) -> dict[str, Any]:
    # Without this, forgetting the engine would quietly put people's data in a local file.
    if env.text("DATABASE_HOST") and not env.text("DATABASE_ENGINE"):
        raise ImproperlyConfigured(
            "DATABASE_HOST is set but DATABASE_ENGINE is not; "
            "set DATABASE_ENGINE, for example to postgresql."
        )
    engine = env.text("DATABASE_ENGINE", "sqlite3").lower()
    if engine not in ACCEPTED:
        # Only the short names are listed: a dotted path is the same word with a prefix.
        env.choice("DATABASE_ENGINE", "sqlite3", ENGINES)
    backend = ACCEPTED[engine]
    return _sqlite(env, base_dir) if backend == SQLITE else _server(env, backend)


def _sqlite(env: Env, base_dir: Path) -> dict[str, Any]:
    name = env.text("DATABASE_NAME", "db.sqlite3")
    return {
        "ENGINE": SQLITE,
        "NAME": name if name == ":memory:" else base_dir / name,
        "OPTIONS": {
            # Writers queue for up to 20 s instead of failing, readers never block them (WAL),
            # and a transaction takes the write lock when it begins, so it cannot lose it halfway.
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL;",
        },
        # A file: an in-memory database shared by threads ignores the time-out above.
        "TEST": {"NAME": str(Path(tempfile.gettempdir(), f"demo-test-{os.getpid()}.sqlite3"))},
    }


def _server(env: Env, backend: str) -> dict[str, Any]:
    if not env.text("DATABASE_NAME"):
        raise ImproperlyConfigured(
            "DATABASE_NAME is not set; set it to the name of the database on the server."
        )
    options: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT}
    if backend == POSTGRESQL:
        # A server that vanishes without closing the connection is given up after this (ms).
        options["tcp_user_timeout"] = CONNECT_TIMEOUT * 1000
    else:
        # A value that does not fit is refused, never cut short, whatever the server's default.
        options |= {"charset": "utf8mb4", "sql_mode": "TRADITIONAL"}
        _let_pymysql_stand_in()
    return {
        "ENGINE": backend,
        "NAME": env.text("DATABASE_NAME"),
        "USER": env.text("DATABASE_USERNAME"),
        "PASSWORD": env.secret("DATABASE_PASSWORD"),
        "HOST": env.text("DATABASE_HOST"),
        "PORT": env.integer("DATABASE_PORT", PORTS[backend], 1, 65535),
        "CONN_MAX_AGE": KEEP_CONNECTION,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        # Django would take the server's default for the database of the tests.
        **({"TEST": {"CHARSET": "utf8mb4"}} if backend == MYSQL else {}),
    }


def _let_pymysql_stand_in() -> None:
    """Django asks for mysqlclient; where that is not installed PyMySQL answers to its name."""
    if importlib.util.find_spec("MySQLdb") is None:
        import pymysql

        pymysql.install_as_MySQLdb()
