"""./bootstrap decides, says and exits as it should: no engine, no network, no root.

Each machine is a folder of stubs that is the whole PATH, and a copy of the script whose fixed
places (/etc/os-release and the like) lie in the test's own folder.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELL = shutil.which("dash") or "/bin/sh"
TOOLS = (
    "awk cat chmod cksum cp date dirname echo env grep id ln mkdir mv nohup printf pwd readlink "
    "rm sed sh sleep tail touch true uname"
)
DEBIAN_12 = 'ID=debian\nVERSION_ID="12"\n'
DEBIAN_13 = 'ID=debian\nVERSION_ID="13"\n'
UBUNTU = 'ID=ubuntu\nVERSION_ID="24.04"\n'
COMMON = "iptables ca-certificates mmdebstrap"
DEBIAN_PACKAGES = f"docker.io docker-cli docker-compose docker-buildx {COMMON}"
DOCKER_NEEDED = (
    "Docker Engine 25 or newer with Compose 2.24 or newer and buildx"
    " (https://docs.docker.com/engine/install/)"
)
FEDORA = "ID=fedora\nVERSION_ID=43\n"

# Stands for the system's python3 and, through `-m venv`, for the one in .venv; notes every call.
PYTHON = """
echo "python $*" >>"$CALLS"
case "$*" in
    *ensurepip*) echo "{found}" ;;
    "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; touch "$3/pyvenv.cfg" ;;
    "-IS -c "*) echo 3.12 ;;
    "-m pip install"*) {pip} ;;
esac
"""
DOCKER = """
echo "docker $*" >>"$CALLS"
case "$*" in
    "compose version"*) {compose} ;;
    "buildx version") {buildx} ;;
    "context show") echo default ;;
    version*) {engine} ;;
esac
"""
DOCKERD = """
case "$*" in
    --version) echo "Docker version 26.1.5, build x" ;;
    *) {starts} ;;
esac
"""
SILENT = 'echo "Cannot connect to the Docker daemon" >&2; exit 1'
DENIED = 'echo "permission denied while trying to connect" >&2; exit 1'


@dataclass
class Machine:
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.project = self.folder / "project"
        self.path = self.folder / "bin"
        self.calls = self.folder / "calls"
        self.venv = self.project / ".venv"
        (self.project / "requirements").mkdir(parents=True)
        (self.project / "requirements/dev.txt").write_text("invoke==2.2.0 --hash=sha256:0\n")
        (self.project / "pyproject.toml").write_text(
            '[project]\nname = "x"\n[tool.djdock]\na = 1\n'
        )
        (self.folder / "run").mkdir()
        self.path.mkdir()
        for tool in TOOLS.split():
            (self.path / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
        self.user("1000")
        self.python()
        self.system(DEBIAN_13)
        self._copy_script()

    def _copy_script(self) -> None:
        script = (ROOT / "bootstrap").read_text()
        for name, place in {
            "OS_RELEASE": "os-release",
            "SYSTEMD": "systemd",
            "RUN": "run",
            "SBIN": "sbin",
            "LOG": "log",
            "DAEMON_LOG": "daemon-log",
            "ENGINE_DIR": "engine",
        }.items():
            script, count = re.subn(rf"(?m)^{name}=/.*$", f"{name}={self.folder / place}", script)
            assert count == 1, f"bootstrap has no line {name}=/…"
        script = re.sub(r"(?m)^DAEMON_WAIT=\d+$", "DAEMON_WAIT=1", script)
        (self.project / "bootstrap").write_text(script)

    def stub(self, name: str, body: str, folder: Path | None = None) -> Path:
        file = (folder or self.path) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(f"#!{SHELL}\n{body}\n")
        file.chmod(0o755)
        return file

    def user(self, uid: str) -> None:
        self.stub("id", f'case "$1" in -un) echo ann ;; *) echo {uid} ;; esac')
        self.stub("dpkg-query", "exit 1")

    def system(self, os_release: str) -> None:
        (self.folder / "os-release").write_text(os_release)

    def python(self, found: str = "whole 3.12", pip: str = ":") -> None:
        self.stub("python3", PYTHON.format(found=found, pip=pip))

    def docker(
        self,
        folder: Path | None = None,
        *,
        compose: str = "echo 2.26.1-4",
        buildx: str = "echo buildx",
        engine: str = "echo 26.1.5+dfsg1",
    ) -> Path:
        body = DOCKER.format(compose=compose, buildx=buildx, engine=engine)
        return self.stub("docker", body, folder)

    def run(self, *args: str, path: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": path or str(self.path),
            "HOME": str(self.folder),
            "CALLS": str(self.calls),
        }
        return subprocess.run(
            [SHELL, str(self.project / "bootstrap"), *args],
            cwd=self.folder,
            env=environment | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def called(self, text: str) -> int:
        return self.calls.read_text().count(text) if self.calls.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path.resolve())


def said(result: subprocess.CompletedProcess[str]) -> list[str]:
    lines = result.stderr.splitlines()
    assert all(line.startswith("bootstrap: ") for line in lines), result.stderr
    return [line.removeprefix("bootstrap: ") for line in lines]


def refused(result: subprocess.CompletedProcess[str], code: int) -> list[str]:
    """The two sentences it ends with."""
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    sentences = said(result)[-2:]
    assert len(sentences) == 2
    assert all(sentence.endswith(".") for sentence in sentences)
    return sentences


# --- usage


def test_unknown_option_is_wrong_usage(machine: Machine) -> None:
    assert refused(machine.run("--nope"), 2) == [
        "There is no option --nope.",
        "Type ./bootstrap --help for the options; those of a command go after the command.",
    ]
    assert not machine.venv.exists()


def test_help_goes_to_stdout_and_touches_nothing(machine: Machine) -> None:
    result = machine.run("--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: ./bootstrap [--yes] [--no-engine]")
    assert not machine.venv.exists()


def test_without_a_command_it_says_what_to_type_next(machine: Machine) -> None:
    result = machine.run("--no-engine")
    assert result.returncode == 0
    assert said(result)[-1] == "ready; next: ./bootstrap invoke up, or: ./bootstrap invoke --list"


# --- the command


def test_command_gets_root_environment_arguments_and_its_own_exit_code(machine: Machine) -> None:
    script = 'pwd; echo "$PATH"; echo "$1"; echo "${PIP_CERT-unset}"; exit 42'
    result = machine.run("--no-engine", "sh", "-c", script, "sh", "--yes  *")
    assert result.returncode == 42
    pwd, path, argument, pip_cert = result.stdout.splitlines()
    assert pwd == str(machine.project)
    assert path == f"{machine.venv}/bin:{machine.path}"
    assert (argument, pip_cert) == ("--yes  *", "unset")


def test_command_that_is_not_there(machine: Machine) -> None:
    assert refused(machine.run("--no-engine", "nosuch"), 127) == [
        "There is no command 'nosuch' in .venv/bin or on PATH.",
        "Type ./bootstrap invoke --list for the tasks there are.",
    ]


def test_stdin_is_left_for_the_command(machine: Machine) -> None:
    result = subprocess.run(
        [SHELL, str(machine.project / "bootstrap"), "--no-engine", "cat"],
        env={"PATH": str(machine.path), "HOME": str(machine.folder), "CALLS": str(machine.calls)},
        input="a dump",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.stdout == "a dump"


# --- .venv


def test_first_run_installs_the_locked_list_then_the_package(machine: Machine) -> None:
    result = machine.run("--no-engine", "true")
    assert said(result) == ["making .venv with Python 3.12"]
    calls = machine.calls.read_text()
    assert "-m pip install --require-hashes -r requirements/dev.txt" in calls
    assert "-m pip install --no-deps --no-build-isolation -e ." in calls


def test_second_run_does_nothing_and_says_nothing(machine: Machine) -> None:
    machine.run("--no-engine", "true")
    machine.calls.unlink()
    result = machine.run("--no-engine", "echo", "hi")
    assert (result.stdout, result.stderr) == ("hi\n", "")
    assert machine.called("pip") == machine.called("-m venv") == 0


def test_a_tools_setting_is_nothing_to_reinstall_for(machine: Machine) -> None:
    machine.run("--no-engine", "true")
    pyproject = machine.project / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("a = 1", "a = 2"))
    assert machine.run("--no-engine", "true").stderr == ""


def test_changed_package_is_linked_again_without_a_new_venv(machine: Machine) -> None:
    machine.run("--no-engine", "true")
    (machine.project / "pyproject.toml").write_text('[project]\nname = "y"\n')
    machine.calls.unlink()
    assert machine.run("--no-engine", "true").returncode == 0
    assert machine.called("-e .") == 1
    assert machine.called("-r requirements/dev.txt") == 0


def test_changed_lock_makes_the_venv_anew(machine: Machine) -> None:
    machine.run("--no-engine", "true")
    leftover = machine.venv / "leftover"
    leftover.touch()
    (machine.project / "requirements/dev.txt").write_text("invoke==2.3.0 --hash=sha256:1\n")
    assert said(machine.run("--no-engine", "true")) == ["making .venv with Python 3.12"]
    assert not leftover.exists()


def test_moved_checkout_makes_the_venv_anew(machine: Machine) -> None:
    machine.run("--no-engine", "true")
    machine.project = machine.project.rename(machine.folder / "moved")
    assert said(machine.run("--no-engine", "true")) == ["making .venv with Python 3.12"]


def test_half_made_venv_is_made_anew(machine: Machine) -> None:
    machine.run("--no-engine", "true")
    (machine.venv / "djdock-stamp").unlink()
    (machine.venv / "leftover").touch()
    assert said(machine.run("--no-engine", "true")) == ["making .venv with Python 3.12"]
    assert not (machine.venv / "leftover").exists()


def test_a_venv_of_somebody_else_is_kept(machine: Machine) -> None:
    machine.venv.mkdir()
    (machine.venv / "pyvenv.cfg").write_text("theirs")
    assert machine.run("--no-engine", "true").returncode == 0
    [kept] = machine.project.glob(".venv.old-*")
    assert (kept / "pyvenv.cfg").read_text() == "theirs"


def test_failing_pip_shows_its_last_lines_and_leaves_no_stamp(machine: Machine) -> None:
    machine.python(pip='echo "no matching distribution" >&2; exit 1')
    result = machine.run("--no-engine", "true")
    assert result.returncode == 3
    assert "  | no matching distribution" in result.stderr
    assert result.stderr.splitlines()[-1] == (
        "bootstrap: Mend what they name"
        " (network, proxy, PIP_INDEX_URL, PIP_CERT) and run this again."
    )
    assert not (machine.venv / "djdock-stamp").exists()


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"SSL_CERT_FILE": "ca.pem"}, "ca.pem"),
        ({"REQUESTS_CA_BUNDLE": "ca.pem"}, "ca.pem"),
        ({"SSL_CERT_FILE": "ca.pem", "PIP_CERT": "mine.pem"}, "mine.pem"),
    ],
)
def test_pip_trusts_what_the_environment_trusts(
    machine: Machine, env: dict[str, str], expected: str
) -> None:
    machine.python(pip='echo "cert ${PIP_CERT##*/}" >>"$CALLS"')
    for name in ("ca.pem", "mine.pem"):
        (machine.folder / name).touch()
    machine.run(
        "--no-engine", "true", **{key: str(machine.folder / value) for key, value in env.items()}
    )
    assert machine.called(f"cert {expected}\n") == 2


@pytest.mark.parametrize("uid", ["0", "1000"])
def test_python_that_is_too_old(machine: Machine, uid: str) -> None:
    machine.user(uid)
    machine.python(found="old")
    assert refused(machine.run("--no-engine", "--yes", "true"), 3) == [
        "There is no Python 3.11 or newer on PATH.",
        "Install one (https://www.python.org/downloads/) and run this again.",
    ]
    assert not machine.venv.exists()


def test_a_newer_python_under_its_own_name_is_found(machine: Machine) -> None:
    machine.python(found="old")
    machine.stub("python3.13", PYTHON.format(found="whole 3.13", pip=":"))
    assert said(machine.run("--no-engine", "true")) == ["making .venv with Python 3.13"]


def test_python_without_venv_for_a_user(machine: Machine) -> None:
    machine.python(found="venvless 3.11")
    assert refused(machine.run("--no-engine", "true"), 3) == [
        (
            "Python 3.11 is here,"
            " but not its parts that make virtual environments (venv and ensurepip)."
        ),
        "Install them (on Debian and Ubuntu: apt-get install python3.11-venv) and run this again.",
    ]


def test_python_without_venv_for_root_is_announced(machine: Machine) -> None:
    machine.user("0")
    machine.python(found="venvless 3.11")
    result = machine.run("--no-engine", "true")
    assert refused(result, 2) == [
        "There is no terminal to ask on whether to do this.",
        "Run ./bootstrap --yes to agree beforehand.",
    ]
    assert "  installed with apt-get: python3.11-venv" in said(result)


# --- the engine


def test_engine_that_answers_is_taken_and_remembered(machine: Machine) -> None:
    docker = machine.docker()
    assert said(machine.run("true")) == ["making .venv with Python 3.12"]
    assert (machine.venv / "bin/docker").readlink() == docker
    machine.calls.unlink()
    result = machine.run("echo", "hi")
    assert (result.stdout, result.stderr) == ("hi\n", "")
    assert machine.called("docker ") == 1


def test_first_docker_with_working_plugins_wins(machine: Machine) -> None:
    folders = [machine.folder / name for name in ("a", "b", "c", "d")]
    machine.docker(folders[0], compose="exit 1")
    machine.docker(folders[1], buildx="exit 1")
    machine.docker(folders[2])
    machine.docker(folders[3])
    path = ":".join(map(str, [*folders, machine.path]))
    result = machine.run("sh", "-c", "command -v docker; readlink .venv/bin/docker", path=path)
    assert result.stdout.split() == [f"{machine.venv}/bin/docker", str(folders[2] / "docker")]


def test_changed_docker_configuration_is_looked_at_again(machine: Machine) -> None:
    machine.docker()
    machine.run("true")
    machine.calls.unlink()
    (machine.folder / ".docker").mkdir()
    (machine.folder / ".docker/config.json").write_text("{}")
    assert machine.run("true").stderr == ""
    assert machine.called("docker compose version") == 1


@pytest.mark.parametrize(
    ("plugins", "fault"),
    [
        ({"compose": "exit 1"}, "has no working Compose plugin (docker compose)."),
        ({"buildx": "exit 1"}, "has no working buildx plugin (docker buildx)."),
        ({"compose": "echo v2.20.9"}, "has Compose v2.20.9, and 2.24 or newer is needed."),
        ({"compose": "echo 1.29.2"}, "has Compose 1.29.2, and 2.24 or newer is needed."),
    ],
)
def test_missing_or_old_plugins(machine: Machine, plugins: dict[str, str], fault: str) -> None:
    docker = machine.docker(**plugins)
    assert refused(machine.run("true"), 3) == [
        f"{docker} {fault}",
        f"Install {DOCKER_NEEDED}, or leave it out with --no-engine.",
    ]


@pytest.mark.parametrize("version", ["2.24.0", "v2.24.3-desktop.1", "5.0.0"])
def test_compose_that_is_new_enough(machine: Machine, version: str) -> None:
    machine.docker(compose=f"echo {version}")
    assert machine.run("true").returncode == 0


def test_engine_that_is_too_old(machine: Machine) -> None:
    machine.docker(engine="echo 20.10.24+dfsg1")
    sentences = refused(machine.run("true"), 3)
    assert (
        sentences[0]
        == "The Docker Engine that answers is 20.10.24+dfsg1, and 25 or newer is needed."
    )


def test_socket_that_is_not_permitted(machine: Machine) -> None:
    machine.docker(engine=DENIED)
    assert refused(machine.run("true"), 3) == [
        "A Docker Engine is there, but user ann may not use its socket.",
        (
            "Join the group docker (as root: usermod -aG docker ann, then log in again),"
            " set up rootless Docker, or run this as root."
        ),
    ]


def test_engine_elsewhere_that_does_not_answer_is_not_replaced(machine: Machine) -> None:
    machine.user("0")
    machine.docker(engine=SILENT)
    sentences = refused(machine.run("--yes", "true", DOCKER_HOST="tcp://192.0.2.1:2375"), 3)
    assert sentences[0] == "No Docker Engine answers at tcp://192.0.2.1:2375."


@pytest.mark.parametrize("has_docker", [True, False])
def test_user_without_engine(machine: Machine, has_docker: bool) -> None:
    if has_docker:
        machine.docker(engine=SILENT)
    assert refused(machine.run("--yes", "true"), 3) == [
        "No Docker Engine answers." if has_docker else "There is no docker command on PATH.",
        (
            f"Have root install and start {DOCKER_NEEDED} (on Debian and Ubuntu ./bootstrap does"
            " that for root), or leave it out with --no-engine."
        ),
    ]
    assert not machine.venv.exists(), "it fails before the minute that pip takes"


@pytest.mark.parametrize("os_release", [FEDORA, 'ID=debian\nVERSION_ID="11"\n'])
def test_root_on_a_system_it_does_not_install_on(machine: Machine, os_release: str) -> None:
    machine.user("0")
    machine.system(os_release)
    assert refused(machine.run("--yes", "true"), 3) == [
        "There is no docker command on PATH.",
        f"Install and start {DOCKER_NEEDED}, or leave it out with --no-engine.",
    ]


@pytest.mark.parametrize(
    ("os_release", "packages"),
    [
        (DEBIAN_12, "runc iptables ca-certificates mmdebstrap"),
        (
            DEBIAN_13,
            DEBIAN_PACKAGES,
        ),
        (
            "ID=debian\n",
            DEBIAN_PACKAGES,
        ),
        (UBUNTU, f"docker.io docker-compose-v2 docker-buildx {COMMON}"),
    ],
)
def test_root_is_told_what_would_be_installed(
    machine: Machine, os_release: str, packages: str
) -> None:
    machine.user("0")
    machine.system(os_release)
    result = machine.run("true")
    assert refused(result, 2)[1] == "Run ./bootstrap --yes to agree beforehand."
    plan = said(result)[:-2]
    assert plan[0] == "this machine still needs:"
    assert f"  installed with apt-get: {packages}" in plan
    assert "  the Docker Engine started" in plan
    own_folder = [line for line in plan if "trixie" in line]
    assert len(own_folder) == (1 if os_release == DEBIAN_12 else 0)


@pytest.mark.parametrize("consent", ["--yes", "CI"])
def test_consent_installs_and_starts(machine: Machine, consent: str) -> None:
    machine.user("0")
    brings = f'cp "{machine.folder}/ready" "{machine.path}/docker"'
    machine.stub("apt-get", f'echo "apt-get $*" >>"$CALLS"; {brings}')
    machine.docker().rename(machine.folder / "ready")
    result = machine.run("--yes", "true") if consent == "--yes" else machine.run("true", CI="true")
    assert result.returncode == 0, result.stderr
    assert (
        machine.called("install --yes --no-install-recommends --no-remove docker.io docker-cli")
        == 1
    )


def test_failing_apt(machine: Machine) -> None:
    machine.user("0")
    machine.stub("apt-get", 'echo "E: no such mirror"; exit 100')
    result = machine.run("--yes", "true")
    assert result.returncode == 3
    assert "  | E: no such mirror" in result.stderr
    assert not machine.venv.exists()


def test_installed_engine_is_only_started(machine: Machine) -> None:
    machine.user("0")
    answers = machine.folder / "answers"
    machine.docker(engine=f"[ -e {answers} ] && echo 26.1.5 || {{ {SILENT}; }}")
    machine.stub(
        "dockerd",
        DOCKERD.format(starts=f"touch {answers}; sleep 1"),
    )
    result = machine.run("--yes", "true")
    assert (result.returncode, said(result)) == (
        0,
        [
            "this machine still needs:",
            "  the Docker Engine started",
            "making .venv with Python 3.12",
            "starting the Docker Engine",
        ],
    )


def test_engine_that_stops_at_once_shows_its_log(machine: Machine) -> None:
    machine.user("0")
    machine.docker(engine=SILENT)
    machine.stub(
        "dockerd",
        DOCKERD.format(starts='echo "no cgroups"; exit 1'),
    )
    result = machine.run("--yes", "true")
    assert result.returncode == 3
    assert "  | no cgroups" in result.stderr
    assert f"its log {machine.folder}/daemon-log are above." in result.stderr


def test_no_engine_leaves_docker_alone(machine: Machine) -> None:
    machine.docker(engine=SILENT)
    assert machine.run("--no-engine", "true").returncode == 0
    assert machine.called("docker ") == 0
