"""The polls' jobs. Whatever becomes of broker and worker, an export that was asked for is made."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from celery import Task
from config.celery import app
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from polls import exports
from polls.models import Export

logger = logging.getLogger(__name__)

KEPT = timedelta(days=1)
UNSENT = timedelta(seconds=10)


class ExportTask(Task):
    """Retries while the database is away; what fails for good is marked so."""

    autoretry_for = (OperationalError, InterfaceError)
    retry_backoff = True
    max_retries = 8

    def on_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        exports.fail(args[0])


@app.task(base=ExportTask)
def export_results(pk: str) -> None:
    exports.run(pk)


def send(export: Export) -> None:
    """Hands an export to the workers; if the broker is away it stays NEW, and is sent later."""
    try:
        export_results.apply_async([str(export.pk)])
    except (BrokerError, OSError) as error:
        logger.warning("export %s could not be sent, and will be later: %s", export.pk, error)
        return
    # The worker may have been faster.
    new = Export.objects.filter(pk=export.pk, state=Export.State.NEW)
    new.update(state=Export.State.WAITING)


@app.task
def send_unsent() -> None:
    """Sends what was asked for while the broker was away."""
    for export in Export.objects.filter(
        state=Export.State.NEW, created__lt=timezone.now() - UNSENT
    ):
        send(export)


@app.task
def remove_old() -> None:
    """Removes exports of yesterday, with their files."""
    for export in Export.objects.filter(created__lt=timezone.now() - KEPT):
        if export.file:
            export.file.delete(save=False)
        export.delete()
