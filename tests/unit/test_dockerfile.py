from __future__ import annotations

from pathlib import Path

import pytest

from djdock.images import dockerfile


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("FROM python:3.13-slim\n", ["python:3.13-slim"]),
        ("from python:3.13 as build\nFROM build\n", ["python:3.13"]),
        ("FROM python:3.13 AS Build\nFROM BUILD\nCOPY --from=build / /\n", ["python:3.13"]),
        ("FROM --platform=$BUILDPLATFORM python:3.13 AS x\n", ["python:3.13"]),
        ("FROM scratch\nCOPY a /\n", []),
        ("FROM a\nFROM a\nFROM b\n", ["a", "b"]),
        ("ARG V=3.13\nFROM python:$V\n", ["python:3.13"]),
        ('ARG V="3.13" S=slim\nFROM python:${V}-${S}\n', ["python:3.13-slim"]),
        ("ARG V=3.13\nARG IMAGE=python:${V}\nFROM $IMAGE\n", ["python:3.13"]),
        ("FROM python:${V:-3.13}${S:+-slim}\n", ["python:3.13"]),
        ("ARG S=1\nFROM python:3.13${S:+-slim}\n", ["python:3.13-slim"]),
        ("FROM python:$V\n", []),
        ("ARG V\nFROM python:$V\n", []),
        ("FROM a\nARG V=3.13\nFROM python:$V\n", ["a"]),
        ("FROM \\\n  # why\n\n  python:3.13 \\\n  AS x\n", ["python:3.13"]),
        ("# escape=`\nFROM `\n  python:3.13\n", ["python:3.13"]),
        ("# syntax=docker/dockerfile:1\n# escape=`\nFROM `\n a\n", ["a"]),
        ("# a comment\n# escape=`\nFROM `\n a\n", ["`"]),
        ("FROM a\nRUN <<EOF\nFROM b\nEOF\nFROM c\n", ["a", "c"]),
        ("FROM a\nRUN cat <<-'E1' <<E2 > /x\nFROM b\n\tE1\nFROM c\nE2\nFROM d\n", ["a", "d"]),
        ('FROM a\nRUN echo "1 <<EOF"\nFROM b\n', ["a", "b"]),
        ("FROM a\nRUN echo 1 \\\n  2\n# RUN x \\\nFROM b\n", ["a", "b"]),
        ("FROM a\nCOPY --chown=1:1 --from=b /x /y\nCOPY --from=0 /x /y\n", ["a", "b"]),
        ("FROM\nFROM a b c d\n", ["a"]),
        ("ARG V='3\nFROM python:$V\n", []),
        ("", []),
    ],
)  # fmt: skip
def test_the_images_that_a_dockerfile_names(text: str, images: list[str]) -> None:
    assert list(dockerfile.parse(text).images) == images


def test_build_arguments_win_over_defaults() -> None:
    text = "ARG V=3.12\nFROM python:$V\n"
    assert dockerfile.parse(text, {"V": "3.13"}).images == ("python:3.13",)
    # One that the Dockerfile does not declare has no value in it.
    assert dockerfile.parse("FROM python:${V}\n", {"V": "3.13"}).images == ()


def test_stages_have_their_names() -> None:
    text = "FROM a AS Base\nFROM base as test\nFROM base\n"
    assert dockerfile.parse(text).stages == ("base", "test")


def test_a_file_with_a_mark_and_carriage_returns(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"\xef\xbb\xbfFROM \\\r\n python:3.13\r\nRUN caf\xe9\r\n")
    assert dockerfile.read(path).images == ("python:3.13",)


def test_the_projects_own_dockerfiles_start_from_what_the_build_says() -> None:
    folder = Path(__file__).parents[2] / "docker"
    found = {path.stem: dockerfile.read(path) for path in folder.glob("*.Dockerfile")}
    assert found["single"].images == ("python:3.13",)
    assert found["multi"].images == found["minimal"].images
    assert found["multi"].images == ("python:3.13-slim", "node:22-slim")
    assert "test" in found["minimal"].stages


def test_what_the_images_copy_of_djdocks_own_is_in_this_repositorys_context() -> None:
    root = Path(__file__).resolve().parents[2]
    allowed = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for path in (root / "docker").glob("*.Dockerfile"):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [
            line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY docker/")
        ]
        names = {name for words in lines for name in words}
        assert names
        assert {name for name in names if f"!{name}" not in allowed} == set(), path.name
