"""up --dev: files, variables and the image of a stack that runs from the source."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from support import REPOSITORY, Project

from djdock.config import Config
from djdock.errors import MissingError, UsageError
from djdock.images import build, freshness
from djdock.images.build import Build
from djdock.images.host import Secrets
from djdock.shell import Completed, Shell
from djdock.stack import compose, dev, record
from djdock.stack.state import Container


class Engine(Shell):
    """Answers `docker info` with security options."""

    def __init__(self, said: str = "[name=seccomp,profile=builtin]") -> None:
        super().__init__()
        object.__setattr__(self, "said", said)

    def capture(self, argv: list[str], **_: object) -> Completed:  # type: ignore[override]
        assert argv[1] == "info"
        return Completed(0, self.said, "")  # type: ignore[attr-defined]


def developed(project: Project) -> Config:
    return replace(project.load(), dev=True)


def test_only_with_dev_its_files_are_added_behind_the_others(project: Project) -> None:
    config = replace(project.load(), chosen=("postgres", "nginx"), overlays=(Path("x.json"),))
    assert dev.overlays(config, config.addons) == []
    files = compose.files(replace(config, dev=True), config.addons)
    assert [path.as_posix() for path in files] == [
        "docker/compose.yaml",
        "docker/addons/postgres.yaml",
        "docker/addons/nginx.yaml",
        "docker/dev/site.yaml",
        "docker/dev/nginx.yaml",
        "x.json",
    ]


def test_each_file_is_the_sites_or_an_addons_and_changes_services_that_are_there() -> None:
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda *_: None)

    def services(path: Path) -> set[str]:
        return {*yaml.load(path.read_text(encoding="utf-8"), Loader)["services"]}

    docker = REPOSITORY / "docker"
    site = services(docker / "compose.yaml")
    assert services(docker / "dev/site.yaml") < site
    others = [path for path in (docker / "dev").glob("*.yaml") if path.stem != "site"]
    assert others
    for path in others:
        assert services(path) <= site | services(docker / "addons" / path.name), path.name


def test_the_source_its_owner_and_this_machine_only(project: Project) -> None:
    project.dotenv(WEB_BIND="0.0.0.0")
    config = developed(project)
    owner = config.source.stat()
    assert dev.variables(project.load(), Engine(), "docker") == {}
    assert dev.variables(config, Engine(), "docker") == {
        "DEV_SOURCE": str(project.root / "src/shop"),
        "DEV_USER": f"{owner.st_uid}:{owner.st_gid}",
        "WEB_BIND": "127.0.0.1",
        "WEB_UID": str(owner.st_uid),
    }


@pytest.mark.parametrize(
    ("given", "bind"),
    [
        ("0.0.0.0", "127.0.0.1"),
        ("10.0.0.1", "127.0.0.1"),
        ("::", "127.0.0.1"),
        ("::1", "::1"),
        ("127.0.0.2", "127.0.0.2"),
        ("", "127.0.0.1"),
    ],
)
def test_debug_is_for_this_machine(project: Project, given: str, bind: str) -> None:
    project.dotenv(WEB_BIND=given)
    assert developed(project).bind == bind
    assert project.load().bind == (given or "127.0.0.1")


def test_under_a_rootless_engine_its_user_is_the_containers_root(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = developed(project)
    found = os.stat_result((0o755, 1, 1, 1, 1000, 1001, 0, 0, 0, 0))
    monkeypatch.setattr(type(config.source), "stat", lambda *_, **__: found)
    assert dev.owner(config, Engine(), "docker") == "1000:1001"
    assert dev.owner(config, Engine("[name=seccomp name=rootless]"), "docker") == "0:0"


def test_a_variant_needs_the_stage(project: Project) -> None:
    config = project.load()
    assert [name for name in config.variants if dev.has_stage(config, name)] == ["multi", "single"]
    dev.require(config, "multi")
    with pytest.raises(UsageError) as caught:
        dev.require(config, "minimal")
    assert str(caught.value) == (
        "The variant minimal cannot run from the source: docker/minimal.Dockerfile has no stage "
        "`dev`.\nRun another one: `--variant multi`."
    )


def test_a_dockerfile_of_the_projects_own_may_have_it(project: Project) -> None:
    project.write("Dockerfile", "FROM python:3.13\n")
    project.table('[tool.djdock.variants]\nold = { dockerfile = "Dockerfile" }')
    with pytest.raises(UsageError):
        dev.require(project.load(), "old")
    # BuildKit does not tell small letters from others.
    project.write("Dockerfile", "FROM python:3.13 AS base\nFROM base as Dev\nFROM base\n")
    dev.require(project.load(), "old")


def test_where_no_variant_has_it_the_docs_say_what_it_is(project: Project) -> None:
    for path in (project.root / "docker").glob("*.Dockerfile"):
        path.write_text("FROM python:3.13\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"docs/dev\.md says what that stage is\."):
        dev.require(project.load(), "multi")


def test_without_the_file_there_is_no_dev(project: Project) -> None:
    (project.root / "docker" / dev.FILE).unlink()
    with pytest.raises(MissingError) as caught:
        dev.require(project.load(), "multi")
    assert str(caught.value) == (
        f"There is no docker/dev/site.yaml in {project.root}.\nTake it from version control."
    )


def test_its_image_has_a_name_and_requirements_of_its_own(project: Project) -> None:
    project.write("requirements/dev.txt", "")
    project.table('dev_requirements = "requirements/dev.txt"')
    config = developed(project)
    assert (project.load().image("multi"), config.image("multi")) == (
        "shop:multi",
        "shop:multi-dev",
    )
    for target, there in (("dev", True), ("", False), ("test", False)):
        argv = build.command("docker", config, "multi", Build("x:1", target=target), Secrets())
        assert ("DEV_REQUIREMENTS=requirements/dev.txt" in argv) is there
    project.table('dev_requirements = "requirements/nope.txt"')
    with pytest.raises(MissingError) as caught:
        build.command("docker", developed(project), "multi", Build("x:1", target="dev"), Secrets())
    assert str(caught.value) == (
        f"There is no requirements file {project.root}/requirements/nope.txt.\n"
        'Name it in pyproject.toml: [tool.djdock] dev_requirements = "…".'
    )


def test_only_requirements_make_its_image_stale(project: Project) -> None:
    project.write("requirements/dev.txt", "")
    project.table('dev_requirements = "requirements/dev.txt"')
    config, image = developed(project), project.load()
    freshness.built(config, "multi")
    freshness.built(image, "multi")
    project.write("src/shop/new.py", "")
    assert (freshness.is_stale(config, "multi"), freshness.is_stale(image, "multi")) == (
        False,
        True,
    )
    for name in ("requirements.txt", "requirements/dev.txt"):
        freshness.built(config, "multi")
        project.write(name, f"# {name}\n")
        assert freshness.is_stale(config, "multi"), name
    assert freshness.said(config, "shop:multi-dev") == (
        "The requirements have changed since shop:multi-dev was built: `invoke up --dev --build` "
        "installs them."
    )
    assert freshness.said(image, "shop:multi") == (
        "src/shop has changed since shop:multi was built: `invoke up --build` takes it in."
    )


def test_other_tasks_know_that_the_stack_runs_from_the_source(project: Project) -> None:
    files = (f"{project.root}/docker/compose.yaml", f"{project.root}/docker/dev/site.yaml")
    up = [Container("shop-web-1", "web", "running", "Up", "shop:multi-dev", "", files, "")]
    assert record.in_effect(project.load(), up).dev  # by its labels
    record.write(project.load(), "abc")
    assert not record.in_effect(project.load(), up).dev
    record.write(developed(project), "abc")
    assert record.in_effect(project.load(), up).dev
    assert not record.in_effect(project.load(), []).dev
