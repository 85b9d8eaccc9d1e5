from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from support import DockerStub

from djdock import engine
from djdock.errors import MissingError

pytestmark = pytest.mark.usefixtures("bare_machine")

NO_ENGINE = "Start it (`systemctl start docker`), or let `./bootstrap` install and start one."


def chosen(*folders: Path) -> str:
    # /bin has the sh that the stubs need; no docker is put there.
    return engine.docker_binary({"PATH": os.pathsep.join(map(str, folders))})


def test_no_docker_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as caught:
        chosen(tmp_path)
    assert str(caught.value) == f"There is no `docker` on PATH.\n{engine.NO_DOCKER}"


def test_a_file_that_is_not_executable_is_no_docker(docker_stub: DockerStub) -> None:
    path = docker_stub("a")
    path.chmod(0o644)
    with pytest.raises(MissingError):
        chosen(path.parent)


@pytest.mark.parametrize("folder", ["home/.docker/cli-plugins", "system-plugins", "extra"])
def test_plugins_that_lie_where_clients_look_cost_no_question(
    docker_stub: DockerStub, tmp_path: Path, folder: str
) -> None:
    path = docker_stub("a")
    (tmp_path / "home/.docker").mkdir()
    extra = {"cliPluginsExtraDirs": [str(tmp_path / "extra")]}
    (tmp_path / "home/.docker/config.json").write_text(json.dumps(extra), encoding="utf-8")
    (tmp_path / folder).mkdir(parents=True)
    for name in ("compose", "buildx"):
        plugin = tmp_path / folder / f"docker-{name}"
        plugin.touch(mode=0o755)
    assert chosen(path.parent) == "docker"
    assert not (path.parent / "asked").exists()
    plugin.chmod(0o644)  # not executable: no plugin
    assert engine.missing_plugins(str(path)) == ["buildx"]


def test_the_first_docker_with_both_plugins_is_taken(docker_stub: DockerStub) -> None:
    bare, half = docker_stub("bare"), docker_stub("half", "compose")
    whole, other = docker_stub("whole", "compose", "buildx"), docker_stub("z", "compose", "buildx")
    folders = [path.parent for path in (bare, half, whole, other)]
    assert chosen(*folders) == str(whole)
    assert (half.parent / "asked").read_text().splitlines() == ["compose version", "buildx version"]
    assert not (other.parent / "asked").exists()


def test_the_first_docker_keeps_its_short_name_when_it_has_both(docker_stub: DockerStub) -> None:
    whole, bare = docker_stub("whole", "compose", "buildx"), docker_stub("bare")
    assert chosen(whole.parent, bare.parent) == "docker"
    assert not (bare.parent / "asked").exists()


@pytest.mark.parametrize(
    ("plugins", "missing", "package", "debian"),
    [
        ("buildx", "compose", "docker-compose-plugin", "docker-compose"),
        ("compose", "buildx", "docker-buildx-plugin", "docker-buildx"),
    ],
)
def test_without_any_that_has_both_the_firsts_plugin_is_missing(
    docker_stub: DockerStub, plugins: str, missing: str, package: str, debian: str
) -> None:
    first, second = docker_stub("a", plugins), docker_stub("b")
    with pytest.raises(MissingError) as caught:
        chosen(first.parent, second.parent)
    assert str(caught.value) == (
        f"`{first}` has no `{missing}` plugin.\n"
        f"Install it (`{package}`; Debian's is `{debian}`), "
        "or put a docker that has it first on PATH."
    )


def test_two_names_of_one_docker_are_one(docker_stub: DockerStub, tmp_path: Path) -> None:
    path = docker_stub("a")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "docker").symlink_to(path)
    with pytest.raises(MissingError):
        chosen(path.parent, tmp_path / "link")
    asked = (path.parent / "asked").read_text().splitlines()
    assert asked == ["compose version", "buildx version"] * 2  # once to choose, once to explain


def test_bootstraps_own_engine_is_found_though_it_is_not_on_path(
    docker_stub: DockerStub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    private = docker_stub("private", "compose", "buildx")
    monkeypatch.setattr(engine, "PRIVATE_ENGINE", private.parent)
    assert chosen(tmp_path / "empty") == str(private)
    engine._docker_binary.cache_clear()
    assert chosen(docker_stub("old").parent) == str(private)


def test_the_choice_is_made_once(docker_stub: DockerStub) -> None:
    folders = [docker_stub("a").parent, docker_stub("b", "compose", "buildx").parent]
    first = chosen(*folders)
    (folders[0] / "asked").unlink()
    assert chosen(*folders) == first
    assert not (folders[0] / "asked").exists()


@pytest.mark.parametrize(
    ("plugins", "missing"),
    [
        ((), ["compose", "buildx"]),
        (("compose",), ["buildx"]),
        (("buildx",), ["compose"]),
        (("compose", "buildx"), []),
    ],
)
def test_missing_plugins_are_found_by_asking(
    docker_stub: DockerStub, plugins: tuple[str, ...], missing: list[str]
) -> None:
    assert engine.missing_plugins(str(docker_stub("a", *plugins))) == missing


@pytest.fixture
def contexts(tmp_path: Path) -> Path:
    folder = tmp_path / "docker-config"
    meta = folder / "contexts" / "meta" / "abc"
    meta.mkdir(parents=True)
    context = {"Name": "rootless", "Endpoints": {"docker": {"Host": "unix:///run/rootless.sock"}}}
    (meta / "meta.json").write_text(json.dumps(context), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("environ", "current", "host"),
    [
        ({}, None, "unix:///var/run/docker.sock"),
        ({}, "default", "unix:///var/run/docker.sock"),
        ({}, "rootless", "unix:///run/rootless.sock"),
        ({"DOCKER_CONTEXT": "rootless"}, None, "unix:///run/rootless.sock"),
        ({"DOCKER_CONTEXT": "default"}, "rootless", "unix:///var/run/docker.sock"),
        ({"DOCKER_HOST": "tcp://10.0.0.1:2375"}, "rootless", "tcp://10.0.0.1:2375"),
        # docker's own client: "DOCKER_HOST environment variable overrides the active context"
        (
            {"DOCKER_HOST": "unix:///x.sock", "DOCKER_CONTEXT": "rootless"},
            None,
            "unix:///x.sock",
        ),
        ({"DOCKER_CONTEXT": "gone"}, None, "unix:///var/run/docker.sock"),
    ],
)
def test_the_engine_is_where_dockers_own_client_looks(
    contexts: Path, environ: dict[str, str], current: str | None, host: str
) -> None:
    config = {"currentContext": current} if current else {}
    (contexts / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert engine.host({"DOCKER_CONFIG": str(contexts), **environ}) == host


@pytest.mark.parametrize("text", ["", "{", "[]", '{"currentContext": ""}'])
def test_a_broken_client_configuration_is_as_good_as_none(contexts: Path, text: str) -> None:
    (contexts / "config.json").write_text(text, encoding="utf-8")
    assert engine.host({"DOCKER_CONFIG": str(contexts)}) == "unix:///var/run/docker.sock"


def test_a_socket_that_listens_answers(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        assert engine.answers({"DOCKER_HOST": f"unix://{path}"}) is None
    # Its file is still there, but nobody listens any more.
    error = engine.answers({"DOCKER_HOST": f"unix://{path}"})
    assert str(error) == f"No Docker Engine answers at unix://{path}.\n{NO_ENGINE}"


@pytest.mark.parametrize("there", [True, False])
def test_what_is_no_socket_does_not_answer(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "s"
    if there:
        path.touch()
    error = engine.answers({"DOCKER_HOST": f"unix://{path}"})
    assert error is not None
    assert error.problem == f"No Docker Engine answers at unix://{path}."


def test_a_socket_that_is_not_for_us_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    error = engine.answers({"DOCKER_HOST": "unix:///x.sock"})
    assert error is not None
    assert error.problem == "You may not talk to the Docker Engine at unix:///x.sock."
    assert "usermod -aG docker $USER" in error.remedy


def test_an_engine_on_another_machine_is_not_looked_at() -> None:
    assert engine.answers({"DOCKER_HOST": "ssh://nobody@nowhere.invalid"}) is None


def test_both_are_required(docker_stub: DockerStub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingError, match="There is no `docker` on PATH"):
        engine.require()
    monkeypatch.setenv("PATH", str(docker_stub("a", "compose", "buildx").parent))
    with pytest.raises(MissingError, match="No Docker Engine answers at "):
        engine.require()


def test_a_client_needs_an_engine() -> None:
    with pytest.raises(MissingError), engine.client():
        pytest.fail("there is no engine")
