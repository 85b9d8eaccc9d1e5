import socket
import time
from unittest import mock

from django.db import OperationalError, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler
from django.test import (
    RequestFactory,
    SimpleTestCase,
    TestCase,
    TransactionTestCase,
    override_settings,
)

from config import health
from config.database import database
from config.env import Env
from config.health import HealthMiddleware, short


def elsewhere(port):
    """A PostgreSQL that is not there."""
    variables = {
        "DATABASE_ENGINE": "postgresql",
        "DATABASE_NAME": "polls",
        "DATABASE_USERNAME": "polls",
        "DATABASE_PASSWORD": "hunter2",
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_PORT": str(port),
    }
    handler = ConnectionHandler({"default": database(Env(variables), None)})
    return mock.patch.object(health, "connections", handler)


def probe(path="/readyz"):
    middleware = HealthMiddleware(lambda request: None)
    with mock.patch.object(health.logger, "warning"):
        return middleware(RequestFactory().get(path))


class AliveTests(SimpleTestCase):
    """SimpleTestCase: any query would fail the test."""

    def test_alive(self):
        response = self.client.get("/healthz")
        self.assertEqual((response.status_code, response.json()), (200, {"status": "alive"}))
        self.assertEqual(response["Cache-Control"], "no-store")
        self.assertFalse(response.cookies)

    @override_settings(ALLOWED_HOSTS=["example.org"], SECURE_SSL_REDIRECT=True)
    def test_neither_host_nor_scheme_matter(self):
        self.assertEqual(self.client.get("/healthz", headers={"host": "10.0.0.7"}).status_code, 200)

    def test_get_and_head_only(self):
        for path in ("/healthz", "/readyz"):
            response = self.client.post(path)
            self.assertEqual((response.status_code, response["Allow"]), (405, "GET, HEAD"))
        response = self.client.head("/healthz")
        self.assertEqual((response.status_code, response.content), (200, b""))
        self.assertEqual(response["Content-Length"], str(len('{"status": "alive"}')))

    def test_only_these_paths(self):
        middleware = HealthMiddleware(lambda request: "passed on")
        for path in ("/", "/healthz/", "/readyz/more", "/HEALTHZ"):
            self.assertEqual(middleware(RequestFactory().get(path)), "passed on")


class ReadyTests(TestCase):
    @override_settings(ALLOWED_HOSTS=["example.org"], SECURE_SSL_REDIRECT=True)
    def test_ready_names_the_database(self):
        response = self.client.get("/readyz", headers={"host": "10.0.0.7"})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json(), {"status": "ready", "database": connection.vendor})

    def test_the_schema_is_looked_at_until_it_is_current_and_not_again(self):
        middleware, request = (
            HealthMiddleware(lambda request: None),
            RequestFactory().get("/readyz"),
        )
        with (
            mock.patch.object(health, "pending_migrations", side_effect=[["a.1"], [], []]) as look,
            self.assertLogs("config.health") as logs,
        ):
            codes = [middleware(request).status_code for _ in range(4)]
        self.assertEqual((codes, look.call_count), ([503, 200, 200, 200], 2))
        self.assertEqual(
            [record.getMessage() for record in logs.records],
            ["not ready: migrations pending: a.1", "ready again"],
        )

    def test_many_pending_migrations_are_cut_short(self):
        pending = ["a.1", "a.2", "a.3", "b.1", "b.2"]
        with mock.patch.object(health, "pending_migrations", return_value=pending):
            self.assertEqual(
                probe().content.decode(),
                '{"status": "unavailable", "reason": '
                '"migrations pending: a.1, a.2, a.3 and 2 more"}',
            )


class PendingMigrationTests(TransactionTestCase):
    def test_pending_migration_is_named(self):
        recorder = MigrationRecorder(connection)
        recorder.record_unapplied("polls", "0004_ballot")
        self.addCleanup(recorder.record_applied, "polls", "0004_ballot")
        response = probe()
        self.assertEqual(response.status_code, 503)
        self.assertIn(b'"migrations pending: polls.0004_ballot"', response.content)

    def test_inconsistent_history_is_named(self):
        recorder = MigrationRecorder(connection)
        recorder.record_unapplied("polls", "0001_initial")
        self.addCleanup(recorder.record_applied, "polls", "0001_initial")
        response = probe()
        self.assertEqual(response.status_code, 503)
        self.assertIn(b"migrations inconsistent: Migration polls.0002", response.content)


class DatabaseDownTests(SimpleTestCase):
    databases = {"default"}  # lets `elsewhere` connect; the site's own database is not used

    def test_closed_port(self):
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers there
            with elsewhere(reserved.getsockname()[1]):
                response = probe()
        self.assertEqual(response.status_code, 503)
        self.assertEqual(
            response.content.decode(),
            '{"status": "unavailable", "reason": "database: connection refused"}',
        )

    def test_a_server_that_never_answers_is_given_up(self):
        with (
            socket.create_server(("127.0.0.1", 0)) as silent,
            elsewhere(silent.getsockname()[1]),
        ):
            began = time.monotonic()
            response = probe()
        self.assertEqual(response.status_code, 503)
        self.assertLess(time.monotonic() - began, 6)
        self.assertIn(b"timeout expired", response.content)

    def test_alive_all_the_same(self):
        with elsewhere(1):
            self.assertEqual(probe("/healthz").status_code, 200)

    def test_the_connections_of_the_site_are_left_alone(self):
        before = connections["default"].connection
        with elsewhere(1):
            probe()
        self.assertIs(connections["default"].connection, before)


class ReasonTests(SimpleTestCase):
    def test_short(self):
        for message, expected in {
            'connection to server at "db" (10.0.0.2) failed: Connection refused\n\tIs it?': (
                "connection refused"
            ),
            'connection to server at "db", port 5432 failed: FATAL:  database "x" does not exist': (
                'database "x" does not exist'
            ),
            "": "operationalError",
            "Access denied (using hunter2)": "access denied (using ***)",
        }.items():
            with self.subTest(message=message):
                self.assertEqual(short(OperationalError(message), "hunter2"), expected)

    def test_mysql_has_a_number_and_the_servers_name_first(self):
        error = OperationalError(2003, "Can't connect to MySQL server on 'db' (timed out)")
        self.assertEqual(short(error, ""), "can't connect to MySQL server (timed out)")
