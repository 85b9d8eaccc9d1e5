"""Names and texts in SQL."""

from __future__ import annotations

#: The most bytes that a name may have in PostgreSQL; MySQL's limit is 64 characters.
LONGEST = 63


def ident(name: str) -> str:
    """A name as standard SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def tick(name: str) -> str:
    """A name as MySQL quotes it."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A text in standard SQL, in which a backslash is a backslash."""
    return "'" + text.replace("'", "''") + "'"


def beside(name: str, suffix: str) -> str:
    """The name of a database that belongs to another one: ``polls`` -> ``polls_restoring``."""
    room = LONGEST - len(suffix.encode()) - 1
    return name.encode()[:room].decode(errors="ignore") + f"_{suffix}"
