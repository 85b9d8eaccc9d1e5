"""MySQL's and MariaDB's data: what is backed up comes back, also what cannot be renamed."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import Project

#: Both servers, by their bases: they differ in what a dump has, and in the binary log.
IMAGES = {"mariadb": "djdock/mariadb:11", "mysql": "djdock/mysql:9"}

TEXTS = [
    "plain", "it's \"quoted\" `so`", "back\\slash \\n \\. \\x00 \\N", "tab\tline\nreturn\r\nend",
    "emoji \U0001f600\U0001f469\u200d\U0001f680", "\u7b80\u4f53", "\u05e9\u05dc \u202eright\u202c",
    "e\u0301 \u00e9", "%s :'x' \\g", "; drop table x; --", "\x01\x02\x1a\x7f", " ", "NULL", "\ufffd",
    "-- /* */ #", "\\! id", "", "a\x00b",
]  # fmt: skip

REST = """
create table parent (id int primary key, name varchar(50));
create table child (id int auto_increment primary key, p int,
    constraint fk_p foreign key (p) references parent(id) on delete cascade);
insert into parent values (1, 'a'), (2, 'b');
insert into child (p) values (1), (1), (2);
create table log (n int);
create view seen as select c.id, p.name from child c join parent p on p.id = c.p;
delimiter //
create trigger logs after insert on child for each row begin insert into log values (new.id); end//
create procedure tell() begin select count(*) from child; end//
create function plus(a int) returns int deterministic return a + 1//
create event cleans on schedule every 1 day do delete from log//
delimiter ;
create table django_migrations (id int, app varchar(99), name varchar(99));
insert into django_migrations values (1, 'polls', '0001_initial');
"""

#: Two tables whose sum is zero in every moment.
PAY = """
create table a (n bigint); create table b (n bigint);
insert into a values (0); insert into b values (0);
delimiter //
create procedure pay() begin
    repeat
        start transaction;
        update a set n = n + 1;
        update b set n = n - 1;
        commit;
    until false end repeat;
end//
"""

SUM = """
set session group_concat_max_len = 1000000000;
select sha2(group_concat(sha2(concat_ws('|', id, hex(body), hex(raw), n, u), 256) order by id), 256)
    from hurts;
select * from seen; select * from log; select plus(1); checksum table hurts, parent, child;
select trigger_name from information_schema.triggers where trigger_schema = 'polls';
select routine_name from information_schema.routines where routine_schema = 'polls' order by 1;
select event_name from information_schema.events where event_schema = 'polls';
select table_name, table_type, auto_increment, table_collation from information_schema.tables
    where table_schema = 'polls' order by 1;
select table_name, referenced_table_name, unique_constraint_schema
    from information_schema.referential_constraints where constraint_schema = 'polls';
"""


def hurts() -> str:
    """10,000 rows with every text that hurts, and four of 2 MB."""
    bodies = [text + str(n) if n % 3 else text for n in range(600) for text in TEXTS][:10_000]
    columns = "body longtext not null, raw longblob, n double, u bigint, unique (u)"
    made = [f"create table hurts (id bigint auto_increment primary key, {columns});"]
    for n, body in enumerate(bodies):
        raw = bytes([n % 256, 0, 255, 39, 92, 10, 13]).hex()
        text = f"convert(0x{body.encode().hex()} using utf8mb4)" if body else "''"
        made.append(
            f"insert into hurts (body, raw, n, u) values ({text}, 0x{raw}, {n / 7!r}, {n});"
        )
    long = f"repeat(convert(0x{TEXTS[4].encode().hex()} using utf8mb4), 30000)"
    for n in range(4):
        raw = random.Random(n).randbytes(1 << 20).hex()
        made.append(f"insert into hurts (body, raw) values ({long}, 0x{raw});")
    return "\n".join(made)


@pytest.fixture(scope="module", params=IMAGES)
def db(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, docker: str
) -> Iterator[Project]:
    """A stack of which the database is up, with rows in it."""
    project = Project.clone(tmp_path_factory.mktemp(request.param) / "site", docker)
    table = project.root / "pyproject.toml"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("[tool.djdock]\n", '[tool.djdock]\naddons = ["mysql"]\n', 1))
    project.invoke("env.init").ok()
    try:
        words = ["--env-file", ".env", "--file", "docker/compose.yaml"]
        words += ["--file", "docker/addons/mysql.yaml", "up", "--detach", "--no-build", "db"]
        argv = [docker, "compose", "--project-name", project.name, *words]
        project.invoke("bases", "--only", request.param).ok()
        project.run(argv, MYSQL_IMAGE=IMAGES[request.param]).ok()
        project.invoke("db.wait", "--timeout", "180").ok()
        sql(project, hurts())
        sql(project, REST)
        yield project
    finally:
        project.remove()


def sql(project: Project, text: str) -> str:
    client = 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec "$(command -v mariadb || command -v mysql)" '
    client += "--user=root --default-character-set=utf8mb4 --skip-column-names polls"
    argv = [project.docker, "exec", "-i", f"{project.name}-db-1", "sh", "-c", client]
    return project.run(argv, stdin=text).ok().out


def backup(project: Project) -> Path:
    return Path(project.invoke("db.backup").ok().out.strip())


def test_everything_comes_back_and_nothing_else_stays(db: Project) -> None:
    before = sql(db, SUM)
    path = backup(db)
    card = json.loads(path.with_name(path.name.replace(".sql.gz", ".json")).read_text())
    assert (card["engine"], card["rows"]["hurts"], card["rows_exact"]) == ("mysql", 10_004, False)
    assert card["migrations"] == ["polls.0001_initial"]
    sql(db, "delete from hurts where id % 2; delete from child; drop view seen; drop function plus;"
            "drop event cleans; create table odd (n int); create view more as select 1;"
            "create function extra(a int) returns int deterministic return a")  # fmt: skip
    done = db.invoke("db.restore", path.name, "--yes").ok()
    assert sql(db, SUM) == before
    assert "polls_before_restore" in done.err
    assert sql(db, "select count(*) from polls_before_restore.odd") == "0\n"
    assert "polls_restoring" not in sql(db, "show databases")
    sql(db, "insert into child (p) values (2)")  # the trigger is at work, the number goes on
    assert sql(db, "select max(n) from log") == "4\n"
    db.invoke("db.restore", path.name, "--yes").ok()
    assert sql(db, SUM) == before


def test_a_backup_is_one_moment_while_it_is_being_written_to(db: Project) -> None:
    sql(db, PAY)
    client = (
        'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec "$(command -v mariadb || command -v mysql)" '
        "--user=root polls --execute 'call pay()'"
    )
    argv = [db.docker, "exec", "-i", f"{db.name}-db-1", "sh", "-c", client]
    writer = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while sql(db, "select n from a") == "0\n":
            assert time.monotonic() < deadline
        path = backup(db)
    finally:
        others = "select id from information_schema.processlist where id <> connection_id() "
        for number in sql(db, f"{others} and db = 'polls'").split():
            sql(db, f"kill {number}")
        writer.wait(timeout=30)
    db.invoke("db.restore", path.name, "--yes").ok()
    assert sql(db, "select a.n + b.n, a.n > 0 from a, b") == "0\t1\n"
    sql(db, "drop table a; drop table b; drop procedure pay")


def test_a_restore_that_fails_or_is_killed_leaves_the_data(db: Project) -> None:
    path = backup(db)
    before = sql(db, SUM)
    cut = path.with_name("cut-1.sql.gz")
    data = path.read_bytes()
    for content, said in ((data[:200_000], "is not whole"), (b"no gzip", "could not be restored")):
        cut.write_bytes(content)
        card = json.loads(path.with_name(path.name.replace(".sql.gz", ".json")).read_text())
        card |= {"file": cut.name, "sha256": hashlib.sha256(content).hexdigest()}
        cut.with_name("cut-1.json").write_text(json.dumps(card), encoding="utf-8")
        done = db.invoke("db.restore", cut.name, "--yes")
        assert (done.code, said in done.err) == (1, True), done.err
        assert "Traceback" not in done.err
        assert sql(db, SUM) == before
        assert "polls_restoring" not in sql(db, "show databases")
    for seconds in (0.3, 0.8, 1.3):
        process = db.start("db.restore", path.name, "--yes")
        time.sleep(seconds)
        db.interrupt(process, signal.SIGKILL)
        assert sql(db, SUM) == before
    db.invoke("db.restore", path.name, "--yes").ok()
    assert sql(db, SUM) == before


def test_a_reset_asks(db: Project) -> None:
    done = db.invoke("db.reset")
    assert (done.code, "Add `--yes` to agree." in done.err) == (2, True)
    assert sql(db, "select count(*) from hurts") == "10004\n"
