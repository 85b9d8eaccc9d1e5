"""MySQL's side of backups and restores: scripts for its client."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from djdock.backup.sql import tick

#: What information_schema calls them; a sequence is MariaDB's.
TABLES, VIEWS = "'BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE'", "'VIEW'"

#: The migrations that are applied, one in each line.
MIGRATIONS = "select concat(app, '.', name) from django_migrations;"

#: How long a swap waits for transactions that use the tables, in seconds.
LOCK_WAIT = 30


def text(value: str) -> str:
    """A text as MySQL quotes it, whatever its sql_mode says of backslashes."""
    return f"convert(0x{value.encode().hex()} using utf8mb4)" if value else "''"


def tables(schema: str, kinds: str) -> str:
    """The names of a schema's tables, or views, one in each line."""
    return (
        f"select table_name from tables where table_schema = {text(schema)} "
        f"and table_type in ({kinds}) order by table_name;"
    )


def triggers(schema: str) -> str:
    """The names of a schema's triggers, one in each line."""
    return f"select trigger_name from triggers where trigger_schema = {text(schema)};"


def rows(names: Iterable[str]) -> str:
    """How many rows each table has: one JSON list in each line."""
    counts = (f"select json_array({text(name)}, count(*)) from {tick(name)};" for name in names)
    return "start transaction with consistent snapshot;\n" + "\n".join(counts)


def characters(schema: str) -> str:
    """The character set and the collation of a schema."""
    return (
        "select default_character_set_name, default_collation_name from schemata "
        f"where schema_name = {text(schema)};"
    )


def make(schema: str, characters: str = "utf8mb4", collation: str = "") -> str:
    """Makes a schema anew, empty."""
    order = f" collate {collation}" if collation else ""
    return (
        f"drop database if exists {tick(schema)};\n"
        f"create database {tick(schema)} character set {characters}{order};\n"
    )


def drop_triggers(found: Iterable[tuple[str, str]]) -> str:
    """Drops triggers, each given with its schema."""
    return "".join(f"drop trigger {tick(schema)}.{tick(name)};\n" for schema, name in found)


def programs(schema: str) -> str:
    """The statements that drop a schema's views, routines and events, one in each line."""
    name, quoted = text(schema), "replace({0}, '`', '``')"
    return (
        "select concat('drop view `', " + quoted.format("table_name") + ", '`;') from views "
        f"where table_schema = {name} union all "
        "select concat('drop ', routine_type, ' `', " + quoted.format("routine_name") + ", '`;') "
        f"from routines where routine_schema = {name} union all "
        "select concat('drop event `', " + quoted.format("event_name") + ", '`;') from events "
        f"where event_schema = {name};"
    )


def swap(found: Iterable[tuple[str, str]], moves: Sequence[tuple[str, str, str]]) -> str:
    """Renames tables, each given with the schema it is in and the one it goes to, as one statement."""
    renames = (f"{tick(a)}.{tick(name)} to {tick(b)}.{tick(name)}" for a, b, name in moves)
    rename = f"rename table {', '.join(renames)};\n" if moves else ""
    return f"set session lock_wait_timeout = {LOCK_WAIT};\n" + drop_triggers(found) + rename


def within(schema: str, *scripts: str) -> str:
    """Scripts, to be run in a schema, one after the other."""
    return "\n".join((f"use {tick(schema)};", *scripts, ""))
