"""`manage.py migrate --noinput`, by one container at a time: the others wait, and then find it done.
What the project runs after migrations (`after_migrate`) follows under the same lock.

The lock is one of the database's own, of the session that asked for it: whoever is killed loses it.
PostgreSQL's belong to a database, MySQL's to the server. SQLite has none, and one machine's processes.
Behind a pool that hands out another session for each transaction there is no such lock either: give this
one the server's own address.
"""

import hashlib
import os
import runpy
import shlex
import sys
import traceback

sys.path.insert(0, os.getcwd())  # noqa: PTH109 - where manage.py is, which Python would put here itself

import django
from django.conf import settings
from django.core.exceptions import AppRegistryNotReady, ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections

WAITING = "Another container is migrating this database: waiting until it is done."

#: What `invoke up` looks for in this container's log.
BEGIN, FAILED = "Commands that follow migrations:", "Failed after the migrations:"

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
    if os.environ.get("DJANGO_CONFIGURATION"):
        from configurations import importer

        importer.install()
    # Of its own: migrations may close theirs.
    try:
        first = connections[DEFAULT_DB_ALIAS]
    except AppRegistryNotReady:
        # PostGIS' engine has models.
        django.setup()
        first = connections[DEFAULT_DB_ALIAS]
    connection = type(first)(dict(first.settings_dict), first.alias)
    if connection.vendor not in LOCKS:
        return None
    with connection.cursor() as cursor:
        LOCKS[connection.vendor](cursor, f"djdock migrate {connection.settings_dict['NAME']}")
    return connection


def manage(*words):
    sys.argv = ["manage.py", *words]
    runpy.run_path("manage.py", run_name="__main__")


def follow(given):
    """Runs the commands of `after_migrate`; the site starts also where one of them fails."""
    words = shlex.split(given)
    if words:
        print(BEGIN, given, flush=True)
    while words:
        end = words.index(";") if ";" in words else len(words)
        one, words = words[:end], words[end + 1 :]
        try:
            manage(*one)
        except SystemExit as error:
            why = f"exit code {error.code}" if error.code else ""
        except Exception as error:
            traceback.print_exc()
            why = f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]
        else:
            why = ""
        if why:
            print(f"{FAILED} `manage.py {' '.join(one)}`: {why}", flush=True)


def main():
    try:
        held = hold()
    except ImproperlyConfigured:
        held = None  # manage.py says what is wrong
    try:
        try:
            manage("migrate", "--noinput", *sys.argv[1:])
        except SystemExit as error:
            if error.code:
                raise
        if any("DatabaseCache" in one.get("BACKEND", "") for one in settings.CACHES.values()):
            # Of a cache in the database no migration makes the table. What is there, stays.
            manage("createcachetable")
        if os.environ.get("DJDOCK_STATIC") == "start":
            # Into the volume: what the build could not do, with the services and the variables that
            # it had not.
            print(
                'Static files are collected now: `static` of [tool.djdock] is "start".', flush=True
            )
            manage("collectstatic", "--noinput")
        follow(os.environ.get("DJDOCK_AFTER_MIGRATE", ""))
    finally:
        if held is not None:
            held.close()


if __name__ == "__main__":
    main()
