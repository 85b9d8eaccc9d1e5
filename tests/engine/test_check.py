"""Stacks with every add-on that the site uses: `invoke check`, a job from end to end, and what dies."""

from __future__ import annotations

import csv
import http.cookiejar
import io
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from project import Project


def with_addons(root: Path, docker: str, *addons: str) -> Project:
    project = Project.clone(root, docker)
    path = project.root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count("[tool.djdock]\n") == 1
    wanted = f"[tool.djdock]\naddons = {json.dumps(addons)}\n"
    path.write_text(text.replace("[tool.djdock]\n", wanted), encoding="utf-8")
    project.invoke("env.init").ok()
    with (project.root / ".env").open("a", encoding="utf-8") as file:
        for name in ("RABBITMQ_PASSWORD", "MYSQL_ROOT_PASSWORD"):
            if name not in project.variables():
                file.write(f"{name}=only-for-this-test\n")
    return project


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, docker: str) -> Iterator[Project]:
    addons = ("postgres", "redis", "rabbitmq", "nginx", "prometheus")
    project = with_addons(tmp_path_factory.mktemp("check") / "site", docker, *addons)
    try:
        project.invoke("up").ok()
        yield project
    finally:
        project.remove()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, docker: str) -> Iterator[Project]:
    """The add-ons that take the others' places, and the smallest image."""
    addons = ("mysql", "memcached", "rabbitmq", "apache")
    project = with_addons(tmp_path_factory.mktemp("other") / "site", docker, *addons)
    try:
        project.invoke("up", "--variant", "minimal").ok()
        yield project
    finally:
        project.remove()


def checks(project: Project, code: int = 0) -> dict[str, dict[str, Any]]:
    done = project.invoke("check", "--json")
    assert done.code == code, done.out + done.err
    found = json.loads(done.out)
    assert (found["version"], found["ok"]) == (1, code == 0)
    return {check["name"]: check for check in found["checks"]}


class Browser:
    def __init__(self, project: Project) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener, self.url = urllib.request.build_opener(jar), project.url

    def get(self, path: str) -> str:
        with self.opener.open(urllib.parse.urljoin(self.url, path), timeout=20) as answer:
            return str(answer.read().decode("utf-8-sig"))

    def status(self, path: str) -> int:
        try:
            self.get(path)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        return 200

    def export(self, question: int) -> str:
        """Presses the button; returns the address of the export's page."""
        page = self.get(f"/polls/{question}/results/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1]}).encode()
        path = f"{self.url}/polls/{question}/export/"
        with self.opener.open(path, data=data, timeout=20) as answer:
            return str(answer.url)

    def progress(self, page: str) -> dict[str, Any]:
        return dict(json.loads(self.get(f"{page}progress/")))

    def wait(self, page: str, *states: str, seconds: float = 90) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while (found := self.progress(page))["state"] not in states:
            assert time.monotonic() < until, found
            time.sleep(0.05)
        return found


def shell(project: Project, code: str) -> str:
    return project.invoke("exec", "web", "--", "python", "manage.py", "shell", "-c", code).ok().out


def test_check_is_green_and_asks_every_service(up: Project) -> None:
    done = up.invoke("check").ok()
    assert re.search(
        r"^database +postgresql 17\S* +row written and read back +[\d.]+ ms$", done.out, re.M
    )
    found = checks(up)
    services = {name: check["service"] for name, check in found.items()}
    assert services == {
        "page": "nginx", "database": "db", "cache": "redis", "job": "rabbitmq", "static": "nginx",
        "media": "nginx", "metric": "prometheus", "beat": "beat",
        **{f"{name}-exporter": f"{name}-exporter" for name in ("nginx", "postgres", "redis")},
    }  # fmt: skip
    left = (
        "from django.db.migrations.recorder import MigrationRecorder as R\n"
        "from django.db import connection\n"
        "from django.core.files.storage import default_storage as s\n"
        "print(R(connection).migration_qs.filter(app='djdock_check').count(), s.listdir('')[1])"
    )
    assert shell(up, left).splitlines()[-1] == "0 []"
    queues = up.invoke("exec", "rabbitmq", "--", "rabbitmqctl", "--quiet", "list_queues", "name")
    assert "djdock-check" not in queues.ok().out


def test_the_sites_metrics_are_prometheus_own(up: Project) -> None:
    browser = Browser(up)
    assert browser.status("/metrics") == 404
    code = (
        "import urllib.request as u, time\n"
        "for n in range(60):\n"
        "    t = u.urlopen('http://prometheus:9090/api/v1/query?query=django_http_requests_total').read()\n"
        "    if b'polls:index' in t: break\n"
        "    time.sleep(0.5)\n"
        "print(t.decode())"
    )
    browser.get("/")
    assert '"view":"polls:index"' in up.invoke("exec", "web", "--", "python", "-c", code).ok().out


def test_an_export_is_made_by_a_worker_and_fetched_through_nginx(up: Project) -> None:
    browser = Browser(up)
    page = browser.export(1)
    assert re.search(r"/exports/[0-9a-f-]{36}/$", page)
    browser.wait(page, "done")
    assert "Download" in browser.get(page)
    rows = list(csv.reader(io.StringIO(browser.get(f"{page}file/"))))
    assert rows[0] == ["choice", "votes", "%"]
    assert len(rows) == 5


COUNT = 40_000


@pytest.fixture(scope="module")
def large(up: Project) -> int:
    """A question whose export takes seconds."""
    code = (
        "from polls.models import Choice, Question\n"
        "q = Question.objects.create(text='Large?')\n"
        f"Choice.objects.bulk_create((Choice(question=q, text=str(n)) for n in range({COUNT})), 2000)\n"
        "print(q.pk)"
    )
    return int(shell(up, code).splitlines()[-1])


def test_a_worker_that_is_killed_in_mid_job_loses_nothing(up: Project, large: int) -> None:
    browser = Browser(up)
    page = browser.export(large)
    browser.wait(page, "running", "done")
    up.engine("kill", f"{up.name}-worker-1")
    assert browser.progress(page)["state"] == "running"
    failed = checks(up, code=1)
    assert "worker is down" in failed["job"]["why"]
    up.engine("start", f"{up.name}-worker-1")
    found = browser.wait(page, "done")
    assert found["total"] == COUNT
    assert len(browser.get(f"{page}file/").splitlines()) == COUNT + 1


def test_a_broker_that_is_killed_in_mid_job_loses_nothing(up: Project, large: int) -> None:
    browser = Browser(up)
    page = browser.export(large)
    browser.wait(page, "running")
    up.engine("kill", f"{up.name}-rabbitmq-1")
    assert browser.progress(page)["state"] == "running"
    up.engine("start", f"{up.name}-rabbitmq-1")
    assert browser.wait(page, "done", seconds=180)["total"] == COUNT
    assert len(browser.get(f"{page}file/").splitlines()) == COUNT + 1


def test_a_worker_that_is_stopped_finishes_its_job_first(up: Project, large: int) -> None:
    browser = Browser(up)
    page = browser.export(large)
    browser.wait(page, "running")
    up.engine("stop", f"{up.name}-worker-1")
    try:
        assert browser.progress(page)["state"] == "done"
    finally:
        up.engine("start", f"{up.name}-worker-1")


def test_without_redis_pages_answer_and_check_says_so(up: Project) -> None:
    browser = Browser(up)
    up.engine("kill", f"{up.name}-redis-1")
    try:
        assert [browser.status(path) for path in ("/", "/polls/1/", "/admin/")] == [200, 200, 200]
        found = checks(up, code=1)
        assert "redis is down: Exited (137)" in found["cache"]["why"]
        assert [name for name, check in found.items() if not check["ok"]] == ["cache"]
        text = up.invoke("check")
        assert (text.code, "-> `invoke up` starts it again" in text.out) == (1, True)
    finally:
        up.engine("start", f"{up.name}-redis-1")


def test_without_the_broker_an_export_waits_and_is_made_when_it_is_back(up: Project) -> None:
    browser = Browser(up)
    up.engine("kill", f"{up.name}-rabbitmq-1")
    try:
        page = browser.export(2)
        assert browser.progress(page)["state"] == "new"
        assert not checks(up, code=1)["job"]["ok"]
    finally:
        up.engine("start", f"{up.name}-rabbitmq-1")
    # beat sends once a minute what was not sent.
    browser.wait(page, "done", seconds=180)


def test_on_mariadb_with_memcached_behind_apache_in_the_smallest_image(other: Project) -> None:
    found = checks(other)
    services = {name: check["service"] for name, check in found.items()}
    assert services == {
        "page": "apache", "database": "db", "cache": "memcached", "job": "rabbitmq",
        "static": "apache", "media": "apache", "beat": "beat",
    }  # fmt: skip
    assert found["database"]["server"].startswith(("mariadb 1", "mysql 8", "mysql 9"))
    browser = Browser(other)
    page = browser.export(1)
    browser.wait(page, "done")
    assert len(browser.get(f"{page}file/").splitlines()) == 5


def test_the_sites_tests_pass_on_mysql(other: Project) -> None:
    done = other.invoke("test", "--variant", "minimal").ok()
    said = done.out + done.err
    assert re.search(r"Ran \d\d+ tests", said), said


def test_without_memcached_pages_answer(other: Project) -> None:
    browser = Browser(other)
    other.engine("kill", f"{other.name}-memcached-1")
    try:
        assert [browser.status(path) for path in ("/", "/admin/login/")] == [200, 200]
        assert "memcached is down" in checks(other, code=1)["cache"]["why"]
    finally:
        other.engine("start", f"{other.name}-memcached-1")
