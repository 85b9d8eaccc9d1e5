"""What a stack's ``.env`` must have: what its own add-ons read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest
from support import ENV, Project

from djdock import env
from djdock.config import Config
from djdock.errors import UsageError
from djdock.shell import Shell
from djdock.stack import choice, dotenv

ADDON = "services:\n  db:\n    environment:\n      PASSWORD: ${%s:?is missing from .env}\n"


def test_what_other_add_ons_read_is_not_missing(project: Project) -> None:
    project.write("docker/addons/postgres.yaml", ADDON % "DATABASE_PASSWORD")
    project.write(
        "docker/addons/mysql.yaml", ADDON % "DATABASE_PASSWORD" + "# $MYSQL_ROOT_PASSWORD\n"
    )
    names = ("DATABASE_PASSWORD", "MYSQL_ROOT_PASSWORD", "OF_THE_SETTINGS")
    project.write(env.EXAMPLE, "".join(f"{name}=change-me\n" for name in names))
    project.table('addons = ["postgres"]')
    found = dotenv.compare(project.load(), {})
    assert found.missing == ("DATABASE_PASSWORD", "OF_THE_SETTINGS")
    project.table('addons = ["mysql"]')
    assert dotenv.compare(project.load(), {}).missing == names


def with_rabbitmq(project: Project) -> Config:
    return choice.choose(project.load(), choice.Asked(more=("rabbitmq",)))


@pytest.fixture
def said(project: Project) -> list[str]:
    """What is told; there is no example that has more than the project's .env."""
    (project.root / ".env.example").unlink()
    return []


def test_a_secret_that_an_addon_needs_is_added(project: Project, said: list[str]) -> None:
    path = project.root / ".env"
    before = path.read_text(encoding="utf-8")
    config, shell = dotenv.add_secrets(with_rabbitmq(project), Shell(), said.append)
    text = path.read_text(encoding="utf-8")
    made = config.env["RABBITMQ_PASSWORD"]
    assert len(made) == 50
    assert text == f"{before}\n# Generated for rabbitmq.\nRABBITMQ_PASSWORD={made}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert said == ["Added to .env, generated: RABBITMQ_PASSWORD (for rabbitmq)."]
    assert (config.addons, made in shell.secrets) == (("postgres", "rabbitmq"), True)
    # Once is enough.
    assert dotenv.add_secrets(config, shell, said.append) == (config, shell)
    dotenv.add_secrets(with_rabbitmq(project), shell, said.append)
    assert (path.read_text(encoding="utf-8"), len(said)) == (text, 1)


def test_a_last_line_without_an_end_is_ended(project: Project, said: list[str]) -> None:
    path = project.root / ".env"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    dotenv.add_secrets(with_rabbitmq(project), Shell(), said.append)
    found = env.read(path)
    assert {**ENV, "RABBITMQ_PASSWORD": found["RABBITMQ_PASSWORD"]} == found


@pytest.mark.parametrize("where", [".env", "environment", "empty"])
def test_what_is_given_is_left_alone(
    project: Project, said: list[str], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    if where == "environment":
        monkeypatch.setenv("RABBITMQ_PASSWORD", "mine")
    else:
        project.dotenv(RABBITMQ_PASSWORD="mine" if where == ".env" else "")
    before = project.files()
    config = with_rabbitmq(project)
    assert dotenv.add_secrets(config, Shell(), said.append)[0] is config
    assert (project.files(), said) == (before, [])


def test_a_volume_keeps_the_secret_that_it_was_made_with(project: Project, said: list[str]) -> None:
    before = (project.root / ".env").read_bytes()
    with pytest.raises(UsageError) as caught:
        dotenv.add_secrets(with_rabbitmq(project), Shell(), said.append, lambda: {"rabbitmq"})
    assert str(caught.value) == (
        "RABBITMQ_PASSWORD is missing from .env, and the volume shop_rabbitmq was made with one.\n"
        "Put that one back, or delete the volume with its data: `docker volume rm shop_rabbitmq`."
    )
    assert ((project.root / ".env").read_bytes(), said) == (before, [])


def test_a_dotenv_that_up_refuses_stays_as_it_is(project: Project) -> None:
    before = (project.root / ".env").read_bytes()
    config = with_rabbitmq(project)  # the example has more than this .env
    assert dotenv.add_secrets(config, Shell(), pytest.fail)[0] is config
    assert (project.root / ".env").read_bytes() == before


def test_runs_at_once_agree_on_one_secret(project: Project, said: list[str]) -> None:
    code = (
        "from djdock import config\n"
        "from djdock.shell import Shell\n"
        "from djdock.stack import choice, dotenv\n"
        "asked = choice.Asked(more=('rabbitmq',))\n"
        "made = choice.choose(config.load(), asked)\n"
        "print(dotenv.add_secrets(made, Shell(), lambda _: None)[0].env['RABBITMQ_PASSWORD'])\n"
    )
    argv = [sys.executable, "-c", code]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    runs = [
        subprocess.Popen(argv, cwd=project.root, env=environ, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    made = {run.communicate(timeout=60)[0].strip() for run in runs}
    assert made == {env.read(project.root / ".env")["RABBITMQ_PASSWORD"]}
