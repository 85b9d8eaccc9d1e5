from datetime import timedelta

from django.contrib.messages import get_messages
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from polls.models import Question
from polls.tests import make_question


class IndexTests(TestCase):
    def test_home_lists_published_questions_newest_first(self):
        make_question("Tomorrow?", published=timezone.now() + timedelta(days=1))
        newest = make_question("Newest?")
        response = self.client.get("/")
        self.assertEqual(response.context["questions"][0], newest)
        self.assertContains(response, newest.get_absolute_url())
        self.assertNotContains(response, "Tomorrow?")

    def test_home_counts_votes(self):
        question = make_question("Q", "a")
        for votes, text in ((1, "1 vote<"), (2, "2 votes<")):
            question.choices.update(votes=votes)
            self.assertContains(self.client.get("/"), text)

    def test_empty_home_says_so_and_leads_to_the_admin(self):
        Question.objects.all().delete()
        response = self.client.get("/")
        self.assertContains(response, "Nothing to vote on yet.")
        self.assertContains(response, reverse("admin:polls_question_add"))

    def test_pages(self):
        for number in range(12):
            make_question(f"Question {number}")
        response = self.client.get("/")
        self.assertContains(response, "Page 1 of 2")
        self.assertContains(response, 'href="?page=2"')
        self.assertContains(self.client.get("/?page=2"), 'href="?page=1"')
        self.assertEqual(self.client.get("/?page=99").status_code, 404)

    def test_home_takes_as_many_queries_for_many_questions_as_for_few(self):
        with self.assertNumQueries(2):
            self.client.get("/")
        for number in range(5):
            make_question(f"Question {number}")
        with self.assertNumQueries(2):
            self.client.get("/")


class DetailTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.question = make_question("Tea or coffee?", "Tea", "Coffee")
        cls.url = cls.question.get_absolute_url()
        cls.tea = cls.question.choices.get(text="Tea")

    def votes(self):
        return {choice.text: choice.votes for choice in self.question.choices.all()}

    def test_form_offers_every_choice_with_a_label(self):
        response = self.client.get(self.url)
        self.assertContains(response, "csrfmiddlewaretoken")
        for number, text in enumerate(("Tea", "Coffee")):
            self.assertContains(response, f'for="id_choice_{number}"')
            self.assertContains(response, f"<span>{text}</span>")

    def test_vote_is_counted_and_leads_to_the_results(self):
        response = self.client.post(self.url, {"choice": self.tea.pk})
        self.assertRedirects(response, reverse("polls:results", args=[self.question.pk]))
        self.assertEqual(self.votes(), {"Tea": 1, "Coffee": 0})
        self.assertEqual(
            [str(message) for message in get_messages(response.wsgi_request)],
            ["Thank you, your vote has been counted."],
        )

    def test_a_form_that_is_sent_twice_is_one_vote(self):
        page = self.client.get(self.url).context["form"]
        data = {"choice": self.tea.pk, "ballot": page["ballot"].value()}
        for _ in range(2):
            self.assertEqual(self.client.post(self.url, data).status_code, 302)
        self.assertEqual(self.votes(), {"Tea": 1, "Coffee": 0})
        another = self.client.get(self.url).context["form"]["ballot"].value()
        self.assertNotEqual(another, data["ballot"])

    def test_a_ballot_that_no_form_has_had_is_not_found(self):
        data = {"choice": self.tea.pk, "ballot": "x"}
        self.assertEqual(self.client.post(self.url, data).status_code, 404)
        self.assertEqual(self.votes(), {"Tea": 0, "Coffee": 0})

    def test_vote_makes_no_session(self):
        self.client.post(self.url, {"choice": self.tea.pk})
        self.assertNotIn("sessionid", self.client.cookies)

    def test_nothing_chosen_shows_the_form_again_with_the_reason(self):
        response = self.client.post(self.url, {})
        self.assertContains(response, "Please choose one of the answers.")
        self.assertContains(response, 'aria-describedby="choice-error"')
        self.assertEqual(self.votes(), {"Tea": 0, "Coffee": 0})

    def test_choices_that_are_not_of_this_question_are_not_found(self):
        stranger = make_question("Other?", "x").choices.get()
        for value in (stranger.pk, 10**6, 10**30, "tea", "-1"):
            with self.subTest(value=value):
                response = self.client.post(self.url, {"choice": value})
                self.assertEqual(response.status_code, 404)
        stranger.refresh_from_db()
        self.assertEqual(stranger.votes, 0)

    def test_vote_without_csrf_token_is_refused(self):
        client = Client(enforce_csrf_checks=True)
        response = client.post(self.url, {"choice": self.tea.pk})
        self.assertContains(response, "The form has expired", status_code=403)
        self.assertEqual(self.votes(), {"Tea": 0, "Coffee": 0})

    def test_vote_with_csrf_token_is_taken(self):
        client = Client(enforce_csrf_checks=True)
        client.get(self.url)
        data = {
            "choice": self.tea.pk,
            "csrfmiddlewaretoken": client.cookies["csrftoken"].value,
        }
        self.assertEqual(client.post(self.url, data).status_code, 302)

    def test_only_these_methods(self):
        self.assertEqual(self.client.put(self.url).status_code, 405)
        self.assertEqual(self.client.post(f"{self.url}results/").status_code, 405)

    def test_text_is_escaped(self):
        question = make_question("<b>bold?</b>", "<i>yes</i>")
        for url in ("/", question.get_absolute_url(), f"{question.get_absolute_url()}results/"):
            self.assertNotContains(self.client.get(url), "<b>bold")
            self.assertNotContains(self.client.get(url), "<i>yes")

    def test_unpublished_and_unknown_questions_are_not_found(self):
        future = make_question("Q", published=timezone.now() + timedelta(hours=1))
        for pk in (future.pk, 10**6, 10**30):
            for page in ("detail", "results"):
                with self.subTest(pk=pk, page=page):
                    response = self.client.get(reverse(f"polls:{page}", args=[pk]))
                    self.assertContains(response, "Page not found", status_code=404)
        response = self.client.post(
            future.get_absolute_url(), {"choice": future.choices.first().pk}
        )
        self.assertEqual(response.status_code, 404)


class ResultsTests(TestCase):
    def test_results_show_bars_and_shares(self):
        question = make_question("Q", "a", "b")
        question.choices.filter(text="a").update(votes=1)
        question.choices.filter(text="b").update(votes=2)
        url = reverse("polls:results", args=[question.pk])
        response = self.client.get(url)
        for part in ("67%<", "33%<", 'width="66.67%"', 'width="33.33%"', "3 votes", "1 vote<"):
            self.assertContains(response, part)

    def test_before_the_first_vote(self):
        question = make_question("Q", "a", "b")
        response = self.client.get(reverse("polls:results", args=[question.pk]))
        self.assertContains(response, "Be the first to vote")
        self.assertContains(response, 'width="0.00%"', count=2)
