"""Secrets as files: a whole stack whose containers have none in their environment."""

from __future__ import annotations

import stat
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
