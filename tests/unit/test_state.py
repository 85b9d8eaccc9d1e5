from __future__ import annotations

from dataclasses import replace

import pytest

from djdock.shell import Completed
from djdock.stack import state

WEB = state.Container(
    name="shop-web-1",
    service="web",
    state="running",
    status="Up 3 minutes (healthy)",
    image="shop:multi",
    working_dir="/srv/shop/docker",
    files=("/srv/shop/docker/compose.yaml", "/srv/shop/docker/addons/postgres.yaml"),
    ports="127.0.0.1:8000->8000/tcp",
    ending=("files",),
)


def test_containers_are_asked_for_by_their_label() -> None:
    *words, template = state.command("docker", "shop")
    assert words == [
        *("docker", "ps", "--all", "--no-trunc"),
        *("--filter", "label=com.docker.compose.project=shop", "--format"),
    ]
    assert template.count("\t") == 9


def test_what_docker_prints_is_read() -> None:
    text = (
        "shop-web-1\tweb\trunning\tUp 3 minutes (healthy)\tshop:multi\t/srv/shop/docker\t"
        "/srv/shop/docker/compose.yaml,/srv/shop/docker/addons/postgres.yaml\t"
        "127.0.0.1:8000->8000/tcp\tFalse\t"
        "db:service_healthy:false,files:service_completed_successfully:true\n"
        "shop-migrate-run-1\tmigrate\texited\tExited (0) 2 seconds ago\tshop:multi\t\t\t\tTrue\t\n"
    )
    oneoff, web = state.parse(text)
    assert web == WEB
    assert (oneoff.name, oneoff.oneoff, oneoff.files) == ("shop-migrate-run-1", True, ())
    assert state.parse("") == []


@pytest.mark.parametrize(
    ("of", "status", "running", "failing", "waiting"),
    [
        ("running", "Up 3 minutes (healthy)", True, False, False),
        ("running", "Up 3 minutes", True, False, False),
        ("running", "Up 2 seconds (health: starting)", True, False, True),
        ("running", "Up 3 minutes (unhealthy)", True, True, False),
        ("restarting", "Restarting (1) 2 seconds ago", False, True, False),
        ("exited", "Exited (0) 2 seconds ago", False, False, False),
        ("exited", "Exited (1) 2 seconds ago", False, True, False),
        ("exited", "Exited (137) 2 seconds ago", False, True, False),  # out of memory
        ("exited", "Exited (143) 2 seconds ago", False, False, False),  # it was told to stop
        ("exited", "Exited (01) 2 seconds ago", False, True, False),
        ("created", "Created", False, False, False),
        ("dead", "Dead", False, True, False),
    ],
)
def test_the_state_of_a_container(
    of: str, status: str, running: bool, failing: bool, waiting: bool
) -> None:
    container = replace(WEB, state=of, status=status)
    assert (container.running, container.failing, container.waiting) == (
        running,
        failing,
        waiting,
    )


def test_a_container_of_compose_run_is_no_running_service() -> None:
    assert state.running([WEB], "web")
    assert not state.running([WEB], "db")
    assert not state.running([replace(WEB, oneoff=True)], "web")
    assert not state.running([replace(WEB, state="exited")], "web")


class Answering:
    """A shell whose every question has the same answer."""

    def __init__(self, text: str) -> None:
        self.text, self.asked = text, [""]

    def capture(self, argv: list[str], **_: object) -> Completed:
        self.asked = argv
        return Completed(0, self.text, "")


def test_who_publishes_a_port_is_read_from_the_engine() -> None:
    shell = Answering('{"name": "a", "project": "shop"}\n{"name": "b", "project": ""}\n')
    found = state.owners(shell, "docker", 8000)  # type: ignore[arg-type]
    assert found == [("a", "shop"), ("b", "")]
    assert shell.asked[:4] == ["docker", "ps", "--filter", "publish=8000"]
