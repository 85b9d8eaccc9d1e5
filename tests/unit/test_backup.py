"""Backups without an engine: folders, streams, sidecars, and what is said to the databases' clients."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import os
import random
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import Project

from djdock.backup import (
    choose,
    folder,
    listing,
    mysql,
    mysql_sql,
    postgres,
    postgres_sql,
    prune,
    restore,
    sidecar,
    stream,
)
from djdock.backup.inside import Inside
from djdock.backup.mysql import Mysql
from djdock.backup.postgres import Postgres
from djdock.backup.sidecar import Facts, Media, Sidecar
from djdock.backup.site import Site
from djdock.backup.sql import beside, ident, literal, tick
from djdock.backup.wait import wait
from djdock.errors import CheckFailed, CommandFailed, MissingError, UsageError
from djdock.shell import Shell

CARD = Sidecar(
    stack="shop",
    made="2026-11-21T05:20:33Z",
    engine="postgresql",
    database="shopdb",
    file="shop-20261121T052033Z.dump",
    size=4,
    sha256=hashlib.sha256(b"data").hexdigest(),
    server="17.12",
    client="17.12",
    django="5.2.19",
    rows={"polls_choice": 11, "größe": 3},
    rows_exact=True,
    migrations=("polls.0001_initial",),
    roles=("shopper",),
)


def put(place: Path, stem: str, **changes: Any) -> Path:
    """Writes a backup of four bytes."""
    file = place / f"{stem}.dump"
    file.write_bytes(b"data")
    card = dataclasses.replace(CARD, file=file.name, **changes)
    file.with_suffix(".json").write_text(card.text(), encoding="utf-8")
    return file


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


# --- the folder ------------------------------------------------------------------------------------


def test_the_default_folder_is_the_owners_and_gits_business_no_more(project: Project) -> None:
    config = project.load()
    place = folder.chosen(config, "")
    assert place == project.root / "backups"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert (place / ".gitignore").read_text() == "*\n"
    with pytest.raises(MissingError, match=r"There is no folder .*/nowhere\."):
        folder.chosen(config, "nowhere")


def test_a_backup_is_there_when_all_of_it_is(tmp_path: Path) -> None:
    with folder.draft(tmp_path, "shop") as draft:
        part, archive = draft.add(".dump"), draft.add(".media.tar")
        part.write(b"da")
        part.write(memoryview(b"ta"))
        archive.write(b"tar")
        assert all(
            name.startswith(".shop-") and name.endswith(".partial") for name in names(tmp_path)
        )
        path = draft.publish("{}")
    assert (part.size, part.digest.hexdigest()) == (4, CARD.sha256)
    assert names(tmp_path) == [f"{draft.stem}{end}" for end in (".dump", ".json", ".media.tar")]
    assert path.read_bytes() == b"data"
    assert {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()} == {0o600}


def fails(draft: folder.Draft) -> None:
    draft.add(".dump").write(b"data")
    raise ZeroDivisionError


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), folder.draft(tmp_path, "shop") as draft:
        fails(draft)
    assert names(tmp_path) == []


def test_a_name_that_cannot_be_given_takes_the_others_back(tmp_path: Path) -> None:
    with folder.draft(tmp_path, "shop") as draft:
        part = draft.add(".dump")
        part.target.mkdir()
        with pytest.raises(IsADirectoryError):
            draft.publish("{}")
    assert names(tmp_path) == [part.target.name]


def test_two_at_once_have_two_names_and_neither_sweeps_the_other(tmp_path: Path) -> None:
    with folder.draft(tmp_path, "shop") as one, folder.draft(tmp_path, "shop") as other:
        assert one.stem < other.stem
        assert folder.sweep(tmp_path) == []
        for draft in (one, other):
            draft.add(".dump").write(b"data")
            draft.publish("{}")
    assert len(names(tmp_path)) == 4


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path) -> None:
    left = tmp_path / ".shop-20200101T000000Z.dump.partial"
    left.write_bytes(b"half")
    mine = tmp_path / "my.partial"
    mine.touch()
    with folder.draft(tmp_path, "shop"):
        assert not left.exists()
    assert names(tmp_path) == ["my.partial"]


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    part = folder.Partial(tmp_path / "x.dump", tmp_path / ".x.dump.partial", full)
    with pytest.raises(
        MissingError, match=r"cannot be written to .*: No space left on device\."
    ) as e:
        part.write(b"data")
    part.discard()
    assert "the older backups are as they were" in e.value.remedy


# --- streams ---------------------------------------------------------------------------------------


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("pack", [False, True])
def test_what_a_process_prints_arrives_and_goes_back(tmp_path: Path, pack: bool) -> None:
    data = random.Random(1).randbytes(3_000_000) + bytes(5_000_000)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    with folder.draft(tmp_path, "shop") as draft:
        part = draft.add(".dump")
        argv = python(f"import sys; sys.stdout.buffer.write(open({str(source)!r}, 'rb').read())")
        with Shell().piped(argv) as process:
            stream.receive(process, part, pack=pack)
        path = draft.publish("{}")
    stored = path.read_bytes()
    assert (gzip.decompress(stored) if pack else stored) == data
    assert (len(stored), stream.checksum(path)) == (part.size, part.digest.hexdigest())
    argv = python(f"import sys; open({str(target)!r}, 'wb').write(sys.stdin.buffer.read())")
    with Shell().piped(argv, stdin=subprocess.PIPE) as process:
        stream.send(path, process, unpack=pack)
    assert target.read_bytes() == data


@pytest.mark.parametrize("cut", [slice(None, -50), slice(1, None), slice(0, 0)])
def test_a_packed_file_that_is_cut_is_not_taken_for_whole(tmp_path: Path, cut: slice) -> None:
    path = tmp_path / "x.sql.gz"
    path.write_bytes(gzip.compress(random.Random(1).randbytes(100_000))[cut])
    argv = python("import sys; sys.stdin.buffer.read()")
    with (
        pytest.raises(ValueError, match="gz"),
        Shell().piped(argv, stdin=subprocess.PIPE) as process,
    ):
        stream.send(path, process, unpack=True)


def test_a_process_that_fails_says_why_also_when_it_read_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.dump"
    path.write_bytes(bytes(10_000_000))
    argv = python("import sys; sys.exit('warming up\\nx: error: no such role\\nCommand was: x')")
    with (
        pytest.raises(CommandFailed, match="failed: x: error: no such role") as failed,
        Shell().piped(argv, stdin=subprocess.PIPE) as process,
    ):
        stream.send(path, process)
    assert failed.value.returncode == 1


def test_a_process_whose_reader_fails_is_ended() -> None:
    with (
        pytest.raises(ZeroDivisionError),
        Shell().piped(python("input()"), stdin=subprocess.PIPE) as p,
    ):
        raise ZeroDivisionError
    assert p.returncode == -9


# --- sidecars and lists ----------------------------------------------------------------------------


def test_a_sidecar_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for card in (CARD, dataclasses.replace(CARD, media=Media("x.media.tar", 9, "ab"))):
        path.write_text(card.text(), encoding="utf-8")
        assert sidecar.read(path) == card
    assert json.loads(CARD.text())["version"] == 1


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", CARD.text().replace('"version": 1', '"version": 2'),
     CARD.text().replace('"rows": {', '"rows": 3, "x": {'), CARD.text().replace('"shop"', "7")],
)  # fmt: skip
def test_what_is_no_sidecar_is_refused_and_not_listed(tmp_path: Path, text: str) -> None:
    put(tmp_path, "shop-1")
    (tmp_path / "shop-1.json").write_text(text, encoding="utf-8")
    with pytest.raises(MissingError, match="describes no backup"):
        sidecar.read(tmp_path / "shop-1.json")
    assert listing.find(tmp_path) == []


def test_backups_are_listed_by_age_and_named_by_path_or_name(project: Project) -> None:
    place = folder.default(project.load())
    new = put(place, "shop-2", made="2026-11-22T00:00:00Z")
    old = put(place, "shop-1", made="2026-11-21T00:00:00Z")
    put(place, "other-1", made="2026-11-21T12:00:00Z", stack="other")
    (place / "shop-3.json").write_text(CARD.text(), encoding="utf-8")  # its data are gone
    assert [b.file.name for b in listing.find(place)] == [
        "shop-1.dump",
        "other-1.dump",
        "shop-2.dump",
    ]
    assert [b.file for b in listing.find(place, "shop")] == [old, new]
    for given in (str(old), "shop-1.dump", "backups/shop-1.dump", "shop-1.json"):
        assert listing.one(project.root, place, given).file.samefile(old)
    with pytest.raises(UsageError, match=r"There is no backup `shop-4\.dump`\."):
        listing.one(project.root, place, "shop-4.dump")
    (place / "shop-1.json").unlink()
    with pytest.raises(MissingError, match=r"There is no shop-1\.json beside the backup\."):
        listing.one(project.root, place, "shop-1.dump")
    assert listing.find(project.root / "nowhere") == []
    with pytest.raises(UsageError, match=r"None has been made yet: `invoke db\.backup`\."):
        listing.one(project.root, project.root / "nowhere", "shop-1.dump")


def test_the_table_and_the_json_of_a_list(tmp_path: Path) -> None:
    put(tmp_path, "shop-1", media=Media("shop-1.media.tar", 2_000_000, "ab"))
    found = listing.find(tmp_path)
    assert listing.text(found).splitlines()[-1].split() == [
        "shop-1.dump", "2026-11-21", "05:20:33", "postgresql", "17.12", "14", "4", "B", "2.00", "MB",
    ]  # fmt: skip
    data = listing.data(found)
    assert (data["version"], data["backups"][0]["path"]) == (1, str(tmp_path / "shop-1.dump"))


def test_prune_takes_the_oldest_of_this_stack_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    for day in range(1, 5):
        put(tmp_path, f"shop-{day}", made=f"2026-11-0{day}T00:00:00Z",
            media=Media(f"shop-{day}.media.tar", 1, ""))  # fmt: skip
        (tmp_path / f"shop-{day}.media.tar").touch()
    put(tmp_path, "other-0", made="2020-01-01T00:00:00Z", stack="other")
    assert prune.superfluous(tmp_path, "shop", 4) == []
    found = prune.superfluous(tmp_path, "shop", 2)
    assert [backup.file.name for backup in found] == ["shop-1.dump", "shop-2.dump"]
    prune.delete(tmp_path, found)
    assert {name.split(".")[0] for name in names(tmp_path)} == {"shop-3", "shop-4", "other-0"}


# --- PostgreSQL ------------------------------------------------------------------------------------


def test_names_and_texts_are_quoted() -> None:
    assert (ident('a"b'), tick("a`b"), literal("a'b\\")) == ('"a""b"', "`a``b`", "'a''b\\'")
    assert beside("polls", "restoring") == "polls_restoring"
    long = beside("ä" * 40, "restoring")
    assert (len(long.encode()) <= 63, long[-10:]) == (True, "_restoring")
    assert mysql_sql.text("ä'") == "convert(0xc3a427 using utf8mb4)"


def test_the_command_lines_of_postgresql() -> None:
    found = Postgres(Inside(Shell()), "shopdb", "shopper")
    login = ["--no-password", "--username", "shopper", "--dbname"]
    assert found.dump_words("00000003-1", zstd=False) == [
        "pg_dump", "--format", "custom", "--snapshot", "00000003-1", *login, "shopdb",
    ]  # fmt: skip
    assert found.restore_words("shopdb_restoring", owners=False) == [
        "pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", *login, "shopdb_restoring",
    ]  # fmt: skip


def test_what_psql_prints_is_read() -> None:
    said = (
        '["server", ["17.12 (Debian 17.12-0+deb13u1)"]]\n["roles", ["shopper", "ann"]]\n'
        '["migrations", ["polls.0002", "polls.0001"]]\n["rows", "b", 2]\n\n["rows", "a", 1]\n'
    )
    assert postgres._facts(said, "17.12") == Facts(
        "17.12", "17.12", {"a": 1, "b": 2}, True, ("polls.0001", "polls.0002"), ("ann", "shopper")
    )
    nothing = postgres._facts('["server", ["16.1"]]\n["migrations", null]\n', "16.1")
    assert (nothing.rows, nothing.migrations) == ({}, ())
    assert postgres._version("pg_dump (PostgreSQL) 17.12 (Debian 17.12-0+deb13u1)") == "17.12"


def test_both_names_change_in_one_statement() -> None:
    text = postgres_sql.swap("shop'db", "shop'db_restoring", "shop'db_before_restore")
    assert text.count("do $swap$") == 1
    assert 'alter database "shop\'db_restoring" rename to "shop\'db";' in text
    assert "datname = 'shop''db'" in text


class Told(Inside):
    """Answers in the order given, and keeps what it was told."""

    def __new__(cls, *answers: object) -> Told:
        made = super().__new__(cls)
        object.__setattr__(made, "answers", list(answers))
        object.__setattr__(made, "told", [])
        return made

    def __init__(self, *answers: object) -> None:
        super().__init__(Shell())

    def tell(self, text: str, *words: str) -> str:
        self.told.append(text)  # type: ignore[attr-defined]
        answer = self.answers.pop(0)  # type: ignore[attr-defined]
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


def busy() -> CommandFailed:
    problem = 'database "shopdb" is being accessed by other users'
    return CommandFailed(["psql"], 3, problem=problem)


def test_a_swap_is_tried_again_while_the_site_is_quicker() -> None:
    told = Told(busy(), busy(), "")
    assert Postgres(told, "shopdb", "x").swap() == "the database shopdb_before_restore"
    assert len(told.told) == 3  # type: ignore[attr-defined]
    with pytest.raises(CommandFailed, match="other users"):
        Postgres(Told(*[busy()] * 20), "shopdb", "x").swap()
    with pytest.raises(CommandFailed, match="gone"):
        Postgres(Told(CommandFailed(["psql"], 2, problem="gone")), "shopdb", "x").swap()


# --- MySQL -----------------------------------------------------------------------------------------


def test_the_command_lines_of_mysql_hold_no_password() -> None:
    dump, load = Mysql(Inside(Shell()), "shopdb", "shopper").lines()
    assert dump == [
        "sh", "-c", "…", "client", "-dump", "root", "--default-character-set=utf8mb4",
        "--max-allowed-packet=1G", "--routines", "--events", "--no-tablespaces",
        "--loose-set-gtid-purged=OFF", "--single-transaction", "--quick", "--triggers", "--hex-blob",
        "shopdb",
    ]  # fmt: skip
    assert load == [
        "sh", "-c", "…", "client", "", "root", "--batch", "--raw", "--skip-column-names",
        "--binary-mode", "--default-character-set=utf8mb4", "--max-allowed-packet=1G",
        "shopdb_restoring",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "account", "env", "said"),
    [
        ("", "root", {"MYSQL_ROOT_PASSWORD": "r o't"}, "mariadb --user=root -x r o't"),
        ("", "site", {"MYSQL_ROOT_PASSWORD": "r", "MYSQL_USER": "u", "MYSQL_PASSWORD": "p"},
         "mariadb --user=u -x p"),
        ("", "root", {"MARIADB_USER": "u", "MARIADB_PASSWORD": "p"}, "mariadb --user=u -x p"),
        ("-dump", "root", {"MYSQL_ROOT_PASSWORD_FILE": "secret"}, "mysqldump --user=root -x from file"),
    ],
)  # fmt: skip
def test_the_client_that_the_image_has_gets_the_password_that_the_container_has(
    tmp_path: Path, kind: str, account: str, env: dict[str, str], said: str
) -> None:
    (tmp_path / "secret").write_text("from file\n")
    for name in ("mariadb", "mysqldump"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" "$MYSQL_PWD"\n')
        program.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", mysql.CLIENT, "client", kind, account, "-x"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", **env}, cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"{said}\n"


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        (f"select 'a\\n%s';\n\n{mysql.END}\n", 0, f"select 'a\\n%s';\n\n{mysql.END}\n"),
        ("drop table a;\nrename", 1, ""),
        ("", 1, ""),
    ],
)
def test_a_script_that_is_cut_off_is_not_begun(script: str, code: int, said: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", mysql.WHOLE, "whole", "cat"], input=script, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (code, said)


def test_mysqls_tables_change_places_in_one_statement() -> None:
    moves = [("a", "a_before_restore", "t`"), ("a_restoring", "a", "t`")]
    assert mysql_sql.swap([("a", "x")], moves) == (
        "set session lock_wait_timeout = 30;\ndrop trigger `a`.`x`;\n"
        "rename table `a`.`t``` to `a_before_restore`.`t```, `a_restoring`.`t``` to `a`.`t```;\n"
    )
    assert "rename" not in mysql_sql.swap([], [])
    assert mysql_sql.within("a`", "x;", "y;") == "use `a```;\nx;\ny;\n"
    assert mysql._version("mariadb-dump from 11.8.6-MariaDB, client 10.19") == "11.8.6-MariaDB"
    assert mysql._version("mysqldump  Ver 8.4.6 for Linux on x86_64") == "8.4.6"


# --- restoring, choosing, waiting ------------------------------------------------------------------


def target(engine: str = "postgresql") -> choose.Target:
    inside = Inside(Shell())
    found = {"postgresql": Postgres(inside, "a", "b"), "mysql": Mysql(inside, "a", "b")}[engine]
    return choose.Target(found, None)


def test_a_backup_of_another_kind_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "shop-1", media=Media("shop-1.media.tar", 3, hashlib.sha256(b"tar").hexdigest()))
    (backup,) = listing.find(tmp_path)
    with pytest.raises(
        UsageError, match="is a backup of postgresql, and this site's database is mysql"
    ):
        restore.require(backup, target("mysql"))
    with pytest.raises(MissingError, match=r"shop-1\.media\.tar is not there"):
        restore.require(backup, target())
    archive = tmp_path / "shop-1.media.tar"
    archive.write_bytes(b"tar")
    restore.require(backup, target())
    archive.write_bytes(b"tap")
    with pytest.raises(CheckFailed, match=r"shop-1\.media\.tar is not what was written"):
        restore.require(backup, target())


@pytest.mark.parametrize(
    ("made", "here", "said"),
    [
        ("17.12", "17.2", ""), ("17.12", "18.0", ""), ("17.12", "16.9", "may not understand it"),
        ("8.4.6", "8.4.2", ""), ("9.1.0", "8.4.2", "may not understand it"), ("3.46.1", "3.40.1", "may"),
        ("11.8.6-MariaDB", "8.4.2", "MySQL and MariaDB do not understand"),
        ("11.8.6-MariaDB", "11.4.2-MariaDB", "may not understand it"),
    ],
)  # fmt: skip
def test_a_newer_servers_backup_is_warned_of(made: str, here: str, said: str) -> None:
    notes: list[str] = []
    restore.warn(made, here, notes.append)
    assert bool(notes) == bool(said)
    assert said in "".join(notes)


def test_migrations_are_compared_with_the_codes() -> None:
    site = Site(
        "5.2",
        "",
        "",
        {"a.1": [], "a.2": [], "a.1_squashed_2": ["a.1", "a.2"], "a.3": [], "b.1": []},
    )
    assert site.differences(("a.1", "a.2", "a.3", "b.1")) == ([], [])
    assert site.differences(("a.1_squashed_2", "a.3", "b.1")) == ([], [])
    assert site.differences(()) == (["a.1_squashed_2", "a.3", "b.1"], [])
    assert site.differences(("a.1", "a.2", "a.3", "a.4", "gone.1", "b.1")) == ([], ["a.4"])


def test_only_one_restores_at_a_time(project: Project) -> None:
    config = project.load()
    with (
        restore.alone(config),
        pytest.raises(UsageError, match="being restored or reset by another run"),
        restore.alone(config),
    ):
        pass
    with restore.alone(config):
        pass


def test_the_database_is_that_of_the_add_on(project: Project) -> None:
    shell = Shell(dry=True)
    assert choose.target(project.load(), shell, "docker", web=True).database.engine == "postgresql"
    assert choose.service(project.load()) == "db"
    project.table("addons = []")
    assert choose.target(project.load(), shell, "docker", web=True).database.engine == "sqlite3"
    assert choose.service(project.load()) == "web"
    project.dotenv(DATABASE_ENGINE="postgresql", DATABASE_HOST="db.example.org")
    with pytest.raises(UsageError, match="outside of the stack"):
        choose.target(project.load(), shell, "docker", web=True)


def test_waiting_ends_with_the_answer_or_with_what_was_said_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("djdock.backup.wait.PAUSE", 0)
    told = Told(busy(), busy(), "1")
    assert wait(lambda: Postgres(told, "shopdb", "x"), 60) < 60
    with pytest.raises(CheckFailed, match=r"within 0 s: .* accessed by other users"):
        wait(lambda: Postgres(Told(busy()), "shopdb", "x"), 0)
