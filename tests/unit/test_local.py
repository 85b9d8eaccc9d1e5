from __future__ import annotations

import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support import Project

from djdock.errors import CommandFailed, MissingError
from djdock.shell import Shell
from djdock.stack import local


@dataclass(frozen=True)
class Recorder(Shell):
    """A shell that runs nothing and remembers what it was asked to."""

    ran: list[list[str]] = field(default_factory=list)
    where: list[Path | None] = field(default_factory=list)
    fails: str = ""

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        check: bool = True,
    ) -> int:
        self.ran.append(list(argv))
        self.where.append(cwd)
        if self.fails and self.fails in argv:
            raise CommandFailed(argv, 1)
        return 0


def test_the_site_gets_dotenv_but_not_the_stacks_database(project: Project) -> None:
    project.dotenv(WEB_PORT="8123", WEB_CONCURRENCY="3", POSTGRES_IMAGE="x", DEBUG="True")
    data = project.root / ".djdock"
    assert local.environment(project.load()) == {
        "DJANGO_SECRET_KEY": "Xk3yXk3yXk3yXk3y",
        "DEBUG": "True",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_ENGINE": "sqlite3",
        "DATABASE_NAME": str(data / "db.sqlite3"),
        "DJANGO_STATIC_ROOT": str(data / "staticfiles"),
        "WSGI_APPLICATION": "config.wsgi:application",
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
    }


@pytest.mark.parametrize(
    ("bind", "shown"), [("127.0.0.1", "127.0.0.1:8123"), ("::1", "[::1]:8123")]
)
def test_the_commands_in_order(project: Project, bind: str, shown: str) -> None:
    project.dotenv(WEB_PORT="8123", WEB_BIND=bind)
    conf = project.root / "docker" / "gunicorn.conf.py"
    assert local.commands(project.load(), Path("/venv/bin/python")) == [
        ["/venv/bin/python", "manage.py", "migrate", "--noinput"],
        ["/venv/bin/python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        [
            *("/venv/bin/python", "-m", "gunicorn"),
            *("--config", str(conf), "--bind", shown),
        ],
    ]


def test_the_virtual_environment_is_made_again_only_when_the_requirements_change(
    project: Project,
) -> None:
    config, venv = project.load(), project.root / ".djdock" / "venv"
    venv.mkdir(parents=True)
    notes: list[str] = []
    shell = Recorder()
    made = [
        [sys.executable, "-m", "venv", "--clear", str(venv)],
        [
            *(f"{venv}/bin/python", "-m", "pip", "install", "--quiet"),
            *("--requirement", f"{project.root}/requirements.txt"),
        ],
    ]
    assert local.install(config, shell, notes.append) == venv / "bin" / "python"
    assert shell.ran == made
    local.install(config, shell, notes.append)
    assert shell.ran == made
    project.write("requirements.txt", "Django==5.2.1\n")
    local.install(config, shell, notes.append)
    assert shell.ran == [*made, *made]
    assert notes == ["Installing requirements.txt into .djdock/venv …"] * 2


def test_an_installation_that_failed_is_tried_again(project: Project) -> None:
    config = project.load()
    (project.root / ".djdock" / "venv").mkdir(parents=True)
    with pytest.raises(CommandFailed):
        local.install(config, Recorder(fails="pip"), lambda text: None)
    shell = Recorder()
    local.install(config, shell, lambda text: None)
    assert len(shell.ran) == 2


def test_commands_run_beside_manage_py(project: Project) -> None:
    (project.root / ".djdock" / "venv").mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        project.dotenv(WEB_PORT=str(probe.getsockname()[1]))
    shell = Recorder()
    local.up(project.load(), shell, lambda text: None)
    assert [argv[2] for argv in shell.ran[2:]] == ["migrate", "collectstatic", "gunicorn"]
    assert set(shell.where[2:]) == {project.root / "src" / "shop"}


def test_a_taken_port_is_found_before_anything_is_done(project: Project) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        project.dotenv(WEB_PORT=str(server.getsockname()[1]))
        shell = Recorder()
        with pytest.raises(MissingError, match="is taken by another program"):
            local.up(project.load(), shell, lambda text: None)
    assert shell.ran == []


def test_a_step_that_fails_ends_it(project: Project) -> None:
    (project.root / ".djdock" / "venv").mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        project.dotenv(WEB_PORT=str(probe.getsockname()[1]))
    shell = Recorder(fails="migrate")
    with pytest.raises(CommandFailed):
        local.up(project.load(), shell, lambda text: None)
    assert shell.ran[-1][2] == "migrate"
