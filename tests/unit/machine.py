"""A machine on which nothing is wrong, without an engine: a docker client that answers from a table.

Tests plant a fault in it, one at a time, and look what the doctor says.
"""

from __future__ import annotations

import json
import shlex
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support import Project

from djdock import config as config_module
from djdock import env as env_files

if TYPE_CHECKING:
    import pytest

#: An authority that expired on 2020-01-02, and its key is lost.
EXPIRED = """\
-----BEGIN CERTIFICATE-----
MIIBejCCASGgAwIBAgIBATAKBggqhkjOPQQDAjAtMRAwDgYDVQQKDAdFeGFtcGxl
MRkwFwYDVQQDDBBFeGFtcGxlIFByb3h5IENBMB4XDTIwMDEwMTAwMDAwMFoXDTIw
MDEwMjAwMDAwMFowLTEQMA4GA1UECgwHRXhhbXBsZTEZMBcGA1UEAwwQRXhhbXBs
ZSBQcm94eSBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCmzadWWmTFB6Klh
hOq7WpYfBeeA/TdpOoDWfL4jTi9PDz1/MnOAIcRXvGTAtjy+s0ysj4RIQo4ZaOea
0SfcVQijMjAwMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFFxedDh1q87ZpT9G
Lf7iJzvtkBinMAoGCCqGSM49BAMCA0cAMEQCIFfAbv3lM3ZOSNeUqEF6+F8wPxl2
sbeZrPaLHjEloKj8AiA+PrcGtOLzEQpjCIKRCbwUZ4+Svd3s4z/vkh5clgusuw==
-----END CERTIFICATE-----
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Machine:
    """A project, a socket that listens, and a docker that says what its fields say."""

    project: Project
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    info: dict[str, Any] = field(default_factory=dict)
    client: str = "Docker version 26.1.5, build a72d7cd"
    compose: str = "2.26.1"
    buildx: str = "github.com/docker/buildx v0.13.1 abc"
    containers: list[str] = field(default_factory=list)
    publishing: list[dict[str, str]] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    there: tuple[str, ...] = ("python:3.13-slim", "postgres:17")
    #: Whether an engine answers the client.
    listens: bool = True
    migrate: tuple[int, str] = (0, "Planned operations:\n  No planned migration operations.")

    @property
    def dotenv(self) -> Path:
        return self.project.root / ".env"

    @property
    def name(self) -> str:
        return config_module.default_name(self.project.root)

    @property
    def asked(self) -> list[str]:
        """What docker was asked, in the order of the questions."""
        path = self.folder / "asked"
        return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []

    def prepare(self) -> None:
        """A fresh project, an engine that has done nothing yet."""
        self.dotenv.unlink(missing_ok=True)
        env_files.init(self.project.root, {"COMPOSE_PROJECT_NAME": self.name})
        self.add(f"WEB_PORT={free_port()}")
        root = self.folder / "engine"
        root.mkdir(parents=True)
        self.info = {
            "ServerVersion": "26.1.5+dfsg1", "DockerRootDir": str(root), "MemTotal": 8_000_000_000,
            "DriverStatus": [["Backing Filesystem", "extfs"]], "HttpProxy": "", "HttpsProxy": "",
        }  # fmt: skip
        self.monkeypatch.setenv("PATH", str(self.folder / "bin"))
        self.write()

    def add(self, line: str) -> None:
        with self.dotenv.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def change(self, before: str, after: str) -> None:
        text = self.dotenv.read_text(encoding="utf-8")
        assert before in text, before
        self.dotenv.write_text(text.replace(before, after), encoding="utf-8")

    def drop(self, name: str) -> None:
        lines = self.dotenv.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith(f"{name}=")]
        assert len(kept) == len(lines) - 1
        self.dotenv.write_text("\n".join(kept) + "\n", encoding="utf-8")

    def container(
        self, service: str = "web", state: str = "running", status: str = "Up 1 minute (healthy)",
        *, image: str = "", folder: str = "", oneoff: bool = False,
    ) -> str:  # fmt: skip
        """Adds one, as ``docker ps`` shows it, and returns its name."""
        name = f"{self.name}-{service}-{len(self.containers) + 1}"
        where = folder or str(self.project.root / "docker")
        row = [name, service, state, status, image or f"{self.name}:multi", where, "", ""]
        self.containers.append("\t".join([*row, str(oneoff), ""]))
        return name

    def built(self) -> None:
        """The site's image is built, of the source as it is."""
        from djdock.images import freshness

        config = self.project.load()
        self.images.append(f"sha256:{'a' * 64}\t{config.image('multi')}")
        freshness.built(config, "multi")

    def write(self, folder: str = "bin", *, plugins: bool = True) -> Path:
        """Writes the docker that answers as the fields say now."""
        said = {"SystemTime": datetime.now(UTC).isoformat(), **self.info}
        inspected = [
            {"Id": f"sha256:{number:064x}", "Size": 1, "RepoTags": [name], "Config": {}}
            for number, name in enumerate(self.there)
        ]
        code, plan = self.migrate
        answers = {
            "--version": (0, self.client),
            "compose version --short": (0 if plugins else 1, self.compose),
            "compose version": (0 if plugins else 1, self.compose),
            "buildx version": (0 if plugins else 1, self.buildx),
            "info *": (0, json.dumps(said)),
            "ps --filter publish=*": (0, "\n".join(map(json.dumps, self.publishing))),
            "ps *": (0, "\n".join(self.containers)),
            "volume ls *": (0, "\n".join(self.volumes)),
            "image ls *": (0, "\n".join(self.images)),
            "image inspect *": (0, json.dumps(inspected)),
            "compose *config --volumes": (0, "postgres"),
            "exec *migrate*": (code, plan),
            "rm *": (0, ""),
            "image prune *": (0, "Total reclaimed space: 1MB"),
        }
        if not self.listens:
            local = ("--version", "compose version", "buildx version")
            answers = {q: a for q, a in answers.items() if q.startswith(local)}
        cases = "".join(
            f"{pattern.replace(' ', chr(92) + ' ')}) printf '%s\\n' {shlex.quote(text)}; exit {code};;\n"
            if text
            else f"{pattern.replace(' ', chr(92) + ' ')}) exit {code};;\n"
            for pattern, (code, text) in answers.items()
        )
        target = self.folder / folder / "docker"
        target.parent.mkdir(exist_ok=True)
        target.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$*" >>{self.folder}/asked\ncase "$*" in\n{cases}esac\n'
            'echo "unexpected: $*" >&2\nexit 99\n',
            encoding="utf-8",
        )
        target.chmod(0o755)
        return target
