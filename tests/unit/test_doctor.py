"""`invoke doctor` on a healthy machine, and with one planted fault after the other.

No engine is there: docker is a stub that answers from a table (machine.py). tests/engine/test_doctor.py
has the faults that need a real one.
"""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from machine import EXPIRED, Machine, free_port
from support import REPOSITORY, Invoke, Project

from djdock import engine
from djdock.doctor import disk
from djdock.doctor.checks import CHECKS


@pytest.fixture
def machine(
    project: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    # A short path: a socket's address has room for 107 bytes.
    folder = tmp_path_factory.mktemp("m")
    made = Machine(project, folder, monkeypatch)
    made.prepare()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "s"))
        server.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{folder / 's'}")
        engine._docker_binary.cache_clear()
        yield made


@pytest.fixture
def look(machine: Machine, invoke: Invoke) -> Callable[..., dict[str, Any]]:
    """Runs `invoke doctor --json` and returns its report; its exit code has to fit it."""

    def run(*flags: str) -> dict[str, Any]:
        machine.write()
        ended = invoke("doctor", "--json", *flags)
        report: dict[str, Any] = json.loads(ended.out)
        assert ended.code == (0 if report["healthy"] else 1), ended.err
        assert (report["root"] is None) == report["healthy"]
        if report["root"]:
            assert f"{report['root']}: " in ended.err.splitlines()[-2], ended.err
        return report

    return run


def found(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(check for check in report["checks"] if check["name"] == name)


def statuses(report: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["status"] for check in report["checks"]}


# --- healthy ---------------------------------------------------------------------------------------


def test_a_fresh_project_on_a_healthy_machine_is_healthy(machine: Machine, look: Any) -> None:
    report = look()
    assert {name: status for name, status in statuses(report).items() if status != "ok"} == {
        "migrations": "skipped"  # the stack is not up
    }
    assert report["version"] == 1
    assert [check["name"] for check in report["checks"]] == [check.name for check in CHECKS]


def test_a_stack_that_is_up_is_healthy(machine: Machine, look: Any) -> None:
    machine.built()
    machine.container()
    machine.container("db")
    machine.container("migrate", "exited", "Exited (0) 1 minute ago")
    machine.volumes.append(f"postgres\t{machine.name}_postgres")
    assert set(statuses(look()).values()) == {"ok"}


def test_without_dotenv_there_is_nothing_to_mend(machine: Machine, look: Any) -> None:
    machine.dotenv.unlink()
    machine.monkeypatch.setenv("WEB_PORT", str(free_port()))
    report = look("--fix")
    assert report["healthy"]
    assert found(report, "env-file")["status"] == "note"
    assert not machine.dotenv.exists()


def test_looking_changes_nothing(machine: Machine, look: Any) -> None:
    machine.change("DEBUG=False", "DEBUG=True\r")
    machine.container("migrate", "exited", "Exited (0)", oneoff=True)
    before = machine.project.files()
    assert not look()["healthy"]
    assert machine.project.files() == before
    assert not any(line.startswith(("rm", "image prune")) for line in machine.asked)


# --- planted faults --------------------------------------------------------------------------------

Plant = Callable[[Machine], object]


def no_docker(machine: Machine) -> None:
    machine.monkeypatch.setenv("PATH", str(machine.folder))


def docker_without_plugins(machine: Machine) -> None:
    machine.write("bare", plugins=False)
    machine.monkeypatch.setenv("PATH", str(machine.folder / "bare"))


def no_program(machine: Machine) -> None:
    target = machine.folder / "odd" / "docker"
    target.parent.mkdir()
    target.write_bytes(b"\x7fELF of another machine")
    target.chmod(0o755)
    plugins = Path(os.environ["HOME"], ".docker", "cli-plugins")  # so that it need not be asked
    plugins.mkdir(parents=True)
    for name in ("compose", "buildx"):
        (plugins / f"docker-{name}").touch(mode=0o755)
    machine.monkeypatch.setenv("PATH", str(target.parent))


def dead_socket(machine: Machine) -> None:
    machine.monkeypatch.setenv("DOCKER_HOST", f"unix://{machine.folder}/nobody")
    machine.listens = False


def closed_socket(machine: Machine) -> None:
    error = engine.RefusedError("You may not talk to the Docker Engine at unix:///s.", "Join it.")
    machine.monkeypatch.setattr(engine, "answers", lambda *_: error)


def engine_says_no(machine: Machine) -> None:
    machine.info = {"ServerErrors": ["Error response from daemon: it is ill"]}


def missing_helper(machine: Machine) -> None:
    folder = Path(os.environ["HOME"], ".docker")
    folder.mkdir()
    (folder / "config.json").write_text('{"credsStore": "desktop"}', encoding="utf-8")


def broken_client_config(machine: Machine) -> None:
    folder = Path(os.environ["HOME"], ".docker")
    folder.mkdir()
    (folder / "config.json").write_text("{", encoding="utf-8")


def full_disk(machine: Machine) -> None:
    machine.monkeypatch.setattr(disk, "room", lambda _: disk.Room(1_000_000, 10**7, 10**8))


def no_inodes(machine: Machine) -> None:
    machine.monkeypatch.setattr(disk, "room", lambda _: disk.Room(10**12, 12, 10**8))


def taken_port(machine: Machine) -> socket.socket:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    machine.add(f"WEB_PORT={server.getsockname()[1]}")
    return server


def port_of_a_container(machine: Machine) -> socket.socket:
    machine.publishing.append({"name": "blog-web-1", "project": "blog"})
    return taken_port(machine)


def expired_authority(machine: Machine) -> None:
    machine.project.write("ca.pem", EXPIRED)
    machine.project.table('ca_bundle = "ca.pem"')


def elsewhere(machine: Machine) -> None:
    other = machine.folder / "other" / "docker"
    other.mkdir(parents=True)
    machine.container(folder=str(other))


def edited_source(machine: Machine) -> None:
    machine.built()
    machine.project.write("src/shop/new.py", "x = 1\n")


def replaced_image(machine: Machine) -> None:
    machine.built()
    machine.container(image="0123456789ab")


def pending(machine: Machine) -> None:
    machine.container()
    machine.migrate = (1, "Planned operations:\npolls.0003_more\n    Add field x to poll")


def no_registry(machine: Machine) -> None:
    from djdock.images import registry

    machine.there = ()
    machine.project.table('bases = "official"')
    machine.monkeypatch.setattr(registry, "_known", {})
    machine.monkeypatch.setattr(registry, "ask_engine", lambda _: registry.Answer.SILENT)


def no_registry_and_a_proxy(machine: Machine) -> None:
    no_registry(machine)
    machine.monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter22@proxy:3128")


FAULTS: list[tuple[Plant, str, str]] = [
    (no_docker, "docker", "There is no `docker` on PATH."),
    (docker_without_plugins, "docker", "has no `compose` plugin."),
    (no_program, "docker", "cannot be run: Exec format error."),
    (lambda m: setattr(m, "client", "podman version 4.3.1"), "docker", "is Podman"),
    (missing_helper, "client", "docker-credential-desktop is not on PATH"),
    (broken_client_config, "client", "is not JSON"),
    (dead_socket, "daemon", "No Docker Engine answers at unix:///"),
    (closed_socket, "permissions", "You may not talk to the Docker Engine"),
    (engine_says_no, "engine", "says: Error response from daemon: it is ill."),
    (lambda m: m.info.update(ServerVersion="24.0.9"), "engine", "is 24.0.9, and 25.0 or newer"),
    (lambda m: setattr(m, "compose", "2.20.3"), "compose", "is 2.20.3, and 2.24 or newer"),
    (
        lambda m: setattr(m, "buildx", "github.com/docker/buildx v0.9.1 a"),
        "buildx",
        "is v0.9.1, and 0.10 or newer",
    ),
    (full_disk, "disk", "has 1.00 MB left for images."),
    (no_inodes, "disk", "has 12 inodes left"),
    (lambda m: m.info.update(SystemTime="2026-01-01T00:00:00Z"), "clock", "behind ours."),
    (lambda m: m.project.table('varient = "x"'), "project", "There is no key `varient`"),
    (lambda m: m.project.write("pyproject.toml", "[tool.djdock"), "project", "not valid TOML"),
    (lambda m: (m.project.root / "src/shop/manage.py").unlink(), "project", "no manage.py"),
    (lambda m: (m.project.root / "requirements.txt").unlink(), "project", "requirements"),
    (lambda m: (m.project.root / "docker/compose.yaml").unlink(), "project", "compose.yaml"),
    (lambda m: m.project.table('ca_bundle = "no.pem"'), "certificates", "which is not there."),
    (expired_authority, "certificates", "`Example Proxy CA` expired on 2020-01-02."),
    (
        lambda m: m.monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem"),
        "certificates",
        "SSL_CERT_FILE names /nowhere.pem, which is not there.",
    ),
    (no_registry_and_a_proxy, "proxy", "HTTPS_PROXY is set here, and the engine has no proxy"),
    (no_registry, "registry", "cannot be had: no registry answers."),
    (lambda m: (m.dotenv.unlink(), m.dotenv.mkdir()), "env-file", "cannot be read"),
    (lambda m: m.dotenv.chmod(0o644), "env-mode", "Every user of this machine may read .env"),
    (
        lambda m: m.dotenv.write_bytes(b"\xef\xbb\xbf" + m.dotenv.read_bytes()),
        "env-bytes",
        "byte order mark",
    ),
    (
        lambda m: m.dotenv.write_bytes(m.dotenv.read_bytes().replace(b"\n", b"\r\n")),
        "env-bytes",
        "CR LF",
    ),
    (lambda m: m.dotenv.write_bytes("A=ä\n".encode("latin-1")), "env-bytes", "Line 1"),
    (lambda m: m.add('NOTE="a b'), "env-lines", "opens a quote and does not close it."),
    (lambda m: m.add("just text"), "env-lines", "is not `NAME=value`."),
    (lambda m: m.drop("DATABASE_NAME"), "env-variables", "DATABASE_NAME is missing from .env."),
    (
        lambda m: m.change("DJANGO_SECRET_KEY=", "DJANGO_SECRET_KEY=change-me\nOTHER="),
        "env-variables",
        "DJANGO_SECRET_KEY in .env still has the placeholder",
    ),
    (
        lambda m: m.change("DATABASE_NAME=polls", "DATABASE_NAME=a$b"),
        "env-lines",
        "is not read alike by python-dotenv and Compose",
    ),
    (lambda m: m.add("WEB_MEMROY=1g"), "env-names", "WEB_MEMROY in .env is read by nobody."),
    (lambda m: m.add("WEB_PORT=http"), "settings", "WEB_PORT is `http`, which is no port."),
    (
        lambda m: m.change(f"NAME={m.name}", "NAME=No Good"),
        "settings",
        "COMPOSE_PROJECT_NAME is `No Good`",
    ),
    (
        lambda m: m.add("DJANGO_SECRET_KEY_FILE=/run/secrets/key"),
        "settings",
        "DJANGO_SECRET_KEY and DJANGO_SECRET_KEY_FILE are both set in .env.",
    ),
    (
        lambda m: (m.change("DEBUG=False", "DEBUG=True"), m.add("WEB_BIND=0.0.0.0")),
        "exposure",
        "DEBUG is on and WEB_BIND is 0.0.0.0",
    ),
    (
        lambda m: m.change("HOSTS=127.0.0.1,localhost,[::1]", "HOSTS="),
        "exposure",
        "DJANGO_ALLOWED_HOSTS is empty while DEBUG is off",
    ),
    (
        lambda m: (m.add("WEB_CONCURRENCY=20"), m.add("WEB_MEMORY=512m")),
        "memory",
        "WEB_CONCURRENCY is 20 and WEB_MEMORY is 512m: 26.8 MB each.",
    ),
    (taken_port, "port", "(process PID)."),
    (port_of_a_container, "port", "is taken by the container blog-web-1."),
    (elsewhere, "stack", "belongs to"),
    (lambda m: m.container(status="Up 1 minute (unhealthy)"), "containers", "web is unhealthy."),
    (
        lambda m: m.container("db", "restarting", "Restarting (1) 3 seconds ago"),
        "containers",
        "The service db keeps restarting.",
    ),
    (
        lambda m: m.container("migrate", "exited", "Exited (1) 3 seconds ago"),
        "containers",
        "migrate ended with exit code 1.",
    ),
    (
        lambda m: (m.container(), m.container("db", "exited", "Exited (0) 3 seconds ago")),
        "containers",
        "db is stopped, and the rest of the stack runs.",
    ),
    (edited_source, "source", "is older than src/shop."),
    (replaced_image, "source", "runs an older image than"),
    (pending, "migrations", "The migration polls.0003_more is pending."),
]


@pytest.mark.parametrize(("plant", "root", "words"), FAULTS)
def test_a_planted_fault_is_found_and_named_first(
    machine: Machine, look: Any, plant: Plant, root: str, words: str
) -> None:
    assert look()["healthy"]
    planted = plant(machine)
    engine._docker_binary.cache_clear()
    try:
        report = look()
    finally:
        if isinstance(planted, socket.socket):
            planted.close()
    assert report["root"] == root, found(report, report["root"] or "docker")
    assert words.replace("PID", str(os.getpid())) in found(report, root)["sentence"]
    assert found(report, root)["remedy"]
    # Nothing else is called a fault because of it, but what is one in itself.
    others = [n for n, status in statuses(report).items() if status == "fault" and n != root]
    assert others == {"proxy": ["registry"]}.get(root, [])


def test_no_secret_is_printed(machine: Machine, invoke: Invoke) -> None:
    no_registry_and_a_proxy(machine)
    machine.add("API_TOKEN='hunter33")
    machine.write()
    ended = invoke("doctor")
    values = dict(
        line.split("=", 1) for line in machine.dotenv.read_text().splitlines() if "=" in line
    )
    for secret in (
        "hunter22",
        "hunter33",
        values["DJANGO_SECRET_KEY"],
        values["DATABASE_PASSWORD"],
    ):
        assert secret not in ended.out + ended.err


def test_a_mistyped_name_has_a_suggestion(machine: Machine, look: Any) -> None:
    machine.add("WEB_MEMROY=1g")
    assert found(look(), "env-names")["remedy"] == "Did you mean WEB_MEMORY?"


def test_a_variable_that_the_settings_read_is_known(machine: Machine, look: Any) -> None:
    machine.add("WEB_MEMROY=1g")
    machine.project.write("src/shop/config/settings.py", 'LIMIT = os.environ["WEB_MEMROY"]\n')
    assert found(look(), "env-names")["status"] == "ok"


def test_a_docker_without_plugins_that_comes_first_is_a_note(machine: Machine, look: Any) -> None:
    bare = machine.write("bare", plugins=False)
    machine.monkeypatch.setenv("PATH", f"{bare.parent}{os.pathsep}{machine.folder}/bin")
    engine._docker_binary.cache_clear()
    docker = found(look(), "docker")
    assert docker["status"] == "note"
    assert docker["sentence"] == (
        f"{bare} comes first on PATH and lacks compose and buildx; "
        f"djdock runs {machine.folder}/bin/docker."
    )


def test_what_a_fault_makes_senseless_is_skipped(machine: Machine, look: Any) -> None:
    dead_socket(machine)
    report = look()
    assert {name for name, status in statuses(report).items() if status == "skipped"} == {
        "permissions", "engine", "disk", "clock", "proxy", "names", "registry", "stack",
        "containers", "leftovers", "volumes", "source", "images", "migrations",
    }  # fmt: skip
    assert found(report, "engine")["sentence"] == "Not looked at: it needs `permissions`."


def test_a_dead_docker_host_beside_an_engine_that_answers(machine: Machine, look: Any) -> None:
    machine.monkeypatch.setattr(engine, "DEFAULT_HOST", os.environ["DOCKER_HOST"])
    dead_socket(machine)
    assert "which DOCKER_HOST names; one does at" in found(look(), "daemon")["sentence"]


# --- what people see -------------------------------------------------------------------------------


def test_a_line_for_each_check_and_the_root_cause_at_the_end(
    machine: Machine, invoke: Invoke
) -> None:
    machine.dotenv.chmod(0o644)
    machine.change("DEBUG=False", "DEBUG=True")
    machine.add("WEB_BIND=0.0.0.0")
    machine.write()
    ended = invoke("doctor")
    assert ended.code == 1
    assert [line.split()[1] for line in ended.lines if not line.startswith(" ")] == [
        check.name for check in CHECKS
    ]
    at = next(i for i, line in enumerate(ended.lines) if line.startswith("fault"))
    assert ended.lines[at : at + 2] == [
        "fault    env-mode       Every user of this machine may read .env (mode 0644).",
        "                        → `chmod 600 .env`. `invoke doctor --fix` does that.",
    ]
    assert ended.err == (
        "error: There are 2 faults, first of all env-mode: Every user of this machine may read .env "
        "(mode 0644).\n`chmod 600 .env`. `invoke doctor --fix` does that.\n"
    )


def test_a_healthy_one_says_so(machine: Machine, invoke: Invoke) -> None:
    machine.write()
    ended = invoke("doctor")
    assert (ended.code, ended.err) == (0, f"Healthy: {len(CHECKS)} checks.\n")


def test_without_docker_the_rest_of_the_project_is_looked_at(
    project: Project, invoke: Invoke
) -> None:
    ended = invoke("doctor", "--json")
    report = json.loads(ended.out)
    assert (ended.code, report["root"]) == (1, "docker")
    assert found(report, "project")["status"] == "ok"
    assert found(report, "env-variables")["status"] == "fault"


# --- repairs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "plant",
    [
        lambda m: m.dotenv.chmod(0o644),
        lambda m: m.dotenv.write_bytes(b"\xef\xbb\xbf" + m.dotenv.read_bytes()),
        lambda m: m.dotenv.write_bytes(m.dotenv.read_bytes().replace(b"\n", b"\r\n")),
    ],
    ids=["mode", "bom", "crlf"],
)
def test_what_is_safe_is_repaired_to_the_byte(machine: Machine, look: Any, plant: Plant) -> None:
    before = machine.dotenv.read_bytes()
    plant(machine)
    assert not look()["healthy"]
    report = look("--fix")
    assert report["healthy"]
    assert report["fixed"]
    assert machine.dotenv.read_bytes() == before
    assert stat.S_IMODE(machine.dotenv.stat().st_mode) == 0o600


def test_missing_variables_get_their_defaults_and_secrets(machine: Machine, look: Any) -> None:
    before = machine.dotenv.read_text()
    machine.drop("DEBUG")
    machine.drop("DJANGO_SECRET_KEY")
    report = look("--fix")
    assert report["fixed"] == [".env: DEBUG added.", ".env: DJANGO_SECRET_KEY added."]
    lines = machine.dotenv.read_text().splitlines()
    assert lines[-2] == "DEBUG=False"
    name, _, value = lines[-1].partition("=")
    assert (name, len(value)) == ("DJANGO_SECRET_KEY", 50)
    assert set(before.splitlines()) - set(lines) == {
        next(line for line in before.splitlines() if line.startswith("DJANGO_SECRET_KEY="))
    }


def test_empty_hosts_get_those_of_the_example(machine: Machine, look: Any) -> None:
    before = machine.dotenv.read_text()
    machine.change("HOSTS=127.0.0.1,localhost,[::1]", "HOSTS=")
    report = look("--fix")
    assert report["fixed"] == [".env: DJANGO_ALLOWED_HOSTS added."]
    assert machine.dotenv.read_text() == before


def test_a_repair_that_has_no_effect_is_not_called_one(
    machine: Machine, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.dotenv.chmod(0o644)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)  # as a file system without permissions
    monkeypatch.setattr(machine, "write", lambda: None)
    report = look("--fix")
    assert (report["root"], report["fixed"]) == ("env-mode", [])


def test_behind_crlf_another_fault_is_repaired_too(machine: Machine, look: Any) -> None:
    machine.drop("DEBUG")
    machine.dotenv.write_bytes(machine.dotenv.read_bytes().replace(b"\n", b"\r\n"))
    machine.dotenv.chmod(0o644)
    report = look("--fix")
    assert report["healthy"]
    assert len(report["fixed"]) == 3
    assert b"\r" not in machine.dotenv.read_bytes()


def placeholder_password(machine: Machine) -> str:
    line = next(x for x in machine.dotenv.read_text().splitlines() if "_PASSWORD=" in x)
    machine.change(line, "DATABASE_PASSWORD=change-me")
    return machine.dotenv.read_text()


def test_a_default_password_is_replaced_when_no_volume_has_it(machine: Machine, look: Any) -> None:
    placeholder_password(machine)
    report = look("--fix")
    assert report["fixed"] == [".env: DATABASE_PASSWORD has a generated value."]
    assert "PASSWORD=change-me" not in machine.dotenv.read_text()


def test_a_default_password_stays_when_a_volume_may_have_it(machine: Machine, look: Any) -> None:
    text = placeholder_password(machine)
    machine.volumes.append(f"postgres\t{machine.name}_postgres")
    report = look("--fix")
    assert (report["root"], report["fixed"]) == ("env-variables", [])
    assert "its volume keeps it" in found(report, "env-variables")["remedy"]
    machine.volumes.clear()
    dead_socket(machine)  # nobody says whether there is one
    assert look("--fix")["fixed"] == []
    assert machine.dotenv.read_text() == text


@pytest.mark.parametrize("name", ["DATABASE_NAME", "DATABASE_PASSWORD"])
def test_what_a_volume_depends_on_is_not_added(machine: Machine, look: Any, name: str) -> None:
    machine.volumes.append(f"postgres\t{machine.name}_postgres")
    machine.drop(name)
    machine.drop("DEBUG")
    report = look("--fix")
    assert report["fixed"] == [".env: DEBUG added."]
    assert found(report, "env-variables")["sentence"] == f"{name} is missing from .env."


def test_leftovers_are_removed_and_volumes_never(machine: Machine, look: Any) -> None:
    gone = machine.container("migrate", "exited", "Exited (0) 1 hour ago", oneoff=True)
    machine.container("migrate", "running", "Up 1 second", oneoff=True)
    machine.images.append(f"sha256:{'b' * 64}\t<none>:<none>")
    machine.volumes.append(f"redis\t{machine.name}_redis")
    report = look("--fix")
    changing = [x for x in machine.asked if not x.startswith(("ps", "image ls", "image inspect"))]
    changing = [x for x in changing if x.startswith(("rm", "image", "volume"))]
    assert set(changing) == {
        f"rm {gone}",
        f"image prune --force --filter label=io.djdock.stack={machine.name}",
        (
            f"volume ls --filter label=com.docker.compose.project={machine.name} "
            '--format {{.Label "com.docker.compose.volume"}}\t{{.Name}}'
        ),
    }
    assert found(report, "volumes")["sentence"] == (
        f"{machine.name}_redis belongs to no add-on that is chosen now."
    )
    assert not found(report, "volumes")["fixable"]


def test_an_image_that_a_container_is_made_of_is_not_left_over(machine: Machine, look: Any) -> None:
    machine.images.append(f"sha256:{'b' * 64}\t<none>:<none>")
    machine.container("migrate", "exited", "Exited (0) 1 hour ago", image="b" * 12)
    assert found(look(), "images")["status"] == "ok"


def test_a_link_stays_a_link(machine: Machine, look: Any) -> None:
    real = machine.folder / "shared.env"
    machine.dotenv.rename(real)
    machine.dotenv.symlink_to(real)
    real.write_bytes(real.read_bytes().replace(b"\n", b"\r\n"))
    real.chmod(0o600)
    assert look("--fix")["healthy"]
    assert machine.dotenv.is_symlink()
    assert b"\r" not in real.read_bytes()


def test_a_dry_run_repairs_nothing(machine: Machine, invoke: Invoke) -> None:
    machine.dotenv.chmod(0o644)
    ended = invoke("--dry", "doctor", "--fix")
    assert (ended.code, ended.out) == (0, "")
    assert stat.S_IMODE(machine.dotenv.stat().st_mode) == 0o644
    assert machine.asked == []


# --- documentation ---------------------------------------------------------------------------------


def test_the_documentation_lists_every_check_in_order() -> None:
    text = (REPOSITORY / "docs/doctor.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip(" `") for line in text.splitlines() if line.startswith("| `")]
    assert rows == [check.name for check in CHECKS]
    fixed = [
        line.split("|")[1].strip(" `")
        for line in text.splitlines()
        if line.startswith("| `") and not line.rstrip().endswith("| no |")
    ]
    assert fixed == [check.name for check in CHECKS if check.fix]


def test_bootstrap_and_doctor_ask_for_the_same_versions() -> None:
    text = (REPOSITORY / "bootstrap").read_text(encoding="utf-8")
    for name, least in (("ENGINE", engine.LEAST_ENGINE), ("COMPOSE", engine.LEAST_COMPOSE)):
        assert f"{name}_MIN='{least[0]} {least[1]}'" in text
