"""`manage.py migrate --noinput`, by one container at a time: the others wait, and then find it done.

The lock is one of the database's own, of the session that asked for it: whoever is killed loses it.
PostgreSQL's belong to a database, MySQL's to the server. SQLite has none, and one machine's processes.
Behind a pool that hands out another session for each transaction there is no such lock either: give this
one the server's own address.
"""

import hashlib
import os
import runpy
import sys

sys.path.insert(0, os.getcwd())  # noqa: PTH109 - where manage.py is, which Python would put here itself

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections

WAITING = "Another container is migrating this database: waiting until it is done."

#: Seconds of one wait for MySQL's lock, which is asked for again.
TURN = 60


def ask(cursor, statement, *values):
    cursor.execute(statement, values)
    return cursor.fetchone()[0]


def lock_postgresql(cursor, name):
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    if not ask(cursor, "SELECT pg_try_advisory_lock(%s)", key):
        print(WAITING, flush=True)
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        ask(cursor, "SELECT pg_advisory_lock(%s)", key)


def lock_mysql(cursor, name):
    key = hashlib.sha256(name.encode()).hexdigest()
    if ask(cursor, "SELECT GET_LOCK(%s, 0)", key) != 1:
        print(WAITING, flush=True)
        while ask(cursor, "SELECT GET_LOCK(%s, %s)", key, TURN) != 1:
            pass


LOCKS = {"postgresql": lock_postgresql, "mysql": lock_mysql}


def hold():
    """A connection that has the lock; None where the database has none."""
    # Of its own: migrations may close theirs.
    first = connections[DEFAULT_DB_ALIAS]
    connection = type(first)(dict(first.settings_dict), first.alias)
    if connection.vendor not in LOCKS:
        return None
    with connection.cursor() as cursor:
        LOCKS[connection.vendor](cursor, f"djdock migrate {connection.settings_dict['NAME']}")
    return connection


if __name__ == "__main__":
    try:
        held = hold()
    except ImproperlyConfigured:
        held = None  # manage.py says what is wrong
    sys.argv = ["manage.py", "migrate", "--noinput", *sys.argv[1:]]
    try:
        runpy.run_path("manage.py", run_name="__main__")
    except SystemExit as error:
        if error.code:
            raise
    finally:
        if held is not None:
            held.close()
    if any("DatabaseCache" in one.get("BACKEND", "") for one in settings.CACHES.values()):
        # Of a cache in the database no migration makes the table. What is there, stays.
        sys.argv = ["manage.py", "createcachetable"]
        runpy.run_path("manage.py", run_name="__main__")
    if os.environ.get("DJDOCK_STATIC") == "start":
        # Into the volume: what the build could not do, with the services and the variables that it
        # had not.
        print('Static files are collected now: `static` of [tool.djdock] is "start".', flush=True)
        sys.argv = ["manage.py", "collectstatic", "--noinput"]
        runpy.run_path("manage.py", run_name="__main__")
