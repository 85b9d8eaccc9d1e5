"""The Celery application: `python -m celery --app config worker`. Web needs it only to send a job."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["config", "polls"])


@setup_logging.connect
def leave_logging_to_django(**kwargs: Any) -> None:
    """Celery would put handlers of its own in the place of Django's."""
