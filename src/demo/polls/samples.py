"""Sample polls: what a fresh database shows, and what `manage.py seed` adds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

# Plain data on purpose: a migration reads it, and must not depend on today's models.
SAMPLES: dict[str, list[str]] = {
    "What runs on your production servers?": [
        "Containers on one machine",
        "Containers on a cluster",
        "A virtual environment and systemd",
        "A platform takes care of it",
    ],
    "Where do you keep the settings of a deployment?": [
        "Environment variables",
        "A .env file next to the code",
        "A secret store",
        "In the code (I know, I know)",
    ],
    "Tabs or spaces?": ["Spaces", "Tabs", "Whatever the formatter says"],
}


def add_samples(question_model: Any, choice_model: Any) -> int:
    """Add the samples that are missing, and say how many that were."""
    added, now = 0, timezone.now()
    for age, (text, choices) in enumerate(SAMPLES.items()):
        if question_model.objects.filter(text=text).exists():
            continue
        # A minute apart, so that the list shows them in the order above.
        question = question_model.objects.create(text=text, published=now - timedelta(minutes=age))
        choice_model.objects.bulk_create(
            choice_model(question=question, text=choice) for choice in choices
        )
        added += 1
    return added
