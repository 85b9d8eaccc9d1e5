"""What the doctor concludes of the machine: docker, its engine, disk, clock, network, ports."""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from djdock import engine
from djdock.doctor import (
    binary,
    certificates,
    clock,
    daemon,
    disk,
    listeners,
    network,
    ports,
    proxy,
    versions,
)
from djdock.doctor.finding import Finding, fault, note
from djdock.errors import MissingError
from djdock.images.bases import Resolution
from djdock.images.catalogue import BASES
from djdock.images.registry import Answer

GB = 1000**3


def status(found: Finding) -> str:
    return str(found.status)


# --- docker and its engine ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "helpers", "words"),
    [
        ("{}", (), ""),
        ('{"credsStore": ""}', (), ""),
        ('{"credsStore": "pass"}', ("docker-credential-pass",), ""),
        ('{"credsStore": "pass"}', (), "docker-credential-pass is not on PATH"),
        ('{"credHelpers": {"ghcr.io": "gh"}}', (), "docker-credential-gh is not on PATH"),
        ("[]", (), "is not a JSON object."),
        ("{,}", (), "is not JSON"),
    ],
)
def test_the_clients_settings(text: str, helpers: tuple[str, ...], words: str) -> None:
    found = binary.judge_client(Path("config.json"), text, lambda name: name in helpers)
    assert status(found) == ("fault" if words else "ok")
    assert words in found.sentence


def test_a_refusal_is_no_fault_of_the_daemon() -> None:
    refused = engine.RefusedError("You may not.", "Join.")
    assert status(daemon.judge("unix:///s", "the default", refused)) == "ok"
    assert daemon.judge_permissions(refused) == fault("You may not.", "Join.")
    silent = MissingError("No.", "Start it.")
    assert daemon.judge("unix:///s", "DOCKER_HOST", silent) == fault("No.", "Start it.")
    other = daemon.judge("unix:///s", "DOCKER_HOST", silent, default_answers=True)
    assert other.remedy == "Unset it, or start the one that is named."


def test_a_socket_that_may_not_be_opened_is_told_from_one_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        error = engine.answers({"DOCKER_HOST": f"unix://{path}"})
    assert isinstance(error, engine.RefusedError)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("26.1.5+dfsg1", (26, 1)),
        ("v2.21.0", (2, 21)),
        ("2.26.1-4\n", (2, 26)),
        ("0.13.1+ds1", (0, 13)),
        ("github.com/docker/buildx v0.9.1 ed00243", (0, 9)),
        ("dev", None),
        ("", None),
    ],
)
def test_versions_are_read(text: str, version: tuple[int, int] | None) -> None:
    assert versions.parse(text) == version


def test_versions_are_compared_as_numbers() -> None:
    assert status(versions.judge("X", "2.9", (2, 21), "")) == "fault"
    assert status(versions.judge("X", "2.100", (2, 21), "")) == "ok"
    assert status(versions.judge("X", "dev", (2, 21), "")) == "ok"


# --- the machine ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (disk.Room(100 * GB, 10**7, 10**8), "ok"),
        (disk.Room(4 * GB, 10**7, 10**8), "note"),
        (disk.Room(1 * GB, 10**7, 10**8), "fault"),
        (disk.Room(100 * GB, 100_000, 10**8), "note"),
        (disk.Room(100 * GB, 100, 10**8), "fault"),
        (disk.Room(100 * GB, 0, 0), "ok"),  # btrfs counts no inodes
    ],
)
def test_room_for_images(room: disk.Room, expected: str) -> None:
    assert status(disk.judge(Path("/x"), room)) == expected


def test_images_are_where_the_engine_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "CONTAINERD", tmp_path / "containerd")
    disk.CONTAINERD.mkdir()
    info = {"DockerRootDir": str(tmp_path)}
    assert disk.places(info, "unix:///s") == [tmp_path]
    snapshotter = [["driver-type", "io.containerd.snapshotter.v1"]]
    assert disk.places({**info, "DriverStatus": snapshotter}, "unix:///s") == [
        tmp_path, disk.CONTAINERD,
    ]  # fmt: skip
    assert disk.places(info, "ssh://elsewhere") == []
    assert disk.places({"DockerRootDir": "/not/here"}, "unix:///s") == []
    said = os.statvfs(tmp_path)
    monkeypatch.setattr(os, "statvfs", lambda path: said)  # others write to it meanwhile
    assert disk.room(tmp_path).free == said.f_bavail * said.f_frsize


@pytest.mark.parametrize(
    ("engine_said", "ahead"), [(100.0, 0.0), (101.9, 0.0), (112.0, 10.0), (90.0, -10.0)]
)
def test_what_lies_between_question_and_answer_is_no_skew(engine_said: float, ahead: float) -> None:
    assert clock.skew(100.0, engine_said, 102.0) == ahead


def test_clocks() -> None:
    now = clock.EARLIEST + 1
    assert status(clock.judge(4.9, now)) == "ok"
    assert clock.judge(-30, now).sentence == "The engine's clock is 30 s behind ours."
    assert status(clock.judge(-30, now)) == "note"
    assert clock.judge(3600, now).sentence == "The engine's clock is 3600 s ahead of ours."
    assert status(clock.judge(3600, now)) == "fault"
    assert clock.judge(0, 0).sentence == "This machine's clock says 1970-01-01."


def test_certificates() -> None:
    old, new = ("Old", 10.0), ("New", 30.0)

    def judge(*found: certificates.Certificate, ours: bool = True) -> Finding:
        return certificates.judge("X", Path("ca.pem"), found, 20.0, ours=ours)

    assert status(judge(new)) == "ok"
    assert status(judge(old)) == "fault"
    assert status(judge(old, new)) == "note"
    assert status(judge(old, new, ours=False)) == "ok"
    assert "whose certificate `Old` expired on 1970-01-01." in judge(old).sentence


@pytest.mark.parametrize(
    ("environ", "engines", "needed", "expected"),
    [
        ({}, "", True, "ok"),
        ({"https_proxy": "http://p"}, "http://p", True, "ok"),
        ({"https_proxy": "http://p"}, "", False, "ok"),
        ({"https_proxy": "http://p"}, "", True, "fault"),
    ],
)
def test_proxies(environ: dict[str, str], engines: str, needed: bool, expected: str) -> None:
    for clients in (True, False):
        found = proxy.judge(environ, engines, clients=clients, needed=needed)
        assert status(found) == expected
        assert ("is for containers" in found.sentence) == (clients and expected == "fault")


def test_a_name_without_an_address_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    assert status(network.judge_names({"a": ""})) == "ok"
    assert network.judge_names({"a": "", "b": "not known"}).sentence == (
        "b has no address here: not known."
    )
    stop = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: stop.wait(30))
    assert network.resolve("x", 0.01) == "no name server answers in 0.01 s"
    stop.set()

    def unknown(*_: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert network.resolve("x") == "name or service not known"


def test_a_stand_in_is_a_note_and_an_image_from_nowhere_a_fault() -> None:
    base = BASES["postgres"]
    silent = Resolution(base.official, base.standin, Answer.SILENT.value, base)
    here = Resolution(base.official, base.standin, "local stand-in", base)
    official = Resolution("a", "a", Answer.HAS.value)
    lost = MissingError("`x:1` is not here.", "Reach a registry.")
    assert network.judge_auto({"p": silent}, {}, is_built=False) == note(
        "No registry answers: djdock/postgres:17 stands in."
    )
    assert status(network.judge_auto({"p": here}, {"a": official}, is_built=False)) == "ok"
    assert network.judge_auto({"x": lost}, {}, is_built=True) == fault(
        "`x:1` is not here.", "Reach a registry."
    )
    assert status(network.judge_auto({}, {"x": lost}, is_built=False)) == "fault"
    assert status(network.judge_auto({}, {"x": lost}, is_built=True)) == "note"
    todo = Resolution(base.official, base.standin, Answer.SILENT.value, base, build=True)
    assert "`invoke bases` builds" in network.judge_auto({"p": todo}, {}, is_built=False).remedy


def test_official_images_only() -> None:
    assert status(network.judge_official({"a": Answer.HAS, "b": Answer.UNKNOWN})) == "ok"
    found = network.judge_official({"a": Answer.HAS, "b": Answer.HAS_NOT})
    assert found.sentence.startswith("b cannot be had: the registry has no such image")


# --- ports ----------------------------------------------------------------------------------------

TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 77 1
"""


def proc(tmp_path: Path, address: str, state: str = "0A", table: str = "tcp") -> Path:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / table).write_text(TCP.format(address=address, state=state))
    (tmp_path / "42" / "fd").mkdir(parents=True)
    (tmp_path / "42" / "comm").write_text("runserver\n")
    (tmp_path / "42" / "fd" / "3").symlink_to("socket:[77]")
    (tmp_path / "7" / "fd").mkdir(parents=True)
    (tmp_path / "7" / "fd" / "3").symlink_to("socket:[78]")
    return tmp_path


@pytest.mark.skipif(sys.byteorder != "little", reason="the addresses are written for these")
@pytest.mark.parametrize(
    ("address", "table", "bind", "is_there"),
    [
        ("0100007F:1F40", "tcp", "127.0.0.1", True),
        ("0100007F:1F40", "tcp", "0.0.0.0", True),
        ("00000000:1F40", "tcp", "127.0.0.1", True),
        ("0200007F:1F40", "tcp", "127.0.0.1", False),
        ("0100007F:1F41", "tcp", "127.0.0.1", False),
        ("00000000000000000000000000000000:1F40", "tcp6", "127.0.0.1", True),
        ("0000000000000000FFFF00000100007F:1F40", "tcp6", "127.0.0.1", True),
    ],
)
def test_whose_port_it_is(
    tmp_path: Path, address: str, table: str, bind: str, is_there: bool
) -> None:
    found = listeners.find(bind, 8000, proc(tmp_path, address, table=table))
    assert (str(found) if found else None) == ("runserver (process 42)" if is_there else None)


def test_a_connection_is_no_listener(tmp_path: Path) -> None:
    assert listeners.find("127.0.0.1", 8000, proc(tmp_path, "0100007F:1F40", "01")) is None


def test_a_port_is_taken_by_a_container_before_its_proxy_process() -> None:
    error = MissingError("Port 1 is taken by another program.", "Stop it.")
    process = listeners.Listener(42, "docker-proxy")
    assert "the container blog-web-1" in ports.judge("P", error, ["blog-web-1"], process).sentence
    assert "docker-proxy (process 42)" in ports.judge("P", error, [], process).sentence
    assert ports.judge("P", error, [], None) == fault(error.problem, error.remedy)
