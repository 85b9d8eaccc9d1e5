from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from support import REPOSITORY, Project

from djdock.errors import MissingError, UsageError
from djdock.stack import compose


def test_the_files_are_the_sites_and_one_per_addon(project: Project) -> None:
    project.write("docker/addons/redis.yaml", "")
    config = project.load()
    assert compose.files(config, []) == [Path("docker/compose.yaml")]
    assert compose.files(config, ["redis", "postgres"]) == [
        Path("docker/compose.yaml"),
        Path("docker/addons/redis.yaml"),
        Path("docker/addons/postgres.yaml"),
    ]


def test_the_files_of_one_run_come_last(project: Project) -> None:
    config = replace(project.load(), chosen=("redis",), overlays=(Path(".djdock/publish.json"),))
    assert compose.compose("docker", config)[-6:] == [
        *("--file", "docker/compose.yaml", "--file", "docker/addons/redis.yaml"),
        *("--file", ".djdock/publish.json"),
    ]


def test_an_unknown_addon_leads_to_the_nearest(project: Project) -> None:
    with pytest.raises(UsageError) as caught:
        compose.files(project.load(), ["postgre"])
    assert str(caught.value) == "There is no add-on `postgre`.\nDid you mean `postgres`?"


def test_a_missing_compose_file_is_named(project: Project) -> None:
    (project.root / "docker/compose.yaml").unlink()
    with pytest.raises(MissingError) as caught:
        compose.files(project.load(), [])
    assert str(caught.value) == (
        f"There is no docker/compose.yaml in {project.root}.\n"
        "Run the task in the project's folder, or take the file from version control."
    )


def test_the_whole_command_line(project: Project) -> None:
    assert compose.compose("docker", project.load(), "config", "--quiet") == [
        *("docker", "compose", "--project-name", "shop", "--env-file", ".env"),
        *("--file", "docker/compose.yaml", "--file", "docker/addons/postgres.yaml"),
        *("config", "--quiet"),
    ]


def test_without_dotenv_there_is_no_env_file(project: Project) -> None:
    (project.root / ".env").unlink()
    assert "--env-file" in compose.compose("docker", project.load())  # `up` will make it
    (project.root / ".env.example").unlink()
    assert "--env-file" not in compose.compose("docker", project.load())


def test_a_running_stack_is_found_by_its_name_alone(project: Project) -> None:
    config = replace(project.load(), env={"COMPOSE_PROJECT_NAME": "other"})
    assert compose.running("/x/docker", config, "ps") == [
        *("/x/docker", "compose", "--project-name", "other", "ps")
    ]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            compose.up(foreground=False, wait_timeout=9),
            "up --no-build --remove-orphans --detach --wait --wait-timeout 9",
        ),
        (compose.up(foreground=True, wait_timeout=9), "up --no-build --remove-orphans"),
        (
            compose.up(foreground=True, wait_timeout=9, scale={"web": 3, "worker": 0}),
            "up --no-build --remove-orphans --scale web=3 --scale worker=0",
        ),
        (
            compose.up(foreground=False, wait_timeout=9, orphans=True),
            "up --no-build --detach --wait --wait-timeout 9",
        ),
        (compose.down(volumes=False), "down --remove-orphans"),
        (compose.down(volumes=True), "down --remove-orphans --volumes"),
        (compose.logs([], follow=False, tail=""), "logs"),
        (compose.logs(["web", "db"], follow=True, tail="5"), "logs --follow --tail 5 web db"),
        (compose.execute("web", ["id", "-u"], tty=True), "exec web id -u"),
        (compose.execute("web", ["id", "-u"], tty=False), "exec -T web id -u"),
        (compose.run_once("migrate", ["x"], tty=True), "run --rm migrate x"),
        (
            compose.run_once("migrate", ["x"], tty=False, deps=False),
            "run --rm -T --no-deps migrate x",
        ),
        (compose.manage("check", "--deploy"), "python manage.py check --deploy"),
    ],
)
def test_the_words_of_each_command(words: list[str], line: str) -> None:
    assert words == line.split()


def test_celery_takes_the_images_user_for_no_root() -> None:
    services = yaml.safe_load((REPOSITORY / "docker/compose.yaml").read_text())["services"]
    # It has no name, and Celery then refuses to start where messages are pickled.
    for name in ("worker", "beat"):
        assert services[name]["environment"] == {"C_FORCE_ROOT": "true"}
    assert "environment" not in services["web"]
