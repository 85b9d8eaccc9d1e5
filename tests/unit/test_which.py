"""How a command line says which image is meant: the same for every task that reads one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support import Invoke, Project

from djdock.images import archive
from djdock.images.model import Image
from djdock.shell import Shell
from djdock.tasks import _which
from djdock.tasks._task import Job

TASKS = ("layers", "files", "packages")


@pytest.fixture
def job(project: Project) -> Job:
    project.write("Dockerfile.old", "FROM scratch\n")
    project.table('variants.legacy.dockerfile = "Dockerfile.old"')
    project.write("image.tar", "")
    project.write("multi", "a file with the name of a variant")
    project.write("src/own.tar", "")
    return Job(project.load(), Shell(), project.root / "src")


@pytest.mark.parametrize(
    ("given", "name", "path"),
    [
        (("", "", ""), "shop:multi", ""),
        (("", "legacy", ""), "shop:legacy", ""),
        (("legacy", "", ""), "shop:legacy", ""),
        (("multi", "", ""), "shop:multi", ""),
        (("./multi", "", ""), "", "src/multi"),
        (("other:1", "", ""), "other:1", ""),
        (("own.tar", "", ""), "", "src/own.tar"),
        (("image.tar", "", ""), "image.tar", ""),
        (("../image.tar", "", ""), "", "src/../image.tar"),
        (("", "", "own.tar"), "", "src/own.tar"),
        (("", "", "gone.tar"), "", "src/gone.tar"),
        (("site:1", "", "../image.tar"), "site:1", "src/../image.tar"),
        # In an archive a name is a name: it may be any machine's.
        (("multi", "", "own.tar"), "multi", "src/own.tar"),
    ],
)
def test_what_is_meant(job: Job, given: tuple[str, str, str], name: str, path: str) -> None:
    found = _which.which(job, *given)
    assert found == _which.Which(name, job.config.root / path if path else None)


def test_standard_input_and_home_are_nobodys_folder(job: Job) -> None:
    assert _which.which(job, "", "", "-") == _which.Which("", Path("-"))
    assert _which.which(job, "a:1", "", "-") == _which.Which("a:1", Path("-"))
    home = Path(os.environ["HOME"])
    assert _which.which(job, "~/a.tar", "", "") == _which.Which("", home / "a.tar")
    assert _which.which(job, "", "", "/a.tar") == _which.Which("", Path("/a.tar"))


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (_which.Which("a:1"), "a:1"),
        (_which.Which("", Path("/x.tar")), "/x.tar"),
        (_which.Which("a:1", Path("/x.tar")), "a:1 in /x.tar"),
        (_which.Which("", Path("-")), "standard input"),
    ],
)
def test_how_it_is_called(found: _which.Which, text: str) -> None:
    assert str(found) == text


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (
            "other:1 --variant multi",
            2,
            "--variant goes with neither IMAGE nor --archive.\nGive one of them.",
        ),
        (
            "--variant multi --archive image.tar",
            2,
            "--variant goes with neither IMAGE nor --archive.\nGive one of them.",
        ),
        ("--variant mutli", 2, "There is no variant `mutli`.\nDid you mean `multi`?"),
        *(
            (
                words,
                3,
                (
                    "There is no file ROOT/src/gone.tar.\n"
                    "Write one with `docker save IMAGE --output image.tar`."
                ),
            )
            for words in ("./gone.tar", "--archive gone.tar", "a:1 --archive gone.tar")
        ),
        ("./shop", 2, "ROOT/src/shop is a directory.\nName the archive itself."),
    ],
)
def test_every_task_says_the_same_of_what_it_cannot_read(
    job: Job, invoke: Invoke, task: str, words: str, code: int, text: str
) -> None:
    root = str(job.config.root)
    os.chdir(job.config.root / "src")
    ended = invoke(f"image.{task}", *words.split())
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.replace(root, "ROOT") == f"error: {text}\n"


def test_compare_takes_the_same_words(job: Job, invoke: Invoke) -> None:
    os.chdir(job.config.root / "src")
    ended = invoke("image.compare", "./gone.tar", "multi")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith(f"error: There is no file {job.config.root}/src/gone.tar.\n")


@pytest.mark.parametrize("task", TASKS)
def test_the_second_task_of_a_line_begins_where_the_first_did(
    job: Job, invoke: Invoke, task: str
) -> None:
    os.chdir(job.config.root / "src")
    ended = invoke("--dry", "ps", f"image.{task}", "--archive", "own.tar")
    assert ended.err == f"Would read {job.config.root}/src/own.tar.\n"


def test_what_is_meant_reaches_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def read(source: object, *_: object, **how: Any) -> Image:
        asked.append((source, how.get("wanted", ""), how.get("compressed", False)))
        raise InterruptedError

    monkeypatch.setattr(archive, "read", read)
    for found in (_which.Which("a:1", Path("-")), _which.Which("", Path("/x.tar"))):
        with pytest.raises(InterruptedError):
            found.read(compressed=True)
        with pytest.raises(InterruptedError):
            found.open()
    with pytest.raises(InterruptedError):
        _which.Which("b:1").read()
    assert asked == [
        (Path("-"), "a:1", True),
        (Path("-"), "a:1", False),
        (Path("/x.tar"), "", True),
        (Path("/x.tar"), "", False),
        ("b:1", "", False),
    ]
