"""/healthz: this process answers. /readyz: it can also serve (database there, schema current)."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from config.database import CONNECT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

SHOWN_MIGRATIONS = 3


class HealthMiddleware:
    """Answers both paths itself, before anything that could refuse or redirect a probe."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._schema_is_current = False
        self._last_reason = ""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = {"/healthz": self._alive, "/readyz": self._ready}.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = answer()
        response["Cache-Control"] = "no-store"
        # Said once by _note below; Django would repeat "Service Unavailable" at every probe.
        response._has_been_logged = True
        response["Content-Length"] = str(len(response.content))
        if request.method == "HEAD":
            response.content = b""
        return response

    def _alive(self) -> HttpResponse:
        return JsonResponse({"status": "alive"})

    def _ready(self) -> HttpResponse:
        # A connection of its own: opening one is bounded by connect_timeout, whereas a query on
        # an old one waits for as long as a frozen server likes.
        connection = connections[DEFAULT_DB_ALIAS].copy()
        if connection.vendor == "mysql":
            # Its connect_timeout is over once a frozen server's kernel has said hello.
            connection.settings_dict["OPTIONS"]["read_timeout"] = CONNECT_TIMEOUT
        try:
            reason = self._obstacle(connection)
        finally:
            connection.close()
        self._note(reason)
        if reason:
            return JsonResponse({"status": "unavailable", "reason": reason}, status=503)
        return JsonResponse({"status": "ready", "database": connection.vendor})

    def _obstacle(self, connection: BaseDatabaseWrapper) -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            if self._schema_is_current:
                return ""
            pending = pending_migrations(connection)
        except InconsistentMigrationHistory as error:
            return f"migrations inconsistent: {error}"
        except DatabaseError as error:
            return f"database: {short(error, connection.settings_dict.get('PASSWORD'))}"
        # A schema that was current stays so for this process: new migrations come as new code.
        self._schema_is_current = not pending
        if not pending:
            return ""
        more = len(pending) - SHOWN_MIGRATIONS
        shown = ", ".join(pending[:SHOWN_MIGRATIONS])
        return f"migrations pending: {shown}" + (f" and {more} more" if more > 0 else "")

    def _note(self, reason: str) -> None:
        if reason and reason != self._last_reason:
            logger.warning("not ready: %s", reason)
        elif self._last_reason and not reason:
            logger.info("ready again")
        self._last_reason = reason


def pending_migrations(connection: BaseDatabaseWrapper) -> list[str]:
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def short(error: Exception, password: str | None) -> str:
    """The cause in a driver's message, without the address of the server or a password."""
    # MySQL's have a number first.
    said = error.args[1] if len(error.args) > 1 else error
    lines = str(said).strip().splitlines() or [type(error).__name__]
    cause = lines[0].rsplit("failed: ", 1)[-1].removeprefix("FATAL:").strip()
    cause = re.sub(r" (on|to) '[^']*'", "", cause)
    if password:
        cause = cause.replace(password, "***")
    return cause[:1].lower() + cause[1:]
