"""docker/healthcheck.py against a site that answers in every way."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from support import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "docker"))
healthcheck = importlib.import_module("healthcheck")
sys.path.remove(str(REPOSITORY / "docker"))


class Site(BaseHTTPRequestHandler):
    answers: dict[str, int] = {}  # noqa: RUF012
    asked: list[tuple[str, str]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Host"]))
        secure = self.headers.get("X-Forwarded-Proto") == "https"
        status = self.answers.get(self.path + (" https" if secure else ""), 404)
        self.send_response(status)
        if status == 301:
            self.send_header("Location", f"https://example.org{self.path}")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Site]]:
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name in ("WEB_HOST", "ALLOWED_HOSTS", "DJANGO_ALLOWED_HOSTS", "HEALTH_PATH", "READY_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PORT", str(server.server_port))
    Site.answers, Site.asked = {}, []
    yield Site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("path", "answers", "good"),
    [
        ("/healthz", {"/healthz": 200}, True),
        ("/healthz", {"/healthz": 301}, False),
        ("/readyz", {}, False),
        ("/", {"/": 200}, True),
        ("/", {}, True),
        ("/", {"/": 302}, True),
        ("/", {"/": 400}, True),
        ("/", {"/": 301, "/ https": 200}, True),
        ("/", {"/": 301, "/ https": 500, "/admin/login/": 500}, False),
        ("/", {"/": 500, "/admin/login/": 200}, True),
        ("/", {"/": 500}, False),
        ("tcp", {"/": 500}, True),
    ],
)
def test_what_is_healthy(site: type[Site], path: str, answers: dict[str, int], good: bool) -> None:
    site.answers = answers
    assert healthcheck.main(path)[0] is good


@pytest.mark.parametrize(
    ("hosts", "host"),
    [
        ("", "localhost"),
        ("*", "localhost"),
        (".shop.org,b.org", "shop.org"),
        ("[::1],a.org", "a.org"),
    ],
)
def test_it_asks_with_a_name_that_the_site_answers_to(
    site: type[Site], monkeypatch: pytest.MonkeyPatch, hosts: str, host: str
) -> None:
    monkeypatch.setenv("DJANGO_ALLOWED_HOSTS", hosts)
    monkeypatch.setenv("HEALTH_PATH", "/shop/")
    healthcheck.main("health")
    assert site.asked == [("/shop/", host)]


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1")
    assert healthcheck.main("/") == (False, b"[Errno 111] Connection refused")
