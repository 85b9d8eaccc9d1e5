"""PostgreSQL: pg_dump's custom format; a restore goes into a database of its own, swapped by name."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import suppress
from pathlib import Path

from djdock.backup import postgres_sql as sql
from djdock.backup import stream
from djdock.backup.database import BEFORE, RESTORING, Note
from djdock.backup.folder import Partial
from djdock.backup.inside import Inside
from djdock.backup.sidecar import Facts, Sidecar
from djdock.backup.sql import beside
from djdock.errors import CheckFailed, CommandFailed

#: The database from which others are made and renamed; every server has it.
MAINTENANCE = "postgres"

#: pg_dump has zstd from this version on: smaller and more than twice as fast as its gzip.
ZSTD_SINCE = 16

#: How often a swap is tried: a busy site may connect between the end of its sessions and the lock.
SWAPS = 20


class Postgres:
    """The database of the add-on ``postgres``.

    Clients run in the server's own container, over its socket: no password leaves it, and client and
    server are of one version.
    """

    engine = "postgresql"
    suffix = ".dump"

    def __init__(self, inside: Inside, name: str, user: str) -> None:
        self.inside, self.name, self.user = inside, name, user

    def _login(self, database: str) -> list[str]:
        return ["--no-password", "--username", self.user, "--dbname", database]

    def _psql(self, database: str) -> list[str]:
        quiet = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only"]
        return ["psql", *quiet, "--set", "ON_ERROR_STOP=1", *self._login(database)]

    def _query(self, text: str, database: str = "") -> str:
        return self.inside.tell(text, *self._psql(database or self.name)).strip()

    def dump_words(self, snapshot: str, *, zstd: bool) -> list[str]:
        """pg_dump's command line."""
        words = ["pg_dump", "--format", "custom", *(["--compress", "zstd"] if zstd else [])]
        return [*words, "--snapshot", snapshot, *self._login(self.name)]

    def restore_words(self, database: str, *, owners: bool) -> list[str]:
        """pg_restore's command line; it reads its stdin."""
        words = ["pg_restore", "--exit-on-error"]
        words += [] if owners else ["--no-owner", "--no-privileges"]
        return [*words, *self._login(database)]

    def lines(self) -> tuple[list[str], list[str]]:
        """See :class:`djdock.backup.database.Database`."""
        dump = self.dump_words("SNAPSHOT", zstd=True)
        load = self.restore_words(beside(self.name, RESTORING), owners=True)
        return self.inside.command(*dump), self.inside.command(*load)

    def ping(self) -> None:
        """Over TCP: while the image starts for the first time, a temporary server has the socket."""
        self.inside.tell("select 1;", *self._psql(self.name), "--host", "127.0.0.1")

    def version(self) -> str:
        """The server's version: ``17.12``."""
        return self._query("show server_version;").split()[0]

    def dump(self, part: Partial, tag: str) -> Facts:
        """A session holds a snapshot, in which it counts while pg_dump reads the same one."""
        client = _version(self.inside.ask("pg_dump", "--version"))
        zstd = int(client.split(".")[0]) >= ZSTD_SINCE
        inside = self.inside.having(PGAPPNAME=tag)
        with inside.piped(*self._psql(self.name), stdin=subprocess.PIPE) as session:
            assert session.stdin is not None
            assert session.stdout is not None
            session.stdin.write((sql.SNAPSHOT + sql.FACTS + sql.ROWS).encode())
            session.stdin.flush()
            snapshot = session.stdout.readline().decode().strip()
            if snapshot:  # else psql has failed, and says so at the end
                try:
                    with inside.piped(*self.dump_words(snapshot, zstd=zstd)) as process:
                        stream.receive(process, part)
                except BaseException:
                    self._end(tag)
                    raise
            session.stdin.close()
            said = session.stdout.read().decode()
        return _facts(said, client)

    def _end(self, tag: str) -> None:
        """Ends the sessions of a backup that was broken off: a dead client leaves them at work."""
        # There may be no server any more, and the first error is the one to show.
        with suppress(CommandFailed):
            self._query(sql.end_tagged(tag))

    def load(self, file: Path, card: Sidecar, note: Note) -> None:
        """See :class:`djdock.backup.database.Database`."""
        fresh = beside(self.name, RESTORING)
        self._query(sql.create(self.name, fresh, self.user), MAINTENANCE)
        known = self._query("select rolname from pg_roles;").splitlines()
        missing = sorted(set(card.roles) - set(known))
        if missing:
            note(
                f"The role {missing[0]} of the backup is not here; all will belong to {self.user}, "
                "without the privileges of others."
            )
        words = self.restore_words(fresh, owners=not missing)
        with self.inside.piped(*words, stdin=subprocess.PIPE) as process:
            stream.send(file, process)
        self._query("analyze;", fresh)
        found = _facts(self._query(sql.FACTS + sql.ROWS, fresh), "")
        if dict(found.rows) != dict(card.rows):
            odd = sorted(set(found.rows.items()) ^ set(card.rows.items()))[0][0]
            raise CheckFailed(
                f"What was restored has {found.rows.get(odd, 'no')} rows in {odd}, and the backup had "
                f"{card.rows.get(odd, 'none')}.",
                "The data in use are as they were; take another backup.",
            )

    def discard(self) -> None:
        """See :class:`djdock.backup.database.Database`."""
        self._query(sql.drop(beside(self.name, RESTORING)), MAINTENANCE)

    def swap(self) -> str:
        """Both names change in one transaction, while nobody else can connect."""
        self._swap()
        return f"the database {beside(self.name, BEFORE)}"

    def _swap(self) -> None:
        fresh, before = beside(self.name, RESTORING), beside(self.name, BEFORE)
        for turn in range(SWAPS):
            try:
                self._query(sql.swap(self.name, fresh, before), MAINTENANCE)
            except CommandFailed as error:
                if "is being accessed by other users" not in error.problem or turn == SWAPS - 1:
                    raise
            else:
                return

    def empty(self) -> None:
        """See :class:`djdock.backup.database.Database`."""
        fresh, before = beside(self.name, RESTORING), beside(self.name, BEFORE)
        self._query(sql.create(self.name, fresh, self.user), MAINTENANCE)
        self._swap()
        self._query(sql.drop(before), MAINTENANCE)


def _version(text: str) -> str:
    """The version in what ``pg_dump --version`` prints: ``pg_dump (PostgreSQL) 17.12 (Debian …)``."""
    match = re.search(r"\d+(\.\d+)*", text)
    return match[0] if match else "0"


def _facts(said: str, client: str) -> Facts:
    """What :data:`sql.FACTS` and :data:`sql.ROWS` printed: one JSON list in each line."""
    rows: dict[str, int] = {}
    known: dict[str, list[str]] = {"server": [""], "roles": [], "migrations": []}
    for line in filter(None, said.splitlines()):
        kind, *values = json.loads(line)
        if kind == "rows":
            rows[values[0]] = values[1]
        else:
            known[kind] = values[0] or []
    return Facts(
        server=known["server"][0].split()[0] if known["server"][0] else "",
        client=client,
        rows=dict(sorted(rows.items())),
        migrations=tuple(sorted(known["migrations"])),
        roles=tuple(sorted(known["roles"])),
    )
