"""What the unit tests share: a small project in a temporary folder, and invoke run in-process.

Nothing here needs an engine or a docker client: PATH leads to an empty folder.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from support import MANAGE, REPOSITORY, DockerStub, Invoke, Project

from djdock import engine
from djdock.images import host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What the tests' own environment may say and djdock listens to.
HEARD = (
    "COMPOSE_", "DATABASE_", "DJANGO_", "DJDOCK_", "DOCKER_", "GITHUB_", "INVOKE_", "PIP_", "UV_",
    "WEB_", "SSL_CERT_", "REQUESTS_CA_", "CURL_CA_", "NO_COLOR", "FORCE_COLOR", "POSTGRES_",
    "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
)  # fmt: skip


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No docker on PATH, no engine, no settings of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(HEARD):
            monkeypatch.delenv(name)
    empty = tmp_path / "bin"
    empty.mkdir()
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    monkeypatch.setattr(engine, "PRIVATE_ENGINE", tmp_path / "no-private-engine")
    monkeypatch.setattr(engine, "SYSTEM_PLUGINS", (tmp_path / "system-plugins",))
    monkeypatch.setattr(host, "SYSTEM_BUNDLE", tmp_path / "no-bundle.crt")
    engine._docker_binary.cache_clear()
    yield
    engine._docker_binary.cache_clear()


@pytest.fixture
def project(bare_machine: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project named shop that carries this repository's docker/; the current directory is its root."""
    root = tmp_path / "shop"
    made = Project(root)
    made.write("tasks.py", "from djdock.tasks import namespace\n")
    made.table("")
    made.write("requirements.txt", "Django==5.2\n")
    made.write("src/shop/manage.py", MANAGE)
    made.write("src/shop/config/settings.py", "")
    made.write("src/shop/config/wsgi.py", "application = None\n")
    shutil.copytree(REPOSITORY / "docker", root / "docker", ignore=shutil.ignore_patterns("bases"))
    shutil.copy(REPOSITORY / ".env.example", root / ".env.example")
    made.dotenv()
    monkeypatch.chdir(root)
    return made


@pytest.fixture
def invoke(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Invoke:
    return Invoke(capfd, monkeypatch)


@pytest.fixture
def docker_stub(tmp_path: Path) -> DockerStub:
    return DockerStub(tmp_path)
