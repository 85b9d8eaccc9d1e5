"""Starting a container, with a stub of the engine and a real server behind it."""

from __future__ import annotations

from typing import Any

import docker.errors
import pytest
from archives import error_of
from server import serving

from djdock.errors import CheckFailed
from djdock.measure import running
from djdock.measure.subject import Subject

SITE = Subject("multi", "shop:multi", "docker/multi.Dockerfile", port=9000, health_path="/up")


class Container:
    """A container that the engine has started; its port is known from the second look on."""

    def __init__(self, port: int = 0, *, status: str = "running", log: bytes = b"") -> None:
        self.port, self.status, self.log = port, status, log
        self.ports: dict[str, list[dict[str, str]]] = {}
        self.did: list[str] = []
        self.refuses = ""

    def start(self) -> None:
        if self.refuses:
            raise docker.errors.APIError("500", explanation=self.refuses)
        self.did.append("start")

    def reload(self) -> None:
        if "look" in self.did and self.port:
            self.ports = {"9000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(self.port)}]}
        self.did.append("look")

    def logs(self, tail: int) -> bytes:
        return b"\n".join(self.log.splitlines()[-tail:])

    def remove(self, *, force: bool, v: bool) -> None:
        assert force
        assert v
        self.did.append("remove")


class Sdk:
    """What the docker SDK has of containers."""

    def __init__(self, *containers: Container) -> None:
        self.containers = self
        self.made = list(containers)
        self.asked: dict[str, Any] = {}

    def create(self, image: str, **asked: Any) -> Container:
        self.asked = {"image": image, **asked}
        if not self.made:
            raise docker.errors.ImageNotFound("404", explanation="No such image: shop:multi")
        return self.made[0]

    def list(self, **asked: Any) -> list[Container]:
        self.asked = asked
        return self.made


def run(sdk: Any) -> float:
    with running.running(sdk, SITE, "mark") as found:
        return found.first_200


def problem(sdk: Any) -> str:
    error = error_of(lambda: run(sdk))
    assert isinstance(error, CheckFailed)
    return error.problem


def test_it_is_there_when_it_answers_and_gone_afterwards() -> None:
    with serving() as server:
        container = Container(server.port)
        sdk: Any = Sdk(container)
        with running.running(sdk, SITE, "mark") as found:
            assert (found.container, found.port) == (container, server.port)
            assert found.first_200 > 0
            assert "remove" not in container.did
        assert server.paths == {"/up"}
    assert (container.did[0], container.did[-1]) == ("start", "remove")
    assert sdk.asked["ports"] == {"9000/tcp": ("127.0.0.1", 0)}
    assert sdk.asked["labels"] == {"io.djdock.measurement": "mark"}


def test_one_that_ends_says_why() -> None:
    container = Container(status="exited", log=b"one\ntwo\n\n  no module named psycopg  \n")
    assert problem(Sdk(container)) == "It ended: two / no module named psycopg"
    assert container.did[-1] == "remove"
    assert problem(Sdk(Container(status="exited"))) == "It ended: its log is empty."


def test_one_that_answers_with_something_else_says_with_what(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "START_LIMIT", 0.5)
    with serving() as server:
        server.bad, server.status, server.location = 1, 302, "/login/"
        assert problem(Sdk(Container(server.port))) == (
            "It gave no 200 in 0.5 s: /up is answered with 302 (to /login/), not with 200."
        )


def test_one_that_never_answers_shows_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "START_LIMIT", 0.05)
    container = Container(log=b"waiting for the database\n")
    assert problem(Sdk(container)) == "It gave no 200 in 0.05 s: waiting for the database"
    assert container.did[-1] == "remove"


def test_what_the_engine_refuses_is_said() -> None:
    assert problem(Sdk()) == "No container of it can be made: No such image: shop:multi."
    container = Container()
    container.refuses = 'exec: "serve": executable file not found'
    assert problem(Sdk(container)) == f"It cannot be started: {container.refuses}."
    assert container.did == ["remove"]


def test_one_that_somebody_removes_is_lost_and_no_error_of_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(self: Container, **_: object) -> None:
        self.did.append("gone")
        raise docker.errors.NotFound("404", explanation="No such container: 1a2b")

    container = Container()
    monkeypatch.setattr(Container, "remove", gone)
    monkeypatch.setattr(Container, "reload", gone)
    assert problem(Sdk(container)) == "It was lost: No such container: 1a2b."
    assert container.did == ["start", "gone", "gone"]


def test_a_sweep_removes_what_has_the_mark() -> None:
    left = Container()
    sdk: Any = Sdk(left)
    running.sweep(sdk, "mark")
    assert sdk.asked == {"all": True, "filters": {"label": "io.djdock.measurement=mark"}}
    assert left.did == ["remove"]
