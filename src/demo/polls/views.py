"""What visitors see: the list, a question to vote on, its results."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import ListView

from polls.forms import VoteForm
from polls.models import Question, QuestionQuerySet


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
        if not question.vote(form.cleaned_data["choice"].pk):
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
