from importlib import import_module
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from config.database import MYSQL, POSTGRESQL, SQLITE, database
from config.env import Env

BASE = Path("/site")


def settings(**variables):
    return database(Env({f"DATABASE_{name}": value for name, value in variables.items()}), BASE)


class DatabaseTests(SimpleTestCase):
    def test_engines(self):
        for name, backend in {
            "": SQLITE,
            "sqlite": SQLITE,
            "sqlite3": SQLITE,
            "django.db.backends.sqlite3": SQLITE,
            "postgresql": POSTGRESQL,
            "postgresql_psycopg2": POSTGRESQL,
            "django.db.backends.postgresql": POSTGRESQL,
            "django.db.backends.postgresql_psycopg2": POSTGRESQL,
            "PostgreSQL": POSTGRESQL,
            "mysql": MYSQL,
            "django.db.backends.mysql": MYSQL,
        }.items():
            with self.subTest(name=name):
                self.assertEqual(settings(ENGINE=name, NAME="polls")["ENGINE"], backend)

    def test_an_unknown_engine_lists_the_known_ones(self):
        with self.assertRaisesMessage(
            ImproperlyConfigured,
            "DATABASE_ENGINE is 'postgres'; use one of "
            "postgresql, postgresql_psycopg2, mysql, sqlite3, sqlite.",
        ):
            settings(ENGINE="postgres", NAME="polls")

    def test_sqlite_file(self):
        for name, expected in {
            "": BASE / "db.sqlite3",
            "mine.db": BASE / "mine.db",
            "/data/site.db": Path("/data/site.db"),
            ":memory:": ":memory:",
        }.items():
            with self.subTest(name=name):
                self.assertEqual(settings(NAME=name)["NAME"], expected)

    def test_sqlite_waits_for_its_turn(self):
        options = settings()["OPTIONS"]
        self.assertEqual((options["timeout"], options["transaction_mode"]), (20, "IMMEDIATE"))

    def test_server(self):
        found = settings(
            ENGINE="postgresql", NAME="polls", USERNAME="u", PASSWORD="p", HOST="db", PORT="6432"
        )
        self.assertEqual(
            {key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")},
            {"NAME": "polls", "USER": "u", "PASSWORD": "p", "HOST": "db", "PORT": 6432},
        )
        self.assertTrue(found["CONN_HEALTH_CHECKS"])
        self.assertEqual(found["OPTIONS"]["connect_timeout"], 3)

    def test_default_ports(self):
        self.assertEqual(settings(ENGINE="postgresql", NAME="polls")["PORT"], 5432)
        self.assertEqual(settings(ENGINE="mysql", NAME="polls", PORT="")["PORT"], 3306)

    def test_mysql_takes_every_character_and_cuts_nothing_short(self):
        found = settings(ENGINE="mysql", NAME="polls")
        self.assertEqual(found["OPTIONS"]["charset"], "utf8mb4")
        self.assertEqual(found["OPTIONS"]["sql_mode"], "TRADITIONAL")
        self.assertIn(import_module("MySQLdb").__name__, ("pymysql", "MySQLdb"))

    def test_mistakes(self):
        for variables, message in (
            ({"ENGINE": "postgresql"}, "DATABASE_NAME is not set"),
            ({"ENGINE": "mysql", "NAME": "p", "PORT": "three"}, "DATABASE_PORT is 'three'"),
            ({"HOST": "db"}, "DATABASE_HOST is set but DATABASE_ENGINE is not"),
        ):
            with (
                self.subTest(message=message),
                self.assertRaisesMessage(ImproperlyConfigured, message),
            ):
                settings(**variables)
