from django.contrib.auth import get_user_model
from django.test import TestCase
from django.urls import reverse

from polls.models import Question
from polls.tests import make_question


class AdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.admin = get_user_model().objects.create_superuser("admin", password="only-in-tests")
        cls.question = make_question("Tea or coffee?", "Tea", "Coffee")

    def setUp(self):
        self.client.force_login(self.admin)

    def test_a_stranger_is_asked_to_log_in(self):
        self.client.logout()
        response = self.client.get(reverse("admin:index"), follow=True)
        self.assertContains(response, "Polls administration")
        self.assertContains(response, 'type="password"')

    def test_pages_load(self):
        for url in (
            reverse("admin:index"),
            reverse("admin:polls_question_changelist"),
            reverse("admin:polls_question_add"),
            reverse("admin:polls_question_change", args=[self.question.pk]),
            reverse("admin:polls_question_history", args=[self.question.pk]),
            reverse("admin:polls_question_delete", args=[self.question.pk]),
            reverse("admin:auth_user_changelist"),
        ):
            with self.subTest(url=url):
                self.assertEqual(self.client.get(url).status_code, 200)

    def test_search_finds_a_question_by_its_choices_once_with_all_its_votes(self):
        self.question.choices.update(votes=2)
        url = reverse("admin:polls_question_changelist")
        found = self.client.get(url, {"q": "e"}).context["cl"].queryset.filter(pk=self.question.pk)
        self.assertEqual([question.total_votes for question in found], [4])
        self.assertContains(self.client.get(url, {"q": "coff"}), "Tea or coffee?")

    def add(self, *choices):
        data = {
            "text": "From the admin?",
            "published_0": "2024-01-01",
            "published_1": "12:00:00",
            "choices-TOTAL_FORMS": len(choices),
            "choices-INITIAL_FORMS": 0,
            **{f"choices-{number}-text": text for number, text in enumerate(choices)},
            "choices-0-votes": 99,
        }
        return self.client.post(reverse("admin:polls_question_add"), data)

    def test_a_question_is_added_with_its_choices_and_no_votes(self):
        self.assertEqual(self.add("one", "two").status_code, 302)
        question = Question.objects.get(text="From the admin?")
        self.assertEqual(
            list(question.choices.values_list("text", "votes")), [("one", 0), ("two", 0)]
        )

    def test_a_question_needs_two_choices(self):
        self.assertEqual(self.add("only one").status_code, 200)
        self.assertFalse(Question.objects.filter(text="From the admin?").exists())
