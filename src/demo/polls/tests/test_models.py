import uuid
from datetime import timedelta
from io import StringIO
from unittest import skipIf

from django.core.management import call_command
from django.db import DataError, IntegrityError, connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from polls.models import Choice, Question
from polls.samples import SAMPLES
from polls.tests import make_question


class SampleTests(TestCase):
    def test_a_fresh_database_shows_the_samples_in_their_order(self):
        self.assertEqual([q.text for q in Question.objects.published()], list(SAMPLES))

    def test_seed_adds_what_is_missing_and_only_that(self):
        Question.objects.filter(text="Tabs or spaces?").delete()
        for expected in ("1 of 3 sample polls added.\n", "0 of 3 sample polls added.\n"):
            out = StringIO()
            call_command("seed", stdout=out)
            self.assertEqual(out.getvalue(), expected)
        self.assertEqual(Question.objects.count(), len(SAMPLES))


class TextTests(TestCase):
    def test_every_character_comes_back_as_it_was(self):
        text = "🗳️ 投票 — ‏שלום‏ ä 𠮷 ' \" \\ % %s"
        question = make_question(text, text)
        self.assertEqual(Question.objects.get(pk=question.pk).text, text)
        self.assertEqual(Question.objects.filter(text=text).count(), 1)

    @skipIf(connection.vendor == "sqlite", "SQLite has no lengths")
    def test_a_text_that_is_too_long_is_refused_and_not_cut_short(self):
        with self.assertRaises(DataError), transaction.atomic():
            Question.objects.create(text="x" * 201)


class QuestionTests(TestCase):
    def test_published_means_its_time_has_come_and_it_has_choices(self):
        now = timezone.now()
        past = make_question("past", published=now - timedelta(days=1))
        make_question("future", published=now + timedelta(days=1))
        Question.objects.create(text="nothing to choose")
        Question.objects.filter(text__in=SAMPLES).delete()
        self.assertEqual(list(Question.objects.published()), [past])

    def test_a_question_with_several_choices_is_listed_once(self):
        question = make_question("Q", "a", "b", "c")
        self.assertEqual(Question.objects.published().filter(pk=question.pk).count(), 1)

    def test_total_votes(self):
        question = make_question("Q", "a", "b")
        question.choices.update(votes=21)
        self.assertEqual(Question.objects.with_votes().get(pk=question.pk).total_votes, 42)
        empty = Question.objects.create(text="no choices")
        self.assertEqual(Question.objects.with_votes().get(pk=empty.pk).total_votes, 0)

    def test_vote_counts_for_its_own_choices_only(self):
        question, other = make_question("Q", "a", "b"), make_question("other", "x")
        first, stranger = question.choices.first(), other.choices.get()
        self.assertTrue(question.vote(first.pk))
        self.assertFalse(question.vote(stranger.pk))
        first.refresh_from_db()
        stranger.refresh_from_db()
        self.assertEqual((first.votes, stranger.votes), (1, 0))

    def test_vote_reads_nothing(self):
        question = make_question("Q", "a")
        pk = question.choices.get().pk
        with CaptureQueriesContext(connection) as queries:
            question.vote(pk)
        words = [query["sql"].split()[0] for query in queries]
        self.assertEqual(words, ["SAVEPOINT", "UPDATE", "INSERT", "RELEASE"])

    def test_a_ballot_counts_once(self):
        question, other = make_question("Q", "a", "b"), make_question("other", "x")
        first, second = question.choices.all()
        ballot = uuid.uuid4()
        for choice in (first, first, second):
            self.assertTrue(question.vote(choice.pk, ballot))
        self.assertFalse(other.vote(other.choices.get().pk, ballot))
        self.assertEqual([choice.votes for choice in question.choices.all()], [1, 0])
        self.assertEqual(other.choices.get().votes, 0)
        self.assertEqual(first.ballots.get().pk, ballot)

    def test_results_are_sorted_with_shares_and_leaders(self):
        question = make_question("Q", "a", "b", "c")
        for text, votes in {"a": 1, "b": 3, "c": 0}.items():
            question.choices.filter(text=text).update(votes=votes)
        self.assertEqual(
            [(r.text, r.votes, r.percent, r.leads) for r in question.results()],
            [("b", 3, 75.0, True), ("a", 1, 25.0, False), ("c", 0, 0.0, False)],
        )

    def test_results_without_votes_have_no_leader(self):
        results = make_question("Q", "a", "b").results()
        self.assertEqual({(r.percent, r.leads) for r in results}, {(0.0, False)})

    def test_a_choice_is_there_once_per_question(self):
        question = make_question("Q", "a")
        with self.assertRaises(IntegrityError), transaction.atomic():
            Choice.objects.create(question=question, text="a")
        make_question("another", "a")

    def test_texts(self):
        question = make_question("Q", "a")
        self.assertEqual([str(question), str(question.choices.get())], ["Q", "a"])
