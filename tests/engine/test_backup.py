"""The site's data on a real engine: what is backed up comes back, and nothing is lost on the way."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from project import Project

#: Rows with every text that hurts, made by the site itself.
FILL = r"""
from polls.models import Question
from django.db import connection
from django.utils import timezone
texts = [
    "plain", "it's \"quoted\" `so`", "back\\slash \\n \\. \\x00 \\N",
    "tab\tline\nreturn\r\nend",
    "emoji \U0001F600\U0001F469\u200D\U0001F680 \u2764\uFE0F", "\u7B80\u4F53\u4E2D\u6587",
    "\u05E9\u05DC\u05D5\u05DD \u202Eright to left\u202C", "e\u0301 \u00E9 \uFB01",
    "%s %(x)s {} ${HOME} $$ :'x' \\gexec", "; drop table polls_choice; --",
    "\x01\x02\x1a\x7f", " ", "NULL", "\uFFFD\uFEFF", "-- /* */ #", "\\! id", "",
]
bodies = [text + str(n) if n % 3 else text for n in range(600) for text in texts][:10000]
raw = [bytes([n % 256, 0, 255, 39, 92, 10, 13]) for n in range(10000)]
long = texts[4] * 30000 + "\\" * 400000
with connection.cursor() as cursor:
    cursor.execute("drop table if exists hurts")
    number, text, binary = {
        "postgresql": ("bigserial", "text", "bytea"),
        "mysql": ("bigint auto_increment", "longtext", "longblob"),
    }[connection.vendor]
    cursor.execute(
        f"create table hurts (id {number} primary key, body {text} not null, "
        f"raw {binary}, n double precision)"
    )
    insert = "insert into hurts (body, raw, n) values (%s, %s, %s)"
    cursor.executemany(insert, [(body, raw[n], n / 7) for n, body in enumerate(bodies)])
    for n in range(4):
        cursor.execute(insert, [long, os.urandom(1 << 20), None])
try:
    Question.objects.create(text="nul \x00 here", published=timezone.now())
    print("NUL was taken")
except ValueError:
    print("NUL was refused")
"""

#: A checksum over every row, made by the site itself: what Django reads.
SUM = r"""
import hashlib
from django.db import connection
digest = hashlib.sha256()
plain = lambda value: bytes(value) if isinstance(value, memoryview) else value
with connection.cursor() as cursor:
    for table in sorted(connection.introspection.table_names(cursor)):
        cursor.execute(f"select * from {connection.ops.quote_name(table)} order by 1")
        for row in cursor:
            digest.update(repr([plain(value) for value in row]).encode())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, docker: str) -> Iterator[Project]:
    """A stack that is up."""
    project = Project.clone(tmp_path_factory.mktemp("backup") / "site", docker)
    try:
        project.invoke("up").ok()
        yield project
    finally:
        project.remove()


def python(project: Project, code: str) -> str:
    """What a script prints that runs with the site's settings."""
    script = f"import django, os\ndjango.setup()\n{code}"
    return project.invoke("exec", "web", "--", "python", "-c", script).ok().out.strip()


def sql(project: Project, text: str, *more: str) -> str:
    words = ("--tuples-only", "--no-align", "--quiet", "--command", text)
    return project.invoke("dbshell", "--", *words, *more).ok().out.strip()


def backup(project: Project, *words: str) -> Path:
    return Path(project.invoke("db.backup", *words).ok().out.strip())


def databases(project: Project) -> set[str]:
    # Not from the site's own, which may be renamed at that moment.
    said = "select datname from pg_database where not datistemplate"
    return set(sql(project, said, "--dbname", "postgres").split()) - {"postgres"}


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.02)


def nothing_is_half(folder: Path, files: dict[str, bytes]) -> None:
    """Under a final name there is only what was there before, as it was."""
    assert {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith(".")} == files


def test_ten_thousand_rows_of_every_text_that_hurts_come_back_identically(up: Project) -> None:
    assert python(up, FILL) == "NUL was refused"
    sql(up, "create extension if not exists pgcrypto")
    sql(up, "create sequence counting start 41; select nextval('counting')")
    before = python(up, SUM)
    path = backup(up)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert card["rows"]["hurts"] == 10004
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card["size"] == path.stat().st_size
    assert card["django"].startswith("5.2")
    assert "polls.0001_initial" in card["migrations"]
    sql(up, "truncate hurts; update polls_choice set votes = 7; drop extension pgcrypto")
    sql(up, "alter database polls set statement_timeout = '77s'")
    assert python(up, SUM) != before
    done = up.invoke("db.restore", path.name, "--yes").ok()
    assert python(up, SUM) == before
    assert sql(up, "select nextval('counting')") == "42"
    assert sql(up, "insert into hurts (body) values ('next') returning id") == "10005"
    assert sql(up, "select encode(digest('x', 'sha1'), 'hex')")[:6] == "11f6ad"
    # What belongs to the database and not to its content stays as it was.
    assert sql(up, "show statement_timeout") == "77s"
    assert sql(up, "select count(*) from pg_stats where tablename = 'hurts'") != "0"
    owners = (
        "select distinct pg_get_userbyid(relowner) from pg_class where relname ~ '^(polls|hurts)'"
    )
    assert sql(up, owners) == "polls"
    assert "polls_before_restore" in done.err
    assert sql(up, "alter database polls reset statement_timeout") == ""
    wait_for(up.answers)
    assert up.vote() > 0


def test_a_backup_is_one_moment_while_the_site_is_being_written_to(up: Project) -> None:
    # Two tables whose sums are one in every moment, and rows enough that a dump takes a while.
    sql(up, "create table a (n bigint); create table b (n bigint); insert into a values (0); "
            "insert into b values (0); create table c as select i, repeat(md5(i::text), 20) t "
            "from generate_series(1, 200000) i")  # fmt: skip
    writer = (
        "do $$ begin for i in 1..1000000 loop update a set n = n + 1; "
        "update b set n = n - 1; insert into c values (i, 'x'); commit; end loop; end $$"
    )
    process = subprocess.Popen(
        [up.docker, "exec", f"{up.name}-db-1", "psql", "--username", "polls", "--command", writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: int(sql(up, "select n from a")) > 0)
        before = int(sql(up, "select n from a"))
        path = backup(up)
        wait_for(lambda: int(sql(up, "select n from a")) > before + 100)
    finally:
        sql(up, "select pg_terminate_backend(pid) from pg_stat_activity where query ~ '^do'")
        process.wait()
    up.invoke("db.restore", str(path), "--yes").ok()
    assert sql(up, "select a.n + b.n from a, b") == "0"
    assert int(sql(up, "select n from a")) >= before
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert sql(up, "select count(*) from c") == str(card["rows"]["c"])
    sql(up, "drop table a, b, c")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.fail("a tmpfs cannot be mounted here: run this test as root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_no_partial_file_and_the_older_backups(up: Project, small: Path) -> None:
    sql(up, "create table noise as select string_agg(md5(random()::text), '') t "
            "from generate_series(1, 200000) i group by i % 100")  # fmt: skip
    (small / "older.dump").write_bytes(b"older" * 1000)
    files = {"older.dump": b"older" * 1000}
    done = up.invoke("db.backup", "--to", str(small))
    assert (done.code, "No space left on device" in done.err) == (3, True), done.err
    assert done.out == ""
    nothing_is_half(small, files)
    assert list(small.glob(".*partial")) == []
    wait_for(lambda: sessions(up) == "0", 10)
    sql(up, "drop table noise")


def sessions(project: Project) -> str:
    """How many backups are at work on the server."""
    said = "select count(*) from pg_stat_activity where application_name ~ '^djdock-'"
    return sql(project, said)


def held(project: Project) -> subprocess.Popen[str]:
    """A session that keeps pg_dump waiting for a table."""
    return subprocess.Popen(
        [project.docker, "exec", "-i", f"{project.name}-db-1", "psql", "--username", "polls"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_backup_that_is_stopped_leaves_nothing_under_a_final_name(
    up: Project, signum: signal.Signals
) -> None:
    backup(up)
    folder = up.root / "backups"
    files = {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith(".")}
    lock = held(up)
    assert lock.stdin
    try:
        lock.stdin.write("begin; lock table polls_choice in access exclusive mode;\n")
        lock.stdin.flush()
        process = up.start("db.backup")
        wait_for(lambda: sessions(up) != "0" and list(folder.glob(".*partial")))
        done = up.interrupt(process, signum)
    finally:
        lock.stdin.close()
        lock.wait()
    assert done.code == {2: 130, 15: 143, 9: -9}[signum], done.err
    assert "Traceback" not in done.err
    nothing_is_half(folder, files)
    if signum != signal.SIGKILL:
        assert list(folder.glob(".*partial")) == []
    wait_for(lambda: sessions(up) == "0", 20)
    backup(up)  # which sweeps away what the killed one left
    assert list(folder.glob(".*partial")) == []


def test_two_backups_in_one_second_are_two(up: Project) -> None:
    processes = [up.start("db.backup", "--json") for _ in range(3)]
    cards = []
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        cards.append(json.loads(out))
    assert len({card["file"] for card in cards}) == 3
    listed = json.loads(up.invoke("db.backups", "--json").ok().out)["backups"]
    assert [card["file"] for card in listed] == sorted(card["file"] for card in listed)
    assert {card["file"] for card in cards} <= {card["file"] for card in listed}


def test_a_damaged_backup_is_refused_and_one_that_cannot_be_loaded_changes_nothing(
    up: Project,
) -> None:
    path = backup(up)
    before, there = python(up, SUM), databases(up)
    damaged = path.with_name("damaged.dump")
    data = path.read_bytes()
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8")) | {
        "file": damaged.name
    }
    side = damaged.with_suffix(".json")
    for content, checksum, code, said in (
        (data[:-1], card["sha256"], 1, "its checksum is another one"),
        (data[: len(data) // 2], None, 1, "could not be restored"),
        (data[:100], None, 1, "could not be restored"),
        (b"no dump at all", None, 1, "could not be restored"),
    ):
        damaged.write_bytes(content)
        checksum = checksum or hashlib.sha256(content).hexdigest()
        side.write_text(json.dumps(card | {"sha256": checksum}), encoding="utf-8")
        done = up.invoke("db.restore", damaged.name, "--yes")
        assert (done.code, said in done.err) == (code, True), done.err
        assert "Traceback" not in done.err
        assert python(up, SUM) == before
        assert up.ready()["status"] == "ready"
    assert "polls_restoring" not in databases(up)
    # A row that is missing is seen, whatever pg_restore says.
    damaged.write_bytes(data)
    rows = card["rows"] | {"polls_choice": 99}
    side.write_text(json.dumps(card | {"rows": rows}), encoding="utf-8")
    done = up.invoke("db.restore", damaged.name, "--yes")
    assert (done.code, "rows in polls_choice" in done.err) == (1, True), done.err
    for engine in ("mysql", "sqlite3"):
        side.write_text(json.dumps(card | {"engine": engine}), encoding="utf-8")
        done = up.invoke("db.restore", damaged.name, "--yes")
        assert (done.code, f"is a backup of {engine}" in done.err) == (2, True), done.err
    assert python(up, SUM) == before
    assert there <= databases(up)
    damaged.unlink()
    side.unlink()


def test_a_restore_that_is_killed_at_any_step_leaves_the_data_and_the_next_one_works(
    up: Project,
) -> None:
    sql(
        up,
        "create table big as select i, repeat(md5(i::text), 20) t from generate_series(1, 300000) i",
    )
    path = backup(up)
    sql(up, "create table only_now (n int); insert into only_now values (7)")
    before = python(up, SUM)

    def there() -> bool:
        return "polls_restoring" in databases(up)

    def loading() -> bool:
        said = "select count(*) from pg_stat_activity where datname = 'polls_restoring'"
        return sql(up, said) != "0"

    def loaded() -> bool:
        said = "select count(*) from pg_stat_activity where query ~* '^\\s*analyze'"
        return sql(up, said) != "0"

    ended = 0
    # Each step as the server shows it, then moments all over the run.
    steps: list[Callable[[], object]] = [there, loading, loaded]
    for step in [*steps, *(0.2, 0.6, 1.0, 1.5, 2.0, 2.5)]:
        process = up.start("db.restore", str(path), "--yes")
        if callable(step):
            wait_for(lambda step=step, process=process: step() or process.poll() is not None)  # type: ignore[misc]
        else:
            time.sleep(step)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        names = databases(up)
        assert "polls" in names
        if sql(up, "select to_regclass('only_now')"):
            assert python(up, SUM) == before
            ended += 1
        else:  # killed behind the swap: all of the backup is there, and what was before is kept
            assert sql(up, "select count(*) from big") == "300000"
            assert "polls_before_restore" in names
            sql(up, "create table only_now (n int); insert into only_now values (7)")
    assert ended >= len(steps)
    up.invoke("db.restore", str(path), "--yes").ok()
    assert sql(up, "select coalesce(to_regclass('only_now')::text, '-')") == "-"
    assert "polls_restoring" not in databases(up)
    sql(up, "drop table big")
    up.invoke("restart", "web").ok()
    wait_for(up.answers)


def test_what_belongs_to_a_role_is_restored_to_it_if_it_is_there(up: Project) -> None:
    owner = "select tableowner from pg_tables where tablename = 'theirs'"
    may = "select has_table_privilege('ann', 'polls_choice', 'select')"
    sql(up, "create role ann; create table theirs (n int); alter table theirs owner to ann; "
            "grant select on polls_choice to ann")  # fmt: skip
    path = backup(up)
    sql(up, "revoke all on polls_choice from ann; alter table theirs owner to polls")
    up.invoke("db.restore", str(path), "--yes").ok()
    assert (sql(up, owner), sql(up, may)) == ("ann", "t")
    sql(up, "drop table theirs; revoke all on polls_choice from ann")
    sql(up, "drop database polls_before_restore")
    sql(up, "drop role ann")
    done = up.invoke("db.restore", str(path), "--yes").ok()
    assert "The role ann of the backup is not here" in done.err
    assert sql(up, owner) == "polls"
    sql(up, "drop table theirs")


def test_a_site_under_load_is_swapped_and_serves_on(up: Project) -> None:
    path = backup(up)
    stop = threading.Event()
    votes: list[int] = []

    def vote() -> None:
        while not stop.is_set():
            try:
                up.ready()
                votes.append(1)
            except OSError:
                time.sleep(0.05)

    threads = [threading.Thread(target=vote) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        up.invoke("db.restore", str(path), "--yes").ok()
        served = len(votes)
        wait_for(lambda: len(votes) > served + 20)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert up.ready()["status"] == "ready"


def test_a_backup_of_another_state_of_the_code_is_said_to_be_one(up: Project) -> None:
    path = backup(up)
    side = path.with_suffix(".json")
    card = json.loads(side.read_text(encoding="utf-8"))
    older = [name for name in card["migrations"] if name != "polls.0002_sample_polls"]
    newer = [*card["migrations"], "polls.0099_future"]
    for migrations, said in (
        (older, "the backup has not: polls.0002_sample_polls. Apply them: `invoke migrate`."),
        (newer, "the code has not: polls.0099_future."),
    ):
        wait_for(up.answers)
        side.write_text(json.dumps(card | {"migrations": migrations}), encoding="utf-8")
        assert said in up.invoke("db.restore", str(path), "--yes").ok().err
    wait_for(up.answers)


def test_nobody_is_asked_without_a_terminal(up: Project) -> None:
    path = backup(up)
    before = python(up, SUM)
    for words in (["db.restore", str(path)], ["db.reset"], ["db.prune", "--keep", "1"]):
        done = up.invoke(*words)
        assert (done.code, "Add `--yes` to agree." in done.err) == (2, True), done.err
    assert python(up, SUM) == before
    assert path.is_file()


def test_prune_keeps_the_newest_of_this_stack(up: Project) -> None:
    backup(up)
    folder = up.root / "backups"
    newest = backup(up)
    other = folder / "other-20000101T000000Z.dump"
    shutil.copy2(newest, other)
    card = json.loads(newest.with_suffix(".json").read_text(encoding="utf-8"))
    card |= {"stack": "other", "file": other.name, "made": "2000-01-01T00:00:00Z"}
    other.with_suffix(".json").write_text(json.dumps(card), encoding="utf-8")
    up.invoke("db.prune", "--keep", "1", "--yes").ok()
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    kept = {newest, newest.with_suffix(".json"), other, other.with_suffix(".json")}
    assert names == {path.name for path in kept}


def test_reset_leaves_an_empty_site_and_wait_says_when_it_answers(up: Project) -> None:
    sql(up, "create table mine (n int)")
    up.invoke("db.reset", "--yes").ok()
    assert databases(up) == {"polls"}
    assert sql(up, "select coalesce(to_regclass('mine')::text, '-')") == "-"
    wait_for(up.answers)
    assert up.votes() == 0
    up.invoke("db.wait", "--timeout", "20").ok()
    up.engine("stop", "--time", "1", f"{up.name}-db-1")
    done = up.invoke("db.wait", "--timeout", "1")
    assert (done.code, "did not answer a query within 1 s" in done.err) == (1, True), done.err
    assert up.invoke("db.backup").code == 3
    waiting = up.start("db.wait")
    up.engine("start", f"{up.name}-db-1")
    assert waiting.wait(timeout=90) == 0
    waiting.communicate()


# --- the smallest image, with its data in a volume -------------------------------------------------


def test_sqlite_and_media_files_in_the_image_without_a_shell(tmp_path: Path, docker: str) -> None:
    project = Project.clone(tmp_path / "site", docker)
    try:
        project.invoke("env.init").ok()
        project.set("DATABASE_NAME", "/data/db.sqlite3")
        own = 'source = "src/demo"\naddons = ["data"]'
        replace(project, "pyproject.toml", 'source = "src/demo"', own)
        volume = "{volumes: [data:/data]}"
        addon = f"services:\n  migrate: {volume}\n  web: {volume}\nvolumes:\n  data: {{}}\n"
        (project.root / "docker/addons/data.yaml").write_text(addon, encoding="utf-8")
        settings = project.root / "src/demo/config/settings.py"
        settings.write_text(settings.read_text(encoding="utf-8") + '\nMEDIA_ROOT = "/data/media"\n')
        labels = [f"--label=com.docker.compose.{name}" for name in
                  (f"project={project.name}", "volume=data")]  # fmt: skip
        project.engine("volume", "create", *labels, f"{project.name}_data")
        own = ["--volume", f"{project.name}_data:/data", "djdock/python:3.13-slim"]
        project.engine("run", "--rm", *own, "chown", "10001:10001", "/data")
        project.invoke("up", "--variant", "minimal").ok()
        python(project, VOTES.format(5))
        python(
            project,
            "os.makedirs('/data/media/a'); open('/data/media/a/b', 'wb').write(b'x' * 9999)",
        )
        card = json.loads(project.invoke("db.backup", "--media", "--json").ok().out)
        assert (card["engine"], card["rows"]["polls_choice"]) == ("sqlite3", 11)
        assert Path(card["path"]).with_name(card["media"]["file"]).is_file()
        python(project, VOTES.format(6))
        python(project, "os.remove('/data/media/a/b'); open('/data/media/c', 'w').close()")
        project.invoke("db.restore", card["path"], "--yes").ok()
        wait_for(project.answers)
        found = python(
            project, "print(sorted(os.listdir('/data/media')), os.stat('/data/media/a/b'))"
        )
        assert found.startswith("['.before_restore', 'a'] ")
        assert "st_uid=10001" in found
        assert "st_size=9999" in found
        votes = "from polls.models import Choice; print(Choice.objects.get(pk=1).votes)"
        assert python(project, votes) == "5"
    finally:
        project.remove()


VOTES = "from polls.models import Choice; Choice.objects.filter(pk=1).update(votes={})"


def replace(project: Project, name: str, old: str, new: str) -> None:
    path = project.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
