"""The report of an image that nobody measured: the engine's and the archive's are one image."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from project import Project

from djdock.report import shape

if TYPE_CHECKING:
    from conftest import Engine

SLIM = "djdock/python:3.13-slim"

#: A file's name that would run, were it ever taken for HTML.
HOSTILE = "<img src=x onerror=alert(1)>"

DOCKERFILE = f"""FROM {SLIM}
RUN mkdir /data && head -c 3000000 /dev/urandom > '/data/{HOSTILE}'
RUN head -c 1000000 /dev/urandom > /data/gone
RUN rm /data/gone
"""


@pytest.fixture
def project(tmp_path: Path, docker: str) -> Iterator[Project]:
    made = Project.clone(tmp_path / "site", docker)
    made.invoke("env.init").ok()
    yield made
    made.remove()


def embedded(path: Path) -> dict[str, Any]:
    """What a page draws."""
    text = path.read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text.split('id="data">')[1].split("</script>")[0])
    assert "<img" not in text
    return data


def test_any_image_and_any_archive_becomes_a_page(
    engine: Engine, project: Project, tmp_path: Path
) -> None:
    name = engine.build(DOCKERFILE)
    archive = tmp_path / "saved.tar"
    engine.docker("save", "--output", str(archive), name)

    done = project.invoke("image.report", f"{name},{SLIM}").ok()
    data = embedded(project.root / done.out.strip())
    shape.check(data)
    one, base = data["variants"]
    assert (one["variant"], base["variant"]) == (name, SLIM)
    assert one["base_image"] == SLIM
    assert one["layers"][-2]["waste"] == 1_000_000
    assert sum(owner["bytes"] for owner in one["owners"]) == one["bytes"]
    assert [layer["base"] for layer in one["layers"][-3:]] == [False] * 3
    assert one["layers"][0]["base"]
    assert HOSTILE in json.dumps(one["owners"])

    done = project.invoke("image.report", "--archive", str(archive), "--json").ok()
    (saved,) = json.loads(done.out)["variants"]
    for key in ("owners", "groups", "bytes", "findings", "platform", "user"):
        assert saved[key] == one[key]
