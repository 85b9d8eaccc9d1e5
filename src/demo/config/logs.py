"""Logging to stderr, one event per line."""

from __future__ import annotations

import logging
from typing import Any

LEVELS = ("debug", "info", "warning", "error", "critical")


class OneLine(logging.Formatter):
    """Keeps a traceback, or a line break that a visitor sent, on its event's own line."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")


def logging_settings(level: str, debug: bool) -> dict[str, Any]:
    line = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "logging.Formatter" if debug else "config.logs.OneLine", "format": line}
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            # No handlers of its own: Django's defaults would mail the admins, or print twice.
            "django": {"handlers": [], "level": level.upper(), "propagate": True},
            # SQL comes with its parameters (people's data); only on purpose, never by a level.
            "django.db.backends": {"level": "INFO"},
            # One line for every file that the reloader watches.
            "django.utils.autoreload": {"level": "INFO"},
        },
    }
