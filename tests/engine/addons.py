"""Add-ons' own services, brought up by their Compose files on the stand-ins, without a site."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from djdock import env
from djdock.images import bases
from djdock.shell import Shell
from djdock.stack import addons

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docker" / "addons"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def standins(*names: str) -> dict[str, str]:
    """The stand-in for each image variable of these add-ons; they are built if need be."""
    images = addons.images(FOLDER, names)
    bases.ensure(bases.choose(images.values()), Shell())
    found = {variable: bases.find(image) for variable, image in images.items()}
    return {variable: base.standin for variable, base in found.items() if base}


@dataclass
class Services:
    """A Compose project of a copy of docker/, with a generated ``.env``."""

    root: Path
    docker: str
    addon: str
    name: str = ""

    def __post_init__(self) -> None:
        self.name = f"djdock-test-{uuid.uuid4().hex[:8]}"
        shutil.copytree(
            ROOT / "docker", self.root / "docker", ignore=shutil.ignore_patterns("bases")
        )
        shutil.copy2(ROOT / env.EXAMPLE, self.root)
        env.init(self.root, {"COMPOSE_PROJECT_NAME": self.name})
        self.env = env.read(self.root / env.FILE)
        self.images = standins(addon) if (addon := self.addon) else {}

    def compose(self, *words: str, check: bool = True, stdin: str | None = None) -> str:
        argv = [self.docker, "compose", "--project-name", self.name, "--env-file", ".env"]
        for name in ("compose", *(f"addons/{name}" for name in self.addon.split(",") if name)):
            argv += ["--file", f"docker/{name}.yaml"]
        done = subprocess.run(
            [*argv, *words],
            cwd=self.root,
            env={**os.environ, **self.images},
            input=stdin or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{done.stdout}\n{self.logs()}"
        return done.stdout.strip()

    def logs(self) -> str:
        argv = [self.docker, "compose", "--project-name", self.name, "logs", "--tail", "50"]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout

    def up(self, service: str) -> None:
        """Starts one service and waits until it is healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "120", service)

    def sh(self, service: str, script: str, *, check: bool = True) -> str:
        """Runs a script in a service's container."""
        return self.compose("exec", "-T", service, "bash", "-c", script, check=check)

    def stop(self, service: str) -> int:
        """Stops a service in its own time; returns the exit code (137: it had to be killed)."""
        self.compose("stop", service)
        container = self.compose("ps", "--all", "--quiet", service)
        argv = [self.docker, "inspect", "--format", "{{.State.ExitCode}}", container]
        return int(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)

    def remove(self) -> None:
        self.compose("down", "--volumes", "--timeout", "1", check=False)
