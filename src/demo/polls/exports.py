"""A question's results as CSV: row by row, and as a job that says how far it is."""

from __future__ import annotations

import csv
import logging
import tempfile
from typing import TYPE_CHECKING, Any, TextIO

from django.core.files import File
from django.db.models import Sum
from django.utils.translation import gettext as _

from polls.models import Choice, Export, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

BATCH = 500  # choices between two notes of the progress

# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(question: Question) -> Iterator[list[Any]]:
    """Each choice with its votes and its share in percent, most votes first."""
    total = question.choices.aggregate(total=Sum("votes"))["total"] or 0
    for choice in question.choices.order_by("-votes", "pk").iterator(chunk_size=BATCH):
        share = round(100 * choice.votes / total, 2) if total else 0.0
        yield [plain(choice.text), choice.votes, share]


def plain(text: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(FORMULA) else text


def write(question: Question, file: TextIO) -> Iterator[int]:
    """Writes the results, and yields how many choices have been written so far."""
    writer = csv.writer(file)
    writer.writerow([_("choice"), _("votes"), "%"])
    for number, row in enumerate(rows(question), 1):
        writer.writerow(row)
        yield number


def run(pk: str) -> None:
    """Makes the file of an export. May run twice for one export, also at once: the file is the same."""
    export = Export.objects.select_related("question").filter(pk=pk).first()
    if export is None:
        logger.warning("export %s is gone", pk)
        return
    if export.is_over:
        return
    total = Choice.objects.filter(question=export.question).count()
    here = Export.objects.filter(pk=pk)
    here.update(state=Export.State.RUNNING, total=total, done=0)
    # A byte order mark, without which spreadsheets do not read UTF-8.
    with tempfile.TemporaryFile("w+", encoding="utf-8-sig", newline="") as file:
        for number in write(export.question, file):
            if number % BATCH == 0:
                here.update(done=number)
        file.flush()
        name = f"exports/{export.pk}.csv"
        storage = export.file.storage
        storage.delete(name)  # what a worker that died may have left of it
        saved = storage.save(name, File(file.buffer))
    here.update(state=Export.State.DONE, done=total, file=saved)


def fail(pk: str) -> None:
    Export.objects.filter(pk=pk).exclude(state=Export.State.DONE).update(state=Export.State.FAILED)
