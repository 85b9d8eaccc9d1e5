"""Which image is used for which, and the exact command lines that build the stand-ins."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from djdock import engine
from djdock.errors import CommandFailed, MissingError, UsageError
from djdock.images import bases, catalogue, registry, rootfs
from djdock.images.bases import BASES
from djdock.images.registry import Answer
from djdock.shell import Completed, Shell

SLIM, POSTGRES = BASES["python-slim"], BASES["postgres"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(registry, "_known", {})
    monkeypatch.setattr(engine, "docker_binary", lambda: "docker")


class Engine:
    """A shell whose docker knows some images, by name; it remembers what it was asked to run."""

    dry = False

    def __init__(self, **images):
        self.images = images
        self.ran = []

    def capture(self, argv, **_):
        self.ran.append(list(argv))
        if argv[1:3] == ["image", "inspect"]:
            found = [self.images[name] for name in argv[3:] if name in self.images]
            return Completed(int(len(found) < len(argv[3:])), json.dumps(found), "")
        return Completed(0, "default\n" if argv[1] == "context" else "sha256:new\n", "")

    def run(self, argv, **_):
        self.ran.append(list(argv))
        return 0


def local(name, recipe="", ident="sha256:1"):
    labels = {catalogue.LABEL: recipe} if recipe else None
    return {
        "Id": ident, "Size": 7, "Created": "2026-01-01T00:00:00.123456789Z",
        "RepoTags": [name], "Config": {"Labels": labels},
    }  # fmt: skip


def here(*names):
    return Engine(**{name: local(name) for name in names})


def current(base):
    return local(base.standin, catalogue.digest(base))


def never(image):
    pytest.fail(f"the registry was asked for {image}")


def says(answer):
    return lambda _image: answer


# --- names


def test_every_stand_in_has_a_name_of_its_own_and_a_recipe():
    for base in BASES.values():
        name, tag = base.official.rpartition("/")[2].split(":")
        assert base.standin == f"djdock/{name}:{tag.removeprefix('v')}"
        assert all((catalogue.recipes() / folder).is_dir() for folder in base.recipe)
        assert not base.parent or not BASES[base.parent].parent


@pytest.mark.parametrize(
    "name", ["postgres:17", "docker.io/library/postgres:17", "postgres:17-trixie"]
)
def test_a_base_is_found_under_every_name_of_its_official_image(name):
    assert bases.find(name) is POSTGRES


@pytest.mark.parametrize(
    ("image", "name", "said"),
    [
        ("postgres:17", "postgres", ""),
        ("postgres:16", None, ""),
        ("postgres", None, ""),
        ("mariadb:11", "mariadb", ""),
        ("mariadb:11.8.3-noble", "mariadb", ""),
        ("mariadb:11.4", "mariadb", "MariaDB 11.8"),
        ("mariadb:110", None, ""),
        ("mysql:8.4", "mariadb", "another server"),
        ("docker.io/library/mysql:9", "mysql", ""),
        ("mysql:9.4.0-oraclelinux9", "mysql", ""),
        ("mysql:5.7", None, ""),
        ("redis:8", "redis", ""),
        ("redis:8.2-trixie", "redis", ""),
        ("redis:7", "redis", "Redis 8.0"),
        ("valkey/valkey:8", "valkey", ""),
        ("valkey/valkey:8.1", "valkey", ""),
        ("memcached:1.6", "memcached", ""),
        ("nginx:1.28", "nginx", "nginx 1.26"),
        ("rabbitmq:4", "rabbitmq", ""),
        ("rabbitmq:4.2", "rabbitmq", "RabbitMQ 4.0"),
        ("httpd:2.4", "httpd", ""),
        ("prom/prometheus:v3.5.0", "prometheus", "Prometheus 2.53"),
        ("example.org/redis:8", None, ""),
    ],
)
def test_an_image_has_a_stand_in_by_repository_and_version(image, name, said):
    base = bases.find(image)
    assert (base.name if base else None) == name
    difference = base.difference(image) if base else ""
    assert said in difference
    assert bool(said) == bool(difference)


def test_usual_are_the_core_and_what_the_services_start_from():
    core = ["debian-slim", "debian", "python-slim", "python", "postgres"]
    assert [base.name for base in bases.usual(["postgres:17", "site:1"])] == core
    found = [base.name for base in bases.usual(["mysql:8.4", "redis:8"])]
    assert found == [*core, "mariadb", "redis"]
    assert "python311-slim" in [base.name for base in bases.usual(["python:3.11-slim"])]


def test_choose_names_the_nearest_base():
    assert bases.choose(["python-slim", "postgres:17"]) == [SLIM, POSTGRES]
    with pytest.raises(UsageError, match="python-slim"):
        bases.choose(["python-slin"])


# --- resolve


def test_a_local_official_image_wins_and_no_registry_is_asked():
    shell = here("python:3.13-slim", SLIM.standin)
    found = bases.resolve(["python:3.13-slim"], "auto", shell, ask=never)["python:3.13-slim"]
    assert (found.image, found.reason, found.build) == (
        "python:3.13-slim", "local official image", False,
    )  # fmt: skip


def test_the_official_image_is_used_when_its_registry_answers():
    found = bases.resolve(["postgres:17"], "auto", here(POSTGRES.standin), ask=says(Answer.HAS))
    assert found["postgres:17"].image == "postgres:17"


def test_keep_stays_with_the_stand_in_that_is_here():
    shell = here(POSTGRES.standin)
    found = bases.resolve(["postgres:17"], "auto", shell, keep=True, ask=never)["postgres:17"]
    assert (found.image, found.reason) == (POSTGRES.standin, "local stand-in")


@pytest.mark.parametrize("answer", [Answer.SILENT, Answer.HAS_NOT])
def test_the_stand_in_is_used_and_built_when_there_is_no_other(answer):
    found = bases.resolve(["postgres:17"], "auto", here(), ask=says(answer))["postgres:17"]
    assert (found.image, found.base, found.build) == (POSTGRES.standin, POSTGRES, True)
    assert found.reason == answer.value


def test_a_current_stand_in_is_not_built_a_changed_one_is():
    shell = Engine(**{SLIM.standin: current(SLIM)})
    assert not bases.resolve([SLIM.official], "debian", shell)[SLIM.official].build
    shell = Engine(**{SLIM.standin: local(SLIM.standin, "other")})
    assert bases.resolve([SLIM.official], "debian", shell)[SLIM.official].build


def test_official_asks_nobody():
    shell = here()
    assert bases.resolve(["redis:8"], "official", shell, ask=never)["redis:8"].image == "redis:8"
    assert shell.ran == []


def test_another_python_is_replaced_and_one_that_nothing_runs_on_is_an_error():
    found = bases.resolve(["python:3.12-slim"], "auto", here(), ask=says(Answer.SILENT))
    assert found["python:3.12-slim"].image == "djdock/python:3.13-slim"
    assert found["python:3.12-slim"].difference == "Python 3.13, the nearest that Debian has"
    assert bases.find("python:3.12-alpine") is None
    with pytest.raises(UsageError, match=r"python:3\.13-slim"):
        bases.resolve(["python:3.7-slim"], "debian", here())
    with pytest.raises(MissingError, match=r"no registry answers.*python:3\.13-slim"):
        bases.resolve(["python:3.7-slim"], "auto", here(), ask=says(Answer.SILENT))


@pytest.mark.parametrize(
    ("image", "name", "said"),
    [
        ("python:3.13-slim", "python-slim", ""),
        ("python:3.13-slim-bookworm", "python-slim", ""),
        ("python:3.13", "python", ""),
        ("python:3.14-slim", "python314-slim", ""),
        ("python:3.12-slim", "python-slim", "Python 3.13, the nearest that Debian has"),
        ("python:3.11-slim", "python311-slim", ""),
        ("python:3.11", "python", "Python 3.13, the only one that has a full stand-in"),
        ("python:3.10-slim", "python311-slim", "Python 3.11, the nearest that Debian has"),
        ("python:3.9-slim", "python39-slim", ""),
        ("python:3.8-slim", "python39-slim", "Python 3.9, the nearest that Debian has"),
        ("python:3.11-alpine", None, ""),
        (
            "python:3.11.9-slim",
            "python311-slim",
            "Python 3.11, in the patch release that Debian has",
        ),
        (
            "python:3.11.4-slim-buster",
            "python311-slim",
            "Python 3.11, in the patch release that Debian has",
        ),
        (
            "python:3.13.7-slim@sha256:1f",
            "python-slim",
            "Python 3.13, in the patch release that Debian has",
        ),
        ("python:3.12.2-slim-bookworm", "python-slim", "Python 3.13, the nearest that Debian has"),
        ("python:3.11.9", "python", "Python 3.13, the only one that has a full stand-in"),
        ("python:3.11.9-alpine3.20", None, ""),
        ("python:3-slim", "python-slim", "Python 3.13, djdock's default"),
        ("python:slim", "python-slim", "Python 3.13, djdock's default"),
        ("python:slim-bookworm", "python-slim", "Python 3.13, djdock's default"),
        ("python", "python", "Python 3.13, djdock's default"),
        ("python:3", "python", "Python 3.13, djdock's default"),
        ("python:3-alpine", None, ""),
        ("python:2.7-slim", None, ""),
        ("python:3.1-slim", None, ""),
    ],
)
def test_a_python_is_replaced_by_its_own_version_or_the_nearest(image, name, said):
    base = bases.find(image)
    assert (base.name if base else None) == name
    assert (base.difference(image) if base else "") == said


@pytest.mark.parametrize(
    ("name", "suite", "root"),
    [
        ("python-slim", "trixie", "debian-slim"),
        ("python314-slim", "forky", "debian14-slim"),
        ("python311-slim", "bookworm", "debian12-slim"),
        ("python39-slim", "bullseye", "debian11-slim"),
    ],
)
def test_each_python_stands_on_the_release_that_has_it(name, suite, root):
    base = BASES[name]
    assert (base.parent, BASES[root].suite) == (root, suite)
    assert BASES[root].standin == f"djdock/debian:{suite}-slim"
    recipe = (catalogue.recipes() / "docker-bake.hcl").read_text()
    assert f'target "{name}" {{' in recipe
    assert f'"{base.standin}"' in recipe


# --- the registry


def test_a_silent_registry_is_asked_once_per_run():
    asked = []

    def ask(image):
        asked.append(image)
        return Answer.SILENT

    known = {}
    wanted = ["a:1", "b:1", "example.org/c:1", "example.org/d:1"]
    for _ in range(2):
        answers = registry.look_up(wanted, ask, known=known)
    assert set(answers.values()) == {Answer.SILENT}
    assert sorted(asked) == ["a:1", "example.org/c:1"]


def test_a_registry_that_answers_is_asked_for_every_image_once():
    asked = []

    def ask(image):
        asked.append(image)
        return Answer.HAS if image == "a:1" else Answer.HAS_NOT

    known = {}
    for _ in range(2):
        answers = registry.look_up(["a:1", "b:1"], ask, known=known)
    assert answers == {"a:1": Answer.HAS, "b:1": Answer.HAS_NOT}
    assert asked == ["a:1", "b:1"]


def test_a_registry_that_hangs_is_silent_at_the_deadline():
    hang = threading.Event()
    start = time.monotonic()
    answers = registry.look_up(
        ["a:1", "example.org/b:1"], lambda _: hang.wait() and Answer.HAS, limit=0.2, known={}
    )
    assert time.monotonic() - start < 1
    assert set(answers.values()) == {Answer.SILENT}
    hang.set()


@pytest.mark.parametrize(
    ("status", "text", "answer"),
    [
        (404, "manifest unknown", Answer.HAS_NOT),
        (401, "authentication required", Answer.HAS_NOT),
        (500, "toomanyrequests: You have reached your pull rate limit", Answer.HAS_NOT),
        (500, "dial tcp: lookup registry: no such host", Answer.SILENT),
        (500, "dial tcp 127.0.0.1:1: connect: connection refused", Answer.SILENT),
        (500, "context deadline exceeded", Answer.SILENT),
        (None, "x509: certificate signed by unknown authority", Answer.SILENT),
    ],
)
def test_a_refusal_is_an_answer_and_a_broken_line_is_none(status, text, answer):
    assert registry.judge(status, text) is answer


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("python:3.13", "docker.io"), ("team/app", "docker.io"), ("localhost/app:1", "localhost"),
        ("127.0.0.1:5000/app", "127.0.0.1:5000"), ("docker.io/library/python:3.13", "docker.io"),
    ],
)  # fmt: skip
def test_the_registry_of_a_name(image, host):
    assert registry.host(image) == host


# --- building


def test_what_is_missing_is_built_after_its_root():
    wanted = [SLIM, POSTGRES]
    names = [base.name for base in bases.to_build(wanted, {})]
    assert names == ["debian-slim", "python-slim", "postgres"]
    there = {SLIM.standin: bases.Image("x", 1, NOW, catalogue.digest(SLIM))}
    assert [b.name for b in bases.to_build(wanted, there)] == ["debian-slim", "postgres"]
    there[POSTGRES.standin] = bases.Image("y", 1, NOW, catalogue.digest(POSTGRES))
    # Children that are here do not need their root.
    assert bases.to_build(wanted, there) == []
    assert len(bases.to_build(wanted, there, force=True)) == 3


def test_a_recipe_s_digest_covers_contents_modes_and_parents(tmp_path):
    shutil.copytree(catalogue.recipes(), tmp_path, dirs_exist_ok=True)
    before = catalogue.digest(SLIM, tmp_path)
    assert before == catalogue.digest(SLIM)
    script = tmp_path / "debian" / "customize.sh"
    script.write_text(script.read_text() + "# changed\n")
    changed = catalogue.digest(SLIM, tmp_path)
    assert changed != before
    setup = tmp_path / "python-slim" / "setup.sh"
    setup.chmod(setup.stat().st_mode & ~stat.S_IXUSR)
    assert catalogue.digest(SLIM, tmp_path) not in (before, changed)


def test_the_command_that_makes_a_root():
    recipe, tar = Path("/r"), Path("/t/root.tar")
    sources = ["deb x trixie main"]
    assert rootfs.mmdebstrap(recipe, tar, "trixie", slim=True, sources=sources) == [
        "mmdebstrap", "--quiet", "--variant=minbase", "--format=tar", "--skip=chroot/policy-rc.d",
        '--aptopt=Acquire::Languages "none"', "--dpkgopt=/r/dpkg.cfg", "--dpkgopt=/r/slim.cfg",
        "--customize-hook=/r/customize.sh", "trixie", "/t/root.tar", "deb x trixie main",
    ]  # fmt: skip
    assert "--dpkgopt=/r/slim.cfg" not in rootfs.mmdebstrap(recipe, tar, "trixie", slim=False)
    older = rootfs.mmdebstrap(recipe, tar, "bookworm", slim=True)
    assert "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr" in older
    assert older[-2:] == ["bookworm", "/t/root.tar"]
    stale = '--aptopt=Acquire::Check-Valid-Until "false"'
    assert stale in rootfs.mmdebstrap(recipe, tar, "forky", slim=True)
    assert stale not in older


def test_the_command_that_imports_a_root_gives_it_no_tag_yet():
    assert rootfs.import_command("docker", Path("/t/root.tar"), {"a": "b"}) == [
        "docker", "import", "--change", 'CMD ["bash"]', "--change", f"ENV {rootfs.PATH}",
        "--change", "LABEL a=b", "/t/root.tar",
    ]  # fmt: skip


def test_the_command_that_builds_on_the_roots():
    labels = {"python-slim": "1", "postgres": "2"}
    argv = bases.bake(
        "docker", list(labels), labels, builder="b", ca=Path("/ca.crt"), no_cache=True
    )
    assert argv == [
        "docker", "buildx", "bake", "--file", "docker-bake.hcl", "--load", "--provenance=false",
        "--builder", "b", "--no-cache",
        "--set", "python-slim.labels.io.djdock.recipe=1",
        "--set", "postgres.labels.io.djdock.recipe=2",
        "--set", "*.secrets=id=ca,src=/ca.crt", "python-slim", "postgres",
    ]  # fmt: skip


def test_ensure_does_nothing_when_all_is_current():
    shell = Engine(**{SLIM.standin: current(SLIM)})
    (built,) = bases.ensure([SLIM], shell, note=never)
    assert (built.base, built.image.size, built.built) == (SLIM, 7, False)
    assert len(shell.ran) == 1


def test_a_root_that_fails_leaves_no_tag(monkeypatch):
    shell = Engine()

    def run(argv, **_):
        raise CommandFailed(argv, 1)

    shell.run = run
    monkeypatch.setattr(rootfs, "host_mirrors", lambda _: [])
    monkeypatch.setattr(rootfs, "require", lambda *_: None)
    with pytest.raises(MissingError, match="mmdebstrap"):
        bases.ensure([SLIM], shell, note=lambda _: None)
    assert not any("tag" in argv or "import" in argv for argv in shell.ran)


def test_a_dry_run_prints_the_commands_and_builds_nothing(monkeypatch, capsys):
    monkeypatch.setattr(rootfs, "host_mirrors", lambda _: [])
    monkeypatch.setattr(rootfs, "require", lambda *_: None)
    monkeypatch.setattr(Shell, "capture", lambda *_, **__: Completed(0, "[]", ""))
    assert bases.ensure([SLIM], Shell(dry=True), note=lambda _: None) == []
    out = capsys.readouterr().out
    assert "mmdebstrap" in out
    assert "docker import" in out
    assert "buildx bake" in out


def test_without_mmdebstrap_the_error_says_what_else_one_can_do(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(MissingError, match="docker load"):
        rootfs.require(Engine(), lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "apt-get" else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(MissingError, match="sudo apt-get install mmdebstrap"):
        rootfs.require(Engine(), lambda _: None)


def test_root_installs_mmdebstrap_with_a_notice(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "apt-get" else None)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    notes, shell = [], Engine()
    rootfs.require(shell, notes.append)
    assert notes
    assert shell.ran[0][:2] == ["apt-get", "install"]
    assert shell.ran[0][-2:] == ["mmdebstrap", "debian-archive-keyring"]


# --- mirrors

DEB822 = """\
# comment
Types: deb
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: https://mirror.test/security
Suites: bookworm-security
Components: main
"""
ONE_LINE = """\
deb [signed-by=/x.gpg] http://other.test/packages bookworm main # theirs
deb http://mirror.test/debian bookworm-updates main
# deb http://off.test/debian bookworm-updates main
deb-src http://mirror.test/debian bookworm-updates main
deb http://mirror.test/security bookworm-security main
"""


@pytest.mark.parametrize(
    ("text", "deb822", "scheme"), [(DEB822, True, "https"), (ONE_LINE, False, "http")]
)
def test_the_host_s_own_mirror_is_used_with_its_security_suite(text, deb822, scheme):
    found = rootfs.parse_sources(text, deb822=deb822)
    assert rootfs.mirrors(found, "bookworm", "trixie") == [
        "deb http://mirror.test/debian trixie main",
        "deb http://mirror.test/debian trixie-updates main",
        f"deb {scheme}://mirror.test/security trixie-security main",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "deb http://mirror.test/debian bookworm-updates main",
        "deb http://u:p@m.test/d bookworm-updates main\ndeb http://m.test/s bookworm-security main",
        "deb cdrom:[x]/ bookworm-updates main\ndeb file:/srv bookworm-security main",
    ],
)
def test_a_mirror_without_security_with_a_password_or_on_disk_is_passed_over(text):
    found = rootfs.parse_sources(text, deb822=False)
    assert rootfs.mirrors(found, "bookworm", "trixie") == []


def test_another_distribution_s_mirror_is_no_debian_mirror(tmp_path):
    (tmp_path / "os-release").write_text('ID=ubuntu\nVERSION_CODENAME="noble"\n')
    assert rootfs.host_mirrors("trixie", tmp_path) == []
    assert rootfs.host_mirrors("trixie", tmp_path / "nowhere") == []


# --- what is in the recipes


def test_no_recipe_names_a_mirror():
    for path in catalogue.recipes().rglob("*"):
        if path.is_file():
            addresses = re.findall(r"\w+://([\w.-]+)", path.read_text(encoding="utf-8"))
            assert set(addresses) <= {"www.postgresql.org"}, path


@pytest.mark.parametrize(
    ("words", "environment", "says"),
    [
        ("file_env A; echo $A", {"A": "x"}, "x"),
        ("file_env A y; echo $A", {}, "y"),
        ("file_env A; echo $A", {"A_FILE": "secret"}, "from a file"),
        ("file_env A", {"A": "x", "A_FILE": "secret"}, "both A and A_FILE are set"),
        ("_pg_want_help postgres --version && echo yes", {}, "yes"),
        ("_pg_want_help postgres -c a=b || echo no", {}, "no"),
        ("_is_sourced || echo no", {}, "no"),
    ],
)
def test_the_functions_of_the_postgres_entrypoint(words, environment, says, tmp_path):
    (tmp_path / "secret").write_text("from a file\n")
    script = catalogue.recipes() / "postgres" / "docker-entrypoint.sh"
    done = subprocess.run(
        ["bash", "-c", f"source {script}; {words}"],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin", **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert says in done.stdout
