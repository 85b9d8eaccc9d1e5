"""The environment variables that settings read: what each is for, and the value that fits the stack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from djdock.inspect import placeholders, provided
from djdock.inspect.database import ROLES, Database
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.interpret.state import Read
from djdock.inspect.interpret.value import Value, plain
from djdock.inspect.model import Evidence, Variable
from djdock.inspect.services import Service

HOSTS = ("127.0.0.1", "localhost", "[::1]")
SQLITE = "/srv/sqlite/db.sqlite3"
#: Where uploads go: a volume that add-ons share with web, else that of what the site writes.
MEDIA, FILES = "/srv/media", "/srv/data"
#: The one cache that every site has.
LOCAL_CACHE = "django.core.cache.backends.locmem.LocMemCache"
SHARING = {"rabbitmq", "nginx", "apache"}
STATIC = "staticfiles"

CONFIGURATION = "the class of the settings that a site is served with"

#: What stands for ``${NAME}`` while the settings are worked out.
STAND_INS = {
    "DATABASE_NAME": "app", "DATABASE_USERNAME": "app", "DATABASE_PASSWORD": "secret",
    "RABBITMQ_USERNAME": "app", "RABBITMQ_PASSWORD": "secret",
}  # fmt: skip

SETTINGS = {
    "SECRET_KEY": "secret key", "ALLOWED_HOSTS": "hosts", "DEBUG": "debug", "SECURE_SSL_REDIRECT": "ssl",
    "MEDIA_ROOT": "media", "CSRF_TRUSTED_ORIGINS": "origins", "STATIC_ROOT": "static",
}  # fmt: skip

_DATABASE = r"(?i)^(\w*_)?(DB|DATABASE|POSTGRES\w*|PG|SQL|RDS|MYSQL|MARIADB)_?"
_BY_NAME = tuple(
    (role, re.compile(rf"{_DATABASE}({words})$"))
    for role, words in (
        ("host", r"HOST(NAME)?|SERVER|ADDR\w*"),
        ("port", "PORT"),
        ("user", "USER(NAME)?"),
        ("password", "PASS|PASSWORD|PWD"),
        ("name", "NAME|DB|DATABASE|DB_NAME"),
    )
)


def roles(settings: Settings, database: Database, services: Iterable[Service]) -> dict[str, str]:
    """What each variable is for, by where its value goes."""
    found = _of_entry(settings, database.entry)
    for service in services:
        for name in service.names:
            found.setdefault(name, f"{service.addon} {_part(name)}")
    for entry in settings.get("CACHES").table.values():
        for name in entry.get("BACKEND").names:
            found[name] = "cache backend"
    for setting, role in SETTINGS.items():
        for name in _meant(settings.get(setting), setting, role):
            if role != "secret key" or not placeholders.PLACE.search(name):
                found.setdefault(name, role)
    for read in settings.reads:
        found.setdefault(read.name, _by_name(read))
    return found


def _of_entry(settings: Settings, entry: Value) -> dict[str, str]:
    """The variables of DATABASES."""
    found = {read.name: "database url" for read in settings.reads if read.cast == "db"}
    folders = _folders(settings, entry.get("NAME"))
    for key, role in ROLES.items():
        for name in sorted(entry.get(key).every_name() - entry.names - folders):
            found.setdefault(name, role)
    for name in sorted(entry.names | settings.get("DATABASES").names):
        if name.endswith("URL"):
            found.setdefault(name, "database url")
    return found


def _folders(settings: Settings, name: Value) -> set[str]:
    """The variables that hold the folder of SQLite's file, rather than its name."""
    return {
        read.name
        for read in settings.reads
        if re.search(r"(?i)_(dir|root|folder|directory)$", read.name)
        or (read.default is not None and (name.text or "").startswith(f"{read.default.text}/"))
    }


def _meant(value: Value, setting: str, role: str) -> list[str]:
    """The variables that hold a setting, of those that went into it."""
    every = value.names | value.every_name()
    alike = sorted(name for name in every if _alike(name, setting))
    if alike or len(every) != 1:
        return alike
    (only,) = every
    host = role == "hosts" and re.search(r"(?i)host|domain|fqdn|server", only)
    return [only] if role == "secret key" or host else []


def _alike(name: str, setting: str) -> bool:
    return (setting.partition("_")[2] or setting).lower() in name.lower()


#: Names of what a service is used with, not of where it is.
_TUNES = re.compile(
    r"(timeout|prefix|options|ttl|_age|size|max|retries|retry|key|version|enabled|seconds|limit|alias"
    r"|interval|entries|class|engine|expiry|expires|concurrency|count|policy|_ssl|_tls|_ca|certs?)$"
)


def _part(name: str) -> str:
    low = name.lower()
    for part in ("host", "port", "password", "db", "user", "vhost"):
        if low.endswith((part, f"{part}name")) and not low.endswith("vhost"):
            return part
    if _TUNES.search(low):
        return "other"
    return (
        "url"
        if re.search(
            r"url|uri|location|broker|backend|server|amqp|cache|redis$|connection$|dsn$", low
        )
        else "other"
    )


def _by_name(read: Read) -> str:
    low = read.name.lower()
    if re.search(r"influx|mongo|elastic|clickhouse|test", low):
        return ""
    for role, pattern in _BY_NAME:
        if pattern.match(read.name):
            return role
    if re.fullmatch(r"(django_|site_|app_|web_)?allowed_hosts?", low):
        return "hosts"
    if low in ("database_url", "db_url", "postgres_url"):
        return "database url"
    if read.cast == "cache" or re.search(r"redis|broker|celery_result", low):
        return (
            f"redis {_part(read.name)}"
            if re.search(r"url|uri|host|port|broker|location|backend", low) or _server(read)
            else ""
        )
    return {"secret_key": "secret key", "django_secret_key": "secret key", "debug": "debug",
            "django_debug": "debug"}.get(low, "")  # fmt: skip


def _server(read: Read) -> bool:
    """Whether a variable that is called by the service alone names it: SHOP_REDIS, not USE_REDIS."""
    switch = re.search(r"(?i)(^|_)(use|enable|has|with|no|disable|is)_", read.name)
    return read.name.lower().endswith("redis") and read.cast in ("", "url") and not switch


def value_for(role: str, read: Read, database: Database, addons: Iterable[str]) -> str | None:
    """The value that fits the stack; None where the default does, or where none is known."""
    chosen = set(addons)
    default = read.default.text if read.default is not None else ""
    if role in ("host", "port", "name", "user", "password", "engine", "database url"):
        return _of_database(role, read, database)
    if role.startswith("redis"):
        return _of_redis(role, read, chosen)
    if role.startswith("rabbitmq"):
        return (
            "amqp://${RABBITMQ_USERNAME}:${RABBITMQ_PASSWORD}@rabbitmq:5672//"
            if role.endswith("url")
            else (
                {
                    "host": "rabbitmq",
                    "port": "5672",
                    "user": "${RABBITMQ_USERNAME}",
                    "password": "${RABBITMQ_PASSWORD}",
                }.get(role.partition(" ")[2])
            )
        )
    if role.startswith("memcached"):
        url = "memcached://memcached:11211" if "://" in (default or "") else "memcached:11211"
        return {"host": "memcached", "port": "11211", "url": url}.get(role.partition(" ")[2])
    if role == "cache backend":
        return LOCAL_CACHE if read.required else None
    # int("False") is an error, and "0" is false for those that compare with "1".
    off = "0" if _shown(read.default) in ("0", "1") or read.cast == "int" else "False"
    return {"hosts": ",".join(HOSTS), "debug": off, "ssl": "False",
            "media": MEDIA if chosen & SHARING else f"{FILES}/media",
            "origins": ("http://localhost:8000,http://127.0.0.1:8000" if read.required else None),
            "static": STATIC if read.required else None,
            }.get(role)  # fmt: skip


def _of_redis(role: str, read: Read, chosen: set[str]) -> str | None:
    default = (read.default.text if read.default is not None else None) or ""
    # The path of a class is no place of a server.
    dotted = "://" not in default and re.fullmatch(r"[A-Za-z_]\w*(\.\w+){2,}", default)
    number = read.default is not None and isinstance(read.default.data, (int, float))
    if "redis" not in chosen or dotted or (number and role.endswith(" url")):
        return None
    if read.default is None and not read.required and role.endswith(("password", "db")):
        return None
    index = re.search(r":6379/(\d+)", read.default.text or "") if read.default is not None else None
    return {
        "host": "redis",
        "port": "6379",
        "url": f"redis://redis:6379/{index[1] if index else 0}",
    }.get(role.partition(" ")[2])


def _of_database(role: str, read: Read, database: Database) -> str | None:
    addon = database.addon
    if addon in ("postgres", "mysql"):
        port = "5432" if addon == "postgres" else "3306"
        url = f"{database.scheme}://${{DATABASE_USERNAME}}:${{DATABASE_PASSWORD}}@db:{port}/${{DATABASE_NAME}}"
        known = {"host": "db", "port": port, "name": "${DATABASE_NAME}", "user": "${DATABASE_USERNAME}",
                 "password": "${DATABASE_PASSWORD}", "database url": url}  # fmt: skip
        return known.get(role) or _engine(read, database)
    if addon == "sqlite":
        scheme = "spatialite" if database.gis else "sqlite"
        return {"name": SQLITE, "database url": f"{scheme}:///{SQLITE}"}.get(role)
    return None


def _engine(read: Read, database: Database) -> str | None:
    """The engine, written as its default is: ``postgresql``, or the whole dotted name."""
    default = read.default.text if read.default is not None else ""
    word = {"postgres": "postgresql", "mysql": "mysql"}[database.addon]
    if default and word in default:
        return default
    if not default or "." in default:
        kind = (
            "django.contrib.gis.db.backends.postgis"
            if database.gis
            else f"django.db.backends.{word}"
        )
        return kind if not default or default.startswith("django.") else None
    return word


def build(
    settings: Settings,
    database: Database,
    services: list[Service],
    addons: Iterable[str],
    more: tuple[Read, ...] = (),
) -> tuple[Variable, ...]:
    """Every variable, once, in the order in which they are read.

    ``more`` are those that settings out of sight read, with values in the place of defaults.
    """
    wanted = tuple(addons)
    meaning = roles(settings, database, services)
    meaning |= {read.name: _by_name(read) for read in more if read.name not in meaning}
    found: dict[str, Variable] = {}
    for read in (*settings.reads, *more):
        if read.name.startswith(("PYTHON", "LC_")) or read.name in (
            "PATH",
            "HOME",
            "DJANGO_SETTINGS_MODULE",
            "LANG",
            "USER",
        ):
            continue
        before = found.get(read.name)
        if before is not None:
            if read in more and (before.default, before.value, before.secret) == (
                None,
                None,
                False,
            ):
                # A reader of the package's, which may not do without.
                found[read.name] = _composed(replace(before, default=_shown(read.default)))
            elif read.required and not before.required:
                found[read.name] = _variable(read, meaning.get(read.name, ""), database, wanted)
            continue
        found[read.name] = _variable(read, meaning.get(read.name, ""), database, wanted)
        if read in more:
            found[read.name] = _composed(found[read.name])
    return tuple(found.values())


def _composed(one: Variable) -> Variable:
    """A variable of the project's own Compose file: its value there, where the stack has no other."""
    if one.value is not None or one.secret:
        # Whether the settings start without its key is not seen.
        return replace(one, required=one.required or one.why == WHY["secret key"])
    return replace(one, value=one.default, why="the project's own Compose file sets it")


def _variable(read: Read, role: str, database: Database, addons: tuple[str, ...]) -> Variable:
    value = provided.variables(addons).get(read.name) or value_for(role, read, database, addons)
    secret = role in ("secret key", "password") or placeholders.keeps(read.name)
    why = WHY.get(role, f"for {role}" if role else "the settings read it")
    if value is None and read.required and role != "secret key":
        value = placeholders.of(read)
        why = placeholders.PLACEHOLDER
        value = None if value == "change-me" else value
    return Variable(
        read.name, _shown(read.default), read.required, secret, value, why, (read.where,)
    )


WHY = {
    "hosts": "the names that the site answers to",
    "debug": "shows tracebacks to visitors: never in production",
    "ssl": "nothing in the stack ends TLS: True would redirect to where nobody answers",
    "secret key": "signs sessions and tokens",
    "media": "where uploads go, on a volume",
    "static": "where static files are collected at build, and served from",
    "database url": "the stack's database",
    "host": "the stack's database",
    "port": "the stack's database",
    "name": "the stack's database",
    "user": "the stack's database",
    "password": "the stack's database",
    "engine": "the stack's database",
}


def _shown(default: Value | None) -> str | None:
    if default is None or not default.known or default.data is None:
        return None
    data = plain(default)
    if isinstance(data, bool):
        return str(data)
    if isinstance(data, list):
        return ",".join(map(str, data))
    return json.dumps(data, default=str) if isinstance(data, dict) else str(data)[:500]


def configuration(name: str, where: Evidence) -> list[Variable]:
    """The variable of django-configurations; none where it is not used."""
    if not name:
        return []
    return [
        Variable(
            "DJANGO_CONFIGURATION",
            default=None,
            required=False,
            secret=False,
            value=name,
            why=CONFIGURATION,
            evidence=(where,),
        )
    ]


def is_debug(one: Variable) -> bool:
    """Whether a variable is DEBUG's."""
    return one.why == WHY["debug"]


def environment(variables: Iterable[Variable], addons: Iterable[str]) -> dict[str, str]:
    """The environment of the container, for working the settings out in it."""
    given = provided.variables(addons)
    found = {name: filled(value) for name, value in given.items()}
    for one in variables:
        if one.name in given:
            continue
        if one.value is not None:
            found[one.name] = filled(one.value)
        elif one.secret and (one.required or re.search(r"(?i)secret_?key$", one.name)):
            found[one.name] = "generated-" * 6
    return found


def filled(value: str, known: Mapping[str, str] = STAND_INS) -> str:
    """A value with its ``${NAME}`` replaced."""
    return re.sub(r"\$\{(\w+)\}", lambda match: known.get(match[1], ""), value)
