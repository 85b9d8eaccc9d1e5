"""The main job on a real engine: from a clone to a site, and every way in which it can fail."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import tarfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from project import Project

#: Stands in the certificate bundle that the build of `up` is given, and must stand nowhere else.
CA_MARK = "authorities-of-the-company-proxy"


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, docker: str) -> Iterator[Project]:
    """A stack that is up, for tests that leave it as it is."""
    project = Project.clone(tmp_path_factory.mktemp("up") / "site", docker)
    bundle = project.root.parent / "authorities.pem"
    system = Path("/etc/ssl/certs/ca-certificates.crt")
    bundle.write_text(
        (system.read_text(encoding="utf-8") if system.is_file() else "") + f"# {CA_MARK}\n",
        encoding="utf-8",
    )
    try:
        first = project.invoke("up", SSL_CERT_FILE=str(bundle)).ok()
        assert "Made .env from .env.example, with generated secrets (mode 0600)." in first.err
        assert f"The site is up:  {project.url}/" in first.err
        yield project
    finally:
        project.remove()


def nothing_is_left(project: Project) -> None:
    assert (project.containers(), project.networks()) == ([], [])


def test_a_fresh_clone_comes_up_ready_on_postgresql(up: Project) -> None:
    assert up.ready() == {"status": "ready", "database": "postgresql"}
    assert stat.S_IMODE((up.root / ".env").stat().st_mode) == 0o600
    assert "change-me" not in "".join(up.variables().values())


def test_a_second_up_changes_nothing_and_keeps_env(up: Project) -> None:
    before = (up.root / ".env").read_bytes(), up.containers()
    up.invoke("up").ok()
    assert ((up.root / ".env").read_bytes(), up.containers()) == before


def test_a_vote_survives_down_and_is_gone_with_the_volumes(project: Project) -> None:
    project.invoke("up").ok()
    before = project.votes()
    assert project.vote() == before + 1
    project.invoke("down").ok()
    nothing_is_left(project)
    project.invoke("up").ok()
    assert project.votes() == before + 1
    refused = project.invoke("down", "--volumes")
    assert (refused.code, "Add `--yes` to agree." in refused.err) == (2, True)
    assert project.votes() == before + 1
    project.invoke("down", "--volumes", "--yes").ok()
    assert project.volumes() == []
    project.invoke("up").ok()
    assert project.votes() == before


def test_the_web_container_can_do_nothing_but_serve(up: Project) -> None:
    def web(*words: str) -> str:
        return up.invoke("exec", "web", "--", *words).out.strip()

    assert web("id", "-u") == "10001"
    up.invoke("exec", "web", "--", "which", "python").ok()
    assert up.invoke("exec", "web", "--", "touch", "/app/x").code != 0
    status = web("cat", "/proc/1/status")
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    for program in ("gcc", "cc", "pip", "apt-get", "curl", "perl"):
        assert up.invoke("exec", "web", "--", "which", program).code != 0, program
    assert web("find", "/", "-xdev", "-perm", "/6000", "-type", "f") == ""
    assert web("find", "/", "-xdev", "-name", ".env*") == ""


def test_the_site_trusts_the_worlds_certificate_authorities(up: Project) -> None:
    code = "import ssl; print(ssl.create_default_context().cert_store_stats()['x509_ca'])"
    assert int(up.invoke("exec", "web", "--", "python", "-c", code).ok().out) > 100


#: Starts Django, and prints the modules of the standard library that have no byte code, and are not
#: frozen into the interpreter, either.
UNCOMPILED = """
import os, sys, sysconfig
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "migrate", "--check"])
root = sysconfig.get_path("stdlib") + os.sep
for module in list(sys.modules.values()):
    name, cached = (getattr(module, key, None) or "" for key in ("__file__", "__cached__"))
    if getattr(getattr(module, "__spec__", None), "origin", "") == "frozen" or not name.startswith(root):
        continue
    if name.endswith(".py") and not os.path.exists(cached):
        print(name)
"""


def test_no_start_compiles_the_standard_library(up: Project) -> None:
    found = up.invoke("exec", "web", "--", "python", "-c", UNCOMPILED).ok().out
    assert [line for line in found.splitlines() if line.startswith("/")] == []


def test_no_secret_is_in_the_images_history_or_in_any_layer(up: Project) -> None:
    values = up.variables()
    secrets = [values["DJANGO_SECRET_KEY"], values["DATABASE_PASSWORD"]]
    image = f"{up.name}:multi"
    history = up.engine("history", "--no-trunc", image) + up.engine("image", "inspect", image)
    assert not any(secret in history for secret in secrets)
    saved = subprocess.run([up.docker, "save", image], capture_output=True, check=True).stdout
    seen = 0
    for name, data in files_of_every_layer(saved):
        seen += 1
        assert not any(secret.encode() in data for secret in secrets), name
        assert Path(name).name != ".env"
        assert CA_MARK.encode() not in data, name
    assert seen > 1000


def files_of_every_layer(saved: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(saved)) as outer:
        for member in outer:
            file = outer.extractfile(member)
            if file is None or not member.name.startswith("blobs/") or file.read(1) == b"{":
                continue
            file.seek(0)
            with tarfile.open(fileobj=file) as layer:
                for entry in layer:
                    content = layer.extractfile(entry) if entry.isfile() else None
                    if content is not None:
                        yield entry.name, content.read()


def test_the_database_is_reached_by_the_stack_only(up: Project) -> None:
    ports = up.engine("inspect", "--format", "{{json .NetworkSettings.Ports}}", f"{up.name}-db-1")
    assert not any(json.loads(ports).values())
    internal = up.engine("network", "inspect", "--format", "{{.Internal}}", f"{up.name}_private")
    assert internal == "true"
    bound = up.engine("port", f"{up.name}-web-1")
    assert bound == f"8000/tcp -> 127.0.0.1:{up.port}"


def test_management_commands_run_in_the_site(up: Project) -> None:
    up.invoke("migrate", "--check").ok()
    assert "polls" in up.invoke("showmigrations").ok().out
    printed = up.invoke("manage", "--", "shell", "--command", 'print("a  b" + "$HOME")').ok().out
    assert printed.splitlines()[-1] == "a  b$HOME"
    assert up.invoke("manage", "--", "no-such-command").code == 1
    assert up.invoke("exec", "web", "--", "sh", "-c", "exit 42").code == 42


def test_the_site_is_clean_for_deployment_behind_tls(up: Project) -> None:
    words = (
        "DJANGO_HTTPS=True",
        "python",
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
    )
    up.invoke("exec", "web", "--", "env", *words).ok()


def test_a_superuser_is_made_from_the_environment_and_his_password_is_not_printed(
    up: Project,
) -> None:
    account = {
        "DJANGO_SUPERUSER_USERNAME": "admin",
        "DJANGO_SUPERUSER_EMAIL": "admin@example.org",
        "DJANGO_SUPERUSER_PASSWORD": "correct-horse-battery",
    }
    done = up.invoke("--echo", "superuser", **account).ok()
    assert "Superuser created successfully." in done.out
    assert "correct-horse-battery" not in done.out + done.err
    assert up.invoke("superuser", **account).code == 1
    assert up.invoke("superuser").code == 2


def test_makemigrations_writes_into_the_source_as_its_owner(up: Project) -> None:
    up.invoke("makemigrations", "--check").ok()
    models = up.root / "src/demo/polls/models.py"
    before = models.read_text(encoding="utf-8")
    owner = 12345 if os.geteuid() == 0 else os.geteuid()
    for folder, _, names in os.walk(up.root / "src/demo"):
        for name in [".", *names]:
            os.chown(Path(folder, name), owner, -1)
    try:
        models.write_text(
            before + "\n\nclass Extra(models.Model):\n    name = models.CharField(max_length=9)\n",
            encoding="utf-8",
        )
        assert up.invoke("makemigrations", "--check").code == 1
        up.invoke("makemigrations").ok()
        made = next((up.root / "src/demo/polls/migrations").glob("0*_extra.py"))
        assert made.stat().st_uid == owner
        made.unlink()
    finally:
        models.write_text(before, encoding="utf-8")


def test_the_sites_own_tests_pass_on_postgresql(up: Project) -> None:
    done = up.invoke("test").ok()
    assert "Ran " in done.err + done.out


def test_image_size_says_what_the_engine_says(up: Project) -> None:
    image = f"{up.name}:multi"
    expected = int(up.engine("image", "inspect", "--format", "{{.Size}}", image))
    found = json.loads(up.invoke("image-size", "--variant", "multi", "--json").ok().out)
    assert found["images"][0]["size"] == expected
    assert up.invoke("image-size", "--max", f"{expected // 1_000_000}MB").code == 1
    assert up.invoke("image-size", "--max", f"{expected // 1_000_000 + 1}MB").code == 0
    assert up.invoke("image-size", "--max", "big").code == 2
    assert up.invoke("image-size", "--variant", "single").code == 3


def test_a_build_after_a_change_is_taken_in_by_up_build(up: Project) -> None:
    template = next((up.root / "src/demo").glob("**/base.html"))
    before = template.read_text(encoding="utf-8")
    template.write_text(
        before.replace("</body>", "<i>changed-by-test</i></body>"), encoding="utf-8"
    )
    up.invoke("up", "--build").ok()
    with urllib.request.urlopen(up.url, timeout=10) as answer:
        assert b"changed-by-test" in answer.read()


def test_a_service_that_is_not_there_is_named_with_the_nearest(up: Project) -> None:
    for words in (["logs", "wep"], ["restart", "wep"], ["exec", "wep", "--", "id"]):
        done = up.invoke(*words)
        assert (done.code, done.err) == (
            2,
            "error: There is no service `wep`.\nDid you mean `web`?\n",
        )


def test_a_stack_that_is_down_is_said_to_be(project: Project) -> None:
    for words in (["logs"], ["restart"], ["exec", "--", "id"], ["dbshell"]):
        done = project.invoke(*words)
        expected = f"error: The stack {project.name} is not up.\nStart it: `invoke up`.\n"
        assert (done.code, done.err) == (3, expected)


def test_two_clones_share_nothing(up: Project, tmp_path: Path, docker: str) -> None:
    other = Project.clone(tmp_path / "site", docker)  # a directory of the same name, elsewhere
    try:
        other.invoke("up").ok()
        assert other.name != up.name
        before = up.votes()
        other.vote()
        assert up.votes() == before
        other.invoke("down", "--volumes", "--yes").ok()
        assert up.ready()["status"] == "ready"
    finally:
        other.remove()


def test_the_name_of_another_directorys_stack_is_refused(
    up: Project, tmp_path: Path, docker: str
) -> None:
    other = Project.clone(tmp_path / "copy", docker)
    (other.root / ".env").write_bytes((up.root / ".env").read_bytes())
    for words in (["up"], ["down"]):
        done = other.invoke(*words)
        assert (done.code, f"belongs to {up.root}" in done.err) == (2, True), done.err
    assert up.ready()["status"] == "ready"


def test_a_copied_checkout_cannot_delete_the_data_of_the_first(
    project: Project, tmp_path: Path
) -> None:
    project.invoke("up").ok()
    votes = project.vote()
    project.invoke("down").ok()
    copy = Project(tmp_path / "copy", project.docker, project.port)
    shutil.copytree(project.root, copy.root)
    for words in (["down", "--volumes", "--yes"], ["up"], ["migrate"]):
        done = copy.invoke(*words)
        assert (done.code, f"belongs to {project.root}" in done.err) == (2, True), done.err
    project.invoke("up").ok()
    assert project.votes() == votes


def test_a_stack_is_the_same_through_a_link(project: Project, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project.root)
    linked = Project(tmp_path / "link", project.docker, project.port)
    linked.invoke("up", PWD=str(linked.root)).ok()
    project.invoke("down").ok()
    nothing_is_left(project)


def test_down_works_while_the_settings_are_broken(project: Project) -> None:
    project.invoke("up").ok()
    with (project.root / ".env").open("a", encoding="utf-8") as file:
        file.write("WEB_PORT=what?\nno assignment\n")
    assert project.invoke("ps").code == 2
    project.invoke("down", COMPOSE_FILE="docker/nowhere.yaml").ok()
    nothing_is_left(project)


def test_a_taken_port_is_named_before_anything_is_started(project: Project) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", project.port))
        other.listen()
        done = project.invoke("up")
    assert done.code == 3
    assert f"Port {project.port} on 127.0.0.1 is taken by another program." in done.err
    nothing_is_left(project)
    assert project.volumes() == []


def test_a_wrong_database_password_is_explained_and_loses_nothing(project: Project) -> None:
    project.invoke("up").ok()
    votes = project.vote()
    project.invoke("down").ok()
    right = project.variables()["DATABASE_PASSWORD"]
    project.set("DATABASE_PASSWORD", "not-the-one-it-was")
    done = project.invoke("up")
    assert done.code == 1
    assert "error: The service migrate ended with exit code 1." in done.err
    assert "The database refuses DATABASE_PASSWORD of .env" in done.err
    assert "not-the-one-it-was" not in done.out + done.err
    nothing_is_left(project)
    project.set("DATABASE_PASSWORD", right)
    project.invoke("up").ok()
    assert project.votes() == votes


def test_a_failing_migration_is_shown_and_web_is_not_started(project: Project) -> None:
    broken_migration(project)
    done = project.invoke("up")
    assert done.code == 1
    assert "no_such_table" in done.err
    assert "error: The service migrate ended with exit code 1." in done.err
    assert "Correct the migration or the database" in done.err
    nothing_is_left(project)


def broken_migration(project: Project) -> Path:
    last = sorted((project.root / "src/demo/polls/migrations").glob("0*.py"))[-1].stem
    path = project.root / "src/demo/polls/migrations/0099_fails.py"
    path.write_text(
        "from django.db import migrations\n\n\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [('polls', '{last}')]\n"
        "    operations = [migrations.RunSQL('select * from no_such_table')]\n",
        encoding="utf-8",
    )
    return path


def test_a_failed_or_interrupted_update_leaves_the_site_that_is_up_serving(
    project: Project,
) -> None:
    project.invoke("up").ok()

    def web() -> str:
        return project.engine("inspect", "--format", "{{.Id}}", f"{project.name}-web-1")

    serving = web()
    path = broken_migration(project)
    assert "has changed since" in project.invoke("up").ok().err
    done = project.invoke("up", "--build")
    assert done.code == 1
    assert "no_such_table" in done.err
    assert "The site that was up is still up." in done.err
    assert project.ready()["status"] == "ready"
    assert web() == serving
    path.unlink()
    (project.root / "src/demo/polls/extra.py").write_text("", encoding="utf-8")
    project.invoke("build").ok()
    process = project.start("up")
    wait_for(
        lambda: project.engine("inspect", "--format", "{{.Id}}", f"{project.name}-web-1") != serving
    )
    done = project.interrupt(process)
    assert (done.code, "what was up before is up again" in done.err) == (130, True), done.err
    wait_for(lambda: project.answers(), 30)
    project.invoke("up").ok()
    assert project.ready()["status"] == "ready"


def test_a_check_says_in_a_sentence_what_it_found(project: Project) -> None:
    project.invoke("up").ok()
    path = broken_migration(project)
    path.write_text(path.read_text(encoding="utf-8").replace("no_such_table", "polls_choice"))
    project.invoke("build").ok()
    project.invoke("down").ok()
    done = project.invoke("migrate", "--check")
    assert (done.code, done.err.splitlines()[-2:]) == (
        1,
        ["error: A migration is pending.", "Apply it: `invoke migrate`."],
    )


@pytest.mark.parametrize("started", ["nothing", "a container"])
def test_ctrl_c_in_the_middle_of_up_leaves_nothing_and_is_130(
    project: Project, started: str
) -> None:
    project.invoke("build").ok()
    process = project.start("up")
    if started == "nothing":
        # Python has started, also on a busy machine; before that a signal ends it with its own code.
        time.sleep(0.9)
    else:
        wait_for(lambda: bool(project.containers()))
    done = project.interrupt(process)
    assert done.code == 130, done.err
    assert "Traceback" not in done.err
    nothing_is_left(project)


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_after_a_kill_in_the_middle_of_up_the_next_one_recovers(project: Project) -> None:
    project.invoke("build").ok()
    process = project.start("up")
    wait_for(lambda: bool(project.containers()))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    project.invoke("up").ok()
    assert project.ready()["status"] == "ready"


def test_up_foreground_shows_the_logs_until_ctrl_c(project: Project) -> None:
    process = project.start("up", "--foreground")
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            project.ready()
            break
        except OSError:
            time.sleep(0.2)
    time.sleep(2)  # Compose shows what was logged a moment later
    done = project.interrupt(process)
    assert done.code == 130, done.err
    assert "Booting worker" in done.out + done.err
    nothing_is_left(project)


def test_up_local_needs_no_engine(project: Project) -> None:
    process = project.start("up", "--local", DOCKER_HOST="unix:///nonexistent.sock")
    deadline = time.monotonic() + 180
    answer: dict[str, object] = {}
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = project.ready()
            break
        except OSError:
            time.sleep(0.2)
    done = project.interrupt(process)
    assert answer == {"status": "ready", "database": "sqlite"}, done.err
    assert done.code == 130, done.err


def test_no_engine_is_one_clear_error(project: Project) -> None:
    for words in (["up"], ["ps"], ["down"], ["build"], ["migrate"], ["image-size"], ["bases"]):
        done = project.invoke(*words, DOCKER_HOST="unix:///nonexistent.sock")
        assert done.code == 3, words
        assert done.err.startswith("error: No Docker Engine answers at unix:///nonexistent.sock.")
        assert len(done.err.splitlines()) == 2, done.err


def test_plain_docker_compose_understands_the_files(up: Project) -> None:
    services = up.engine("compose", "config", "--services").split()
    assert sorted(services) == ["db", "migrate", "web"]
