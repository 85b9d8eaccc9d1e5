"""MySQL and MariaDB: their own dump as SQL, packed; a restore goes into a schema of its own.

A schema has no new name in MySQL, so the swap renames its tables, all in one statement. What cannot be
renamed (triggers, views, routines, events) is made anew from its own definitions.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from djdock.backup import mysql_sql as sql
from djdock.backup import stream
from djdock.backup.database import BEFORE, RESTORING, Note
from djdock.backup.folder import Partial
from djdock.backup.inside import Inside
from djdock.backup.sidecar import Facts, Sidecar
from djdock.backup.sql import beside, tick
from djdock.errors import CommandFailed

#: Runs MariaDB's or MySQL's client, whichever the image has, with the password that the container has
#: been given, in its environment: it stands in no command line. $1 is the kind of client, "" or "-dump";
#: $2 whose account it uses, root's or the site's (also where root has none).
CLIENT = """
secret() {
    for name in "MARIADB_$1" "MYSQL_$1"; do
        eval "value=\\${$name-} file=\\${${name}_FILE-}"
        if [ -z "$value" ] && [ -n "$file" ]; then value=$(cat "$file"); fi
        if [ -n "$value" ]; then printf %s "$value"; return; fi
    done
}
kind=$1 user=$2; shift 2
MYSQL_PWD=$(secret ROOT_PASSWORD)
if [ "$user" != root ] || [ -z "$MYSQL_PWD" ]; then user=$(secret USER) MYSQL_PWD=$(secret PASSWORD); fi
export MYSQL_PWD
for client in "mariadb$kind" "mysql$kind" "mysql${kind#-}"; do
    if command -v "$client" >/dev/null; then exec "$client" --user="$user" "$@"; fi
done
echo "error: the image has neither mariadb$kind nor mysql$kind" >&2; exit 127
""".strip()

#: Hands a script on to the client, $1 and on, when all of it has come, so that it does not end half-way
#: because whoever told it has been killed. END is its last line.
END = "-- all of it"
WHOLE = f"""
script=$(cat)
case $script in *"{END}") printf '%s\\n' "$script" | "$@" ;;
*) echo "error: the script was cut off" >&2; exit 1 ;; esac
""".strip()

_TEXT = "--default-character-set=utf8mb4"
#: What a dump has besides tables, and what only MySQL's own client knows (loose: others pass it over).
_COMPLETE = ("--routines", "--events", "--no-tablespaces", "--loose-set-gtid-purged=OFF")
_PACKET = "--max-allowed-packet=1G"


class Mysql:
    """The database of the add-on ``mysql``. Clients run in the server's own container."""

    engine = "mysql"
    suffix = ".sql.gz"

    def __init__(self, inside: Inside, name: str, user: str) -> None:
        self.inside, self.name, self.user = inside, name, user

    def _client(self, *flags: str, account: str = "root") -> list[str]:
        quiet = ["--batch", "--raw", "--skip-column-names", "--binary-mode"]
        return ["sh", "-c", CLIENT, "client", "", account, *quiet, _TEXT, _PACKET, *flags]

    def _dump(self, *words: str) -> list[str]:
        return ["sh", "-c", CLIENT, "client", "-dump", "root", _TEXT, _PACKET, *_COMPLETE, *words]

    def _query(self, text: str, schema: str = "") -> str:
        return self.inside.tell(text, *self._client(schema or self.name)).strip()

    def _change(self, text: str) -> None:
        """Runs a script from its beginning to its end, or not at all, whatever happens to djdock."""
        client = self._client("information_schema")
        self.inside.tell(f"{text.rstrip()}\n{END}\n", "sh", "-c", WHOLE, "whole", *client)

    def dump_words(self) -> list[str]:
        """mysqldump's command line: one transaction, so that the site can go on writing."""
        return self._dump("--single-transaction", "--quick", "--triggers", "--hex-blob", self.name)

    def lines(self) -> tuple[list[str], list[str]]:
        """See :class:`djdock.backup.database.Database`."""
        both = self.dump_words(), self._client(beside(self.name, RESTORING))
        dump, load = (["…" if word == CLIENT else word for word in words] for words in both)
        return self.inside.command(*dump), self.inside.command(*load)

    def ping(self) -> None:
        """Over TCP, where the site comes in: a server that is being set up has the socket only."""
        words = self._client("--host=127.0.0.1", "--protocol=tcp", self.name, account="site")
        self.inside.tell("select 1;", *words)

    def version(self) -> str:
        """The server's version: ``11.8.3-MariaDB``, ``8.4.6``."""
        return _version(self._query("select version();"))

    def dump(self, part: Partial, tag: str) -> Facts:  # noqa: ARG002 - a dead client ends its session
        """Rows are counted beside the dump: its snapshot cannot be shared, so they are not exact."""
        client = _version(self.inside.ask(*self._dump("--version")))
        facts = self._facts(self.name)
        with self.inside.piped(*self.dump_words()) as process:
            stream.receive(process, part, pack=True)
        return Facts(self.version(), client, facts[0], rows_exact=False, migrations=facts[1])

    def _facts(self, schema: str) -> tuple[dict[str, int], tuple[str, ...]]:
        tables = self._tables(schema)
        rows = self._query(sql.rows(tables), schema) if tables else ""
        found = dict(json.loads(line) for line in rows.splitlines())
        applied = self._query(sql.MIGRATIONS, schema) if "django_migrations" in tables else ""
        return found, tuple(sorted(applied.splitlines()))

    def _tables(self, schema: str, kind: str = sql.TABLES) -> list[str]:
        return self._query(sql.tables(schema, kind), "information_schema").splitlines()

    def load(self, file: Path, card: Sidecar, note: Note) -> None:  # noqa: ARG002 - no roles here
        """See :class:`djdock.backup.database.Database`."""
        fresh = beside(self.name, RESTORING)
        self._make(fresh)
        with self.inside.piped(*self._client(fresh), stdin=subprocess.PIPE) as process:
            stream.send(file, process, unpack=True)

    def _make(self, schema: str) -> None:
        """Makes an empty schema with the characters and the order of the one in use."""
        said = self._query(sql.characters(self.name), "information_schema").split()
        self._query(sql.make(schema, *said), "information_schema")

    def _rest(self, schema: str, *flags: str) -> str:
        """What of a schema cannot be renamed, as SQL; ``flags`` may leave something out."""
        rest = self._dump("--no-data", "--no-create-info", "--triggers", *flags, schema)
        views = self._tables(schema, sql.VIEWS)
        only = ("--no-data", "--skip-triggers", "--skip-routines", "--skip-events")
        shown = self._dump(*only, schema, *views)
        texts = [self.inside.ask(*rest), self.inside.ask(*shown) if views else ""]
        return "\n".join(texts)

    def discard(self) -> None:
        """See :class:`djdock.backup.database.Database`."""
        fresh = tick(beside(self.name, RESTORING))
        self._query(f"drop database if exists {fresh};", "information_schema")

    def _triggers(self, schema: str) -> list[tuple[str, str]]:
        said = self._query(sql.triggers(schema), "information_schema")
        return [(schema, name) for name in said.splitlines()]

    def swap(self) -> str:
        """One RENAME TABLE, which the server does as a whole or not at all, and around it, in the same
        script, what cannot be renamed.

        Triggers stand in its way: those of the data in use are dropped just before, and made anew
        when it fails.
        """
        fresh, before = beside(self.name, RESTORING), beside(self.name, BEFORE)
        self._make(before)
        # What is kept shall not change by itself any more: it gets no events.
        new, old = self._rest(fresh), self._rest(self.name)
        kept = self._rest(self.name, "--skip-events")
        moves = [
            *((self.name, before, table) for table in self._tables(self.name)),
            *((fresh, self.name, table) for table in self._tables(fresh)),
        ]
        triggers = self._triggers(self.name) + self._triggers(fresh)
        programs = self._query(sql.programs(self.name), "information_schema")
        try:
            self._change(
                sql.swap(triggers, moves)
                + sql.within(self.name, programs, new)
                + sql.within(before, kept)
            )
        except CommandFailed:
            if triggers and self._tables(fresh):
                self._query(sql.drop_triggers(self._triggers(self.name)) + old)
            raise
        self.discard()
        return f"the schema {before}"

    def empty(self) -> None:
        """See :class:`djdock.backup.database.Database`."""
        said = self._query(sql.characters(self.name), "information_schema").split()
        before = beside(self.name, BEFORE)
        self._query(
            sql.make(self.name, *said) + f"drop database if exists {tick(before)};",
            "information_schema",
        )


def _version(text: str) -> str:
    """The version in what server and clients say of themselves: ``11.8.6-MariaDB``, ``8.4.6``."""
    match = re.search(r"\d+\.\d+\.\d+(-MariaDB)?", text)
    return match[0] if match else ""
