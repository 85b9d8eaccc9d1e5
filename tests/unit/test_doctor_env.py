"""What the doctor concludes of .env: its file, its lines, its variables, and what they say together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from djdock import env
from djdock.doctor import (
    env_file,
    env_lines,
    env_values,
    settings,
)
from djdock.doctor.finding import Finding, fault
from djdock.env import Findings

GB = 1000**3


def status(found: Finding) -> str:
    return str(found.status)


# --- .env -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o600, "ok"), (0o400, "ok"), (0o640, "note"), (0o604, "fault")]
)
def test_who_may_read(mode: int, expected: str) -> None:
    assert status(env_file.judge_mode(mode)) == expected


@pytest.mark.parametrize(
    ("data", "words", "fixable"),
    [
        (b"A=1\n", "UTF-8, plain line ends.", False),
        ("A=ä\n".encode(), "UTF-8, plain line ends.", False),
        (b"\xef\xbb\xbfA=1\n", "byte order mark", True),
        (b"A=1\nB=2\r\n", "(the first: 2)", True),
        (b"A=1\rB=2\n", "CR LF", False),  # a CR in a line: who knows what was meant
        ("A=1\n".encode("utf-16"), "UTF-16", False),
        (b"A=1\nB=\xe4\n", "Line 2 of .env is not UTF-8.", False),
    ],
)
def test_bytes(data: bytes, words: str, fixable: bool) -> None:
    found = env_file.judge_bytes(data)
    assert words in found.sentence
    assert found.fixable == fixable


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        ("A=1\n# a comment\n\nB=\nC=it's\n", "ok", "3 variables"),
        ('A=say "hi"', "ok", ""),
        ("A='one'", "note", "A (line 1 of .env) is quoted"),
        ('A="one" # why', "note", "is quoted"),
        ('\nA="-----BEGIN\nxyz\n-----END"\nB=1', "note", "A (line 2 of .env) is quoted"),
        ("A=b # c", "note", "has a comment behind it"),
        ("A=b#c", "ok", ""),
        ("A =b", "note", "before its `=`"),
        ("export A=b", "note", "before its `=`"),
        ("A= b", "note", "blanks around"),
        ("A=1\nA=2", "note", "A (line 2 of .env) stands in line 1 already"),
        ('A="one', "fault", "A (line 1 of .env) opens a quote and does not close it."),
        ("A='one\nB=two\nC='three'", "fault", "A (line 1 of .env) opens a quote"),
        ('A="one\\"\nB=2', "fault", "opens a quote"),
        ('A="one"two', "fault", "text behind its closing quote"),
        ('A=one"', "fault", "closes a quote that it does not open"),
        ("one", "fault", "Line 1 of .env is not `NAME=value`."),
        ("A-B=1", "fault", "Line 1 of .env is not `NAME=value`."),
        ("=1", "fault", "Line 1 of .env is not `NAME=value`."),
    ],
)
def test_lines(text: str, expected: str, words: str) -> None:
    found = env_lines.judge(text)
    assert status(found) == expected, found
    assert words in found.sentence


def test_a_line_of_the_example_is_written_plainly() -> None:
    from support import REPOSITORY

    assert status(env_lines.judge((REPOSITORY / ".env.example").read_text())) == "ok"


def test_variables() -> None:
    missing = env_values.judge(Findings(("A", "B"), (), ()), safe=["B"])
    assert missing == fault(
        "A and B are missing from .env.", "Add them as .env.example has them.", fixable=True
    )
    kept = env_values.judge(Findings((), (), ("DATABASE_PASSWORD",)), safe=[])
    assert not kept.fixable
    assert "Give DATABASE_PASSWORD the value that the database has" in kept.remedy
    assert status(env_values.judge(Findings((), ("X",), ()), safe=[])) == "ok"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("WEB_PROT", "fault"),
        ("DJANGO_ALOWED_HOSTS", "fault"),
        ("MYSQL_MEMORY", "note"),
        ("REDIS_HOST", "note"),
        ("STRIPE_API", "note"),
        ("COMPOSE_PROFILES", "ok"),
        ("READ_ELSEWHERE", "ok"),
    ],
)
def test_unknown_names(name: str, expected: str) -> None:
    unset = ("WEB_PORT", "WEB_MEMORY", "DJANGO_ALLOWED_HOSTS", "POSTGRES_MEMORY", "DATABASE_HOST")
    assert status(env_values.judge_names([name], unset, ["READ_ELSEWHERE"])) == expected


def test_a_name_that_is_given_as_well_is_not_what_was_meant() -> None:
    assert status(env_values.judge_names(["WEB_PORTS"], ["WEB_BIND"], ())) == "note"


def test_repaired_lines_leave_all_others_as_they_are() -> None:
    text = "# mine\nA=1\nB=\nexport KEY = 'change-me'\nOWN=change-me\n"
    made = "A=x\nB=default\nKEY=Generated\nC=3\n"
    lines = env_values.repaired(text, made, ["B", "C"], ["KEY", "OWN"]).splitlines()
    assert lines[:4] == ["# mine", "A=1", "B=default", "KEY=Generated"]
    assert lines[4].startswith("OWN=")
    assert len(lines[4]) == len("OWN=") + 50
    assert lines[5:] == ["C=3"]


def test_a_write_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        env.rewrite(path, b"A=2\n")
    assert [one.name for one in tmp_path.iterdir()] == [".env"]
    assert path.read_text() == "A=1\n"


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"DEBUG": "True"}, "ok"),
        ({"DEBUG": "on", "WEB_BIND": "127.0.0.2"}, "ok"),
        ({"DEBUG": "1", "WEB_BIND": "0.0.0.0"}, "fault"),
        ({"DJANGO_DEBUG": "yes", "WEB_BIND": "::"}, "fault"),
        ({"DJANGO_ALLOWED_HOSTS": ""}, "fault"),
        ({"ALLOWED_HOSTS": " , "}, "fault"),
        ({"DEBUG": "True", "ALLOWED_HOSTS": ""}, "ok"),
        ({}, "ok"),  # the settings may have them
        ({"DJANGO_ALLOWED_HOSTS": "*"}, "note"),
        ({"DJANGO_ALLOWED_HOSTS": "localhost", "WEB_BIND": "0.0.0.0"}, "note"),
        ({"DJANGO_ALLOWED_HOSTS": "x.org", "WEB_BIND": "0.0.0.0"}, "ok"),
        ({"DJANGO_SECRET_KEY": "django-insecure-x"}, "fault"),
        ({"DJANGO_SECRET_KEY": "django-insecure-x", "DEBUG": "1"}, "ok"),
    ],
)
def test_exposure(values: dict[str, str], expected: str) -> None:
    assert status(settings.judge_exposure(values, {})) == expected


@pytest.mark.parametrize(
    ("workers", "memory", "expected"),
    [("", "", "ok"), ("5", "", "ok"), ("6", "", "note"), ("11", "", "fault"), ("11", "2g", "ok")],
)
def test_processes_and_memory(workers: str, memory: str, expected: str) -> None:
    values = {"WEB_CONCURRENCY": workers, "WEB_MEMORY": memory}
    assert status(settings.judge_memory(values, 0)) == expected


def test_a_limit_above_the_machines_memory_is_a_note() -> None:
    assert status(settings.judge_memory({"POSTGRES_MEMORY": "64g"}, 8 * GB)) == "note"


def test_a_value_that_is_given_twice() -> None:
    assert status(settings.judge_sources({"K": "a", "K_FILE": "/b"}, {})) == "fault"
    assert status(settings.judge_sources({"WEB_PORT": "1"}, {"WEB_PORT": "2"})) == "note"
    assert status(settings.judge_sources({"WEB_PORT": "1"}, {"WEB_PORT": "1"})) == "ok"
    assert status(settings.judge_sources({}, {"WEB_PORT": "1"})) == "ok"
