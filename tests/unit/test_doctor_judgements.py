"""What the doctor's checks conclude from what their probes saw."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from support import Project

from djdock import engine
from djdock.doctor import (
    binary,
    certificates,
    clock,
    containers,
    daemon,
    disk,
    env_file,
    env_lines,
    env_values,
    freshness,
    listeners,
    migrations,
    network,
    ports,
    proxy,
    settings,
    versions,
    view,
    volumes,
)
from djdock.doctor.check import Check
from djdock.doctor.examine import examine, root_cause
from djdock.doctor.finding import Finding, Status, fault, listed, note, ok, worst
from djdock.doctor.patient import Patient, Volume
from djdock.env import Findings
from djdock.errors import DjdockError, MissingError, UsageError
from djdock.images.bases import Resolution
from djdock.images.catalogue import BASES
from djdock.images.registry import Answer
from djdock.shell import Completed, Shell
from djdock.stack.state import Container

GB = 1000**3


def status(found: Finding) -> str:
    return str(found.status)


# --- findings and their order ----------------------------------------------------------------------


def test_of_several_findings_the_worst_speak() -> None:
    both = worst([note("A.", "a"), fault("B.", "b", fixable=True), fault("C.", "b")], "Well.")
    assert both == Finding(Status.FAULT, "B. C.", "b", fixable=True)
    assert worst([ok("X."), note("A.")], "Well.") == note("A.")
    assert worst([ok("X.")], "Well.") == ok("Well.")


@pytest.mark.parametrize(
    ("names", "text"), [(["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_names_are_listed_as_one_says_them(names: list[str], text: str) -> None:
    assert listed(names) == text


def patient(project: Project, **environ: str) -> Patient:
    return Patient(project.load(), Shell(), environ)


def check(name: str, look: Any, *requires: str) -> Check:
    return Check(name, "Why.", look, requires)


def raising(error: Exception) -> Any:
    def look(_: Patient) -> Finding:
        raise error

    return look


def test_what_needs_a_faulty_check_is_skipped_and_so_is_what_needs_that(project: Project) -> None:
    results = examine(
        patient(project),
        [
            check("a", lambda _: note("Noted.")),
            check("b", lambda _: fault("Broken.", "Mend."), "a"),
            check("c", lambda _: ok("Fine."), "b"),
            check("d", lambda _: ok("Fine."), "c"),
            check("e", lambda _: ok("Fine."), "a"),
        ],
    )
    assert [status(one.finding) for one in results] == ["note", "fault", "skipped", "skipped", "ok"]
    assert results[3].finding.sentence == "Not looked at: it needs `c`."
    root = root_cause(results)
    assert root is not None
    assert root.check.name == "b"


def test_what_ran_beside_a_faulty_check_is_dropped(project: Project) -> None:
    beside = Check("b", "Why.", lambda _: fault("Follows.", "-"), beside=("a",))
    results = examine(patient(project), [check("a", raising(UsageError("Root.", "-"))), beside])
    assert results[1].finding == Finding(Status.SKIPPED, "Not looked at: it needs `a`.")


def test_an_error_of_ours_is_a_fault_and_any_other_one_no_verdict(project: Project) -> None:
    looks = [raising(UsageError("Wrong.", "Right it.")), raising(ValueError("what"))]
    first, second = examine(patient(project), [check(str(n), one) for n, one in enumerate(looks)])
    assert first.finding == fault("Wrong.", "Right it.")
    assert second.finding == note("This could not be found out: ValueError: what.")


def test_nobody_waits_for_a_check_that_hangs(project: Project) -> None:
    stop = threading.Event()

    def hang(_: Patient) -> Finding:
        stop.wait(30)
        return ok("Late.")

    try:
        results = examine(
            patient(project), [check("a", hang), check("b", lambda _: ok("B."), "a")], limit=0.05
        )
    finally:
        stop.set()
    assert results[0].finding == Finding(Status.SKIPPED, "It had found nothing out after 0.05 s.")
    assert results[1].finding.status is Status.SKIPPED


def test_checks_that_need_nothing_of_each_other_run_at_once(project: Project) -> None:
    both = threading.Barrier(2, timeout=30)

    def meet(_: Patient) -> Finding:
        both.wait()
        return ok("Met.")

    results = examine(patient(project), [check("a", meet), check("b", meet)])
    assert [one.finding.sentence for one in results] == ["Met.", "Met."]


def test_a_fact_is_found_out_once(project: Project) -> None:
    found: list[int] = []
    asked = patient(project)

    def find() -> int:
        found.append(1)
        return len(found)

    results = examine(
        asked, [check(str(n), lambda p: ok(str(p.fact("x", find)))) for n in range(8)]
    )
    assert {one.finding.sentence for one in results} == {"1"}


def test_the_remedy_says_what_fix_does_and_json_has_all_of_it(project: Project) -> None:
    results = examine(
        patient(project), [check("a", lambda _: fault("Broken.", "Mend it.", fixable=True))]
    )
    assert view.lines(results, colour=False) == [
        "fault    a  Broken.",
        "            → Mend it. `invoke doctor --fix` does that.",
    ]
    assert view.lines(results, colour=True)[0].startswith("\033[31mfault  \033[0m  a")
    report = json.loads(view.as_json(results, ["Mended."]))
    seconds = report["checks"][0].pop("seconds")
    assert seconds >= 0
    assert report == {
        "version": 1,
        "healthy": False,
        "root": "a",
        "fixed": ["Mended."],
        "checks": [
            {
                "name": "a",
                "status": "fault",
                "sentence": "Broken.",
                "remedy": "Mend it.",
                "fixable": True,
                "reason": "Why.",
                "requires": [],
            }
        ],
    }


# --- docker and its engine -------------------------------------------------------------------------


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


# --- the machine -----------------------------------------------------------------------------------


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
    assert disk.room(tmp_path).free == (
        os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    )


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
    assert status(proxy.judge(environ, engines, needed=needed)) == expected


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


# --- .env ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o600, "ok"), (0o400, "ok"), (0o640, "note"), (0o604, "fault")]
)
def test_who_may_read(mode: int, expected: str) -> None:
    assert status(env_file.judge_mode(mode)) == expected


@pytest.mark.parametrize(
    ("data", "words", "fixable"),
    [
        (b"A=1\n", "UTF-8, plain line ends.", False),
        ("A=ä\n".encode(), "UTF-8, plain line ends.", False),
        (b"\xef\xbb\xbfA=1\n", "byte order mark", True),
        (b"A=1\nB=2\r\n", "(the first: 2)", True),
        (b"A=1\rB=2\n", "CR LF", False),  # a CR in a line: who knows what was meant
        ("A=1\n".encode("utf-16"), "UTF-16", False),
        (b"A=1\nB=\xe4\n", "Line 2 of .env is not UTF-8.", False),
    ],
)
def test_bytes(data: bytes, words: str, fixable: bool) -> None:
    found = env_file.judge_bytes(data)
    assert words in found.sentence
    assert found.fixable == fixable


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        ("A=1\n# a comment\n\nB=\nC=it's\n", "ok", "3 variables"),
        ('A=say "hi"', "ok", ""),
        ("A='one'", "note", "A (line 1 of .env) is quoted"),
        ('A="one" # why', "note", "is quoted"),
        ('\nA="-----BEGIN\nxyz\n-----END"\nB=1', "note", "A (line 2 of .env) is quoted"),
        ("A=b # c", "note", "has a comment behind it"),
        ("A=b#c", "ok", ""),
        ("A =b", "note", "before its `=`"),
        ("export A=b", "note", "before its `=`"),
        ("A= b", "note", "blanks around"),
        ("A=1\nA=2", "note", "A (line 2 of .env) stands in line 1 already"),
        ('A="one', "fault", "A (line 1 of .env) opens a quote and does not close it."),
        ("A='one\nB=two\nC='three'", "fault", "A (line 1 of .env) opens a quote"),
        ('A="one\\"\nB=2', "fault", "opens a quote"),
        ('A="one"two', "fault", "text behind its closing quote"),
        ('A=one"', "fault", "closes a quote that it does not open"),
        ("one", "fault", "Line 1 of .env is not `NAME=value`."),
        ("A-B=1", "fault", "Line 1 of .env is not `NAME=value`."),
        ("=1", "fault", "Line 1 of .env is not `NAME=value`."),
    ],
)
def test_lines(text: str, expected: str, words: str) -> None:
    found = env_lines.judge(text)
    assert status(found) == expected, found
    assert words in found.sentence


def test_a_line_of_the_example_is_written_plainly() -> None:
    from support import REPOSITORY

    assert status(env_lines.judge((REPOSITORY / ".env.example").read_text())) == "ok"


def test_variables() -> None:
    missing = env_values.judge(Findings(("A", "B"), (), ()), safe=["B"])
    assert missing == fault(
        "A and B are missing from .env.", "Add them as .env.example has them.", fixable=True
    )
    kept = env_values.judge(Findings((), (), ("DATABASE_PASSWORD",)), safe=[])
    assert not kept.fixable
    assert "Give DATABASE_PASSWORD the value that the database has" in kept.remedy
    assert status(env_values.judge(Findings((), ("X",), ()), safe=[])) == "ok"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("WEB_PROT", "fault"),
        ("DJANGO_ALOWED_HOSTS", "fault"),
        ("MYSQL_MEMORY", "note"),
        ("REDIS_HOST", "note"),
        ("STRIPE_API", "note"),
        ("COMPOSE_PROFILES", "ok"),
        ("READ_ELSEWHERE", "ok"),
    ],
)
def test_unknown_names(name: str, expected: str) -> None:
    unset = ("WEB_PORT", "WEB_MEMORY", "DJANGO_ALLOWED_HOSTS", "POSTGRES_MEMORY", "DATABASE_HOST")
    assert status(env_values.judge_names([name], unset, ["READ_ELSEWHERE"])) == expected


def test_a_name_that_is_given_as_well_is_not_what_was_meant() -> None:
    assert status(env_values.judge_names(["WEB_PORTS"], ["WEB_BIND"], ())) == "note"


def test_repaired_lines_leave_all_others_as_they_are() -> None:
    text = "# mine\nA=1\nB=\nKEY=change-me\nOWN=change-me\n"
    made = "A=x\nB=default\nKEY=Generated\nC=3\n"
    lines = env_values.repaired(text, made, ["B", "C"], ["KEY", "OWN"]).splitlines()
    assert lines[:4] == ["# mine", "A=1", "B=default", "KEY=Generated"]
    assert lines[4].startswith("OWN=")
    assert len(lines[4]) == len("OWN=") + 50
    assert lines[5:] == ["C=3"]


def test_a_write_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        env_file.write(path, b"A=2\n")
    assert [one.name for one in tmp_path.iterdir()] == [".env"]
    assert path.read_text() == "A=1\n"


# --- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"DEBUG": "True"}, "ok"),
        ({"DEBUG": "on", "WEB_BIND": "127.0.0.2"}, "ok"),
        ({"DEBUG": "1", "WEB_BIND": "0.0.0.0"}, "fault"),
        ({"DJANGO_DEBUG": "yes", "WEB_BIND": "::"}, "fault"),
        ({"DJANGO_ALLOWED_HOSTS": ""}, "fault"),
        ({"ALLOWED_HOSTS": " , "}, "fault"),
        ({"DEBUG": "True", "ALLOWED_HOSTS": ""}, "ok"),
        ({}, "ok"),  # the settings may have them
        ({"DJANGO_ALLOWED_HOSTS": "*"}, "note"),
        ({"DJANGO_ALLOWED_HOSTS": "localhost", "WEB_BIND": "0.0.0.0"}, "note"),
        ({"DJANGO_ALLOWED_HOSTS": "x.org", "WEB_BIND": "0.0.0.0"}, "ok"),
        ({"DJANGO_SECRET_KEY": "django-insecure-x"}, "fault"),
        ({"DJANGO_SECRET_KEY": "django-insecure-x", "DEBUG": "1"}, "ok"),
    ],
)
def test_exposure(values: dict[str, str], expected: str) -> None:
    assert status(settings.judge_exposure(values, {})) == expected


@pytest.mark.parametrize(
    ("workers", "memory", "expected"),
    [("", "", "ok"), ("5", "", "ok"), ("6", "", "note"), ("11", "", "fault"), ("11", "2g", "ok")],
)
def test_processes_and_memory(workers: str, memory: str, expected: str) -> None:
    values = {"WEB_CONCURRENCY": workers, "WEB_MEMORY": memory}
    assert status(settings.judge_memory(values, 0)) == expected


def test_a_limit_above_the_machines_memory_is_a_note() -> None:
    assert status(settings.judge_memory({"POSTGRES_MEMORY": "64g"}, 8 * GB)) == "note"


def test_a_value_that_is_given_twice() -> None:
    assert status(settings.judge_sources({"K": "a", "K_FILE": "/b"}, {})) == "fault"
    assert status(settings.judge_sources({"WEB_PORT": "1"}, {"WEB_PORT": "2"})) == "note"
    assert status(settings.judge_sources({"WEB_PORT": "1"}, {"WEB_PORT": "1"})) == "ok"
    assert status(settings.judge_sources({}, {"WEB_PORT": "1"})) == "ok"


# --- ports -----------------------------------------------------------------------------------------

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


# --- the stack -------------------------------------------------------------------------------------


def container(**more: Any) -> Container:
    values = {
        "name": "shop-web-1", "service": "web", "state": "running", "status": "Up (healthy)",
        "image": "shop:multi", "working_dir": "", "files": (), "ports": "",
    }  # fmt: skip
    return Container(**{**values, **more})


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "ok"),
        ({"status": "Up 2 seconds (health: starting)"}, "note"),
        ({"status": "Up 2 minutes (unhealthy)"}, "fault"),
        ({"state": "restarting"}, "fault"),
        ({"state": "exited", "status": "Exited (1) 2 s ago"}, "fault"),
        ({"state": "exited", "status": "Exited (137) 2 s ago"}, "fault"),
        ({"state": "exited", "status": "Exited (0) 2 s ago"}, "note"),
        ({"state": "exited", "status": "Exited (1) 2 s ago", "oneoff": True}, "ok"),
    ],
)
def test_containers(more: dict[str, Any], expected: str) -> None:
    assert status(containers.judge([container(**more)])) == expected


def test_only_one_off_containers_that_have_ended_are_left_over() -> None:
    found = [
        container(name="a", oneoff=True),
        container(name="b", oneoff=True, state="exited"),
        container(name="c", state="exited"),
    ]
    assert [one.name for one in containers.leftovers(found)] == ["b"]


def test_a_volume_that_no_file_names_is_told_and_never_removed() -> None:
    found = volumes.judge(
        [Volume("postgres", "s_postgres"), Volume("redis", "s_redis")], ["postgres"]
    )
    assert found == note(
        "s_redis belongs to no add-on that is chosen now.",
        "When its data is not needed any more: `docker volume rm s_redis`.",
    )


def test_images_and_the_source() -> None:
    def judge(serving: Container | None, *, built: bool = True, stale: bool = False) -> str:
        return status(freshness.judge("shop:multi", "src", serving, built=built, stale=stale))

    assert judge(None, built=False, stale=True) == "ok"  # the first `up` builds it
    assert judge(None, stale=True) == "fault"
    assert judge(container(image="shop:multi")) == "ok"
    assert judge(container(image="0123456789ab")) == "fault"
    assert judge(container(image=f"sha256:{'c' * 64}")) == "fault"
    assert judge(container(image="deadbeef")) == "ok"  # a name


def test_which_variant_runs(project: Project) -> None:
    config = project.load()
    assert freshness.variant(config, container(image="shop:minimal")) == "minimal"
    assert freshness.variant(config, container(image="0123456789ab")) == "multi"
    assert freshness.variant(config, None) == "multi"


@pytest.mark.parametrize(
    ("code", "out", "err", "expected"),
    [
        (0, "Planned operations:\n  No planned migration operations.", "", "ok"),
        (1, "Planned operations:\npolls.0003_x\n    Add field", "", "fault"),
        (1, "", "Traceback …\ndjango.db.utils.OperationalError: no route\n", "note"),
        (126, "", "OCI runtime exec failed", "note"),
    ],
)
def test_migrations(code: int, out: str, err: str, expected: str) -> None:
    assert status(migrations.judge(Completed(code, out, err))) == expected


def test_what_the_engine_complains_of_is_passed_on(project: Project) -> None:
    class Silent(Shell):
        def capture(self, *_: Any, **__: Any) -> Completed:
            return Completed(1, "", "Cannot connect\n")

    asked = Patient(project.load(), Silent(), {"DOCKER_HOST": "unix:///s"})
    asked.fact("docker", lambda: "docker")
    with pytest.raises(DjdockError, match=r"unix:///s says: Cannot connect\."):
        _ = asked.info
