"""Which database the stack brings: from DATABASES, the drivers that are required, and the helpers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from djdock.inspect.dependencies import Dependencies
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.interpret.value import NOTHING, Value
from djdock.inspect.model import Decision, Evidence, Problem

#: Distributions of drivers, by the add-on that they talk to.
DRIVERS = {
    "postgres": (
        "psycopg",
        "psycopg2",
        "psycopg2-binary",
        "psycopg-binary",
        "psycopg2cffi",
        "django-postgrespool2",
    ),
    "mysql": ("mysqlclient", "pymysql", "mysql-connector-python", "mysql-python"),
}
#: What an engine's name has in it, and the add-on.
ENGINES = (
    ("postg", "postgres"), ("psycopg", "postgres"), ("timescale", "postgres"), ("tenant", "postgres"),
    ("mysql", "mysql"), ("mariadb", "mysql"), ("sqlite", "sqlite"), ("spatialite", "sqlite"),
)  # fmt: skip

ROLES = {
    "HOST": "host",
    "PORT": "port",
    "NAME": "name",
    "USER": "user",
    "PASSWORD": "password",
    "ENGINE": "engine",
}


@dataclass(frozen=True)
class Database:
    """The add-on (``postgres``, ``mysql``, ``sqlite``, or "" for none), and what makes it so."""

    addon: str
    decision: Decision | None
    problems: tuple[Problem, ...] = ()
    #: What the site connects by, to be written into a URL's scheme.
    scheme: str = ""
    #: The entry of DATABASES as the settings alone have it.
    entry: Value = NOTHING
    #: Whether it needs PostGIS or SpatiaLite.
    gis: bool = False
    #: The driver that the requirements lack.
    driver: str = ""


def kind_of(engine: str) -> str:
    """The add-on for an engine; "" for one that no add-on is for."""
    return next((addon for part, addon in ENGINES if part in engine.lower()), "")


def decide(settings: Settings, dependencies: Dependencies) -> Database:
    """The database of the stack."""
    setting = settings.get("DATABASES")
    entry = setting.get("default")
    where = entry.where or setting.where or Evidence(settings.path, 0, "")
    engine = entry.get("ENGINE").text or ""
    if engine.endswith("."):
        # Not filled in: settings that are not in the repository say the rest.
        engine = ""
    gis = (
        "gis" in engine
        or "spatialite" in engine
        or "django.contrib.gis" in settings.get("INSTALLED_APPS").texts
    )
    if engine and not kind_of(engine):
        return _none(engine, where, entry)
    driver = next((one for one, names in DRIVERS.items() if dependencies.has(*names)), "")
    names = entry.every_name() | setting.names
    addon, why = kind_of(engine), f"DATABASES names {engine}"
    undriven = addon == "sqlite" or not dependencies.has(*DRIVERS.get(addon, ()))
    if driver and addon and undriven and _changeable(settings, names):
        named = "SQLite" if addon == "sqlite" else engine
        addon = driver
        why = f"{', '.join(sorted(names)[:3])} may name another than {named}, and its driver is required"
    elif not addon and setting.where is None and not driver and settings.has("INSTALLED_APPS"):
        # No DATABASES at all: Django does without.
        return Database("", None, entry=entry, gis=gis)
    elif not addon:
        addon = driver or ("postgres" if names else "sqlite")
        why = "its driver is among the requirements" if driver else "nothing names another"
    line = entry.get("ENGINE").where or where
    evidence = tuple(dict.fromkeys((line, where)))
    if driver == addon:
        hit = next(one for name in DRIVERS[addon] if (one := dependencies.get(name)))
        evidence = (*evidence, hit.where)
    scheme = {"postgres": "postgres", "mysql": "mysql", "sqlite": "sqlite"}[addon]
    if gis:
        scheme = {"postgres": "postgis", "mysql": "mysqlgis", "sqlite": "spatialite"}[addon]
    lacking = (
        {"postgres": "psycopg2-binary", "mysql": "mysqlclient"}.get(addon, "")
        if driver != addon
        else ""
    )
    problems = _several(setting, where)
    names_of: tuple[str, ...] = (addon,)
    wanted = _extensions(dependencies, gis=gis) if addon == "postgres" else {}
    if wanted:
        (extra, name), *others = wanted.items()
        names_of, why = (addon, extra), f"{why}, and the site needs {name}"
        problems += tuple(_no_image(name, other, extra, where) for _, other in others)
    decision = Decision("addons", names_of, why, evidence)
    return Database(addon, decision, problems, scheme, entry, gis, lacking)


def _extensions(dependencies: Dependencies, *, gis: bool) -> dict[str, str]:
    """The extensions that PostgreSQL's usual image lacks: the add-on, and its name."""
    wanted = {"postgis": "PostGIS"} if gis else {}
    return wanted | ({"pgvector": "pgvector"} if dependencies.has("pgvector") else {})


def _no_image(one: str, other: str, addon: str, where: Evidence) -> Problem:
    return Problem(
        f"The site needs {one} and {other}, and the image of {one} has no {other}.",
        f"Set {addon.upper()}_IMAGE in .env to one that has both.",
        (where,),
    )


def _changeable(settings: Settings, names: frozenset[str]) -> bool:
    """Whether a variable holds the database's URL or its engine."""
    for read in settings.reads:
        if read.name in names and (
            read.cast == "db" or "ENGINE" in read.name or read.name.endswith("_URL")
        ):
            return True
    return any(
        read.cast == "db"
        or read.name == "DATABASE_URL"
        or re.search(r"(^|_)(DB|DATABASE)_?(ENGINE|TYPE)$", read.name)
        for read in settings.reads
    )


def _several(setting: Value, where: Evidence) -> tuple[Problem, ...]:
    found = []
    others = [str(name) for name in setting.table if name != "default"]
    if others:
        found.append(
            Problem(
                f"DATABASES has more than one database: {', '.join(others[:5])} beside default.",
                "Those take the same server where their variables say so; others have to be there.",
                (where,),
            )
        )
    return tuple(found)


def _none(engine: str, where: Evidence, entry: Value) -> Database:
    problem = Problem(
        f"DATABASES wants {engine}, and djdock has no add-on for that.",
        "PostgreSQL, MySQL and SQLite are there; an add-on of your own goes into docker/addons.",
        (where,),
        fatal=True,
    )
    return Database("", None, (problem,), entry=entry)
