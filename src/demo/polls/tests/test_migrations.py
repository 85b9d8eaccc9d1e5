from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import TestCase, TransactionTestCase

from polls.models import Question
from polls.samples import SAMPLES
from polls.tests import make_question


class MissingMigrationTests(TestCase):
    def test_models_and_migrations_agree(self):
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)


class SamplePollsMigrationTests(TransactionTestCase):
    def migrate(self, name):
        MigrationExecutor(connection).migrate([("polls", name)])

    def texts(self):
        return set(Question.objects.values_list("text", flat=True))

    def test_it_fills_an_empty_site_leaves_a_used_one_alone_and_can_be_undone(self):
        self.addCleanup(self.migrate, "0002_sample_polls")
        Question.objects.all().delete()

        self.migrate("0001_initial")
        self.migrate("0002_sample_polls")
        self.assertEqual(self.texts(), set(SAMPLES))

        make_question("Mine?")
        self.migrate("0001_initial")
        self.assertEqual(self.texts(), {"Mine?"})

        self.migrate("0002_sample_polls")
        self.assertEqual(self.texts(), {"Mine?"})
