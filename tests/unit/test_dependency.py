from __future__ import annotations

from pathlib import Path

import pytest
from archives import error_of

from djdock.errors import CheckFailed
from djdock.measure import builds, dependency

SIX = dependency.CANDIDATES[0]


def added(tmp_path: Path, text: str, **included: str) -> list[str]:
    for name, more in included.items():
        (tmp_path / f"{name}.txt").write_text(more, encoding="utf-8")
    path = tmp_path / "requirements.txt"
    path.write_text(text, encoding="utf-8")
    return dependency.line(path, "7").splitlines()


@pytest.mark.parametrize("text", ["", "Django==5.2", "Django==5.2 \\\n", "# six is not in here\n"])
def test_a_line_and_a_comment_that_nobody_has_seen(tmp_path: Path, text: str) -> None:
    assert added(tmp_path, text) == ["", "", "six==1.17.0", "# 7"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("six", "toolz"),
        ("Six>=1", "toolz"),
        ("six[x]; python_version < '4'\ntoolz==1", "zipp"),
        ("-r more.txt", "zipp"),
        ("--requirement=more.txt", "zipp"),
        ("-c more.txt\n-r requirements.txt", "zipp"),
    ],
)
def test_what_the_project_has_is_not_added_again(tmp_path: Path, text: str, name: str) -> None:
    line = added(tmp_path, text, more="six\ntoolz\n")[2]
    assert line.partition("==")[0] == name


@pytest.mark.parametrize(
    "text", ["Django==5.2 --hash=sha256:12", "--require-hashes\nDjango", "-r more.txt"]
)
def test_hashes_where_the_others_have_them(tmp_path: Path, text: str) -> None:
    lines = added(tmp_path, text, more="a==1 \\\n    --hash=sha256:34\n")
    assert lines[2] == (
        "six==1.17.0 "
        "--hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274 "
        "--hash=sha256:ff70335d468e7eb6ec65b95b99d3a2836546063f63acc5171de367e834932a81"
    )


def test_a_project_that_has_all_of_them(tmp_path: Path) -> None:
    text = "\n".join(item.name for item in dependency.CANDIDATES)
    error = error_of(lambda: added(tmp_path, text))
    assert isinstance(error, CheckFailed)
    assert error.problem == (
        "requirements.txt names every package that could be new to it: six, toolz, zipp."
    )


def test_the_candidates_are_pinned_with_both_hashes() -> None:
    for item in dependency.CANDIDATES:
        assert item.version
        assert [len(digest) for digest in item.hashes] == [64, 64]
        assert all(set(digest) <= set("0123456789abcdef") for digest in item.hashes)


def test_a_changed_file_is_what_it_was_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x\r\ny")
    with builds.changed(path, "\nz\n"):
        assert path.read_bytes() == b"x\r\ny\nz\n"
    assert path.read_bytes() == b"x\r\ny"
    assert isinstance(error_of(lambda: broken(path)), CheckFailed)
    assert path.read_bytes() == b"x\r\ny"


def broken(path: Path) -> None:
    with builds.changed(path, "z"):
        raise CheckFailed("x")
