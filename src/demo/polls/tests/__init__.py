"""Tests of the polls, and what they share."""

from typing import Any

from polls.models import Choice, Question


def make_question(text: str, *choices: str, **fields: Any) -> Question:
    question = Question.objects.create(text=text, **fields)
    Choice.objects.bulk_create(
        Choice(question=question, text=choice) for choice in choices or ("yes", "no")
    )
    return question
