from __future__ import annotations

from pathlib import Path

import pytest
from support import REPOSITORY

from djdock.errors import UsageError
from djdock.images import bases
from djdock.stack import addons


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("image: ${POSTGRES_IMAGE:-postgres:17}", {"POSTGRES_IMAGE": "postgres:17"}),
        (
            'image: "${X:-registry.example.org:5000/a/b:1}"',
            {"X": "registry.example.org:5000/a/b:1"},
        ),
        ("image: postgres:17", {}),
        ("image: ${WEB_IMAGE}", {}),
        ("image: ${WEB_IMAGE:-${COMPOSE_PROJECT_NAME}:multi}", {}),
        ("image: ${A:-a:1}\nimage: ${B:-b:2}", {"A": "a:1", "B": "b:2"}),
    ],
)
def test_images_are_read_with_their_variables(
    tmp_path: Path, text: str, found: dict[str, str]
) -> None:
    (tmp_path / "x.yaml").write_text(f"services:\n  db:\n    {text}\n", encoding="utf-8")
    assert addons.images(tmp_path, ["x"]) == found


def test_only_the_chosen_addons_are_read(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = f"image: ${{{name.upper()}:-{name}:1}}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert addons.images(tmp_path, []) == {}
    assert addons.images(tmp_path, ["b"]) == {"B": "b:1"}


def test_the_repositorys_own_addons_name_their_images() -> None:
    folder = REPOSITORY / "docker" / "addons"
    assert addons.images(folder, ["postgres"]) == {"POSTGRES_IMAGE": "postgres:17"}
    for path in folder.glob("*.yaml"):
        if path.stem in ("sqlite", "files"):  # the site's own image
            assert addons.images(folder, [path.stem]) == {}
            continue
        (image,) = addons.images(folder, [path.stem]).values()
        found = bases.find(image)
        assert bool(found) != (path.stem in ("mail", "adminer")), f"{image} of {path.name}"


FOLDER = REPOSITORY / "docker" / "addons"


def test_the_databases_client_runs_in_its_service() -> None:
    env = {"DATABASE_USERNAME": "me", "DATABASE_NAME": "mine"}
    assert addons.database_client(FOLDER, ["redis", "postgres"], env) == (
        "db",
        ["psql", "--username", "me", "--dbname", "mine"],
    )
    assert addons.database_client(FOLDER, ["postgres"], {"DATABASE_NAME": ""}) == (
        "db",
        ["psql", "--username", "app", "--dbname", "app"],
    )
    assert addons.database_client(FOLDER, ["sqlite"], {}) == (
        "web",
        ["python", "-m", "sqlite3", "/srv/sqlite/db.sqlite3"],
    )


def test_the_client_of_mysql_takes_the_password_inside_of_its_container() -> None:
    found = addons.database_client(FOLDER, ["mysql"], {"DATABASE_PASSWORD": "secret"})
    password = '"${MYSQL_PASSWORD:-$(cat "$MYSQL_PASSWORD_FILE")}"'
    script = f'MYSQL_PWD={password} exec "$(command -v mariadb || command -v mysql)" "$@"'
    assert found == ("db", ["sh", "-c", script, "mysql", "--user=app", "--database=app"])


def test_without_a_database_there_is_no_client() -> None:
    assert addons.database_client(FOLDER, [], {}) is None
    assert addons.database_client(FOLDER, ["redis"], {}) is None


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_every_addon_says_what_it_is(name: str) -> None:
    found = addons.read(FOLDER, name)
    assert found.role
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert f"\n  {found.service}:" in text
    assert found.alone == (found.role not in ("cache", "files", "metrics", "viewer"))
    assert {*found.volumes} <= {name}


def test_what_an_addons_file_says_is_read(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "x-djdock: {role: search, needs: [redis], port: 9200, client: [a, b], scales: [own]}\n"
        "services:\n  own:\n    ports: !reset []\n    command: ${B:?is missing} ${A:?x}\n"
        "volumes: {own: {}, more: {}}\n",
        encoding="utf-8",
    )
    assert addons.read(tmp_path, "own") == addons.Addon(
        "own",
        role="search",
        service="own",
        port=9200,
        client=("a", "b"),
        needs=("redis",),
        scales=("own",),
        volumes=("own", "more"),
        required=("A", "B"),
    )
    (tmp_path / "bare.yaml").write_text("services: {}\n", encoding="utf-8")
    assert addons.read(tmp_path, "bare") == addons.Addon("bare", service="bare")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x-djdock: [1]", "x-djdock of FOLDER/own.yaml must be a table.\n"),
        (
            "x-djdock: {rolle: x}",
            "There is no key `rolle` in x-djdock of FOLDER/own.yaml.\nDid you mean `role`?",
        ),
        ("x-djdock: {port: '1'}", "`port` in x-djdock of FOLDER/own.yaml must be a port, not '1'."),
        ("x-djdock: {port: true}", "must be a port, not True."),
        ("x-djdock: {needs: [1]}", "must be a list of add-ons, not [1]."),
        ("a: b\nx: [", "Line 3 of PATH is not valid YAML.\n"),
    ],
)
def test_what_cannot_be_meant_is_said(tmp_path: Path, text: str, error: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(f"{text}\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        addons.read(tmp_path, "own")
    said = str(caught.value).replace(str(path), "PATH").replace(tmp_path.name, "FOLDER")
    assert error in said


def test_a_connection_shows_no_secret() -> None:
    env = {"DATABASE_USERNAME": "me", "DATABASE_PASSWORD": "hunter22", "RABBITMQ_USERNAME": ""}
    postgres, rabbitmq = addons.read_all(FOLDER, ["postgres", "rabbitmq"])
    assert addons.connection(postgres, env) == "postgresql://me:***@db:5432/app"
    assert addons.connection(rabbitmq, env) == "amqp://app:***@rabbitmq:5672//"
    assert addons.connection(addons.read(FOLDER, "nginx"), env) == ""


def test_a_variable_that_cannot_be_filled_in_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"`a \$\{B` in x-djdock cannot be filled in"):
        addons.filled("a ${B", {})


def test_a_database_takes_the_place_of_another() -> None:
    def swapped(*names: str) -> tuple[str, ...]:
        return addons.with_database(FOLDER, names, "mysql")

    assert swapped("redis", "postgres", "nginx") == ("redis", "mysql", "nginx")
    assert swapped("redis") == ("mysql", "redis")
    assert swapped("mysql", "redis") == ("mysql", "redis")
    assert swapped() == ("mysql",)
