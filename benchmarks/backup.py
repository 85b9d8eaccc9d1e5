"""How long a backup takes, against a bare `pg_dump -Fc` of it: python benchmarks/backup.py [MB]

Brings up a copy of this repository as a stack of its own, fills its database with about MB megabytes
(1000 when not given), and takes both in turn, three times each, as other work on the machine disturbs
both. Prints the seconds, the ratio of the best ones, and the peak of memory of `invoke db.backup`. The
copy and its data are removed at the end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from djdock import engine

ROOT = Path(__file__).resolve().parents[1]

#: 590 bytes a row as PostgreSQL stores it: texts that compress as people's do.
FILL = """
create table filler as select i as id, md5(i::text) || md5((i * 7)::text)
    || ' the text of a comment that somebody wrote, as people do: ' || md5((i * 13)::text)
    || repeat(chr(97 + i % 26), 300) || md5((i * 17)::text) || md5((i * 19)::text) as body, now() as made
from generate_series(1, {rows}) i
"""
ROW = 590


def peak(argv: list[str], folder: Path, env: dict[str, str]) -> tuple[float, int]:
    """Seconds, and the most memory in MiB that the process itself had."""
    started = time.monotonic()
    process = subprocess.Popen(argv, cwd=folder, env=env, stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        try:
            # Not getrusage: what it says may be of the process that started this one.
            text = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            most = max(
                most, *(int(x.split()[1]) for x in text.splitlines() if x.startswith("VmHWM"))
            )
        except (OSError, TypeError):
            pass
        time.sleep(0.02)
    assert process.returncode == 0
    return time.monotonic() - started, most // 1024


def main(megabytes: int) -> None:
    """Measures."""
    docker = engine.docker_binary()
    with tempfile.TemporaryDirectory(prefix="backup-") as name:
        site = Path(name) / "site"
        shutil.copytree(ROOT, site, ignore=shutil.ignore_patterns(
            ".git", ".env", ".venv*", ".djdock", "backups", "reports", ".*_cache", ".nox"))  # fmt: skip
        env = {**os.environ, "WEB_PORT": "18741"}
        invoke = [sys.executable, "-m", "invoke"]
        try:
            subprocess.run([*invoke, "up"], cwd=site, env=env, check=True, capture_output=True)
            stack = (site / ".env").read_text(encoding="utf-8")
            db = next(x for x in stack.splitlines() if x.startswith("COMPOSE_PROJECT")).split("=")[
                1
            ]
            client = [docker, "exec", f"{db}-db-1"]
            sql = FILL.format(rows=megabytes * 1_000_000 // ROW)
            login = ["--username", "polls", "--dbname", "polls"]
            subprocess.run([*client, "psql", "--quiet", *login, "--command", sql], check=True)
            bare, ours, memory = [], [], 0
            for _ in range(3):
                dump = [*client, "pg_dump", "-Fc", *login, "--file", "/tmp/bare.dump"]  # noqa: S108
                bare.append(peak(dump, site, env)[0])
                seconds, most = peak([*invoke, "db.backup"], site, env)
                ours.append(seconds)
                memory = max(memory, most)
        finally:
            subprocess.run([*invoke, "down", "--volumes", "--yes"], cwd=site, env=env, check=False,
                           capture_output=True)  # fmt: skip
            image = f"{db}:multi"
            subprocess.run([docker, "image", "rm", image], check=False, capture_output=True)
    print(
        f"{megabytes} MB: pg_dump -Fc {min(bare):.1f} s ({', '.join(f'{s:.1f}' for s in bare)}), "
        f"db.backup {min(ours):.1f} s ({', '.join(f'{s:.1f}' for s in ours)}), "
        f"ratio {min(ours) / min(bare):.2f}, {memory} MiB"
    )


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
