"""Files through nginx and Apache, and through gunicorn: python benchmarks/proxy.py [SECONDS]

Brings up a copy of this repository behind each of the two web servers, and asks for a style sheet,
for the largest static file and for a media file of 100 kB: of the web server, and of web itself
(WhiteNoise; for the media file the site's own view). wrk asks, in a container on the stack's network,
with 32 kept connections, as many SECONDS (3 when not given) for each, five times in turns. Prints
requests per second: the median, the lowest and the highest, and the ratio of the medians. wrk shares
the machine's processors with what it asks.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tabulate import tabulate

from djdock import engine

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5

WRK = """
FROM djdock/debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends wrk && rm -rf /var/lib/apt/lists/*
"""

#: Makes a media file that the site has a view for, and prints all paths that are asked for.
FILES = """
from pathlib import Path
from django.conf import settings
from django.core.files.base import ContentFile
from polls.models import Export, Question
export = Question.objects.first().exports.create(state="done")
export.file.save(f"exports/{export.pk}.csv", ContentFile(b"choice,votes,%\\n" * 6667))
root = Path(settings.STATIC_ROOT)
files = [p for p in root.rglob("*.*") if p.suffix in (".css", ".js") and p.name.count(".") == 2]
site = next(p for p in files if "polls" in p.parts)
large = max(files, key=lambda p: p.stat().st_size)
for path in (site, large):
    print("FILE", f"/static/{path.relative_to(root)}", f"/static/{path.relative_to(root)}")
print("FILE", export.file.url, f"/exports/{export.pk}/file/")
"""


def said(argv: list[str], **more: object) -> str:
    """What a command prints; an error ends the benchmark."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(f"{argv}\n{done.stdout}{done.stderr}")
    return str(done.stdout)


def rate(docker: str, network: str, url: str, seconds: int) -> tuple[float, float]:
    """Requests per second, and MB per second; any answer but 200 ends the benchmark."""
    words = ["wrk", "--threads", "1", "--connections", "32", "--duration", f"{seconds}s"]
    words += ["--header", "Host: localhost", "--header", "Accept-Encoding: gzip", url]
    text = said([docker, "run", "--rm", "--network", network, "djdock-bench-wrk", *words])
    assert "Non-2xx" not in text, f"{url}\n{text}"
    # Apache ends a kept connection after so many requests: wrk may call that an error of reading.
    lost = re.search(r"connect (\d+), read \d+, write (\d+), timeout (\d+)", text)
    assert not lost or set(lost.groups()) == {"0"}, f"{url}\n{text}"
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    moved = re.search(r"Transfer/sec:\s+([\d.]+)(\wB)", text)
    assert found, text
    assert moved, text
    factor = {"KB": 2**10, "MB": 2**20, "GB": 2**30}[moved[2]] / 1e6
    return float(found[1]), float(moved[1]) * factor


def measure(docker: str, server: str, site: Path, seconds: int) -> list[list[str]]:
    """The table's rows of one web server."""
    env = {**os.environ, "WEB_PORT": "18742"}
    invoke = [sys.executable, "-m", "invoke"]
    try:
        said([*invoke, "up", "--with", server], cwd=site, env=env)
        variables = (site / ".env").read_text(encoding="utf-8")
        name = re.findall(r"(?m)^COMPOSE_PROJECT_NAME=(.*)$", variables)[0]
        shell = [*invoke, "exec", "web", "--", "python", "manage.py", "shell", "-c", FILES]
        paths = re.findall(r"FILE (\S+) (\S+)", said(shell, cwd=site, env=env))
        rows = []
        for path, own in paths:
            targets = {server: f"http://{server}:8080{path}", "web": f"http://web:8000{own}"}
            rates: dict[str, list[tuple[float, float]]] = {name: [] for name in targets}
            for target in [*targets] * ROUNDS:
                found = rate(docker, f"{name}_public", targets[target], seconds)
                rates[target].append(found)
            median = {
                target: statistics.median(number for number, _ in numbers)
                for target, numbers in rates.items()
            }
            for target, numbers in rates.items():
                low, high = min(numbers)[0], max(numbers)[0]
                moved = statistics.median(mb for _, mb in numbers)
                rows.append([
                    "media" if path.startswith("/media") else path.rpartition("/")[2],
                    target, f"{median[target]:,.0f}", f"{low:,.0f} to {high:,.0f}", f"{moved:,.0f}",
                    f"{median[server] / median['web']:.1f}" if target == server else "",
                ])  # fmt: skip
        return rows
    finally:
        subprocess.run([*invoke, "down", "--volumes", "--yes"], cwd=site, env=env, check=False,
                       capture_output=True)  # fmt: skip


def main(seconds: int) -> None:
    """Measures."""
    engine.require()
    docker = engine.docker_binary()
    words = [docker, "buildx", "build", "--load", "--provenance=false", "--tag", "djdock-bench-wrk"]
    said([*words, "-"], input=WRK)
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="proxy-") as name:
        site = Path(name) / "site"
        shutil.copytree(ROOT, site, ignore=shutil.ignore_patterns(
            ".git", ".env", ".venv*", ".djdock", "backups", "reports", ".*_cache", ".nox"))  # fmt: skip
        try:
            for server in ("nginx", "apache"):
                rows += measure(docker, server, site, seconds)
        finally:
            variables = (site / ".env").read_text(encoding="utf-8")
            stack = re.findall(r"(?m)^COMPOSE_PROJECT_NAME=(.*)$", variables)[0]
            images = [f"{stack}:multi", "djdock-bench-wrk"]
            subprocess.run([docker, "image", "rm", *images], check=False, capture_output=True)
    headers = ["file", "through", "requests/s", "lowest to highest", "MB/s", "times"]
    print(tabulate(rows, headers, disable_numparse=True, colalign=("left", "left", *["right"] * 4)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
