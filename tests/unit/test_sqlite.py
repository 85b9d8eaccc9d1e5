"""Backups of `up --local`: SQLite and media files, with nothing but this machine's Python."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from support import Invoke, Project

from djdock.backup import folder, media, media_script
from djdock.backup.inside import Inside
from djdock.shell import Shell

#: A site without Django: manage.py makes a table, and what asks for settings gets none.
MANAGE = """
import os, sqlite3
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
with sqlite3.connect(os.environ["DATABASE_NAME"]) as database:
    database.execute("create table if not exists made_by_migrate (n int)")
"""


@pytest.fixture
def database(project: Project) -> Path:
    """The file of a local site that was up, in WAL mode as Django's guides advise."""
    config = project.load()
    (config.make_scratch() / "venv/bin").mkdir(parents=True)
    (config.scratch / "venv/bin/python").symlink_to(sys.executable)
    project.write("src/shop/manage.py", MANAGE)
    path = config.scratch / "db.sqlite3"
    with closing(sqlite3.connect(path)) as made:
        made.executescript(
            "pragma journal_mode = wal;"
            "create table notes (id integer primary key autoincrement, t text);"
            "create table django_migrations (app text, name text);"
            "insert into django_migrations values ('polls', '0001_initial');"
        )
        made.executemany("insert into notes (t) values (?)", [(text,) for text in TEXTS])
        made.commit()
    return path


TEXTS = ["plain", "it's", 'a "b"', "\U0001f600", "a\x00b", "\u202eright", "x" * 1_000_000, ""]


def rows(path: Path, table: str = "notes") -> list[str]:
    with closing(sqlite3.connect(path)) as opened:
        return [text for (text,) in opened.execute(f"select t from {table} order by rowid")]


def test_a_local_site_is_backed_up_and_restored_while_it_is_open(
    database: Path, project: Project, invoke: Invoke
) -> None:
    with closing(sqlite3.connect(database)) as site:
        site.execute("insert into notes (t) values ('not in the file yet, but in its WAL')")
        site.commit()
        ended = invoke("db.backup", "--local", "--json")
        assert ended.code == 0, ended.err
        card = json.loads(ended.out)
        assert card["rows"] == {"django_migrations": 1, "notes": 9}
        assert (card["engine"], card["migrations"]) == ("sqlite3", ["polls.0001_initial"])
        site.execute("delete from notes")
        site.commit()
        ended = invoke("db.restore", card["path"], "--local", "--yes")
        assert ended.code == 0, ended.err
        # The connection that was open all the time sees it: the file is the same one.
        found = [text for (text,) in site.execute("select t from notes order by id")]
        assert found[:-1] == TEXTS
        assert site.execute("insert into notes (t) values ('next')").lastrowid == 10
    assert "db.sqlite3_before_restore" in ended.err
    assert rows(database.with_name("db.sqlite3_before_restore")) == []
    assert not database.with_name("db.sqlite3_restoring").exists()


def test_a_local_site_is_reset_and_waited_for(
    database: Path, project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(os.devnull) as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        assert invoke("db.reset", "--local").code == 2
    assert len(rows(database)) == len(TEXTS)
    assert invoke("db.reset", "--local", "--yes").code == 0
    with closing(sqlite3.connect(database)) as opened:
        tables = [name for (name,) in opened.execute("select name from sqlite_master")]
    assert tables == ["made_by_migrate"]
    assert invoke("db.wait", "--local", "--timeout", "5").code == 0
    database.unlink()
    ended = invoke("db.wait", "--local", "--timeout", "1")
    assert (ended.code, "there is no database" in ended.err) == (1, True)


def test_a_copy_that_is_damaged_changes_nothing(
    database: Path, project: Project, invoke: Invoke
) -> None:
    path = Path(invoke("db.backup", "--local").out.strip())
    data = bytearray(path.read_bytes())
    data[4096:9000] = os.urandom(4904)
    path.write_bytes(data)
    side = path.with_suffix(".json")
    card = json.loads(side.read_text())
    side.write_text(json.dumps(card | {"sha256": hashlib.sha256(data).hexdigest()}))
    ended = invoke("db.restore", path.name, "--local", "--yes")
    assert (ended.code, "could not be restored" in ended.err) == (1, True), ended.err
    assert rows(database) == TEXTS


def test_a_swap_that_is_killed_rolls_back(database: Path, tmp_path: Path) -> None:
    before = rows(database)
    fresh = database.with_name("db.sqlite3_restoring")
    with closing(sqlite3.connect(fresh)) as made:
        made.execute("create table notes (t)")
        made.executemany("insert into notes values (?)", [("y" * 10_000,) for _ in range(5_000)])
        made.commit()
    code = (
        "import os, sqlite3, sys\n"
        "source, target = sqlite3.connect(sys.argv[1]), sqlite3.connect(sys.argv[2])\n"
        "steps = iter(range(9))\n"
        "end = lambda *_: next(steps) == 5 and os.kill(os.getpid(), 9)\n"
        "source.backup(target, pages=1000, progress=end)"
    )
    done = subprocess.run([sys.executable, "-c", code, fresh, database], check=False)
    assert done.returncode == -signal.SIGKILL
    assert rows(database) == before


# --- media files -----------------------------------------------------------------------------------


def test_media_files_are_swapped_as_a_whole(tmp_path: Path) -> None:
    files, backups = tmp_path / "media", tmp_path / "backups"
    (files / "a/b").mkdir(parents=True)
    backups.mkdir()
    (files / "a/b/größe \u202e.bin").write_bytes(os.urandom(2_000_000))
    (files / "a/other").hardlink_to(files / "a/b/größe \u202e.bin")
    (files / "link").symlink_to("a")
    (files / ".hidden").write_text("x")
    inside = Inside(Shell())
    before = tree(files)
    with folder.draft(backups, "shop") as draft:
        part = draft.add(media.SUFFIX)
        media.dump(inside, sys.executable, str(files), part)
        path = draft.publish("{}")
    (files / "a/b/größe \u202e.bin").unlink()
    (files / "new").write_text("new")
    changed = tree(files)
    media.load(inside, sys.executable, str(files), path)
    assert {
        name: v for name, v in tree(files).items() if not name.startswith(".restoring")
    } == changed
    media.swap(inside, sys.executable, str(files))
    found = tree(files)
    assert media.BEFORE == media_script.BEFORE
    kept = {name.partition("/")[2]: v for name, v in found.items() if name.startswith(".before")}
    assert {name: v for name, v in found.items() if not name.startswith(".before")} == before
    assert kept == changed
    with folder.draft(backups, "shop") as draft:  # what is kept is in no backup
        part = draft.add(media.SUFFIX)
        media.dump(inside, sys.executable, str(files), part)
        archive = tarfile.open(draft.publish("{}"))  # noqa: SIM115
    with archive:
        assert not [name for name in archive.getnames() if name.startswith(".before")]


def test_a_site_without_a_media_file_yet_is_backed_up_and_restored(tmp_path: Path) -> None:
    files, backups = tmp_path / "media", tmp_path / "backups"
    backups.mkdir()
    inside = Inside(Shell())
    with folder.draft(backups, "shop") as draft:
        part = draft.add(media.SUFFIX)
        media.dump(inside, sys.executable, str(files), part)
        path = draft.publish("{}")
    for step in ("there is none yet", "there is one now"):
        media.load(inside, sys.executable, str(files), path)
        media.swap(inside, sys.executable, str(files))
        if step == "there is none yet":
            assert not files.exists()  # which a read-only image could not have made
            files.mkdir()
            (files / "new").write_text("new")
    assert tree(files) == {".before_restore/new": b"new"}


def tree(root: Path) -> dict[str, bytes | str]:
    found: dict[str, bytes | str] = {}
    for path in root.rglob("*"):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = os.readlink(path)  # noqa: PTH115
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


@pytest.mark.parametrize(
    ("name", "kind", "target"),
    [
        ("../outside", tarfile.REGTYPE, ""),
        ("a/../../outside", tarfile.DIRTYPE, ""),
        ("/outside", tarfile.REGTYPE, ""),
        ("a/link", tarfile.SYMTYPE, "../../outside"),
        ("link", tarfile.SYMTYPE, "/outside"),
        ("null", tarfile.CHRTYPE, ""),
    ],
)
def test_a_python_without_filters_takes_nothing_that_leads_elsewhere(
    name: str, kind: bytes, target: str
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    with pytest.raises(ValueError, match=r"outside of|neither a file"):
        list(media_script.inside([entry]))


def test_a_python_without_filters_takes_the_rest() -> None:
    entries = [tarfile.TarInfo("a"), tarfile.TarInfo("a/b"), tarfile.TarInfo("a/c")]
    entries[0].type, entries[0].mode = tarfile.DIRTYPE, 0o7777
    entries[2].type, entries[2].linkname = tarfile.SYMTYPE, "../a/b"
    assert list(media_script.inside(entries)) == entries
    assert entries[0].mode == 0o755


def test_an_archive_may_not_write_elsewhere(tmp_path: Path) -> None:
    files = tmp_path / "media"
    files.mkdir()
    archive = tmp_path / "x.tar"
    with tarfile.open(archive, "w") as made:
        made.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
    with pytest.raises(Exception, match="outside"):
        media.load(Inside(Shell()), sys.executable, str(files), archive)
    assert not (tmp_path / "outside").exists()
