"""The voting form."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from polls.models import Choice, Question


class VoteForm(forms.Form):
    choice = forms.ModelChoiceField(
        queryset=Choice.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        label=_("Your choice"),
        error_messages={"required": _("Please choose one of the answers.")},
    )

    # A form that came without one, or with none at all, is a new vote.
    ballot = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    # The browser would stop an empty vote in its own words; the page has better ones.
    use_required_attribute = False

    def __init__(self, question: Question, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].queryset = question.choices.all()

    def asks_for_a_stranger(self) -> bool:
        """The choice sent is no choice of this question, or the ballot none that a form has had."""
        return self.has_error("choice", code="invalid_choice") or self.has_error("ballot")
