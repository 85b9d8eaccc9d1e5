"""What has to hold on PostgreSQL, on MySQL and on SQLite alike, with the site and its media files:
restores that are killed at each of their steps, resets, and many that migrate at once.
"""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from project import Project

#: Stands before the real client on PATH: at call number STEP it kills, without a warning, who has called
#: it, while what was asked for is being done.
WRAPPER = """#!/bin/bash
echo x >>"$STEPS/calls"
step=$(wc -l <"$STEPS/calls")
if [ "$step" -eq "$STEP" ]; then
    "$REAL" "$@" <&0 &
    kill -9 "$PPID"
    wait $!
    touch "$STEPS/ended"
    exit
fi
exec "$REAL" "$@"
"""

#: What the site reads of its data: all rows, what else the schema has, and the media files.
SEEN = r"""
import django, hashlib, json, pathlib
django.setup()
from django.conf import settings
from django.db import connection
digest, root = hashlib.sha256(), pathlib.Path(settings.MEDIA_ROOT)
with connection.cursor() as cursor:
    for table in sorted(connection.introspection.table_names(cursor)):
        cursor.execute(f"select * from {connection.ops.quote_name(table)} order by 1")
        for row in cursor:
            digest.update(repr((table, row)).encode())
    if connection.vendor == "mysql":
        for what, where in ("trigger", "trigger"), ("routine", "routine"), ("event", "event"):
            cursor.execute(
                f"select {what}_name from information_schema.{what}s where {where}_schema = 'polls'"
            )
            digest.update(repr(sorted(cursor.fetchall())).encode())
        cursor.execute("select table_name from information_schema.views where table_schema = 'polls'")
        digest.update(repr(sorted(cursor.fetchall())).encode())
files = {str(p.relative_to(root)): p.read_text() for p in root.rglob("*")
         if p.is_file() and not p.relative_to(root).parts[0].startswith(".")}
print(json.dumps([digest.hexdigest(), files]))
"""

#: Leaves no table, and says how many migrations were applied.
EMPTY = r"""
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("select count(*) from django_migrations")
    print(cursor.fetchone()[0])
    if connection.vendor == "mysql":
        cursor.execute("set foreign_key_checks = 0")
    for table in connection.introspection.table_names(cursor):
        cursor.execute(f"drop table {connection.ops.quote_name(table)} cascade")
"""

#: Makes the data of a word; MySQL has to carry along what cannot be renamed.
MAKE = r"""
import django, pathlib, shutil
django.setup()
from django.conf import settings
from django.db import connection
from polls.models import Choice
word = {word!r}
with connection.cursor() as cursor:
    for table in "now_", "then_":
        for n in range(3):
            cursor.execute(f"drop table if exists {{table}}{{n}}")
        if connection.vendor == "mysql":
            cursor.execute(f"drop view if exists {{table}}seen")
            cursor.execute(f"drop procedure if exists {{table}}tell")
            cursor.execute(f"drop trigger if exists {{table}}logs")
    for n in range(3):
        cursor.execute(f"create table {{word}}_{{n}} (n int)")
        cursor.execute(f"insert into {{word}}_{{n}} values ({{n}})")
    if connection.vendor == "mysql":
        cursor.execute(f"create view {{word}}_seen as select * from {{word}}_0")
        cursor.execute(f"create procedure {{word}}_tell() select 1")
        cursor.execute(
            f"create trigger {{word}}_logs before update on polls_choice for each row "
            "set new.votes = new.votes"
        )
Choice.objects.update(votes=len(word))
root = pathlib.Path(settings.MEDIA_ROOT)
for path in root.iterdir():
    shutil.rmtree(path) if path.is_dir() else path.unlink()
(root / word).mkdir()
(root / word / "file").write_text(word)
(root / "both").write_text(word)
"""


@dataclass
class Site:
    project: Project
    bin: Path
    database: str

    def python(self, code: str) -> str:
        words = ("exec", f"{self.project.name}-web-1", "python", "-c", code)
        return self.project.engine(*words)

    def make(self, word: str) -> None:
        self.python(MAKE.format(word=word))

    def seen(self) -> tuple[str, dict[str, str]]:
        digest, files = json.loads(self.python(SEEN).splitlines()[-1])
        return digest, files

    def killed(self, path: str, step: int) -> bool:
        """Restores, and is killed at a step; False when there were fewer steps."""
        notes = self.bin.with_name(f"step-{step}")
        notes.mkdir()
        environment = {
            "PATH": f"{self.bin}:{self.project.environment()['PATH']}",
            "REAL": str(shutil.which(self.project.docker)),
            "STEPS": str(notes),
            "STEP": str(step),
        }
        process = self.project.start("db.restore", path, "--yes", **environment)
        _, err = process.communicate(timeout=300)
        if process.returncode == 0:
            return False
        assert process.returncode == -9, err
        until = time.monotonic() + 120
        while not (notes / "ended").exists():
            assert time.monotonic() < until, "what was asked of the engine goes on and on"
            time.sleep(0.05)
        return True

    def serve(self) -> None:
        """Waits until the site answers; fails when it has been left stopped."""
        until = time.monotonic() + 60
        while not self.project.answers():
            assert time.monotonic() < until, self.project.invoke("ps").out
            time.sleep(0.2)


@pytest.fixture(scope="module", params=["postgres", "mysql", "sqlite"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, docker: str
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp(f"steps-{request.param}")
    project = Project.clone(folder / "site", docker)
    wrapper = folder / "bin" / "docker"
    wrapper.parent.mkdir()
    wrapper.write_text(WRAPPER, encoding="utf-8")
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    try:
        project.invoke("up", "--db", request.param, "--with", "nginx").ok()
        yield Site(project, wrapper.parent, request.param)
    finally:
        project.remove()


def test_a_restore_that_is_killed_at_every_step_leaves_one_state_or_the_other(site: Site) -> None:
    site.make("then")
    then = site.seen()
    path = site.project.invoke("db.backup", "--media").ok().out.strip()
    site.make("now")
    now = site.seen()
    assert now[0] != then[0]
    states, step = [], 1
    while site.killed(path, step):
        site.serve()
        rows, files = site.seen()
        assert rows in (now[0], then[0]), f"step {step}: rows of neither"
        assert files in (now[1], then[1]), f"step {step}: files {files}"
        # The files follow the rows: the other way round rows would lack their files.
        states.append((rows == then[0], files == then[1]))
        assert states[-1] != (False, True), f"step {step}"
        if states[-1] != (False, False):
            site.make("now")
        step += 1
    assert (False, False) in states, states
    assert (True, True) in states, states
    assert site.seen() == then
    site.serve()


def test_a_reset_leaves_an_empty_database_that_is_migrated(site: Site) -> None:
    site.make("now")
    site.project.invoke("db.reset", "--yes").ok()
    site.serve()
    look = "from django.db import connection as c; print(sorted(c.introspection.table_names()))"
    said = site.python(f"import django; django.setup(); {look}")
    assert "now_0" not in said
    assert "polls_choice" in said
    votes = "from polls.models import Choice; print(sum(c.votes for c in Choice.objects.all()))"
    assert site.python(f"import django; django.setup(); {votes}") == "0"


@pytest.mark.parametrize("site", ["postgres", "mysql"], indirect=True)  # SQLite has no such lock
def test_eight_that_start_on_an_empty_database_migrate_once(site: Site) -> None:
    up = site.project
    image = up.engine("inspect", "--format", "{{.Config.Image}}", f"{up.name}-db-1")
    every = int(site.python(EMPTY))
    up.engine("stop", f"{up.name}-web-1")
    files = ["--env-file", ".env", "--file", "docker/compose.yaml"]
    files += ["--file", f"docker/addons/{site.database}.yaml"]
    argv = [up.docker, "compose", "--project-name", up.name, *files, "run", "--rm", "-T", "migrate"]
    images = {"WEB_IMAGE": f"{up.name}:multi", f"{site.database.upper()}_IMAGE": image}
    processes = [
        subprocess.Popen(
            argv, cwd=up.root, env=up.environment(**images),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(8)
    ]  # fmt: skip
    said = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, said
    applied = Counter(line for text in said for line in text.splitlines() if "Applying" in line)
    assert len(applied) == every > 0
    assert set(applied.values()) == {1}
    assert sum("No migrations to apply" in text for text in said) == 7
    assert any("Another container is migrating this database" in text for text in said)
    up.engine("start", f"{up.name}-web-1")
    site.serve()
