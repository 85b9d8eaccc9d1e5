from __future__ import annotations

from pathlib import Path

import pytest
from support import REPOSITORY

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
        (image,) = addons.images(folder, [path.stem]).values()
        assert bases.find(image), f"{image} of {path.name} has no stand-in"


def test_the_databases_client_runs_in_its_service() -> None:
    env = {"DATABASE_USERNAME": "me", "DATABASE_NAME": "mine"}
    assert addons.database_client(["redis", "postgres"], env) == (
        "db",
        ["psql", "--username", "me", "--dbname", "mine"],
    )
    assert addons.database_client(["postgres"], {"DATABASE_NAME": ""}) == (
        "db",
        ["psql", "--username", "app", "--dbname", "app"],
    )


def test_the_client_of_mysql_takes_the_password_inside_of_its_container() -> None:
    found = addons.database_client(["mysql"], {"DATABASE_PASSWORD": "secret"})
    assert found
    service, words = found
    assert service == "db"
    assert words[:2] == ["sh", "-c"]
    assert words[3:] == ["mysql", "--user=app", "--database=app"]
    assert "secret" not in " ".join(words)


def test_without_a_database_there_is_no_client() -> None:
    assert addons.database_client([], {}) is None
    assert addons.database_client(["redis"], {}) is None
