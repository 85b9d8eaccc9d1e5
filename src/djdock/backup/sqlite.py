"""SQLite: its online backup API, run where the file is."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from djdock.backup import stream
from djdock.backup.database import BEFORE, Note
from djdock.backup.folder import Partial
from djdock.backup.inside import Inside
from djdock.backup.sidecar import Facts, Sidecar
from djdock.backup.sql import ident

#: What is run there; see its own docstring.
SCRIPT = Path(__file__).with_name("sqlite_script.py")

#: What it is told to do for a backup, and for a restore.
VERBS = ("dump", "load")


class Sqlite:
    """The SQLite file of the site: of `up --local`, or in a volume of web's."""

    engine = "sqlite3"
    suffix = ".sqlite3"

    def __init__(self, inside: Inside, name: str, python: str = "python") -> None:
        self.inside, self.name, self.python = inside, name, python

    def _words(self, verb: str) -> list[str]:
        return [self.python, "-c", SCRIPT.read_text(encoding="utf-8"), verb, self.name]

    def lines(self) -> tuple[list[str], list[str]]:
        """See :class:`djdock.backup.database.Database`."""
        dump, load = (self.inside.command(self.python, "-c", "…", v, self.name) for v in VERBS)
        return dump, load

    def ping(self) -> None:
        """See :class:`djdock.backup.database.Database`."""
        self.inside.ask(*self._words("ping"))

    def version(self) -> str:
        """The version of the library there, which is the server."""
        return self.inside.ask(self.python, "-c", "import sqlite3; print(sqlite3.sqlite_version)")

    def dump(self, part: Partial, tag: str) -> Facts:  # noqa: ARG002 - there is no session to name
        """What is in the copy is read from the copy: it is of the same moment by itself."""
        with self.inside.piped(*self._words("dump")) as process:
            stream.receive(process, part)
        version = self.version()
        return _facts(part.path, version)

    def load(self, file: Path, card: Sidecar, note: Note) -> None:  # noqa: ARG002 - no roles here
        """See :class:`djdock.backup.database.Database`."""
        with self.inside.piped(*self._words("load"), stdin=subprocess.PIPE) as process:
            stream.send(file, process)

    def discard(self) -> None:
        """See :class:`djdock.backup.database.Database`."""
        self.inside.ask(*self._words("discard"))

    def swap(self) -> str:
        """See :class:`djdock.backup.database.Database`."""
        self.inside.ask(*self._words("swap"))
        return f"the file {self.name}_{BEFORE}"

    def empty(self) -> None:
        """See :class:`djdock.backup.database.Database`."""
        self.inside.ask(*self._words("empty"))


def _facts(path: Path, version: str) -> Facts:
    with closing(
        sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    ) as database:
        tables = [
            name
            for (name,) in database.execute(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' "
                "escape '\\' order by name"
            )
        ]
        rows = {
            name: database.execute(f"select count(*) from {ident(name)}").fetchone()[0]
            for name in tables
        }
        applied = (
            database.execute("select app || '.' || name from django_migrations").fetchall()
            if "django_migrations" in rows
            else []
        )
    return Facts(version, version, rows, migrations=tuple(sorted(name for (name,) in applied)))
