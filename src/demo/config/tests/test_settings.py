"""The settings as a fresh process sees them, through manage.py."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.test import SimpleTestCase

KEY = "only-for-the-tests-4hq0c7z!k2v9x_w8s5m3n1b6-and-long-enough"
MANAGE = settings.BASE_DIR / "manage.py"
OURS = ("DJANGO_", "DATABASE_", "DEBUG")


def manage(*arguments, **variables):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    return subprocess.run(
        [sys.executable, MANAGE, *arguments],
        env={**inherited, **variables},
        cwd="/",  # any directory will do
        capture_output=True,
        text=True,
        timeout=120,
    )


class SettingsTests(SimpleTestCase):
    def test_production_settings_pass_every_deployment_check(self):
        done = manage(
            "check",
            "--deploy",
            "--fail-level=WARNING",
            DJANGO_SECRET_KEY=KEY,
            DJANGO_HTTPS="True",
            DJANGO_ALLOWED_HOSTS="polls.example.org, www.polls.example.org",
            DATABASE_ENGINE="postgresql_psycopg2",
            DATABASE_NAME="polls",
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertIn("no issues", done.stdout)

    def test_mistakes_are_one_sentence_and_exit_code_2(self):
        for variables, message in (
            ({}, "DJANGO_SECRET_KEY is not set; set it (or DJANGO_SECRET_KEY_FILE)"),
            ({"DEBUG": "ja"}, "DEBUG is 'ja'; use one of true, 1, yes, on or false, 0, no, off."),
            (
                {"DEBUG": "1", "DJANGO_LOGLEVEL": "loud"},
                "DJANGO_LOGLEVEL is 'loud'; use one of debug, info, warning, error, critical.",
            ),
        ):
            with self.subTest(message=message):
                done = manage("check", **variables)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertTrue(done.stderr.startswith(f"manage.py: {message}"), done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_defaults_are_the_safe_ones(self):
        code = (
            "from django.conf import settings as s; "
            "print(s.DEBUG, s.ALLOWED_HOSTS, s.SECURE_SSL_REDIRECT, s.TIME_ZONE, s.USE_TZ)"
        )
        done = manage("shell", "--no-imports", "-c", code, DJANGO_SECRET_KEY=KEY)
        self.assertEqual(
            done.stdout, "False ['localhost', '127.0.0.1', '[::1]'] False UTC True\n", done.stderr
        )

    def test_static_files_are_collected_with_a_key_and_nothing_else(self):
        with TemporaryDirectory() as root:
            done = manage(
                "collectstatic",
                "--noinput",
                DJANGO_SECRET_KEY="throw-away",
                DJANGO_STATIC_ROOT=root,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            names = {path.name for path in Path(root, "polls").iterdir()}
            self.assertTrue(Path(root, "staticfiles.json").is_file())
        styles = [name for name in names if name.startswith("site.") and name.endswith(".css")]
        self.assertEqual(len(styles), 1, names)
        self.assertRegex(styles[0], r"^site\.[0-9a-f]{12}\.css$")
        self.assertIn(f"{styles[0]}.gz", names)
