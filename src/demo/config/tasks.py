"""Jobs that are nobody's in particular."""

from __future__ import annotations

from django.core.management import call_command

from config.celery import app


@app.task
def clear_sessions() -> None:
    """Expired sessions stay in the database until somebody removes them."""
    call_command("clearsessions")
