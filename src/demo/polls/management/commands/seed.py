"""`manage.py seed`: add the sample polls that are missing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from polls.models import Choice, Question
from polls.samples import SAMPLES, add_samples


class Command(BaseCommand):
    help = "Add the sample polls that are missing; a second run adds nothing."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        added = add_samples(Question, Choice)
        self.stdout.write(f"{added} of {len(SAMPLES)} sample polls added.")
