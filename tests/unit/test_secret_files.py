from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from support import ENV, REPOSITORY, Invoke, Project

from djdock.errors import UsageError
from djdock.stack import compose, secret_files

SITE = [Path("docker/secrets/site.yaml")]
ALL = [*SITE, Path("docker/secrets/postgres.yaml")]


@pytest.fixture
def files(project: Project) -> Project:
    project.table('secrets = "files"')
    return project


def test_by_default_no_file_is_added_and_none_is_written(project: Project) -> None:
    config = project.load()
    assert secret_files.overlays(config, ["postgres"]) == []
    assert (secret_files.names(config), secret_files.left(config)) == ((), ())
    assert secret_files.write(config) == {}
    assert not config.scratch.exists()


def test_the_files_of_the_site_and_of_the_chosen_addons_are_added_last(files: Project) -> None:
    files.write("docker/addons/redis.yaml", "")
    config = files.load()
    assert compose.files(config, ["postgres", "redis"])[-2:] == ALL
    assert compose.files(config, [])[-1:] == SITE
    assert secret_files.names(config) == ("DATABASE_PASSWORD", "DJANGO_SECRET_KEY")


def test_each_secret_is_a_file_that_all_may_read_in_a_folder_that_is_the_owners(
    files: Project,
) -> None:
    before = os.umask(0)
    try:
        variables = secret_files.write(files.load())
    finally:
        os.umask(before)
    folder = files.root / ".djdock/secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        name: ENV[name] for name in ("DATABASE_PASSWORD", "DJANGO_SECRET_KEY")
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    assert variables == {
        f"{path.name}_CHANGED": str(path.stat().st_mtime_ns) for path in folder.iterdir()
    }
    assert (files.root / ".djdock/.gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_file_changes_only_with_its_secret_and_its_mode_is_mended(files: Project) -> None:
    first = secret_files.write(files.load())
    folder = files.root / ".djdock/secrets"
    folder.chmod(0o755)
    path = folder / "DATABASE_PASSWORD"
    inode = path.stat().st_ino
    path.chmod(0o600)
    assert secret_files.write(files.load()) == first
    assert (path.stat().st_ino, stat.S_IMODE(path.stat().st_mode)) == (inode, 0o444)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    with path.open(encoding="utf-8") as mounted:  # what runs keeps what it was started with
        files.dotenv({**ENV, "DATABASE_PASSWORD": "another"})
        second = secret_files.write(files.load())
        assert mounted.read() == ENV["DATABASE_PASSWORD"]
    assert path.read_text(encoding="utf-8") == "another"
    assert second["DATABASE_PASSWORD_CHANGED"] != first["DATABASE_PASSWORD_CHANGED"]
    assert second["DJANGO_SECRET_KEY_CHANGED"] == first["DJANGO_SECRET_KEY_CHANGED"]


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(files: Project) -> None:
    elsewhere = files.write("elsewhere", ENV["DATABASE_PASSWORD"])
    elsewhere.chmod(0o600)
    folder = files.root / ".djdock/secrets"
    folder.mkdir(parents=True)
    (folder / "DATABASE_PASSWORD").symlink_to(elsewhere)
    secret_files.write(files.load())
    assert not (folder / "DATABASE_PASSWORD").is_symlink()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600


def test_a_secret_without_a_value_is_refused_and_nothing_is_written(files: Project) -> None:
    files.dotenv({**ENV, "DJANGO_SECRET_KEY": "", "DJANGO_SECRET_KEY_FILE": "/run/mine"})
    with pytest.raises(UsageError) as caught:
        secret_files.write(files.load())
    assert str(caught.value) == (
        'DJANGO_SECRET_KEY has no value in .env, and `secrets = "files"` makes a file of it.\n'
        "Give it one there, or take it out of docker/secrets."
    )
    assert not (files.root / ".djdock").exists()


def test_secrets_that_stay_in_the_environment_are_known(files: Project) -> None:
    files.dotenv({**ENV, "EMAIL_PASSWORD": "x", "API_TOKEN": "", "TOKEN_FILE": "/x"})
    assert secret_files.left(files.load()) == ("EMAIL_PASSWORD",)


def test_a_new_env_comes_with_its_files(files: Project, invoke: Invoke) -> None:
    (files.root / ".env").unlink()
    assert invoke("env.init").code == 0
    config = files.load()
    for name in secret_files.names(config):
        path = files.root / ".djdock/secrets" / name
        assert path.read_text(encoding="utf-8") == config.env[name] != ""


def test_a_dry_run_adds_the_files_and_writes_none(files: Project, invoke: Invoke) -> None:
    ended = invoke("--dry", "up")
    assert ended.code == 0
    assert " ".join(f"--file {path}" for path in ALL) in ended.lines[-1]
    assert not (files.root / ".djdock").exists()


def test_what_is_made_of_variables_and_what_two_addons_bring_for_each_other(files: Project) -> None:
    files.table('secrets = "files"\naddons = ["postgres", "rabbitmq", "prometheus"]')
    files.dotenv({**ENV, "RABBITMQ_PASSWORD": "r4bbit-r4bbit"})
    config = files.load()
    assert secret_files.names(config) == (
        "CELERY_BROKER_URL", "DATABASE_PASSWORD", "DJANGO_SECRET_KEY",
        "POSTGRES_EXPORTER_PASSWORD", "RABBITMQ_PASSWORD",
    )  # fmt: skip
    secret_files.write(config)
    folder = files.root / ".djdock/secrets"
    url = "amqp://app:r4bbit-r4bbit@rabbitmq:5672//"
    assert (folder / "CELERY_BROKER_URL").read_text(encoding="utf-8") == url
    exporter = (folder / "POSTGRES_EXPORTER_PASSWORD").read_text(encoding="utf-8")
    assert exporter == ENV["DATABASE_PASSWORD"]


def test_no_choice_but_two(project: Project) -> None:
    project.table('secrets = "file"')
    with pytest.raises(UsageError, match="Did you mean `files`"):
        project.load()


def test_every_secret_file_blanks_the_value_that_it_takes_out_of_the_environment() -> None:
    # Images have names of their own for what a service takes.
    theirs = {
        "POSTGRES_EXPORTER_PASSWORD": "DATA_SOURCE_PASS",
        "MYSQL_ROOT_PASSWORD": "MYSQL_ROOT_PASSWORD",
    }
    for path in (REPOSITORY / "docker/secrets").rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        for name in secret_files._FILE.findall(text):
            known = theirs.get(name, name)
            assert f'    {known}: ""\n' in text
            # RabbitMQ's image takes no file; its own entrypoint reads it.
            reads = (
                f"$$(</run/secrets/{name})"
                if name == "RABBITMQ_PASSWORD"
                else (f"{known}_FILE: /run/secrets/{name}\n")
            )
            assert reads in text
            assert f"${{{name}_CHANGED:-}}" in text
