import importlib
import io
import logging
import re
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.template.loader import get_template
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import include, path, reverse

from config.csp import POLICY
from config.logs import OneLine


def fails(request):
    raise RuntimeError("on purpose")


def forbids(request):
    raise PermissionDenied


urlpatterns = [
    path("fails/", fails),
    path("forbids/", forbids),
    path("", include("config.urls")),
]


class HeaderTests(TestCase):
    def test_every_page_is_protected(self):
        for url in ("/", "/nothing/here/", reverse("admin:login")):
            with self.subTest(url=url):
                headers = self.client.get(url).headers
                self.assertEqual(headers["X-Frame-Options"], "DENY")
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(headers["Referrer-Policy"], "same-origin")
                self.assertEqual(headers["Content-Security-Policy"], POLICY)

    def test_pages_hold_nothing_that_the_policy_forbids(self):
        self.client.force_login(get_user_model().objects.create_superuser("admin"))
        for url in (
            "/",
            "/polls/1/",
            "/polls/1/results/",
            "/nothing/",
            "/admin/",
            "/admin/polls/question/add/",
        ):
            with self.subTest(url=url):
                html = self.client.get(url).content.decode()
                self.assertNotRegex(
                    html, r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*(src=|application/json))"
                )

    @override_settings(
        SECURE_SSL_REDIRECT=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")
    )
    def test_https(self):
        self.assertEqual(self.client.get("/")["Location"], "https://testserver/")
        self.assertEqual(
            self.client.get("/", headers={"x-forwarded-proto": "https"}).status_code, 200
        )


@override_settings(ROOT_URLCONF=__name__)
class ErrorPageTests(TestCase):
    def get(self, url, code, **headers):
        self.client.raise_request_exception = False
        with self.assertLogs("django", logging.WARNING):
            response = self.client.get(url, headers=headers)
        self.assertEqual(response.status_code, code)
        return response.content.decode()

    def test_pages(self):
        self.assertIn("Page not found", self.get("/nothing/", 404))
        self.assertIn("Not allowed", self.get("/forbids/", 403))
        self.assertIn("Something went wrong", self.get("/fails/", 500))
        self.assertIn("Bad request", self.get("/", 400, host="evil.example"))

    def test_pages_speak_the_visitors_language(self):
        for url, code, text in (("/nothing/", 404, "找不到页面"), ("/fails/", 500, "出错了")):
            self.assertIn(text, self.get(url, code, **{"accept-language": "zh-CN"}))

    def test_500_and_400_need_nothing(self):
        with override_settings(STATIC_URL=None):
            for name in ("500.html", "400.html"):
                html = get_template(name).render()
                self.assertNotIn("href=", html)
                self.assertNotIn("src=", html)


class StaticFileTests(TestCase):
    def test_what_the_pages_refer_to_is_there(self):
        for url in ("/", "/polls/1/", reverse("admin:login")):
            html = self.client.get(url).content.decode()
            found = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
            self.assertTrue(found, url)
            for reference in found:
                with self.subTest(url=url, reference=reference):
                    self.assertTrue(finders.find(reference.removeprefix(settings.STATIC_URL)))
                    response = self.client.get(reference)
                    self.assertEqual(response.status_code, 200)
                    self.assertTrue(response.getvalue())

    def test_favicon(self):
        self.assertRedirects(
            self.client.get("/favicon.ico"), "/static/polls/icon.svg", fetch_redirect_response=False
        )

    def test_nothing_comes_from_elsewhere(self):
        css = Path(finders.find("polls/site.css")).read_text(encoding="utf-8")
        self.assertNotRegex(css, r"https?://|@import|url\(")
        for url in ("/", "/polls/1/", "/polls/1/results/"):
            self.assertNotRegex(self.client.get(url).content.decode(), r'(src|href)="(https?:)?//')


class EntryPointTests(SimpleTestCase):
    def test_wsgi_and_asgi(self):
        for name in ("wsgi", "asgi"):
            self.assertTrue(callable(importlib.import_module(f"config.{name}").application))


class LogTests(SimpleTestCase):
    def test_an_event_is_one_line(self):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(OneLine("%(levelname)s %(message)s"))
        logger = logging.Logger("test")
        logger.addHandler(handler)
        try:
            raise ValueError("first\nsecond")
        except ValueError:
            logger.exception("visitor sent %s", "a\r\nINFO forged")
        self.assertEqual(stream.getvalue().count("\n"), 1)
        self.assertIn(r"a\r\nINFO forged\nTraceback", stream.getvalue())
