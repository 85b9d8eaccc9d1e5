"""Questions, their choices, votes that are never lost, and exports of results."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Result:
    """One line of a question's results."""

    text: str
    votes: int
    percent: float
    leads: bool


class QuestionQuerySet(models.QuerySet["Question"]):
    def published(self) -> QuestionQuerySet:
        """What visitors may see: its time has come, and there is something to choose."""
        choices = Choice.objects.filter(question=OuterRef("pk"))
        return self.filter(Exists(choices), published__lte=timezone.now())

    def with_votes(self) -> QuestionQuerySet:
        # A subquery, not a join: a join would multiply with the admin's search, and lose the order.
        votes = Choice.objects.filter(question=OuterRef("pk")).order_by().values("question")
        total = votes.annotate(total=Sum("votes")).values("total")
        return self.annotate(total_votes=Coalesce(Subquery(total), 0))


class Question(models.Model):
    text = models.CharField(_("question"), max_length=200)
    published = models.DateTimeField(_("published"), default=timezone.now, db_index=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["-published", "-pk"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("polls:detail", args=[self.pk])

    def vote(self, choice_id: int, ballot: uuid.UUID | None = None) -> bool:
        """Count one vote; False if the choice is not (or no longer) one of this question's.

        A ballot counts once, however often it is sent: whoever got no answer may send it again.
        """
        ballot = ballot or uuid.uuid4()
        own = self.choices.filter(pk=choice_id)
        try:
            with transaction.atomic():
                # One UPDATE that adds in the database: reading, adding and saving here would lose votes.
                # It comes first: a ballot's key locks its choice for reading, and two that then want to
                # write it would wait for each other for ever.
                if not own.update(votes=F("votes") + 1):
                    return False
                Ballot.objects.create(pk=ballot, choice_id=choice_id)
        except IntegrityError:
            # It has been counted before, perhaps for another question's choice.
            return Ballot.objects.filter(pk=ballot, choice__question=self).exists()
        return True

    def results(self) -> list[Result]:
        choices = list(self.choices.order_by("-votes", "pk"))
        total = sum(choice.votes for choice in choices)
        most = max((choice.votes for choice in choices), default=0)
        return [
            Result(
                text=choice.text,
                votes=choice.votes,
                percent=100 * choice.votes / total if total else 0.0,
                leads=0 < most == choice.votes,
            )
            for choice in choices
        ]


class Choice(models.Model):
    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="choices", verbose_name=_("question")
    )
    text = models.CharField(_("choice"), max_length=200)
    votes = models.PositiveIntegerField(_("votes"), default=0, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        constraints = [
            models.UniqueConstraint(fields=["question", "text"], name="choice_once_per_question")
        ]

    def __str__(self) -> str:
        return self.text


class Ballot(models.Model):
    """A vote that has been counted. The form brings its id along, so that it is counted once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    choice = models.ForeignKey(Choice, on_delete=models.CASCADE, related_name="ballots")

    def __str__(self) -> str:
        return str(self.pk)


class Export(models.Model):
    """A question's results on their way into a file; the row is what the progress is read from."""

    class State(models.TextChoices):
        NEW = "new"  # not with the broker yet
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    # Whoever has the address may have the file, so it cannot be guessed.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    created = models.DateTimeField(default=timezone.now, db_index=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to="exports/", blank=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("polls:export", args=[self.pk])

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0
