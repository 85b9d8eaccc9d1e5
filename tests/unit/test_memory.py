from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from archives import error_of

from djdock.errors import CheckFailed
from djdock.measure import memory

ID = "6be6ca58c83b"


@pytest.mark.parametrize(
    ("usage", "stat", "used"),
    [
        (100, {}, 100),
        (100, {"total_inactive_file": 30, "inactive_file": 10}, 70),  # version 1
        (100, {"inactive_file": 10, "active_file": 50}, 90),  # version 2
        (100, {"total_inactive_file": 100, "inactive_file": 10}, 90),
        (100, {"inactive_file": 100}, 100),
    ],
)
def test_the_formula_is_that_of_docker_stats(usage: int, stat: dict[str, int], used: int) -> None:
    assert memory.used(usage, stat) == used


def container(stats: dict[str, Any], pid: int = 7) -> Any:
    def inspect(name: str) -> dict[str, Any]:
        assert name == ID
        return {"State": {"Pid": pid}}

    def statistics(*, stream: bool, one_shot: bool) -> dict[str, Any]:
        assert (stream, one_shot) == (False, True)
        return stats

    api = SimpleNamespace(inspect_container=inspect)
    return SimpleNamespace(id=ID, stats=statistics, client=SimpleNamespace(api=api))


def test_the_engine_is_asked_first() -> None:
    said = {"memory_stats": {"usage": 100, "stats": {"inactive_file": 10}}}
    assert memory.measure(container(said)) == 90


@pytest.mark.parametrize("said", [{}, {"memory_stats": {}}, {"memory_stats": {"usage": 0}}])
def test_an_engine_without_statistics_is_no_container_without_memory(
    said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def of_group(name: str, pid: int) -> int | None:
        asked.append((name, pid))
        return None if len(asked) > 1 else 55

    monkeypatch.setattr(memory, "of_group", of_group)
    assert memory.measure(container(said)) == 55
    error = error_of(lambda: memory.measure(container(said)))
    assert isinstance(error, CheckFailed)
    assert "says nothing of the container's memory" in error.problem
    assert asked == [(ID, 7), (ID, 7)]


V1 = f"12:net_cls:/\n9:name=systemd:/docker/{ID}\n4:cpu,memory:/docker/{ID}\n0::/docker/{ID}\n"
V2 = f"0::/system.slice/docker-{ID}.scope\n"


def machine(tmp_path: Path, cgroup: str, files: dict[str, str]) -> int | None:
    processes, groups = tmp_path / "proc", tmp_path / "groups"
    (processes / "7").mkdir(parents=True)
    (processes / "7" / "cgroup").write_text(cgroup, encoding="utf-8")
    for name, text in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(text, encoding="utf-8")
    return memory.of_group(ID, 7, processes=processes, groups=groups)


def test_a_group_of_version_1(tmp_path: Path) -> None:
    folder = f"memory/docker/{ID}"
    stat = "cache 5\ninactive_file 1\ntotal_inactive_file 12288\n"
    files = {f"{folder}/memory.usage_in_bytes": "92237824\n", f"{folder}/memory.stat": stat}
    assert machine(tmp_path, V1, files) == 92237824 - 12288


def test_a_group_of_version_2(tmp_path: Path) -> None:
    folder = f"system.slice/docker-{ID}.scope"
    files = {
        f"{folder}/memory.current": "1000\n",
        f"{folder}/memory.stat": "anon 5\ninactive_file 10\n",
    }
    assert machine(tmp_path, V2, files) == 990


def test_an_engine_in_a_container_sees_its_groups_from_its_own_on(tmp_path: Path) -> None:
    folder = f"memory/docker/{ID}"
    files = {
        f"{folder}/memory.usage_in_bytes": "500\n",
        f"{folder}/memory.stat": "total_inactive_file 100\n",
        "memory/docker/memory.usage_in_bytes": "9000\n",  # all of its containers'
    }
    cgroup = f"4:memory:/docker/outer/docker/{ID}\n0::/docker/outer\n"
    assert machine(tmp_path, cgroup, files) == 400


@pytest.mark.parametrize(
    ("cgroup", "files"),
    [
        ("4:memory:/docker/another\n", {"memory/docker/another/memory.usage_in_bytes": "5"}),
        (V1, {}),
        (V2, {}),
        ("nonsense\n", {}),
        ("", {}),
    ],
)
def test_what_is_not_there_is_not_guessed(
    tmp_path: Path, cgroup: str, files: dict[str, str]
) -> None:
    assert machine(tmp_path, cgroup, files) is None


def test_a_process_that_is_not_there(tmp_path: Path) -> None:
    assert memory.of_group(ID, 0, processes=tmp_path, groups=tmp_path) is None
