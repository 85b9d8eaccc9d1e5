"""The words for add-ons on a real engine: flags, ports, several webs, one database after another."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from typing import Any

import pytest
from project import Project, free_port


def listed(project: Project) -> dict[str, dict[str, Any]]:
    data = json.loads(project.invoke("addons", "--json").ok().out)
    assert data["version"] == 1
    return {row["name"]: row for row in data["addons"]}


def services(project: Project) -> list[str]:
    return sorted(
        re.sub(r"-\d+$", "", name)[len(project.name) + 1 :] for name in containers(project)
    )


def containers(project: Project) -> list[str]:
    """Those that run."""
    label = f"label=com.docker.compose.project={project.name}"
    return project.engine("ps", "--filter", label, "--format", "{{.Names}}").split()


def ping(host: str, port: int) -> bytes:
    with socket.create_connection((host, port), 5) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(100)


def addresses() -> list[str]:
    """This machine's other addresses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # of the range for documentation; nothing is sent
        except OSError:
            return []
        return [str(probe.getsockname()[0])]


def test_flags_are_for_one_run_and_what_is_not_wanted_goes_without_its_data(
    project: Project,
) -> None:
    port = free_port()
    project.invoke("env.init").ok()
    project.set("GUNICORN_ACCESS_LOG", "-")
    project.set("REDIS_IMAGE", "valkey/valkey:8")  # which has a stand-in where no registry answers
    words = ["--with", "redis,nginx", "--scale", "web=3", "--publish", f"redis:{port}"]
    done = project.invoke("up", *words).ok()
    assert f"Published:  redis at 127.0.0.1:{port}" in done.err

    rows = listed(project)
    assert [name for name, row in rows.items() if row["chosen"]] == ["nginx", "postgres", "redis"]
    for name in ("nginx", "postgres", "redis"):
        assert rows[name]["state"] == "healthy", rows[name]
        assert rows[name]["size"] > 10_000_000
    assert rows["redis"]["image"].endswith("/valkey:8")
    assert rows["redis"]["published"] == f"127.0.0.1:{port}"
    assert rows["nginx"]["published"] == f"127.0.0.1:{project.port}"
    assert rows["postgres"]["connection"] == "postgresql://polls:***@db:5432/polls"
    assert rows["mysql"]["state"] == "down"
    assert project.variables()["DATABASE_PASSWORD"] not in json.dumps(rows)

    # Through nginx, by three different webs.
    assert services(project) == ["db", "nginx", "redis", "web", "web", "web"]
    for _ in range(60):
        with urllib.request.urlopen(f"{project.url}/", timeout=10) as answer:
            assert answer.status == 200
            assert answer.headers["Server"] == "nginx"
    for number in (1, 2, 3):
        assert "GET / " in project.engine("logs", f"{project.name}-web-{number}")

    # Redis is there for this machine only, and has no way out all the same.
    assert ping("127.0.0.1", port) == b"+PONG\r\n"
    for address in addresses():
        with pytest.raises(OSError, match="refused"):
            ping(address, port)
    network = f"{project.name}_published"
    option = '{{index .Options "com.docker.network.bridge.enable_ip_masquerade"}}'
    assert project.engine("network", "inspect", "--format", option, network) == "false"
    project.invoke("check").ok()

    # Other tasks talk to what is up, and leave it as it is.
    before = containers(project)
    project.invoke("test", "--", "polls.tests.test_models").ok()
    project.invoke("makemigrations", "--check").ok()
    project.engine("rm", "--force", *[name for name in before if "-web-" in name])
    project.invoke("migrate", "--check").ok()  # in a container of its own: web is away
    assert ping("127.0.0.1", port) == b"+PONG\r\n"
    assert services(project) == ["db", "nginx", "redis"]

    done = project.invoke("up").ok()
    assert "No longer chosen: redis, nginx. The containers go, the volumes stay." in done.err
    assert services(project) == ["db", "web"]
    assert project.ready() == {"status": "ready", "database": "postgresql"}
    assert f"{project.name}_redis" in project.volumes()
    with pytest.raises(OSError, match="refused"):
        ping("127.0.0.1", port)
    project.invoke("down").ok()
    assert (project.containers(), project.networks()) == ([], [])


def test_one_database_after_another_keeps_the_data_of_each(project: Project) -> None:
    path = project.root / ".env"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("MYSQL_ROOT_", "RABBITMQ_PASSWORD"))]
    path.write_text("".join(kept), encoding="utf-8")
    project.invoke("up").ok()
    votes = project.vote()

    done = project.invoke("up", "--db", "mysql", "--with", "rabbitmq").ok()
    assert "Added to .env, generated: MYSQL_ROOT_PASSWORD, RABBITMQ_PASSWORD" in done.err
    assert "No longer chosen: postgres. The containers go, the volumes stay." in done.err
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8").startswith("".join(kept))
    assert project.ready() == {"status": "ready", "database": "mysql"}
    assert services(project) == ["beat", "db", "rabbitmq", "web", "worker"]
    counted = project.invoke("dbshell", "--", "--execute", "select count(*) from polls_choice")
    assert "count(*)" in counted.ok().out
    for name in ("worker", "beat", "rabbitmq"):
        project.invoke("logs", name, "--tail", "1").ok()
    project.invoke("restart", "rabbitmq").ok()

    # worker and beat stand in compose.yaml, with a profile: they go all the same.
    project.invoke("up", "--db", "sqlite").ok()
    assert project.ready() == {"status": "ready", "database": "sqlite"}
    assert services(project) == ["web"]
    sql = "insert into django_migrations (app, name, applied) values ('t', 'kept', 'now')"
    project.invoke("dbshell", "--", sql).ok()
    project.invoke("down").ok()
    assert (project.containers(), project.networks()) == ([], [])
    project.invoke("up", "--db", "sqlite").ok()
    asked = "select name from django_migrations where app = 't'"
    assert "kept" in project.invoke("dbshell", "--", asked).ok().out
    project.invoke("db.backup").ok()

    project.invoke("up").ok()
    assert project.ready() == {"status": "ready", "database": "postgresql"}
    assert project.votes() == votes


def test_what_cannot_be_is_one_error_before_anything_is_started(project: Project) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with taken:
        cases = [
            (["--with", "redsi"], 2, "There is no add-on `redsi`."),
            (["--with", "mysql"], 2, "The add-ons postgres and mysql exclude each other"),
            (["--scale", "web=3"], 2, "web publishes the site's port itself"),
            (
                ["--with", "redis", "--publish", f"redis:{port}"],
                3,
                f"Port {port} on 127.0.0.1 is taken by another program.",
            ),
        ]
        for words, code, text in cases:
            done = project.invoke("up", *words)
            assert (done.code, done.err.startswith(f"error: {text}")) == (code, True), done.err
            assert len(done.err.splitlines()) == 2, done.err
    assert (project.containers(), project.volumes(), project.networks()) == ([], [], [])


def test_an_image_that_is_nowhere_is_one_error_or_one_note(project: Project) -> None:
    # Of a registry that is not there, as any is where no registry is reached.
    image = "registry.invalid/mail:1"
    path = project.root / "docker/addons/mail.yaml"
    text = path.read_text(encoding="utf-8").replace("axllent/mailpit:v1.27", image)
    path.write_text(text.replace("  optional: true\n", ""), encoding="utf-8")
    row = listed(project)["mail"]
    assert (row["state"], row["image"], row["size"]) == ("needs a registry", "", None)
    done = project.invoke("up", "--with", "mail")
    assert done.code == 3, done.err
    assert done.err.splitlines() == [
        f"error: `{image}` is not here, and no registry answers. There is no stand-in for `{image}`.",
        "Reach a registry (`docker login`), or bring the image along with `docker load`.",
    ]
    assert (project.containers(), project.volumes(), project.networks()) == ([], [], [])

    path.write_text(text, encoding="utf-8")  # the stack can do without it
    done = project.invoke("up", "--with", "mail", "--publish", "mail").ok()
    why = f"`{image}` is not here, and no registry answers. There is no stand-in for `{image}`."
    assert f"mail is left out: {why}" in done.err
    assert "Published" not in done.err
    assert services(project) == ["db", "web"]
    project.invoke("check").ok()


def test_a_projects_own_addon_is_a_file(project: Project) -> None:
    (project.root / "docker/addons/echo.yaml").write_text(
        "x-djdock: {role: echo, port: 6379, connection: 'redis://:${ECHO_TOKEN}@echo:6379'}\n"
        "services:\n"
        "  echo:\n"
        "    image: djdock/redis:8\n"
        "    environment: {ECHO_TOKEN: '${ECHO_TOKEN:?is missing from .env}'}\n"
        "    networks: [private]\n"
        "    healthcheck: {test: [CMD, redis-cli, ping], start_interval: 500ms, start_period: 9s}\n",
        encoding="utf-8",
    )
    port = free_port()
    done = project.invoke("up", "--with", "echo", "--publish", f"echo:{port}").ok()
    assert "Added to .env, generated: ECHO_TOKEN (for echo)." in done.err
    row = listed(project)["echo"]
    assert (row["chosen"], row["state"], row["image"]) == (True, "healthy", "djdock/redis:8")
    assert (row["connection"], row["published"]) == ("redis://:***@echo:6379", f"127.0.0.1:{port}")
    assert ping("127.0.0.1", port) == b"+PONG\r\n"
