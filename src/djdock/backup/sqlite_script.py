"""Runs where the SQLite file is, by `python -c`: with the standard library, and nothing of djdock's.

    dump FILE      a consistent copy to stdout, by the online backup API
    load FILE      a copy from stdin to FILE_restoring, checked
    discard FILE   removes that copy
    swap FILE      FILE_restoring into FILE, in one transaction; FILE_before_restore keeps what was there
    empty FILE     no table at all, in one transaction; FILE_before_restore is removed
    ping FILE      a query

The site may be running: it has the file open, so the file is never renamed. The backup API writes
into it as one transaction, which other connections wait for and a crash rolls back.
"""

# ruff: noqa: D103

import contextlib
import shutil
import sqlite3
import sys
from pathlib import Path

CHUNK = 1024 * 1024


def connect(path: Path) -> sqlite3.Connection:
    if not path.exists():
        sys.exit(f"error: there is no database {path}")
    return sqlite3.connect(path, timeout=60)


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}_{suffix}")


def copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(connect(source)) as read,
        contextlib.closing(sqlite3.connect(target, timeout=60)) as written,
    ):
        read.backup(written)


def remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def dump(path: Path) -> None:
    temporary = beside(path, "backup")
    remove(temporary)
    try:
        copy(path, temporary)
        with temporary.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer, CHUNK)
            sys.stdout.buffer.flush()
    finally:
        remove(temporary)


def load(path: Path) -> None:
    fresh = beside(path, "restoring")
    remove(fresh)
    with fresh.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, CHUNK)
    with contextlib.closing(connect(fresh)) as database:
        said = database.execute("pragma integrity_check").fetchone()[0]
    if said != "ok":
        remove(fresh)
        sys.exit(f"error: the copy is damaged: {said}")


def discard(path: Path) -> None:
    remove(beside(path, "restoring"))


def swap(path: Path) -> None:
    before, fresh = beside(path, "before_restore"), beside(path, "restoring")
    remove(before)
    if path.exists():
        copy(path, before)
    copy(fresh, path)
    remove(fresh)


def empty(path: Path) -> None:
    nothing = beside(path, "restoring")
    remove(nothing)
    with contextlib.closing(sqlite3.connect(nothing)) as made:
        if path.exists():  # of the same page size: a file in WAL mode cannot change it
            with contextlib.closing(connect(path)) as there:
                size = int(there.execute("pragma page_size").fetchone()[0])
            made.execute(f"pragma page_size = {size}")
        made.execute("vacuum")
    copy(nothing, path)
    remove(nothing)
    remove(beside(path, "before_restore"))


def ping(path: Path) -> None:
    with contextlib.closing(connect(path)) as database:
        database.execute("select count(*) from sqlite_master").fetchone()


if __name__ == "__main__":
    steps = (dump, load, discard, swap, empty, ping)
    {step.__name__: step for step in steps}[sys.argv[1]](Path(sys.argv[2]))
