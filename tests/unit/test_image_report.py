"""`invoke image.report`: which data it draws, where the page goes, and what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import reports
from images import image, own
from support import ENV, Invoke, Project

from djdock import engine
from djdock.images import baseline, origin
from djdock.images.opened import Opened
from djdock.report import html
from djdock.tasks import _which

SECRET = ENV["DATABASE_PASSWORD"]
FILES = {"app/manage.py": 100_000, "usr/lib/libc.so.6": 2_000_000}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[_which.Which]:
    """Every image can be read, and is the same; which ones were read, in order."""
    asked: list[_which.Which] = []

    def opened(which: _which.Which, *, compressed: bool = False) -> Opened:
        assert compressed
        asked.append(which)
        made = image(FILES, WorkingDir="/app")
        made.layers[0] = _with(made.layers[0], f"RUN echo {SECRET}")
        name = which.name or "site:1"
        snapshot = baseline.Snapshot(name, "linux/amd64", "overlay2", 2_100_000, 1, {})
        return Opened(made, own(FILES, WorkingDir="/app"), snapshot)

    @contextmanager
    def client() -> Iterator[object]:
        yield SimpleNamespace(version=lambda: {"Version": "29.1.0"})

    monkeypatch.setattr(_which.Which, "open", opened)
    monkeypatch.setattr(engine, "client", client)
    monkeypatch.setattr(origin, "base", lambda sdk, layers: origin.Base("base:1", 1))
    return asked


def _with(layer: Any, instruction: str) -> Any:
    from dataclasses import replace

    return replace(layer, instruction=instruction)


def test_what_was_measured_is_drawn(project: Project, invoke: Invoke) -> None:
    project.write("reports/images.json", json.dumps(reports.report()))
    ended = invoke("image.report")
    assert (ended.code, ended.out, ended.err) == (0, "reports/images.html\n", "")
    page = (project.root / "reports/images.html").read_bytes()
    assert page == html.page(reports.report()).encode()
    assert [
        path.name for path in (project.root / "reports").iterdir() if path.suffix != ".json"
    ] == ["images.html"]


def test_what_was_measured_as_json(project: Project, invoke: Invoke) -> None:
    project.write("reports/images.json", json.dumps(reports.report()))
    before = project.files()
    assert json.loads(invoke("image.report", "--json").out) == reports.report()
    assert project.files() == before


def test_what_an_image_says_of_itself_that_was_not_read_is_told(
    project: Project, invoke: Invoke
) -> None:
    data = reports.report()
    data["variants"][1]["problems"] = ["dpkg's list of bash cannot be read."]
    project.write("reports/images.json", json.dumps(data))
    assert invoke("image.report").err == "multi: dpkg's list of bash cannot be read.\n"


def test_without_a_report_the_code_is_3(project: Project, invoke: Invoke) -> None:
    before = project.files()
    ended = invoke("image.report")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (
        "error: There is no report: reports/images.json is not there.\n"
        "`nox -s images` builds and measures; `invoke image.report IMAGE` looks at an image that is "
        "there.\n"
    )
    assert project.files() == before


def test_a_broken_report_leaves_the_page_as_it_was(project: Project, invoke: Invoke) -> None:
    project.write("reports/images.json", json.dumps(reports.report())[:-9])
    project.write("reports/images.html", "as it was")
    before = project.files()
    ended = invoke("image.report")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: reports/images.json is no report that djdock wrote")
    assert project.files() == before


@pytest.mark.parametrize(
    ("words", "path", "names"),
    [
        (["multi"], "multi", ["multi"]),
        (["python:3.13"], "python-3.13", ["python:3.13"]),
        (["multi,other:1"], "multi_other-1", ["multi", "other:1"]),
        (["multi, other:1,"], "multi_other-1", ["multi", "other:1"]),
        (["registry.example.org/a/b@sha256:12"], "registry.example.org-a-b-sha256-12",
         ["registry.example.org/a/b@sha256:12"]),
        (["images"], "image-images", ["images"]),
        (["--archive", "../x/site.tar.gz"], "site", ["site:1"]),
        (["--archive", "-"], "image", ["site:1"]),
        (["shop:2", "--archive", "many.tar"], "shop-2", ["shop:2"]),
    ],
)  # fmt: skip
def test_images_are_read_now(
    project: Project,
    invoke: Invoke,
    read: list[_which.Which],
    words: list[str],
    path: str,
    names: list[str],
) -> None:
    ended = invoke("image.report", *words)
    assert (ended.code, ended.out) == (0, f"reports/{path}.html\n")
    page = (project.root / f"reports/{path}.html").read_text(encoding="utf-8")
    assert SECRET not in page
    assert "RUN echo ***" in page
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert [item["variant"] for item in data["variants"]] == names
    assert len(read) == len(names)


def test_the_data_of_images_that_are_read_now(
    project: Project, invoke: Invoke, read: list[_which.Which]
) -> None:
    before = project.files()
    data = json.loads(invoke("image.report", "multi,other:1", "--json").out)
    assert project.files() == before
    assert (data["version"], data["engine"], data["store"]) == (2, "29.1.0", "overlay2")
    assert (data["project"], data["ok"], data["complaints"], data["budget"]) == (
        "shop",
        True,
        [],
        [],
    )
    one, other = data["variants"]
    assert (one["dockerfile"], one["base_image"]) == ("docker/multi.Dockerfile", "base:1")
    assert (other["dockerfile"], other["base_image"]) == ("", "base:1")
    assert one["figures"]["size"] == 2_100_000
    assert one["measurements"] == {}
    assert "problem" in one["baseline"]
    assert one["layers"][0]["base"]


def test_an_archive_needs_no_engine_and_tells_no_base(
    project: Project, invoke: Invoke, read: list[_which.Which], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "client", lambda: pytest.fail("it asked the engine"))
    data = json.loads(invoke("image.report", "--archive", "image.tar", "--json").out)
    assert (data["engine"], data["variants"][0]["base_image"]) == ("", "")


def test_the_page_goes_where_one_says(
    project: Project, invoke: Invoke, read: list[_which.Which]
) -> None:
    target = project.root.parent / "page.html"
    ended = invoke("image.report", "multi", "--output", str(target))
    assert (ended.code, ended.out) == (0, f"{target}\n")
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert not (project.root / "reports").exists()


def test_a_directory_is_no_page(project: Project, invoke: Invoke) -> None:
    (project.root / "out").mkdir()
    ended = invoke("image.report", "multi", "--output", "out")
    assert (ended.code, ended.err) == (
        2, "error: --output is out, a directory.\nName the page itself: page.html\n",
    )  # fmt: skip


def test_images_that_are_none_are_2(project: Project, invoke: Invoke) -> None:
    ended = invoke("image.report", ",")
    assert (ended.code, ended.out, ended.err) == (
        2,
        "",
        "error: IMAGE is `,`.\nName an image, or several: multi,python:3.13.\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Would read reports/images.json and write reports/images.html.\n"),
        (["--json"], "Would read reports/images.json.\n"),
        (["multi,other:1"],
         "Would read shop:multi, other:1 and write reports/multi_other-1.html.\n"),
    ],
)  # fmt: skip
def test_a_dry_run_writes_nothing(
    project: Project, invoke: Invoke, words: list[str], said: str
) -> None:
    before = project.files()
    ended = invoke("--dry", "image.report", *words)
    assert (ended.code, ended.out, ended.err) == (0, "", said)
    assert project.files() == before
