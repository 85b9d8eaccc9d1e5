"""Runs where the SQLite file is, by `python -c`: with the standard library, and nothing of djdock's.

    dump FILE      a consistent copy to stdout, by the online backup API
    load FILE      a copy from stdin to FILE_restoring, checked
    swap FILE      FILE_restoring into FILE, in one transaction; FILE_before_restore keeps what was there
    empty FILE     no table at all, in one transaction; FILE_before_restore is removed
    ping FILE      a query

The site may be running: it has the file open, so the file is never renamed. The backup API writes
into it as one transaction, which other connections wait for and a crash rolls back.
"""

# ruff: noqa: D103

import os
import shutil
import sqlite3
import sys


def connect(path):
    if not os.path.exists(path):
        sys.exit(f"error: there is no database {path}")
    return sqlite3.connect(path, timeout=60)


def copy(source, target):
    with_source, with_target = connect(source), sqlite3.connect(target, timeout=60)
    try:
        with_source.backup(with_target)
    finally:
        with_target.close()
        with_source.close()


def remove(path):
    for name in (path, path + "-wal", path + "-shm", path + "-journal"):
        if os.path.exists(name):
            os.remove(name)


def dump(path):
    temporary = path + "_backup"
    remove(temporary)
    try:
        copy(path, temporary)
        with open(temporary, "rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer, 1024 * 1024)
            sys.stdout.buffer.flush()
    finally:
        remove(temporary)


def load(path):
    fresh = path + "_restoring"
    remove(fresh)
    with open(fresh, "wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, 1024 * 1024)
    database = connect(fresh)
    said = database.execute("pragma integrity_check").fetchone()[0]
    database.close()
    if said != "ok":
        remove(fresh)
        sys.exit(f"error: the copy is damaged: {said}")


def swap(path):
    before, fresh = path + "_before_restore", path + "_restoring"
    remove(before)
    if os.path.exists(path):
        copy(path, before)
    copy(fresh, path)
    remove(fresh)


def empty(path):
    nothing = path + "_restoring"
    remove(nothing)
    # Of the same page size: a file in WAL mode cannot change it.
    made = sqlite3.connect(nothing)
    if os.path.exists(path):
        there = connect(path)
        made.execute("pragma page_size = %d" % there.execute("pragma page_size").fetchone()[0])
        there.close()
    made.execute("vacuum")
    made.close()
    copy(nothing, path)
    remove(nothing)
    remove(path + "_before_restore")


def ping(path):
    connect(path).execute("select count(*) from sqlite_master").fetchone()


if __name__ == "__main__":
    {"dump": dump, "load": load, "swap": swap, "empty": empty, "ping": ping}[sys.argv[1]](sys.argv[2])
