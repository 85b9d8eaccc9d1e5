"""A clone of this repository as a project of its own, driven by its commands as a user would."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, stdout, stderr, seconds."""

    code: int
    out: str
    err: str
    seconds: float

    def ok(self) -> Done:
        assert self.code == 0, f"exit code {self.code}\n{self.out}\n{self.err}"
        return self


@dataclass
class Project:
    root: Path
    docker: str
    port: int = field(default_factory=free_port)

    @classmethod
    def clone(cls, root: Path, docker: str) -> Project:
        """What git would clone: the files that are tracked, and those that would be."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, root / name)
        return cls(root, docker)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def name(self) -> str:
        return self.variables()["COMPOSE_PROJECT_NAME"]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("COMPOSE_", "DJANGO_", "DATABASE_", "WEB_", "GITHUB_"))
        }
        return {**kept, "WEB_PORT": str(self.port), **more}

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """`invoke …` in the background, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "invoke", *words],
            cwd=self.root,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def invoke(self, *words: str, stdin: str | None = None, **more: str) -> Done:
        return self.run([sys.executable, "-m", "invoke", *words], stdin=stdin, **more)

    def run(self, argv: list[str], *, stdin: str | None = None, **more: str) -> Done:
        started = time.monotonic()
        done = subprocess.run(
            argv, cwd=self.root, env=self.environment(**more), capture_output=True, text=True,
            check=False, input=stdin or "", timeout=900,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    def engine(self, *words: str) -> str:
        return self.run([self.docker, *words]).ok().out.strip()

    def variables(self) -> dict[str, str]:
        lines = (self.root / ".env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))

    def set(self, name: str, value: str) -> None:
        path = self.root / ".env"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(rf"(?m)^#?{name}=.*$", f"{name}={value}", text), encoding="utf-8")

    def containers(self) -> list[str]:
        label = f"label=com.docker.compose.project={self.name}"
        return self.engine("ps", "--all", "--filter", label, "--format", "{{.Names}}").split()

    def volumes(self) -> list[str]:
        label = f"label=com.docker.compose.project={self.name}"
        return self.engine("volume", "ls", "--filter", label, "--quiet").split()

    def networks(self) -> list[str]:
        label = f"label=com.docker.compose.project={self.name}"
        return self.engine("network", "ls", "--filter", label, "--quiet").split()

    def ready(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:
            return dict(json.load(answer))

    def answers(self) -> bool:
        try:
            return self.ready()["status"] == "ready"
        except OSError:
            return False

    def vote(self) -> int:
        """Votes for the first choice of the first poll, as a browser does; returns its votes."""
        jar = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        page = browser.open(f"{self.url}/polls/1/", timeout=10).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        choice = re.search(r'name="choice"[^>]*value="(\d+)"', page)
        assert token, page
        assert choice, page
        form = {"csrfmiddlewaretoken": token[1], "choice": choice[1]}
        data = urllib.parse.urlencode(form).encode()
        browser.open(f"{self.url}/polls/1/", data=data, timeout=10).read()
        return self.votes()

    def votes(self) -> int:
        """All votes in the database."""
        sql = "select coalesce(sum(votes), 0) from polls_choice"
        done = self.invoke("dbshell", "--", "--tuples-only", "--no-align", "--command", sql)
        return int(done.ok().out.strip())

    def interrupt(self, process: subprocess.Popen[str], signum: int = signal.SIGINT) -> Done:
        started = time.monotonic()
        os.kill(process.pid, signum)
        out, err = process.communicate(timeout=90)
        return Done(process.returncode, out, err, time.monotonic() - started)

    def remove(self) -> None:
        if (self.root / ".env").is_file():
            self.invoke("down", "--volumes", "--yes")
            listed = self.engine("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", self.name)
            if listed:
                self.engine("image", "rm", "--force", *listed.split())
