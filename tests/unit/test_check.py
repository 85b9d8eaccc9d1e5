"""invoke check: from what the probes say to lines, exit codes and JSON; pages and files over HTTP."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from support import Invoke, Project

from djdock.check import findings, outside, probes, run, view
from djdock.check.findings import Finding
from djdock.errors import CheckFailed
from djdock.shell import Completed, Shell
from djdock.stack import state
from djdock.stack.state import Container


def container(service: str, status: str = "Up 3 minutes (healthy)", oneoff: bool = False) -> Any:
    state = "running" if status.startswith("Up") else "exited"
    return Container(f"shop-{service}-1", service, state, status, "", "", (), "", oneoff)


def answer(probe: str, host: str = "", **more: Any) -> dict[str, Any]:
    return {
        "probe": probe,
        "host": host,
        "server": "",
        "ok": True,
        "said": "done",
        "ms": 1.25,
    } | more


# --- services --------------------------------------------------------------------------------------


def test_what_runs_and_what_is_down() -> None:
    found = [
        container("web"),
        container("db", "Up 1 second (unhealthy)"),
        container("redis", "Exited (137) 5 seconds ago"),
        container("worker", "Exited (0) 1 second ago"),
        container("worker"),
        container("migrate", "Exited (0) 1 minute ago"),
        container("static", "Exited (0) 1 minute ago"),
        container("web", "Exited (1) 1 minute ago", oneoff=True),
    ]
    assert findings.running(found) == ["db", "web", "worker"]
    # Somebody waits for it to end: it is not down.
    found[0] = replace(found[0], ending=("migrate", "static"))
    assert state.down(found) == {
        "db": "Up 1 second (unhealthy)",
        "redis": "Exited (137) 5 seconds ago",
    }


def test_the_probes_lines_are_found_among_the_sites_own() -> None:
    text = f'a print of the site\n{probes.MARK}{{"probe": "x"}}\nmore\n'
    assert findings.answers(probes.MARK, text) == [{"probe": "x"}]


def test_a_probe_that_failed_names_its_service_its_reason_and_a_remedy() -> None:
    failed = answer("cache", "redis", ok=False, why="refused", remedy="")
    found = findings.of_probe(failed, {})
    assert (found.ok, found.why) == (False, "refused")
    assert "`invoke logs redis`" in found.remedy
    found = findings.of_probe(failed, {"redis": "Exited (137)"})
    assert (found.why, found.remedy) == ("redis is down: Exited (137)", findings.restart("redis"))
    job = answer("job", "rabbitmq", ok=False, why="no worker did the job in 15 s", remedy="look")
    assert findings.of_probe(job, {}).remedy == "look"
    assert findings.of_probe(job, {"worker": "Exited (1)"}).why == "worker is down: Exited (1)"


def test_other_than_the_default_database_is_named() -> None:
    assert findings.of_probe(answer("database", alias="default"), {}).name == "database"
    assert findings.of_probe(answer("database", alias="old"), {}).name == "database old"


def test_what_nobody_asked_is_up_and_not_used_or_down() -> None:
    asked = [Finding("job", "rabbitmq")]
    rest = findings.the_rest(
        asked, ["beat", "memcached", "rabbitmq", "worker"], {"db": "Exited (1)"}
    )
    assert [(f.name, f.ok, f.said or f.why) for f in rest] == [
        ("beat", True, "up, sends jobs when they are due"),
        ("memcached", True, "up, not used by the site"),
        ("db", False, "is down: Exited (1)"),
    ]
    assert [f.name for f in findings.the_rest([], ["worker"], {})] == ["worker"]


# --- over HTTP -------------------------------------------------------------------------------------

CSS = b"body {}"


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = {"/healthz": b"ok", "/static/a.css": CSS, "/metrics": b"# all of it"}
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            return
        self.send_response(200 if self.path in known else 404)
        self.end_headers()
        self.wfile.write(known.get(self.path, b"no"))

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # is not asked
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_page(site: str) -> None:
    assert outside.page(site, "/healthz", "web").ok
    found = outside.page(site, "/nothing", "nginx")
    assert (found.ok, found.why) == (False, "/nothing was answered with 404")
    assert outside.page(site, "/away", "web").why == "/away was answered with 302"
    found = outside.page("http://127.0.0.1:1/", "/healthz", "web")
    assert (found.ok, "got no answer" in found.why) == (False, True)


def test_a_file_is_compared_with_what_web_has(site: str) -> None:
    good = answer("static", url="/static/a.css", sha256=hashlib.sha256(CSS).hexdigest())
    assert outside.file(site, good, "nginx").ok
    other = outside.file(site, good | {"sha256": "0"}, "nginx")
    assert (other.ok, other.why) == (False, "/static/a.css is another file than web has")
    assert "`invoke up`" in other.remedy
    gone = outside.file(site, good | {"url": "/static/b.css"}, "web")
    assert gone.why == "/static/b.css was answered with 404"
    elsewhere = outside.file(site, good | {"url": "https://cdn.example.org/a.css"}, "web")
    assert (elsewhere.ok, elsewhere.server) == (True, "cdn.example.org")


def test_metrics_that_a_proxy_shows_to_everybody(site: str) -> None:
    found = outside.hidden(site, "nginx")
    assert found is not None
    assert (found.ok, found.why) == (False, "/metrics is public")
    assert outside.hidden("http://127.0.0.1:1/", "nginx") is None


# --- the run ---------------------------------------------------------------------------------------


def ask(
    project: Project, site: str, monkeypatch: pytest.MonkeyPatch, *said: Any, code: int = 0
) -> Any:
    asked: list[dict[str, Any]] = []

    def capture(self: Shell, argv: list[str], **_: Any) -> Completed:
        assert argv[:6] == ["docker", "compose", "--project-name", "shop", "exec", "-T"]
        assert argv[6:9] == ["web", "python", "-"]
        asked.append(json.loads(argv[9]))
        out = "".join(f"{probes.MARK}{json.dumps(one)}\n" for one in said)
        return Completed(code, out, "Traceback\nKeyError: x\n" if code else "")

    monkeypatch.setattr(Shell, "capture", capture)
    monkeypatch.setattr(type(project.load()), "url", site)
    found = run.check(
        project.load(), Shell(), "docker", [container("web"), container("db"), container("nginx")]
    )
    return found, asked


def test_a_run_asks_inside_then_outside_and_removes_what_it_wrote(
    project: Project, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, digest = "/static/a.css", hashlib.sha256(CSS).hexdigest()
    said = [
        answer("database", "db", server="postgresql 17.1"),
        answer("media", url=url, sha256=digest, remove="a.txt"),
    ]
    found, asked = ask(project, site, monkeypatch, *said)
    assert [finding.name for finding in found] == ["page", "database", "media", "metrics"]
    assert asked[0]["services"] == ["db", "nginx", "web"]
    assert (asked[0]["media"], asked[0]["settings"]) == (True, "config.settings")
    assert asked[1]["remove"] == "a.txt"


def test_probes_that_cannot_run_say_their_last_word(
    project: Project, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CheckFailed, match="inside of web: KeyError: x"):
        ask(project, site, monkeypatch, code=1)


def test_text_and_json() -> None:
    found = [
        Finding("database", "db", "postgresql 17.1", "row written and read back", 3.14),
        Finding("cache", "redis", "redis", "", 2.0, ok=False, why="refused", remedy="Start it."),
        Finding("beat", "beat", said="up"),
    ]
    assert view.text(found).splitlines() == [
        "database  postgresql 17.1  row written and read back      3.1 ms",
        "cache     redis            FAILED  refused",
        "                           -> Start it.",
        "beat                       up",
    ]
    data = view.data(found)
    assert (data["version"], data["ok"]) == (1, False)
    assert data["checks"][1]["why"] == "refused"


def test_the_task_ends_with_1_and_counts(
    project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Finding("database", "db", "pg", "row", 1.0)]
    from djdock.tasks._task import Job

    monkeypatch.setattr(Job, "require_service", lambda self, service: [])
    monkeypatch.setattr(Job, "docker", "docker")
    monkeypatch.setattr(run, "check", lambda *_: found)
    ended = invoke("check")
    assert (ended.code, ended.out) == (0, "database  pg  row      1.0 ms\n")
    found.append(Finding("cache", "redis", ok=False, why="Pa55wordPa55word refused"))
    ended = invoke("check", "--json")
    assert (ended.code, ended.err) == (1, "error: 1 of 2 checks failed: cache.\n")
    assert json.loads(ended.out)["checks"][1]["why"] == "*** refused"


def test_the_probes_need_nothing_but_the_site() -> None:
    """They are fed to another Python, which has no djdock, and may be older."""
    text = Path(probes.__file__).read_text(encoding="utf-8")
    assert "import djdock" not in text
    assert "from djdock" not in text
    done = subprocess.run(
        [sys.executable, "-I", "-", "{}"], input=text, capture_output=True, text=True, check=False
    )
    assert "KeyError: 'settings'" in done.stderr


def test_where_a_cache_is() -> None:
    assert probes.hosts("redis://u:p@cache:6379/0") == [("cache", 6379)]
    assert probes.hosts(["a:1", "b"]) == [("a", 1), ("b", None)]
    assert probes.hosts("") == []
    assert probes.hosts("unix:/run/x.sock") == []
    with pytest.raises(probes.Problem, match=r"127\.0\.0\.1:1 cannot be reached"):
        probes.reach("127.0.0.1", 1)
