from __future__ import annotations

import contextlib
import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from archives import error_of
from support import Project

from djdock.errors import CommandFailed, MissingError
from djdock.images import build
from djdock.measure import builds
from djdock.measure.subject import subject
from djdock.shell import Shell


def test_the_copy_has_what_a_build_may_need_and_the_same_images(project: Project) -> None:
    project.write("src/shop/reports/models.py", "x = 1\n")  # an app of that name
    project.write("src/shop/__pycache__/a.pyc", "")
    for name in ("reports/images.json", ".git/HEAD", ".venv/x", "front/node_modules/x"):
        project.write(name, "")
    config = project.load()
    with builds.copy(config) as copied:
        root = copied.root
        assert (copied.name, copied.image("multi")) == (config.name, config.image("multi"))
        found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
        assert found >= {"src/shop/reports/models.py", "requirements.txt", "pyproject.toml"}
        assert not {name for name in found if "node_modules" in name or "__pycache__" in name}
        assert not found & {"reports/images.json", ".git/HEAD", ".venv/x", ".env"}
    assert not root.exists()


def test_sockets_and_pipes_are_not_copied_and_links_stay_links(project: Project) -> None:
    os.mkfifo(project.root / "pipe")
    (project.root / "nowhere").symlink_to("/no/such/file")
    with socket.socket(socket.AF_UNIX) as made, contextlib.chdir(project.root):
        made.bind("site.sock")
    with builds.copy(project.load()) as copied:
        assert not {"pipe", "site.sock"} & {path.name for path in copied.root.iterdir()}
        assert (copied.root / "nowhere").readlink() == Path("/no/such/file")


def test_what_cannot_be_copied_is_said_in_a_sentence(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: str, target: str, **_: object) -> None:
        raise OSError(28, "No space left on device", str(target))

    project.write("a", "")
    config = project.load()
    monkeypatch.setattr(shutil, "copyfile", full)
    error = error_of(lambda: builds.copy(config).__enter__())
    assert isinstance(error, MissingError)
    assert error.problem.startswith(f"{config.root}/")
    assert error.problem.endswith(" cannot be copied: No space left on device.")


@pytest.fixture
def built(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str, str]]:
    """What is built: the flags, and the settings and the requirements at that time."""
    found: list[tuple[Any, str, str]] = []

    def run(config: Any, shell: object, docker: str, variant: str, asked: build.Build) -> float:
        texts = [config.root / "src/shop/config/settings.py", config.root / "requirements.txt"]
        found.append((asked, *(path.read_text(encoding="utf-8") for path in texts)))
        return float(len(found))

    monkeypatch.setattr(builds.build, "run", run)
    return found


def test_what_is_built_for_each_measurement(project: Project, built: list[Any]) -> None:
    config = project.load()
    builder = builds.Builder(config, Shell(), "docker", {"python:3.13-slim": "x:1", "other": "y:1"})
    multi = subject(config, "multi")
    took = [
        builder.cold(multi),
        builder.cached(multi),
        builder.after_code(multi),
        builder.after_dependency(multi),
    ]
    assert took == [1.0, 2.0, 3.0, 4.0]
    asked = [item[0] for item in built]
    assert [(item.tag, item.no_cache) for item in asked] == [
        ("shop:multi", True),
        ("shop:multi", False),
        ("shop:multi-changed", False),
        ("shop:multi-changed", False),
    ]
    assert all(item.quiet and item.contexts == {"python:3.13-slim": "x:1"} for item in asked)
    settings, requirements = [item[1] for item in built], [item[2] for item in built]
    assert settings[0] == settings[1] == settings[3] == ""
    assert settings[2].startswith("\n# changed at ")
    assert requirements[:3] == ["Django==5.2\n"] * 3
    assert requirements[3].startswith("Django==5.2\n\n\nsix==1.17.0\n# changed at ")
    assert builder.base(multi) == "x:1"


def test_no_two_changes_are_the_same(project: Project, built: list[Any]) -> None:
    config = project.load()
    builder = builds.Builder(config, Shell(), "docker", {})
    for _ in range(3):
        builder.after_code(subject(config, "multi"))
        builder.after_dependency(subject(config, "multi"))
    assert len({item[1:] for item in built}) == 6


def test_settings_may_be_a_package(project: Project, tmp_path: Path) -> None:
    path = project.root / "src/shop/config/settings.py"
    assert builds.settings_file(project.load()) == path
    path.unlink()
    project.write("src/shop/config/settings/__init__.py", "")
    assert builds.settings_file(project.load()) == path.with_suffix("") / "__init__.py"


@pytest.mark.parametrize(("code", "secret"), [(0, ""), (7, "Pa55wordPa55word")])
def test_a_quiet_build_is_heard_when_it_fails(
    project: Project, tmp_path: Path, capfd: pytest.CaptureFixture[str], code: int, secret: str
) -> None:
    docker = tmp_path / "docker"
    docker.write_text(
        f"#!/bin/sh\ncase $1 in buildx) echo step 3 {secret} >&2; exit {code};; esac\n",
        encoding="utf-8",
    )
    docker.chmod(0o755)
    config = project.load()
    shell, asked = Shell(secrets=config.secrets), build.Build("shop:multi-changed", quiet=True)
    if not code:
        assert build.run(config, shell, str(docker), "multi", asked) > 0
        assert capfd.readouterr() == ("", "")
        return
    with pytest.raises(CommandFailed) as caught:
        build.run(config, shell, str(docker), "multi", asked)
    assert caught.value.exit_code == code
    assert caught.value.problem == "shop:multi-changed could not be built: step 3 ***."
    assert capfd.readouterr() == ("", "step 3 ***\n")
