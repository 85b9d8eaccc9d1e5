"""`nox -s images`: the figures against what the engine says, failures, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from project import Done, Project

from djdock.measure.series import MEASUREMENTS

NAMES = [item.name for item in MEASUREMENTS]

LEGACY = """
[tool.djdock.variants.legacy]
dockerfile = "Dockerfile.old"
"""
#: It is built, and ends as soon as it is started.
DOCKERFILE = """FROM python:3.13-slim
COPY src/demo /code
CMD ["python", "-c", "raise SystemExit('no database driver')"]
"""


def images(project: Project, *words: str, **more: str) -> Done:
    return project.run([sys.executable, "-m", "nox", "-s", "images", "--", *words], **more)


def report(project: Project) -> dict[str, Any]:
    path = project.root / "reports/images.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def nothing_is_left(project: Project, images: list[str]) -> None:
    """Nothing but the images, and a source that is as it was."""
    for image in images:
        found = project.engine("ps", "--all", "--quiet", "--filter", f"ancestor={image}")
        assert found == ""
    listed = project.engine("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", project.name)
    assert sorted(listed.split()) == sorted(images)


def test_the_figures_are_those_of_the_engine(project: Project) -> None:
    project.invoke("build", "--variant", "single").ok()
    source = {path: path.read_bytes() for path in project.root.rglob("*.py")}
    done = images(project, "--quick", "--only", "multi,minimal").ok()
    found = report(project)
    assert (found["version"], found["quick"], found["ok"]) == (2, True, True)
    assert [item["variant"] for item in found["variants"]] == ["multi", "minimal"]
    for item in found["variants"]:
        image = f"{project.name}:{item['variant']}"
        [said] = json.loads(project.engine("image", "inspect", image))
        assert item["image"] == image
        assert item["figures"]["size"] == said["Size"]
        assert item["figures"]["layers"] == len(said["RootFS"]["Layers"])
        assert [layer["digest"] for layer in item["layers"]] == said["RootFS"]["Layers"]
        assert item["user"] == said["Config"]["User"]
        assert item["figures"]["compressed_size"] is None
        assert list(item["measurements"]) == NAMES
        assert item["measurements"]["cold_build"] is None
        for name in NAMES[1:]:
            series = item["measurements"][name]
            assert len(series["runs"]) == 1
            assert series["median"] > 0
        # A page of Django's takes megabytes, not kilobytes and not gigabytes.
        assert 20e6 < item["measurements"]["memory_rest"]["median"] < 500e6
    multi, minimal = found["variants"]
    assert (minimal["figures"]["shells"], multi["figures"]["compilers"]) == ([], [])
    # single was left out, and is there from before.
    assert "times smaller than single (as built before)" in done.out
    assert "round 1 of 1" in done.err
    assert (project.root / "reports/images.md").read_text(encoding="utf-8").startswith("## Images")
    assert {path: path.read_bytes() for path in project.root.rglob("*.py")} == source
    nothing_is_left(project, [f"{project.name}:{name}" for name in ("single", "multi", "minimal")])


def test_what_fails_is_a_complaint_and_the_rest_goes_on(project: Project) -> None:
    with (project.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(LEGACY)
    (project.root / "Dockerfile.old").write_text(DOCKERFILE, encoding="utf-8")
    project.invoke("build", "--variant", "multi").ok()  # what follows finds it in the cache
    nowhere = "http://127.0.0.1:1/simple"
    done = images(project, "--quick", "--only", "multi,legacy", PIP_INDEX_URL=nowhere)
    assert done.code == 1
    found = report(project)
    multi, legacy = (item["measurements"] for item in found["variants"])
    assert legacy["first_200"] == {"problem": "It ended: no database driver"}
    assert legacy["requests_per_second"] == legacy["memory_rest"] == legacy["first_200"]
    assert legacy["rebuild_code"]["median"] > 0
    assert multi["rebuild_dependency"]["problem"].startswith(f"{project.name}:multi-changed could")
    assert multi["requests_per_second"]["median"] > 0
    assert found["ok"] is False
    failed = (
        "legacy: first 200, memory at rest, memory after load, requests per second could not be "
        "measured: It ended: no database driver"
    )
    assert failed in found["complaints"]
    unknown = (
        "min_ratio of multi cannot be checked: single is neither measured nor built; "
        "add it to --only."
    )
    assert unknown in found["complaints"]
    for sentence in found["complaints"]:
        assert done.out.count(sentence) == 1
    nothing_is_left(project, [f"{project.name}:{name}" for name in ("multi", "legacy")])


@pytest.mark.parametrize(
    ("moment", "signum"),
    [
        ("rebuild after a new dependency, round 1", signal.SIGINT),
        ("first 200: ", signal.SIGINT),
        ("first 200: ", signal.SIGTERM),
    ],
)
def test_an_interrupt_leaves_nothing(
    project: Project, tmp_path: Path, moment: str, signum: signal.Signals
) -> None:
    said, scratch = tmp_path / "said", tmp_path / "scratch"
    scratch.mkdir()
    with said.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "nox", "-s", "images", "--", "--quick", "--only", "multi"],
            cwd=project.root, env=project.environment(TMPDIR=str(scratch)), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=file, start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + 300
    while moment not in said.read_text(encoding="utf-8"):
        assert process.poll() is None, said.read_text(encoding="utf-8")
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signum)
    assert process.wait(120) == 130, said.read_text(encoding="utf-8")
    assert [path for path in scratch.iterdir() if path.name.startswith("djdock-")] == []
    assert not (project.root / "reports").exists()
    nothing_is_left(project, [f"{project.name}:multi"])


def test_a_wrong_word_is_said_before_anything_is_done(project: Project) -> None:
    done = images(project, "--only", "mutli")
    assert done.code == 1
    assert "There is no variant `mutli` in --only." in done.err
    assert "Did you mean `multi`?" in done.err
    usage = images(project, "--help").ok().out
    assert usage.startswith("usage: nox -s images -- [--help]")
    assert not (project.root / "reports").exists()
