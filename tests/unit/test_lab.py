"""The order of a run, what goes on after a failure, and what is cleaned up; with stubs for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from support import Project

from djdock.errors import CheckFailed, CommandFailed
from djdock.images.budget import Facts
from djdock.images.choose import Chosen
from djdock.measure import lab, load
from djdock.measure.builds import Builder
from djdock.measure.lab import Measured
from djdock.measure.plan import Plan
from djdock.measure.running import Running
from djdock.measure.subject import Subject
from djdock.shell import Shell

VARIANTS = ("single", "multi", "minimal")


class World:
    """Writes down what is done; ``fail`` says what fails when, by the number of the time."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.fail: dict[tuple[str, int], BaseException] = {}
        self.removed: list[str] = []
        self.swept: list[str] = []
        self.images = SimpleNamespace(remove=self._remove)

    def _remove(self, tag: str, *, force: bool) -> None:
        assert force
        self.removed.append(tag)

    def do(self, what: str) -> float:
        self.did.append(what)
        number = self.did.count(what)
        if (what, number) in self.fail:
            raise self.fail[what, number]
        return float(number)

    def times(self, what: str) -> int:
        return self.did.count(what)


@pytest.fixture
def world(project: Project, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    @contextmanager
    def client() -> Iterator[World]:
        yield made

    @contextmanager
    def running(sdk: object, subject: Subject, mark: str) -> Iterator[Running]:
        first = made.do(f"start {subject.variant}")
        made.did.append(f"up {subject.variant}")
        try:
            yield Running(subject.variant, 1, first)
        finally:
            made.did.append(f"down {subject.variant}")

    def send(port: int, path: str, requests: int, **_: object) -> load.Answered:
        variant = next(word[3:] for word in reversed(made.did) if word.startswith("up "))
        return load.Answered(int(made.do(f"load {requests} {variant}")) * 100, 1.0)

    def build(kind: str) -> Callable[[Builder, Subject], float]:
        return lambda _self, subject: made.do(f"{kind} {subject.variant}")

    for method in ("cold", "cached", "after_code", "after_dependency"):
        monkeypatch.setattr(Builder, method, build(method))
    monkeypatch.setattr(lab.engine, "docker_binary", lambda: "docker")
    monkeypatch.setattr(lab.engine, "require", lambda: None)
    monkeypatch.setattr(lab.engine, "client", client)
    monkeypatch.setattr(lab.engine, "image_id", lambda sdk, name: "multi" in name)
    monkeypatch.setattr(lab.choose, "choose", lambda *_, **__: Chosen())
    found = SimpleNamespace(
        image=SimpleNamespace(layers=[]), ownership=SimpleNamespace(files=[]), snapshot=None
    )
    monkeypatch.setattr(
        lab.opened,
        "from_engine",
        lambda sdk, name, *, compressed: made.do(f"read {name} {compressed}") and found,
    )
    monkeypatch.setattr(lab.origin, "base", lambda sdk, layers: None)
    monkeypatch.setattr(lab.budgeted, "facts", lambda config, name, image: Facts(name))
    monkeypatch.setattr(lab.contents, "contents", lambda image, *, base, mask: {"a": 1})
    monkeypatch.setattr(lab.runnings, "running", running)
    monkeypatch.setattr(lab.runnings, "sweep", lambda sdk, mark: made.swept.append(mark))
    monkeypatch.setattr(lab.load, "send", send)
    monkeypatch.setattr(lab.memory, "measure", lambda container: made.do(f"memory {container}"))
    monkeypatch.setattr(lab.time, "sleep", lambda seconds: None)
    return made


def measure(project: Project, plan: Plan) -> tuple[list[Measured], list[str]]:
    said: list[str] = []
    return lab.measure(project.load(), Shell(), plan, said.append), said


def test_the_variants_take_turns(project: Project, world: World) -> None:
    found, said = measure(project, Plan(VARIANTS))
    assert [word for word in world.did if word.startswith("cold")] == [
        f"cold {name}"
        for name in (
            "single", "multi", "minimal", "multi", "minimal", "single", "minimal", "single", "multi",
        )
    ]  # fmt: skip
    assert world.times("after_code multi") == world.times("after_dependency single") == 3
    assert world.times("start minimal") == world.times("down minimal") == 5
    assert world.times("load 1500 minimal") == world.times("load 500 minimal") == 3
    assert world.times("memory minimal") == 6
    assert [word for word in world.did if word.startswith("read")] == [
        f"read shop:{name} True" for name in VARIANTS
    ]
    assert [item.variant for item in found] == list(VARIANTS)
    assert found[1].contents == {"a": 1}
    assert (found[1].dockerfile, found[1].base_image) == (
        "docker/multi.Dockerfile",
        "python:3.13-slim",
    )
    measurements: Any = found[1].measurements
    assert measurements["cold_build"]["runs"] == [1.0, 2.0, 3.0]
    assert measurements["first_200"]["runs"] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert measurements["memory_rest"]["runs"] == [1, 3, 5]
    assert measurements["memory_loaded"]["runs"] == [2, 4, 6]
    assert measurements["requests_per_second"]["runs"] == [100, 200, 300]
    assert said[0].endswith("cold build, round 1 of 3")
    assert said[-4].endswith("first 200, round 5 of 5")


def test_a_quick_run_builds_with_the_cache_once(project: Project, world: World) -> None:
    plan = Plan(("multi",), quick=True, cold_builds=0, rebuilds=1, starts=1, loads=1)
    found, _ = measure(project, plan)
    assert world.did == [
        "cached multi", "read shop:multi False", "after_code multi", "after_dependency multi",
        "start multi", "up multi", "memory multi", "load 500 multi", "memory multi",
        "load 1500 multi", "down multi",
    ]  # fmt: skip
    assert found[0].measurements["cold_build"] is None


def test_what_failed_is_left_out_from_then_on_and_the_rest_goes_on(
    project: Project, world: World
) -> None:
    world.fail = {
        ("after_dependency multi", 2): CommandFailed(["docker"], 1, problem="no index"),
        ("start single", 2): CheckFailed("it ended"),
        ("load 1500 minimal", 1): CheckFailed("503"),
        ("memory multi", 2): CheckFailed("no statistics"),
    }
    found, said = measure(project, Plan(VARIANTS))
    single, multi, minimal = (item.measurements for item in found)
    assert multi["rebuild_dependency"] == {"problem": "no index"}
    assert world.times("after_dependency multi") == 2
    assert world.times("after_dependency single") == 3
    assert {key for key, value in single.items() if value == {"problem": "it ended"}} == {
        "first_200", "memory_rest", "memory_loaded", "requests_per_second",
    }  # fmt: skip
    assert world.times("start single") == 2
    assert minimal["requests_per_second"] == minimal["memory_loaded"] == {"problem": "503"}
    assert len(minimal["memory_rest"]["runs"]) == 3
    assert world.times("load 1500 minimal") == 1
    assert multi["memory_loaded"] == {"problem": "no statistics"}
    assert len(multi["requests_per_second"]["runs"]) == 3
    assert len(multi["first_200"]["runs"]) == 5
    assert any(line.endswith("multi    no index") for line in said)


def test_a_first_build_that_fails_ends_it(project: Project, world: World) -> None:
    error = CommandFailed(["docker"], 7)
    world.fail = {("cold multi", 1): error}
    with pytest.raises(CommandFailed) as caught:
        measure(project, Plan(VARIANTS))
    assert caught.value is error
    assert world.did == ["cold single", "cold multi"]
    assert len(world.swept) == 1


@pytest.mark.parametrize("moment", ["after_code multi", "load 500 multi", "read shop:multi True"])
def test_an_interrupt_cleans_up(project: Project, world: World, moment: str) -> None:
    world.fail = {(moment, 1): KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        measure(project, Plan(VARIANTS))
    assert world.removed == ["shop:multi-changed"]
    assert len(world.swept) == 1
    assert world.times("up multi") == world.times("down multi")
