"""The list of add-ons: what is up of them, and where."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import pytest
from support import Invoke, Project
from test_tasks import fake_stack

from djdock.errors import MissingError
from djdock.images import choose
from djdock.images.catalogue import Image
from djdock.stack import overview
from djdock.stack.state import Container


def container(
    service: str, status: str = "Up", state: str = "running", ports: str = "", image: str = "x"
) -> Container:
    return Container(f"shop-{service}-1", service, state, status, image, "", (), ports)


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ([], "down"),
        ([container("db", "Up 3 minutes (healthy)")], "healthy"),
        ([container("db", "Up 3 minutes (unhealthy)")], "unhealthy"),
        ([container("db", "Up 1 second (health: starting)")], "starting"),
        ([container("db", "Up 3 minutes")], "up"),
        ([container("db", "Exited (1) 2 minutes ago", "exited")], "exited"),
        ([container("web", "Up 3 minutes (healthy)")], "down"),
        (
            [container("db", "Up (healthy)"), container("db", "Up (unhealthy)")],
            "unhealthy",
        ),
    ],
)
def test_the_state_of_a_service(found: list[Container], word: str) -> None:
    assert overview.condition(found, "db") == word


def test_the_ports_of_a_service() -> None:
    ports = "80/tcp, 127.0.0.1:8000->8080/tcp, [::1]:8000->8080/tcp"
    found = [container("nginx", ports=ports), container("web", ports="0.0.0.0:1->2/tcp")]
    assert overview.published(found, "nginx") == "127.0.0.1:8000, [::1]:8000"
    assert overview.published(found, "db") == ""


@pytest.fixture
def rows(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """An engine with postgres and redis up, the stand-in of mysql here, and no registry."""
    ps = [
        "shop-db-1\tdb\trunning\tUp (healthy)\tdjdock/postgres:17\t\t\t\tFalse\t\n",
        "shop-redis-1\tredis\trunning\tUp (unhealthy)\tredis:8\t\t\t127.0.0.1:6379->6379/tcp\tFalse\t\n",
    ]
    fake_stack(monkeypatch, tmp_path / "d", ps="".join(ps))
    names = ["postgres", "redis"]
    record = {"name": "shop", "digest": "", "addons": names, "published": False}
    project.write(".djdock/up", json.dumps(record))
    usable: dict[str, Any] = dict.fromkeys(("mysql:8.4", "mariadb:11"), "djdock/mariadb:11")

    def look_up(config: object, shell: object, *names: list[str]) -> dict[str, Any]:
        return {name: usable.get(name, MissingError("no", "no")) for name in chain(*names)}

    def local(shell: object, names: list[str]) -> dict[str, Image]:
        sizes = {"djdock/postgres:17": 228_000_000, "djdock/mariadb:11": 189_000_000}
        return {n: Image(n, sizes[n], None) for n in names if n in sizes}  # type: ignore[arg-type]

    monkeypatch.setattr(choose, "usable", look_up)
    monkeypatch.setattr("djdock.images.catalogue.local", local)


@pytest.mark.usefixtures("rows")
def test_every_addon_is_listed_as_data(project: Project, invoke: Invoke) -> None:
    ended = invoke("addons", "--json")
    assert ended.code == 0, ended.err
    data = json.loads(ended.out)
    assert data["version"] == 1
    found = {row["name"]: row for row in data["addons"]}
    assert [*found] == [*project.load().known_addons]
    assert found["postgres"] == {
        "name": "postgres",
        "role": "database",
        "chosen": True,
        "state": "healthy",
        "image": "djdock/postgres:17",
        "stand_in": True,
        "size": 228_000_000,
        "connection": "postgresql://shopper:***@db:5432/shopdb",
        "published": "",
    }
    redis = found["redis"]
    assert (redis["chosen"], redis["state"], redis["published"]) == (
        True,
        "unhealthy",
        "127.0.0.1:6379",
    )
    # MySQL has the same service; it is postgres that is up.
    mysql = found["mysql"]
    assert (mysql["chosen"], mysql["state"], mysql["image"]) == (False, "down", "djdock/mariadb:11")
    assert (found["mail"]["state"], found["mail"]["image"]) == ("needs a registry", "")
    assert (found["sqlite"]["state"], found["sqlite"]["image"]) == ("down", "")


@pytest.mark.usefixtures("rows")
def test_every_addon_is_listed_as_text(invoke: Invoke) -> None:
    ended = invoke("addons")
    assert ended.code == 0
    line = next(line for line in ended.lines if line.startswith("postgres"))
    assert line.split() == [
        "postgres", "database", "yes", "healthy", "djdock/postgres:17", "228", "MB",
        "postgresql://shopper:***@db:5432/shopdb",
    ]  # fmt: skip
    assert "Pa55word" not in ended.out


def test_a_variable_names_the_image(
    project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, rows: None
) -> None:
    monkeypatch.setenv("MAIL_IMAGE", "own/mail:1")
    found = {row["name"]: row for row in json.loads(invoke("addons", "--json").out)["addons"]}
    assert (found["mail"]["state"], found["mail"]["image"]) == ("down", "own/mail:1")
    monkeypatch.setenv("MYSQL_IMAGE", "mariadb:11")  # that one has a stand-in
    found = {row["name"]: row for row in json.loads(invoke("addons", "--json").out)["addons"]}
    assert found["mysql"]["image"] == "djdock/mariadb:11"
