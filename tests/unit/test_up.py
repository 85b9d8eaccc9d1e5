from __future__ import annotations

from dataclasses import replace

import pytest
from support import Project

from djdock.shell import Completed
from djdock.stack import up
from djdock.stack.plan import Plan, Resolved
from djdock.stack.state import Container
from djdock.stack.up import is_whole, needed_first, remove

HEALTHY = {"condition": "service_healthy"}
DONE = {"condition": "service_completed_successfully"}


def test_the_site_waits_for_what_is_behind_it_and_for_nothing_in_front_of_it() -> None:
    services = {
        "web": {"depends_on": {"db": HEALTHY, "migrate": DONE, "static": DONE, "redis": HEALTHY}},
        "migrate": {"depends_on": {"db": HEALTHY}},
        "nginx": {"depends_on": {"web": HEALTHY, "static": DONE}},
        "worker": {"depends_on": {"migrate": DONE, "rabbitmq": HEALTHY}},
        "prometheus": {},
        "redis": {"depends_on": {"tuning": HEALTHY}},
        "tuning": {"depends_on": None},
        "db": {},
        "static": {},
    }
    assert needed_first(services) == ["db", "redis", "tuning"]


def test_a_site_on_its_own_waits_for_nothing() -> None:
    assert needed_first({}) == []
    assert needed_first({"web": {"depends_on": {"migrate": DONE}}, "migrate": {}}) == []


class Recorder:
    """A shell that writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def capture(self, argv: list[str], **_: object) -> Completed:
        self.asked.append(" ".join(argv))
        return Completed(0, "", "")


def container(service: str, image: str, state: str = "running") -> Container:
    return Container(f"shop-{service}-1", service, state, "Up", image, "", (), "")


def test_what_the_new_stack_does_not_have_goes_the_sites_own_first(project: Project) -> None:
    before = [
        container("beat", "shop:multi"),
        container("db", "postgres:17"),
        container("rabbitmq", "rabbitmq:4"),
        container("static", "shop:multi", "exited"),
        container("web", "shop:multi"),
        container("worker", "shop:multi"),
    ]
    shell = Recorder()
    now = Resolved({"db": {}, "web": {}})
    remove(project.load(), shell, "docker", Plan(before), now)  # type: ignore[arg-type]
    assert shell.asked == [
        "docker stop shop-beat-1 shop-static-1 shop-worker-1",
        "docker rm shop-beat-1 shop-static-1 shop-worker-1",
        "docker stop shop-rabbitmq-1",
        "docker rm shop-rabbitmq-1",
    ]
    shell.asked.clear()
    remove(project.load(), shell, "docker", Plan(before[1:2]), now)  # type: ignore[arg-type]
    assert shell.asked == []


def test_a_failure_is_seen_though_the_engine_lists_it_late(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, failed = container("migrate", "x"), container("migrate", "x", "exited")
    failed = replace(failed, status="Exited (1) 1 second ago")
    lists = iter([[running], [running], [failed]])
    monkeypatch.setattr(up.state, "containers", lambda *_: next(lists))
    monkeypatch.setattr(up.time, "sleep", lambda _: None)
    assert up.settled(project.load(), Recorder(), "docker") == [failed]  # type: ignore[arg-type]
    monkeypatch.setattr(up, "SETTLE", 0)
    monkeypatch.setattr(up.state, "containers", lambda *_: [running])
    assert up.settled(project.load(), Recorder(), "docker") == [running]  # type: ignore[arg-type]


def test_a_stack_is_whole_when_all_of_it_still_runs(project: Project) -> None:
    config = project.load()
    web, db = container("web", "shop:multi"), container("db", "postgres:17")
    plan = Plan([web, db, container("migrate", "shop:multi", "exited")])
    assert is_whole(config, plan, [web, db])
    assert is_whole(config, plan, [web, db, container("redis", "redis:8")])
    assert not is_whole(config, plan, [db])
    assert not is_whole(config, plan, [web])
    assert not is_whole(config, plan, [web, container("db", "mysql:8.4")])
    assert not is_whole(config, plan, [web, container("db", "postgres:17", "exited")])


def test_a_new_build_takes_the_tag_of_what_still_runs(project: Project) -> None:
    plan = Plan([container("web", "shop:multi")])
    old = container("web", "sha256:0123456789ab")
    assert is_whole(project.load(), plan, [old])
    assert is_whole(project.load(), Plan([old]), [container("web", "shop:multi")])
