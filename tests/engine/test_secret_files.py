"""Secrets as files: a whole stack whose containers have none in their environment."""

from __future__ import annotations

import json
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import Project

NAMES = ("DJANGO_SECRET_KEY", "DATABASE_PASSWORD")


@pytest.fixture
def project(tmp_path: Path, docker: str) -> Iterator[Project]:
    made = Project.clone(tmp_path / "site", docker)
    handed_over(made, "files")
    try:
        yield made
    finally:
        made.remove()


def handed_over(project: Project, how: str) -> None:
    path = project.root / "pyproject.toml"
    text = path.read_text(encoding="utf-8").replace('secrets = "files"\n', "")
    given = f'[tool.djdock]\nsecrets = "{how}"\n' if how != "env" else "[tool.djdock]\n"
    path.write_text(text.replace("[tool.djdock]\n", given), encoding="utf-8")


def identifier(project: Project, service: str) -> str:
    return project.engine("inspect", "--format", "{{.Id}}", f"{project.name}-{service}-1")


def everything_about(project: Project) -> str:
    found = "".join(project.engine("inspect", name) for name in project.containers())
    assert all(f"{project.name}-{service}-1" in found for service in ("web", "db", "migrate"))
    return found


def in_web(project: Project, name: str) -> str:
    """What the site's user reads of a secret."""
    assert project.invoke("exec", "web", "--", "id", "-u").ok().out == "10001\n"
    return project.invoke("exec", "web", "--", "cat", f"/run/secrets/{name}").ok().out


def test_a_stack_whose_secrets_are_files(project: Project) -> None:
    project.invoke("up").ok()
    assert project.ready() == {"status": "ready", "database": "postgresql"}
    secrets = {name: project.variables()[name] for name in NAMES}
    inspected = everything_about(project)
    assert not any(value in inspected for value in secrets.values())
    for name, value in secrets.items():
        assert in_web(project, name) == value
        assert stat.S_IMODE((project.root / ".djdock/secrets" / name).stat().st_mode) == 0o444
    assert stat.S_IMODE((project.root / ".djdock/secrets").stat().st_mode) == 0o700

    # A container for one command has them, too, also as another user.
    project.invoke("migrate", "--check").ok()
    project.invoke("makemigrations", "--check").ok()
    project.invoke("test").ok()

    # Nothing changed: nothing is made anew. A key that changed: the site is, the database is not.
    before = {service: identifier(project, service) for service in ("web", "db")}
    project.invoke("up").ok()
    assert before == {service: identifier(project, service) for service in before}
    project.set("DJANGO_SECRET_KEY", "k3y-that-came-later-k3y-that-came-later")
    project.invoke("up").ok()
    assert in_web(project, "DJANGO_SECRET_KEY") == "k3y-that-came-later-k3y-that-came-later"
    assert identifier(project, "web") != before["web"]
    assert identifier(project, "db") == before["db"]

    # Plain Compose runs the same stack, both with the files of .env and with those of secrets.
    plain = [project.docker, "compose", "up", "--detach", "--wait", "--no-build"]
    given = {"POSTGRES_IMAGE": "djdock/postgres:17"}
    project.run(plain, **given).ok()
    assert project.answers()
    assert secrets["DATABASE_PASSWORD"] in everything_about(project)
    files = ("compose", "addons/postgres", "secrets/site", "secrets/postgres")
    project.set("COMPOSE_FILE", ":".join(f"docker/{name}.yaml" for name in files))
    project.run(plain, **given).ok()
    assert project.answers()
    assert secrets["DATABASE_PASSWORD"] not in everything_about(project)

    # And back.
    handed_over(project, "env")
    project.invoke("up").ok()
    assert project.answers()
    assert secrets["DATABASE_PASSWORD"] in everything_about(project)


def none_is_shown(project: Project, *names: str) -> None:
    """No container has one of these secrets in what the engine knows of it."""
    inspected = everything_about(project)
    for name in names:
        assert project.variables()[name] not in inspected, name


def figures(project: Project, query: str) -> dict[str, str]:
    """The figures of each job that Prometheus has for a query."""
    url = f"http://127.0.0.1:9090/api/v1/query?query={query}"
    words = ("exec", "prometheus", "--", "wget", "-q", "-O", "-", url)
    found = json.loads(project.invoke(*words).ok().out)["data"]["result"]
    return {one["metric"]["job"]: one["value"][1] for one in found}


def wait_for(project: Project, query: str, wanted: dict[str, str]) -> None:
    until = time.monotonic() + 90
    while (found := figures(project, query)) != wanted:
        assert time.monotonic() < until, found
        time.sleep(0.5)


def test_every_addon_takes_its_secrets_from_files(project: Project) -> None:
    project.invoke("up", "--db", "mysql", "--with", "rabbitmq,nginx").ok()
    project.invoke("check").ok()
    none_is_shown(project, *NAMES, "MYSQL_ROOT_PASSWORD", "RABBITMQ_PASSWORD")
    done = project.invoke("dbshell", "--", "--execute", "select count(*) from polls_choice").ok()
    assert "count(*)" in done.out
    project.invoke("db.backup").ok()

    # Prometheus, and what it asks of the add-ons beside it.
    project.invoke("up", "--with", "prometheus,redis,nginx").ok()
    none_is_shown(project, *NAMES)
    every = ("nginx", "postgres", "prometheus", "redis", "web")
    wait_for(project, "up", dict.fromkeys(every, "1"))
    wait_for(project, "pg_up", {"postgres": "1"})
    wait_for(project, "nginx_up", {"nginx": "1"})
    project.engine("kill", f"{project.name}-redis-1")
    wait_for(project, "redis_up", {"redis": "0"})
    project.invoke("up", "--with", "prometheus").ok()  # its port is the site's now
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{project.url}/metrics", timeout=10)
    project.invoke("check").ok()  # it fetches them where web's port is not published
    left = {name.removeprefix(f"{project.name}-") for name in project.containers()}
    assert left == {"db-1", "migrate-1", "postgres-exporter-1", "prometheus-1", "web-1"}
