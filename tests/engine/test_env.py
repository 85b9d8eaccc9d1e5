"""What djdock says of ``.env``, asked of Compose and docker themselves."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import Engine
from env_cases import COMPOSE, DOCKER, ENVIRON, values

from djdock.envfile.line import line, why_not

IMAGE = "djdock/python:3.13-slim"
COMPOSE_FILE = f"services:\n  x:\n    image: {IMAGE}\n    env_file: given.env\n"


def compose(binary: str, folder: Path, text: str) -> dict[str, str] | None:
    """The environment of a service with ``text`` as its env_file; None when Compose refuses it."""
    (folder / "given.env").write_bytes(text.encode())
    (folder / "none.env").write_bytes(b"")
    (folder / "compose.yaml").write_text(COMPOSE_FILE, encoding="utf-8")
    done = subprocess.run(
        [binary, "compose", "--project-name", "djdock-test", "--env-file", "none.env", "config",
         "--format", "json"],
        cwd=folder, env={**os.environ, **ENVIRON}, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return None
    found = json.loads(done.stdout)["services"]["x"].get("environment") or {}
    # What it prints is a Compose file again, where a $ is written twice.
    return {name: value.replace("$$", "$") for name, value in found.items() if value is not None}


def docker_run(binary: str, folder: Path, text: str, names: list[str]) -> dict[str, str] | None:
    """The environment of a container's process with ``text`` as its ``--env-file``."""
    (folder / "given.env").write_bytes(text.encode())
    code = (
        "import json, os, sys; names = json.load(sys.stdin); "
        "print(json.dumps({n: os.environ[n] for n in names if n in os.environ}))"
    )
    done = subprocess.run(
        [binary, "run", "--rm", "--interactive", "--env-file", "given.env", IMAGE,
         "python", "-X", "utf8", "-c", code],
        cwd=folder, env={**os.environ, **ENVIRON}, input=json.dumps(names).encode(),
        capture_output=True, check=False,
    )  # fmt: skip
    return None if done.returncode else dict(json.loads(done.stdout))


def test_500_values_are_read_back_by_compose_and_by_docker_or_refused(
    engine: Engine, tmp_path: Path
) -> None:
    drawn = values(500)
    assert len(drawn) == 500
    written = {
        f"VALUE_{number}": value
        for number, value in enumerate(drawn)
        if not why_not(f"VALUE_{number}", value)
    }
    assert 150 < len(written) < 500
    text = "".join(f"{line(name, value)}\n" for name, value in written.items())
    assert compose(engine.binary, tmp_path, text) == written
    assert docker_run(engine.binary, tmp_path, text, list(written)) == written


@pytest.mark.parametrize(("text", "wanted"), COMPOSE.items())
def test_compose_reads_a_text_as_we_say(
    engine: Engine, tmp_path: Path, text: str, wanted: dict[str, str] | None
) -> None:
    assert compose(engine.binary, tmp_path, text) == wanted


@pytest.mark.parametrize(("text", "wanted"), DOCKER.items(), ids=lambda value: repr(value)[:30])
def test_docker_reads_a_text_as_we_say(
    engine: Engine, tmp_path: Path, text: str, wanted: dict[str, str] | None
) -> None:
    names = [*(wanted or {}), "X", "A"]
    assert docker_run(engine.binary, tmp_path, text, names) == wanted
