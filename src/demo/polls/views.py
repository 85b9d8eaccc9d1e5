"""What visitors see: the list, a question to vote on, its results, and these as a file."""

from __future__ import annotations

import io
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import ListView

from polls import exports
from polls.forms import VoteForm
from polls.models import Export, Question, QuestionQuerySet


class IndexView(ListView):
    template_name = "polls/index.html"
    context_object_name = "questions"
    paginate_by = 10

    def get_queryset(self) -> QuestionQuerySet:
        return Question.objects.published().with_votes()


# The form posts to its own address, so that after an error every link on the page (the language
# switch returns to it) still leads to something that answers GET.
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    question = get_object_or_404(Question.objects.published(), pk=pk)
    form = VoteForm(question, request.POST if request.method == "POST" else None)
    if form.is_valid():
        if not question.vote(form.cleaned_data["choice"].pk, form.cleaned_data["ballot"]):
            raise Http404("the choice was removed while the form was on its way")
        messages.success(request, _("Thank you, your vote has been counted."))
        return redirect("polls:results", pk=question.pk)
    if form.is_bound and form.asks_for_a_stranger():
        raise Http404("no such choice for this question")
    return render(request, "polls/detail.html", {"question": question, "form": form})


@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponse:
    question = get_object_or_404(Question.objects.published().with_votes(), pk=pk)
    return render(request, "polls/results.html", {"question": question})


@require_POST
def start_export(request: HttpRequest, pk: int) -> HttpResponse:
    """With workers the export is their job; without, the answer is the file."""
    question = get_object_or_404(Question.objects.published(), pk=pk)
    if not settings.EXPORT_IN_BACKGROUND:
        return _export_now(question)
    # Celery is imported where it is used: who only votes does not wait for it.
    from polls.tasks import send

    # One at a time for a question, however often the button is pressed.
    over = (Export.State.DONE, Export.State.FAILED)
    export = question.exports.exclude(state__in=over).order_by("-created").first()
    if export is None:
        export = question.exports.create()
        send(export)
    return redirect(export)


def _export_now(question: Question) -> HttpResponse:
    text = io.StringIO(newline="")
    for _number in exports.write(question, text):
        pass
    return HttpResponse(
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="poll-{question.pk}.csv"'},
    )


@require_safe
@never_cache
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Export.objects.select_related("question"), pk=pk)
    return render(request, "polls/export.html", {"export": found, "question": found.question})


@require_safe
@never_cache
def export_progress(request: HttpRequest, pk: UUID) -> JsonResponse:
    found = get_object_or_404(Export, pk=pk)
    return JsonResponse(
        {
            "state": found.state,
            "done": found.done,
            "total": found.total,
            "percent": found.percent,
            "over": found.is_over,
        }
    )


@require_safe
def export_file(request: HttpRequest, pk: UUID) -> FileResponse:
    found = get_object_or_404(Export, pk=pk, state=Export.State.DONE)
    try:
        content = found.file.open()
    except FileNotFoundError:
        raise Http404("the file has been removed") from None
    name = f"poll-{found.question_id}.csv"
    return FileResponse(
        content, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )
