import csv
import io
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from config import tasks as site_tasks
from config.celery import app
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import TestCase, override_settings
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from polls import exports, tasks
from polls.models import Choice, Export
from polls.tests import make_question


def table(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


class MediaTestCase(TestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.media = Path(folder.name)
        override = override_settings(MEDIA_ROOT=folder.name, EXPORT_IN_BACKGROUND=True)
        override.enable()
        self.addCleanup(override.disable)
        self.question = make_question("Tea?", "Yes", "Nö, 茶")
        self.question.choices.filter(text="Yes").update(votes=3)
        self.url = f"/polls/{self.question.pk}/export/"

    def start(self):
        """Presses the button; the job is not sent anywhere."""
        with mock.patch.object(tasks.export_results, "apply_async") as sent:
            response = self.client.post(self.url)
        return response, sent


class InlineTests(MediaTestCase):
    @override_settings(EXPORT_IN_BACKGROUND=False)
    def test_without_workers_the_answer_is_the_file(self):
        response = self.client.post(self.url)
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        self.assertIn(f"poll-{self.question.pk}.csv", response["Content-Disposition"])
        self.assertEqual(
            table(response.content),
            [["choice", "votes", "%"], ["Yes", "3", "100.0"], ["Nö, 茶", "0", "0.0"]],
        )
        self.assertEqual(Export.objects.count(), 0)

    def test_only_a_press_of_the_button_starts_one(self):
        self.assertEqual(self.client.get(self.url).status_code, 405)
        self.assertEqual(self.client.post("/polls/999999/export/").status_code, 404)

    def test_no_formula_for_a_spreadsheet(self):
        for text in ("=1+1", "+1", "-1", "@x", "\tx"):
            self.assertEqual(exports.plain(text), f"'{text}")
        self.assertEqual(exports.plain("a=b"), "a=b")


class JobTests(MediaTestCase):
    def test_from_the_button_to_the_file(self):
        response, sent = self.start()
        export = Export.objects.get()
        self.assertRedirects(response, f"/exports/{export.pk}/")
        self.assertEqual(sent.call_args.args, ([str(export.pk)],))
        self.assertEqual(export.state, Export.State.WAITING)
        self.assertContains(self.client.get(response.url), "<progress")
        self.assertEqual(self.client.get(f"{response.url}file/").status_code, 404)

        tasks.export_results(str(export.pk))
        progress = self.client.get(f"{response.url}progress/")
        self.assertEqual(
            progress.json(), {"state": "done", "done": 2, "total": 2, "percent": 100, "over": True}
        )
        self.assertIn("no-store", progress["Cache-Control"])
        self.assertContains(self.client.get(response.url), "Download")
        file = self.client.get(f"{response.url}file/")
        self.assertEqual(table(file.getvalue())[1], ["Yes", "3", "100.0"])
        self.assertIn("attachment", file["Content-Disposition"])

    def test_a_second_press_leads_to_the_export_that_is_on_its_way(self):
        first, _ = self.start()
        second, sent = self.start()
        self.assertEqual((first.url, sent.call_count), (second.url, 0))
        Export.objects.update(state=Export.State.DONE)
        self.assertNotEqual(self.start()[0].url, first.url)

    def test_progress_is_noted_on_the_way(self):
        many = [Choice(question=self.question, text=f"c{n}") for n in range(1200)]
        Choice.objects.bulk_create(many)
        export = self.question.exports.create()
        seen = []

        def note(question, file):
            for number in write(question, file):
                yield number
                if number in (500, 501, 1001):
                    seen.append(Export.objects.get())

        write = exports.write
        with mock.patch.object(exports, "write", note):
            exports.run(str(export.pk))
        self.assertEqual(
            [(e.state, e.done, e.percent) for e in seen],
            [("running", 500, 41), ("running", 500, 41), ("running", 1000, 83)],
        )
        self.assertEqual(len(table(next(self.media.glob("exports/*")).read_bytes())), 1203)

    def test_a_job_that_runs_twice_or_again_makes_one_whole_file(self):
        export = self.question.exports.create(state=Export.State.RUNNING, done=1, total=9)
        left = self.media / "exports" / f"{export.pk}.csv"
        left.parent.mkdir()
        left.write_text("half a")
        exports.run(str(export.pk))
        exports.run(str(export.pk))
        self.assertEqual([path.name for path in left.parent.iterdir()], [left.name])
        self.assertEqual(len(table(left.read_bytes())), 3)

    def test_the_question_may_be_gone(self):
        with self.assertLogs("polls.exports", "WARNING"):
            exports.run("00000000-0000-0000-0000-000000000000")

    def test_a_broker_that_is_away_delays_the_export_and_fails_no_request(self):
        with (
            mock.patch.object(tasks.export_results, "apply_async", side_effect=BrokerError("no")),
            self.assertLogs("polls.tasks", "WARNING"),
        ):
            self.assertEqual(self.client.post(self.url).status_code, 302)
        self.assertEqual(Export.objects.get().state, Export.State.NEW)
        with mock.patch.object(tasks.export_results, "apply_async") as sent:
            tasks.send_unsent()
            self.assertEqual(sent.call_count, 0)  # web may be about to
            Export.objects.update(created=timezone.now() - timedelta(minutes=1))
            tasks.send_unsent()
            tasks.send_unsent()
            self.assertEqual(sent.call_count, 1)
        self.assertEqual(Export.objects.get().state, Export.State.WAITING)

    def test_a_worker_that_was_faster_is_not_taken_back(self):
        export = self.question.exports.create()

        def at_once(args):
            exports.run(args[0])

        with mock.patch.object(tasks.export_results, "apply_async", at_once):
            tasks.send(export)
        self.assertEqual(Export.objects.get().state, Export.State.DONE)

    def test_what_fails_for_good_says_so(self):
        export = self.question.exports.create()
        with (
            mock.patch.object(exports, "run", side_effect=RuntimeError("on purpose")),
            self.assertLogs("celery.app.trace", "ERROR"),
        ):
            tasks.export_results.apply([str(export.pk)])
        self.assertEqual(Export.objects.get().state, Export.State.FAILED)
        self.assertContains(self.client.get(export.get_absolute_url()), "The export failed.")
        self.assertIn(OperationalError, tasks.ExportTask.autoretry_for)

    def test_a_file_that_is_gone_is_not_found(self):
        export = self.question.exports.create(state=Export.State.DONE, file="exports/gone.csv")
        self.assertEqual(self.client.get(f"/exports/{export.pk}/file/").status_code, 404)


class RegularTests(MediaTestCase):
    def test_old_exports_go_with_their_files(self):
        for age in (0, 2):
            export = self.question.exports.create(created=timezone.now() - timedelta(days=age))
            exports.run(str(export.pk))
        tasks.remove_old()
        self.assertEqual(Export.objects.count(), 1)
        self.assertEqual(len(list(self.media.glob("exports/*"))), 1)

    def test_expired_sessions_go(self):
        for days in (-1, 1):
            expires = timezone.now() + timedelta(days=days)
            Session.objects.create(session_key=f"k{days}", session_data="", expire_date=expires)
        site_tasks.clear_sessions()
        self.assertEqual([s.session_key for s in Session.objects.all()], ["k1"])

    def test_what_beat_sends_is_there(self):
        app.loader.import_default_modules()
        for entry in settings.CELERY_BEAT_SCHEDULE.values():
            self.assertIn(entry["task"], app.tasks)

    def test_no_job_is_lost_with_its_worker(self):
        self.assertTrue(app.conf.task_acks_late)
        self.assertTrue(app.conf.task_reject_on_worker_lost)
