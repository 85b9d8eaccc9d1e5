"""The site's tests on several databases: which, in which stack, and that nothing is left of it."""

from __future__ import annotations

import os
from typing import Any

import pytest
from support import Project

from djdock import sessions
from djdock.errors import CommandFailed, UsageError
from djdock.shell import Shell
from djdock.stack import matrix, once


class Session:
    def __init__(self, *words: str) -> None:
        self.posargs = list(words)

    def error(self, text: str) -> None:
        raise SystemExit(text)


def test_the_databases_that_are_named_or_all() -> None:
    assert matrix.chosen([]) == ["postgres", "mysql", "sqlite"]
    assert matrix.chosen(["sqlite", "mysql"]) == ["mysql", "sqlite"]
    with pytest.raises(UsageError, match="There is no database `mysq`"):
        matrix.chosen(["mysq"])


def test_each_has_a_stack_of_its_own_with_its_database_and_no_more(project: Project) -> None:
    project.table('addons = ["postgres", "redis", "nginx"]')
    config = matrix.on(project.load(), "mysql")
    assert (config.name, config.addons) == ("shop-test-mysql", ("mysql",))
    assert matrix.on(project.load(), "sqlite").addons == ()


@pytest.mark.parametrize("code", [0, 1])
def test_nothing_is_left_whatever_the_tests_say(
    project: Project, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    ran: list[Any] = []

    def once_run(config: Any, shell: Any, command: Any, **kwargs: Any) -> None:
        ran.append(command)
        assert os.environ["MYSQL_ROOT_PASSWORD"]
        assert "DATABASE_PASSWORD" not in os.environ  # .env has it
        if code:
            raise CommandFailed(command, code, said=True)

    def run(self: Shell, argv: list[str], **_: Any) -> int:
        ran.append(argv)
        return 0

    monkeypatch.setenv("MYSQL_ROOT_PASSWORD", "")
    monkeypatch.delenv("MYSQL_ROOT_PASSWORD")
    monkeypatch.setattr(once, "run", once_run)
    monkeypatch.setattr(Shell, "run", run)
    monkeypatch.setattr(matrix, "docker_for", lambda shell: "docker")
    found = matrix.run(project.load(), Shell(), "mysql", lambda text: None)
    assert (found.database, found.code) == ("mysql", code)
    assert ran == [
        ["python", "manage.py", "test", "--noinput"],
        [
            "docker", "compose", "--project-name", "shop-test-mysql",
            "down", "--remove-orphans", "--volumes",
        ],
        ["docker", "image", "rm", "--force", "shop-test-mysql:multi"],
    ]  # fmt: skip


def test_the_session_fails_when_one_does_and_says_which(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(config: Any, shell: Any, database: str, note: Any) -> matrix.Ran:
        return matrix.Ran(database, int(database == "mysql"), 1.25)

    monkeypatch.setattr(matrix, "run", run)
    session: Any = Session()
    with pytest.raises(SystemExit, match=r"The site's tests fail on mysql\."):
        sessions.matrix.func(session)
    assert capsys.readouterr().out.splitlines()[2:] == [
        "postgres    passed         1.2",
        "mysql       FAILED         1.2",
        "sqlite      passed         1.2",
    ]
    session = Session("sqlite")
    sessions.matrix.func(session)
