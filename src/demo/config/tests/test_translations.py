# ruff: noqa: RUF001  (Chinese has its own question mark)
"""The Chinese messages are complete, compiled, and shown."""

import ast
import gettext
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import skipUnless

from django.conf import settings
from django.test import SimpleTestCase, TestCase

FOLDER = settings.BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES"


def read_po(path):
    """The messages of a .po file, {msgid: [translations]}, and the ids that are fuzzy."""
    messages, fuzzy = {}, set()
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        fields, current = {}, ""
        for line in block.splitlines():
            if line.startswith("msg"):
                current, _, line = line.partition(" ")
                fields[current] = ""
            if line.startswith('"'):
                fields[current] += ast.literal_eval(line)
        if "msgid" not in fields:
            continue
        messages[fields["msgid"]] = [v for k, v in fields.items() if k.startswith("msgstr")]
        if any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines()):
            fuzzy.add(fields["msgid"])
    return messages, fuzzy


class CatalogueTests(SimpleTestCase):
    def setUp(self):
        self.messages, self.fuzzy = read_po(FOLDER / "django.po")

    def test_complete_and_not_fuzzy(self):
        self.assertGreater(len(self.messages), 30)
        self.assertEqual([k for k, found in self.messages.items() if not all(found)], [])
        self.assertEqual(self.fuzzy, set())

    def test_compiled_is_up_to_date(self):
        with open(FOLDER / "django.mo", "rb") as file:
            compiled = gettext.GNUTranslations(file)._catalog
        flat = {(k[0] if isinstance(k, tuple) else k): v for k, v in compiled.items()}
        written = {k: found[0] for k, found in self.messages.items()}
        self.assertEqual(written.pop("").split("\n")[0], flat.pop("").split("\n")[0])
        self.assertEqual(flat, written)

    @skipUnless(shutil.which("xgettext"), "needs xgettext (package gettext)")
    def test_every_marked_string_is_in_the_catalogue(self):
        with TemporaryDirectory() as folder:
            copy = Path(folder, "site")
            ignore = shutil.ignore_patterns("staticfiles", "tests", "*.sqlite3*", "__pycache__")
            shutil.copytree(settings.BASE_DIR, copy, ignore=ignore)
            subprocess.run(
                [sys.executable, "manage.py", "makemessages", "--locale=zh_Hans", "--verbosity=0"],
                cwd=copy,
                env={"PATH": "/usr/bin:/bin", "DEBUG": "1"},
                check=True,
                capture_output=True,
            )
            marked, _ = read_po(copy / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")
        self.assertEqual(set(marked), set(self.messages))


class LanguageTests(TestCase):
    def test_the_browser_decides(self):
        for wanted, text, language in (
            ("zh-CN,zh;q=0.9,en;q=0.5", "您怎么看？", "zh-hans"),
            ("zh-Hans", "您怎么看？", "zh-hans"),
            ("en-GB", "What do you think?", "en"),
            ("fr", "What do you think?", "en"),
        ):
            with self.subTest(wanted=wanted):
                response = self.client.get("/", headers={"accept-language": wanted})
                self.assertContains(response, text)
                self.assertContains(response, f'<html lang="{language}">')
                self.assertEqual(response["Content-Language"], language)

    def test_the_switch_is_remembered_and_returns(self):
        response = self.client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/polls/1/"})
        self.assertRedirects(response, "/polls/1/")
        for url, text in (
            ("/", "您怎么看？"),
            ("/polls/1/", "投票"),
            ("/polls/1/results/", "来投第一票"),
            ("/admin/login/", "投票管理"),
        ):
            self.assertContains(self.client.get(url), text)
        self.assertContains(self.client.post("/polls/1/", {}), "请选择一个答案。")

    def test_the_switch_leads_to_no_other_site(self):
        response = self.client.post("/i18n/setlang/", {"language": "en", "next": "//evil.example/"})
        self.assertEqual(response["Location"], "/")
