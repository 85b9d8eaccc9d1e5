"""Where questions are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from polls.models import Choice, Question, QuestionQuerySet

if TYPE_CHECKING:
    from django.forms.models import BaseInlineFormSet
    from django.http import HttpRequest

admin.site.site_header = admin.site.site_title = _("Polls administration")


class ChoiceInline(admin.TabularInline):
    model = Choice
    fields = ["text", "votes"]
    readonly_fields = ["votes"]
    min_num = 2
    extra = 1

    def get_formset(
        self, request: HttpRequest, obj: Question | None = None, **kwargs: Any
    ) -> type[BaseInlineFormSet]:
        return super().get_formset(request, obj, validate_min=True, **kwargs)


@admin.register(Question)
class QuestionAdmin(admin.ModelAdmin):
    inlines = [ChoiceInline]
    list_display = ["text", "published", "is_visible", "total_votes"]
    list_filter = ["published"]
    search_fields = ["text", "choices__text"]
    date_hierarchy = "published"

    def get_queryset(self, request: HttpRequest) -> QuestionQuerySet:
        return super().get_queryset(request).with_votes()

    @admin.display(boolean=True, description=_("published?"), ordering="published")
    def is_visible(self, question: Question) -> bool:
        return question.published <= timezone.now()

    @admin.display(description=_("votes"), ordering="total_votes")
    def total_votes(self, question: Question) -> int:
        return question.total_votes
