"""`invoke doctor` on a real engine: quiet when all is well, and right about what is planted.

The faults that need no engine are in tests/unit/test_doctor.py.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import Engine
from project import Project

#: What may be worth a note on a machine where nothing is wrong: without a registry, and before `up`.
NOTES = {"docker", "names", "registry", "env-file", "disk"}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, docker: str) -> Iterator[Project]:
    """A stack that is up; whoever breaks it mends it."""
    project = Project.clone(tmp_path_factory.mktemp("up") / "site", docker)
    try:
        project.invoke("up").ok()
        yield project
    finally:
        project.remove()


def look(project: Project, *flags: str, **environ: str) -> dict[str, Any]:
    done = project.invoke("doctor", "--json", *flags, **environ)
    report: dict[str, Any] = json.loads(done.out or "{}")
    assert report, done.err
    assert done.code == (0 if report["healthy"] else 1), done.err
    return report


def found(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(check for check in report["checks"] if check["name"] == name)


def assert_quiet(report: dict[str, Any]) -> None:
    loud = [check for check in report["checks"] if check["status"] in ("fault", "note")]
    assert {check["name"] for check in loud} <= NOTES, loud
    assert report["healthy"], loud


# --- quiet when all is well ------------------------------------------------------------------------


def test_a_fresh_clone_is_healthy_before_and_after_its_dotenv_is_made(
    tmp_path: Path, docker: str
) -> None:
    clone = Project.clone(tmp_path / "site", docker)
    assert_quiet(look(clone))
    clone.invoke("env.init").ok()
    assert_quiet(look(clone))


def test_a_stack_that_is_up_is_healthy_from_any_folder(up: Project) -> None:
    report = look(up)
    assert_quiet(report)
    assert {check["status"] for check in report["checks"]} <= {"ok", "note"}
    assert found(report, "migrations")["sentence"] == "Every migration is applied."
    assert found(report, "port")["sentence"] == f"Port {up.port} on 127.0.0.1 is this stack's."
    done = subprocess.run(
        [sys.executable, "-m", "invoke", "doctor"],
        cwd=up.root / "docker", env=up.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "Healthy: " in done.stderr) == (0, True), done.stderr


def test_looking_changes_nothing(up: Project) -> None:
    def state() -> tuple[Any, ...]:
        files = {p: p.stat().st_mtime_ns for p in up.root.rglob("*") if "__pycache__" not in str(p)}
        return up.containers(), up.volumes(), up.networks(), files

    before = state()
    look(up)
    assert state() == before


# --- planted faults --------------------------------------------------------------------------------

Planted = AbstractContextManager[dict[str, str]]
Plant = Callable[[Project, Engine, Path], Planted]


@contextmanager
def dead_socket(up: Project, engine: Engine, tmp_path: Path) -> Iterator[dict[str, str]]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
    yield {"DOCKER_HOST": f"unix://{tmp_path / 's'}"}


@contextmanager
def deaf_socket(up: Project, engine: Engine, tmp_path: Path) -> Iterator[dict[str, str]]:
    with socket.socket(socket.AF_UNIX) as server:  # listens, and never says a word
        server.bind(str(tmp_path / "s"))
        server.listen(64)
        yield {"DOCKER_HOST": f"unix://{tmp_path / 's'}"}


@contextmanager
def labelled(up: Project, engine: Engine, *flags: str) -> Iterator[str]:
    """A container that says that it is a web of this stack."""
    labels = {
        "project": up.name, "service": "web", "project.working_dir": str(up.root / "docker"),
    }  # fmt: skip
    words = [x for k, v in labels.items() for x in ("--label", f"com.docker.compose.{k}={v}")]
    name = engine.start(*words, *flags)
    try:
        yield name
    finally:
        engine.docker("rm", "--force", name)


def state_of(engine: Engine, name: str) -> str:
    return engine.docker("ps", "--all", "--filter", f"name={name}", "--format", "{{.Status}}")


@contextmanager
def unhealthy(up: Project, engine: Engine, tmp_path: Path) -> Iterator[dict[str, str]]:
    flags = ["--health-cmd", "exit 1", "--health-interval", "1s", "--health-retries", "1"]
    flags += ["--health-start-period", "1ms", "--health-start-interval", "0s"]
    sleep = ["python", "-c", "import time; time.sleep(600)"]
    with labelled(up, engine, *flags, f"{up.name}:multi", *sleep) as name:
        engine.wait(lambda: "(unhealthy)" in state_of(engine, name))
        yield {}


@contextmanager
def restarting(up: Project, engine: Engine, tmp_path: Path) -> Iterator[dict[str, str]]:
    with labelled(
        up, engine, "--restart", "always", f"{up.name}:multi", "python", "-c", "exit(1)"
    ) as name:
        # It restarts after ever longer pauses; in a pause it says so.
        engine.wait(lambda: int(engine.docker("inspect", name, "-f", "{{.RestartCount}}")) >= 5)
        engine.wait(lambda: "Restarting" in state_of(engine, name))
        yield {}


@contextmanager
def killed_database(up: Project, engine: Engine, tmp_path: Path) -> Iterator[dict[str, str]]:
    name = f"{up.name}-db-1"
    engine.docker("kill", name)
    try:
        yield {}
    finally:
        engine.docker("start", name)
        engine.wait(lambda: "(healthy)" in state_of(engine, name), seconds=60, name=name)
        engine.wait(up.answers, seconds=60)


@contextmanager
def older_image(up: Project, engine: Engine, tmp_path: Path) -> Iterator[dict[str, str]]:
    path = up.root / "src/demo/polls/new.py"
    path.write_text("x = 1\n", encoding="utf-8")
    try:
        yield {}
    finally:
        path.unlink()


@contextmanager
def replaced_image(up: Project, engine: Engine, tmp_path: Path) -> Iterator[dict[str, str]]:
    tag = f"{up.name}:multi"
    before = engine.docker("image", "inspect", tag, "--format", "{{.Id}}")
    other = engine.build(f"FROM {tag}\nLABEL other=1\n")
    engine.docker("tag", other, tag)
    try:
        yield {}
    finally:
        engine.docker("tag", before, tag)


@contextmanager
def pending(up: Project, engine: Engine, tmp_path: Path) -> Iterator[dict[str, str]]:
    def sql(text: str) -> None:
        up.invoke("dbshell", "--", "--quiet", "--command", text).ok()

    sql("delete from django_migrations where app = 'sessions'")
    try:
        yield {}
    finally:
        sql(
            "insert into django_migrations (app, name, applied) "
            "values ('sessions', '0001_initial', now())"
        )


@contextmanager
def default_password(up: Project, engine: Engine, tmp_path: Path) -> Iterator[dict[str, str]]:
    path = up.root / ".env"
    before = path.read_text(encoding="utf-8")
    up.set("DATABASE_PASSWORD", "change-me")
    try:
        yield {}
    finally:
        path.write_text(before, encoding="utf-8")


FAULTS: list[tuple[Plant, str, str]] = [
    (dead_socket, "daemon", "No Docker Engine answers at unix://"),
    (deaf_socket, "engine", "gave no answer in 5 s."),
    (unhealthy, "containers", "The service web is unhealthy."),
    (restarting, "containers", "The service web keeps restarting."),
    (killed_database, "containers", "The service db was killed"),
    (older_image, "source", "is older than src/demo."),
    (replaced_image, "source", "runs an older image than"),
    (pending, "migrations", "The migration sessions.0001_initial is pending."),
    (default_password, "env-variables", "DATABASE_PASSWORD in .env still has the placeholder"),
]


@pytest.mark.parametrize(("plant", "root", "words"), FAULTS)
def test_a_planted_fault_is_found_and_named_first(
    up: Project, engine: Engine, tmp_path: Path, plant: Plant, root: str, words: str
) -> None:
    with plant(up, engine, tmp_path) as environ:
        report = look(up, **environ)
    assert report["root"] == root, report
    assert words in found(report, root)["sentence"]
    assert found(report, root)["remedy"]


def test_after_all_that_the_stack_is_healthy_again(up: Project) -> None:
    assert_quiet(look(up))


def test_a_port_that_a_container_has(up: Project, project: Project) -> None:
    project.port = up.port
    report = look(project)
    assert report["root"] == "port"
    assert found(report, "port")["sentence"] == (
        f"Port {up.port} on 127.0.0.1 is taken by the container {up.name}-web-1."
    )


def test_a_port_that_a_process_has(project: Project) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", project.port))
        server.listen()
        report = look(project)
    assert report["root"] == "port"
    assert f"(process {os.getpid()})." in found(report, "port")["sentence"]


def test_a_stack_of_another_directory(up: Project, project: Project) -> None:
    shutil.copy(up.root / ".env", project.root / ".env")
    own = project.port
    try:
        report = look(project)
    finally:
        (project.root / ".env").unlink()  # so that nothing of the other one is removed
    assert own != up.port
    assert report["root"] == "stack"
    assert f"belongs to {up.root}, not to {project.root}." in found(report, "stack")["sentence"]
    assert found(report, "migrations")["status"] == "skipped"


def test_a_socket_that_we_may_not_open(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "s"
    argv = [sys.executable, "-m", "invoke", "doctor", "--json"]
    if os.geteuid() == 0:  # root, but without the right to pass over permissions
        argv = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *argv]
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        path.chmod(0)
        done = project.run(argv, DOCKER_HOST=f"unix://{path}")
    report = json.loads(done.out)
    assert (done.code, report["root"]) == (1, "permissions")
    assert "usermod -aG docker" in found(report, "permissions")["remedy"]


# --- repairs ---------------------------------------------------------------------------------------


def test_a_repair_touches_no_data_and_nothing_that_runs(up: Project, engine: Engine) -> None:
    tag = f"{up.name}:left"
    for number in (1, 2):
        text = f"FROM {up.name}:multi\nLABEL io.djdock.stack={up.name} number={number}\n"
        engine.docker(
            "buildx", "build", "--provenance=false", "--load", "--tag", tag, "-", stdin=text
        )
    engine.docker("image", "rm", tag)  # the second; the first has no name any more
    engine.docker(
        "buildx", "build", "--provenance=false", "--load", "--tag", tag, "-",
        stdin=f"FROM {up.name}:multi\nLABEL io.djdock.stack={up.name} number=3\n",
    )  # fmt: skip
    volume = engine.volume()
    engine.docker(
        "volume", "create", volume, "--label", f"com.docker.compose.project={up.name}",
        "--label", "com.docker.compose.volume=redis",
    )  # fmt: skip
    with labelled(
        up, engine, "--label", "com.docker.compose.oneoff=True", f"{up.name}:multi",
        "python", "-c", "exit(0)",
    ) as oneoff:  # fmt: skip
        engine.wait(lambda: "Exited" in state_of(engine, oneoff))
        (up.root / ".env").chmod(0o644)
        votes, running = up.votes(), [name for name in up.containers() if name != oneoff]
        report = look(up, "--fix")
        assert report["healthy"], report
        assert f"The container {oneoff} is removed." in report["fixed"]
        assert ".env: mode 0600, for its owner only." in report["fixed"]
        assert up.containers() == running
    assert (up.root / ".env").stat().st_mode & 0o777 == 0o600
    assert volume in up.volumes()
    assert found(report, "volumes")["sentence"] == (
        f"{volume} belongs to no add-on that is chosen now."
    )
    assert up.votes() == votes
    label = f"label=io.djdock.stack={up.name}"
    left = engine.docker("image", "ls", "--quiet", "--filter", "dangling=true", "--filter", label)
    assert left == ""
    engine.docker("image", "rm", tag)


def test_a_default_password_that_the_volume_may_have_stays(up: Project, engine: Engine) -> None:
    with default_password(up, engine, up.root):
        report = look(up, "--fix")
        assert up.variables()["DATABASE_PASSWORD"] == "change-me"
    assert (report["root"], report["fixed"]) == ("env-variables", [])


def test_a_broken_dotenv_is_repaired_and_comes_up(project: Project) -> None:
    path = project.root / ".env"
    text = path.read_text(encoding="utf-8")
    for name in ("DATABASE_PASSWORD", "DATABASE_NAME", "DEBUG"):
        line = next(one for one in text.splitlines() if one.startswith(f"{name}="))
        text = text.replace(f"{line}\n", "")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    path.chmod(0o666)
    report = look(project, "--fix")
    assert report["healthy"], report
    assert len(report["fixed"]) == 5
    project.invoke("up").ok()
    assert project.ready() == {"status": "ready", "database": "postgresql"}
    assert_quiet(look(project))
