"""The exact command line of every task and every flag, as a dry run prints it.

There is no docker here and no engine; a test in which a process is started or a file changes fails.
"""

from __future__ import annotations

import inspect
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ENV, DockerStub, Invoke, Project

from djdock import engine
from djdock.shell import Shell
from djdock.stack import dotenv
from djdock.tasks import namespace

BUILD = (
    "docker buildx build --file docker/{0}.Dockerfile --tag {1} --label io.djdock.stack=shop "
    "--build-arg PYTHON_VERSION=3.13 "
    "--build-arg SOURCE=src/shop --build-arg REQUIREMENTS=requirements.txt "
    "--build-arg SETTINGS=config.settings --build-arg WSGI=config.wsgi:application "
    "{2}--provenance=false --{3} ."
)
FILES = "--env-file .env --file docker/compose.yaml --file docker/addons/postgres.yaml"
STACK = "docker compose --project-name shop"
UP = f"WEB_IMAGE=shop:{{0}} {STACK} {FILES} up --no-build --remove-orphans"
WAIT = "--detach --wait --wait-timeout"
MANAGE = f"{STACK} exec -T web python manage.py"
LOGIN = "--snapshot SNAPSHOT --no-password --username shopper --dbname {0}"
LOAD = (
    f"{STACK} exec -T db pg_restore --exit-on-error --no-password --username shopper "
    "--dbname shopdb_restoring"
)
RUN = f"WEB_IMAGE=shop:multi {STACK} {FILES} run --rm"


def up(*addons: str, flags: str = "", more: str = "") -> list[str]:
    """The lines of `up` with these add-ons, flags of Compose's `up`, and more files."""
    files = " ".join(f"--file docker/addons/{name}.yaml" for name in addons)
    line = UP.format("multi").replace("--file docker/addons/postgres.yaml", f"{files}{more}")
    return [build(), f"{line} {flags}{WAIT} 120"]


def build(variant: str = "multi", tag: str = "", flags: str = "", end: str = "load") -> str:
    return BUILD.format(variant, tag or f"shop:{variant}", flags, end)


def on_source(project: Project) -> str:
    owner = (project.root / "src/shop").stat()
    return (
        f"{RUN} --volume {project.root}/src/shop:/app --user {owner.st_uid}:{owner.st_gid} "
        "--env HOME=/tmp -T --no-deps migrate python manage.py"
    )


@pytest.fixture
def dry(project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `invoke --dry …`, checks that nothing was started or changed, returns what it prints."""

    def started(self: Shell, argv: list[str], *_: object, **__: object) -> None:
        pytest.fail(f"a dry run started {argv}")

    def run(*words: str) -> list[str]:
        before = project.files()
        with monkeypatch.context() as patched:
            patched.setattr(Shell, "_spawn", started)
            ended = invoke("--dry", *words)
        assert ended.code == 0, ended.err
        assert project.files() == before
        for secret in (ENV["DJANGO_SECRET_KEY"], ENV["DATABASE_PASSWORD"]):
            assert secret not in ended.out + ended.err
        return ended.lines

    return run


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("up", [build(), f"{UP.format('multi')} {WAIT} 120"]),
        ("up --build", [build(), f"{UP.format('multi')} {WAIT} 120"]),
        ("up --variant single", [build("single"), f"{UP.format('single')} {WAIT} 120"]),
        ("up --wait-timeout 7", [build(), f"{UP.format('multi')} {WAIT} 7"]),
        ("up --foreground", [build(), UP.format("multi")]),
        ("up --with redis", up("postgres", "redis")),
        (
            "up --with redis,nginx --with prometheus",
            up(
                *["postgres", "redis", "nginx", "prometheus"],
                *[f"prometheus/{name}" for name in ("postgres", "redis", "nginx")],
            ),
        ),
        ("up --with redis --without postgres", up("redis")),
        ("up --db mysql", up("mysql")),
        ("up --db sqlite --with redis", up("sqlite", "redis")),
        ("up --with nginx --scale web=3", up("postgres", "nginx", flags="--scale web=3 ")),
        (
            "up --with rabbitmq,nginx --scale web=2,worker=3",
            up("postgres", "rabbitmq", "nginx", flags="--scale web=2 --scale worker=3 "),
        ),
        ("up --publish postgres:15432", up("postgres", more=" --file .djdock/publish.json")),
        ("addons", []),
        ("addons --json", []),
        ("down", [f"{STACK} down --remove-orphans"]),
        ("down --volumes", [f"{STACK} down --remove-orphans --volumes"]),
        ("down --volumes --yes", [f"{STACK} down --remove-orphans --volumes"]),
        ("ps", [f"{STACK} ps --all"]),
        ("ps --json", [f"{STACK} ps --all --format json"]),
        ("logs", [f"{STACK} logs"]),
        ("logs web", [f"{STACK} logs web"]),
        ("logs web --follow --tail 5", [f"{STACK} logs --follow --tail 5 web"]),
        ("logs --tail all web", [f"{STACK} logs --tail all web"]),
        ("logs --follow", [f"{STACK} logs --follow"]),
        ("logs --service db", [f"{STACK} logs db"]),
        ("restart", [f"{STACK} restart"]),
        ("restart db", [f"{STACK} restart db"]),
        ("restart --service db", [f"{STACK} restart db"]),
        ("exec --service db -- id", [f"{STACK} exec -T db id"]),
        ("exec -- id -u", [f"{STACK} exec -T web id -u"]),
        ("exec db -- psql --version", [f"{STACK} exec -T db psql --version"]),
        ("build", [build()]),
        ("build --variant single", [build("single")]),
        (
            "build --all --no-cache",
            [build(name, flags="--no-cache ") for name in ("minimal", "multi", "single")],
        ),
        ("build --pull", [build(flags="--pull ")]),
        ("build --platform linux/arm64", [build(flags="--platform linux/arm64 ")]),
        ("build --tag team/site:1.0", [build(tag="team/site:1.0")]),
        ("build --tag team/site:1.0 --push", [build(tag="team/site:1.0", end="push")]),
        ("migrate", [f"{MANAGE} migrate --noinput"]),
        ("migrate polls", [f"{MANAGE} migrate --noinput polls"]),
        ("migrate polls 0001", [f"{MANAGE} migrate --noinput polls 0001"]),
        ("migrate --check", [f"{MANAGE} migrate --noinput --check"]),
        ("migrate --plan polls zero", [f"{MANAGE} migrate --noinput polls zero --plan"]),
        ("migrate --app polls --name 0001", [f"{MANAGE} migrate --noinput polls 0001"]),
        ("showmigrations", [f"{MANAGE} showmigrations"]),
        ("manage -- check --deploy", [f"{MANAGE} check --deploy"]),
        ("shell", [f"{MANAGE} shell --verbosity 0"]),
        ("shell -- --interface python", [f"{MANAGE} shell --verbosity 0 --interface python"]),
        (
            "dbshell",
            [f"{STACK} exec -T db psql --username shopper --dbname shopdb"],
        ),
        (
            "dbshell -- --list",
            [f"{STACK} exec -T db psql --username shopper --dbname shopdb --list"],
        ),
        ("superuser", [f"{MANAGE} createsuperuser"]),
        ("test", [build(), f"{RUN} -T migrate python manage.py test --noinput"]),
        (
            "test --variant minimal",
            [
                build("minimal", tag="shop:minimal-test", flags="--target test "),
                f"{RUN.replace('multi', 'minimal-test')} -T migrate python manage.py test --noinput",
            ],
        ),
        (
            "test -- polls --failfast",
            [build(), f"{RUN} -T migrate python manage.py test --noinput polls --failfast"],
        ),
        ("image-size", ["docker image inspect shop:minimal shop:multi shop:single"]),
        ("image-size --variant single --max 1GB --json", ["docker image inspect shop:single"]),
        ("image.size --variant multi --max 1GB --json", ["docker image inspect shop:multi"]),
        ("image.layers", []),
        ("image.layers --variant single --sort waste --top 3 --min 1MB --compressed --json", []),
        ("image.layers --archive image.tar --image site:1", []),
        ("image.files", []),
        ("image.files --variant single --sort path --top 5 --min 1MB --json", []),
        ("image.files --archive image.tar --image site:1", []),
        ("image.report", []),
        ("image.report multi,other:1 --output page.html", []),
        ("image.report --archive image.tar --image site:1 --json", []),
        ("bases", []),
        ("bases --list --json", []),
        ("bases --only python-slim --force", []),
        ("bases --all", []),
        ("doctor", []),
        ("doctor --json --fix", []),
        (
            "db.backup",
            [
                f"{STACK} exec -T db pg_dump --format custom --compress zstd {LOGIN.format('shopdb')}"
            ],
        ),
        (
            "db.backup --to /mnt --media --json",
            [
                f"{STACK} exec -T db pg_dump --format custom --compress zstd {LOGIN.format('shopdb')}"
            ],
        ),
        ("db.backups --dir /mnt --json", []),
        ("db.restore x.dump", [f"{LOAD} <x.dump"]),
        ("db.restore --file x.dump --yes", [f"{LOAD} <x.dump"]),
        ("db.prune --keep 3 --dir /mnt --yes", []),
        ("db.reset --yes", [f"{MANAGE} migrate --noinput"]),
        ("db.wait --timeout 5", []),
        ("env.init", []),
        ("env.init --https", []),
        ("check", []),
        ("check --json", []),
        ("ps logs --tail 1", [f"{STACK} ps --all", f"{STACK} logs --tail 1"]),
    ],
)
def test_the_command_line_of_every_task_and_flag(dry: Any, words: str, lines: list[str]) -> None:
    assert dry(*words.split()) == lines


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("makemigrations", "makemigrations"),
        ("makemigrations --check", "makemigrations --check --dry-run"),
        ("collectstatic", "collectstatic --noinput"),
        ("collectstatic --clear", "collectstatic --noinput --clear"),
    ],
)
def test_what_writes_into_the_source_runs_on_it_as_its_owner(
    dry: Any, project: Project, words: str, line: str
) -> None:
    assert dry(*words.split()) == [build(), f"{on_source(project)} {line}"]


def test_words_behind_the_dashes_keep_their_quoting(dry: Any) -> None:
    assert dry("manage", "--", "check", "--deploy", "a b", "") == [
        f"{MANAGE} check --deploy 'a b' ''"
    ]
    assert dry("exec", "web", "--", "sh", "-c", "echo $HOME; id") == [
        f"{STACK} exec -T web sh -c 'echo $HOME; id'"
    ]


@pytest.mark.parametrize(
    ("words", "variant", "files", "flags"),
    [
        ("", "multi", "addons/postgres dev/site", ""),
        ("--build --variant single", "single", "addons/postgres dev/site", ""),
        (
            "--with nginx,redis --scale web=2",
            "multi",
            "addons/postgres addons/nginx addons/redis dev/site dev/nginx",
            "--scale web=2 ",
        ),
    ],
)
def test_up_dev_adds_its_files_and_builds_its_stage(
    dry: Any, project: Project, words: str, variant: str, files: str, flags: str
) -> None:
    owner = (project.root / "src/shop").stat()
    named = " ".join(f"--file docker/{name}.yaml" for name in files.split())
    assert dry("up", "--dev", *words.split()) == [
        build(variant, tag=f"shop:{variant}-dev", flags="--target dev "),
        (
            f"WEB_IMAGE=shop:{variant}-dev DEV_SOURCE={project.root}/src/shop "
            f"DEV_USER={owner.st_uid}:{owner.st_gid} WEB_BIND=127.0.0.1 WEB_UID={owner.st_uid} "
            f"{STACK} --env-file .env --file docker/compose.yaml {named} up --no-build "
            f"--remove-orphans {flags}{WAIT} 120"
        ),
    ]


def test_up_local_needs_no_docker(dry: Any, project: Project) -> None:
    venv, data = project.root / ".djdock/venv", project.root / ".djdock"
    site = (
        "DJANGO_SECRET_KEY=*** DJANGO_SETTINGS_MODULE=config.settings DATABASE_ENGINE=sqlite3 "
        f"DATABASE_NAME={data}/db.sqlite3 DJANGO_STATIC_ROOT={data}/staticfiles "
        "WSGI_APPLICATION=config.wsgi:application FORWARDED_ALLOW_IPS=127.0.0.1 "
        f"{venv}/bin/python"
    )
    lines = dry("up", "--local")
    assert lines == [
        f"{sys.executable} -m venv --clear {venv}",
        f"{venv}/bin/python -m pip install --quiet --requirement {project.root}/requirements.txt",
        f"{site} manage.py migrate --noinput",
        f"{site} manage.py collectstatic --noinput --verbosity 0",
        f"{site} -m gunicorn --config {project.root}/docker/gunicorn.conf.py --bind 127.0.0.1:8000",
    ]


def test_a_superuser_from_the_environment_is_named_by_variables_only(
    dry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"USERNAME": "ada", "EMAIL": "ada@example.org", "PASSWORD": "hunter22"}
    for name, value in values.items():
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", value)
    lines = dry("superuser")
    given = " ".join(f"--env DJANGO_SUPERUSER_{name}" for name in values)
    assert lines == [
        build(),
        f"{RUN} {given} -T migrate python manage.py createsuperuser --noinput",
    ]


def test_the_configured_database_takes_the_place_of_the_addons(dry: Any, project: Project) -> None:
    project.table("addons = ['redis', 'postgres']\ndatabase = 'mysql'")
    assert dry("up") == up("redis", "mysql")
    assert dry("up", "--db", "sqlite") == up("redis", "sqlite")


def test_dbshell_is_the_client_of_the_database(dry: Any, project: Project) -> None:
    project.table("database = 'sqlite'")
    line = f"{STACK} exec -T web python -m sqlite3 /srv/sqlite/db.sqlite3"
    assert dry("dbshell", "--", "select 1") == [f"{line} 'select 1'"]
    project.table("database = 'mysql'")
    (line,) = dry("dbshell")
    assert line.startswith(f"{STACK} exec -T db sh -c ")
    assert line.endswith(" mysql --user=shopper --database=shopdb")


def test_dbshell_is_that_of_the_database_that_is_up(
    project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = fake_stack(monkeypatch, tmp_path / "d", ps=row("web") + row("db"))
    record = {"name": "shop", "digest": "", "addons": ["sqlite"], "published": False}
    project.write(".djdock/up", json.dumps(record))
    assert invoke("dbshell").code == 0
    line = "exec -T web python -m sqlite3 /srv/sqlite/db.sqlite3"
    assert asked.read_text() == f"compose --project-name shop {line}\n"


def test_without_a_database_dbshell_is_djangos(dry: Any, project: Project) -> None:
    project.table("addons = []")
    assert dry("dbshell", "--", "-x") == [f"{MANAGE} dbshell -x"]


def test_a_dry_run_of_a_fresh_clone_makes_no_dotenv(dry: Any, project: Project) -> None:
    (project.root / ".env").unlink()
    dry("up")
    dry("test")
    assert not (project.root / ".env").exists()


def test_secrets_are_masked_also_when_they_are_typed(invoke: Invoke, project: Project) -> None:
    ended = invoke("--dry", "manage", "--", "x", f"--password={ENV['DATABASE_PASSWORD']}")
    assert ended.lines == [f"{MANAGE} x --password=***"]


def test_every_dry_command_line_is_covered_here() -> None:
    marks = test_the_command_line_of_every_task_and_flag.pytestmark
    said = [case[0] for case in marks[0].args[1]]
    said += ["makemigrations --check", "collectstatic --clear", "env.check --json"]
    said += ["up --local", "up --dev"]
    # test_sqlite.py has these.
    said += [f"db.{name} --local" for name in ("backup", "restore", "reset", "wait")]
    # These three run no command; test_image_owners.py has them.
    said += ["image.packages --image --variant --archive --sort --top --min --json"]
    said += [
        "image.compare --before --after --sort --top --min --json",
        "image.baseline --variant --json",
    ]
    for name, task in tasks().items():
        words = [line.split() for line in said if line.split()[0] == name]
        flags = {flag for argument in task.get_arguments() for flag in names(argument)}
        assert words, f"{name} is not covered"
        missing = flags - {word for line in words for word in line}
        assert not missing, f"{name}: {missing}"


# --- help ------------------------------------------------------------------------------------------


def tasks() -> dict[str, Any]:
    return {name: namespace[name] for name in namespace.task_names}


def names(argument: Any) -> list[str]:
    return [f"--{name.replace('_', '-')}" for name in argument.names]


def test_the_tasks_are_these() -> None:
    assert sorted(tasks()) == sorted(
        [
            "up",
            "down",
            "ps",
            "logs",
            "restart",
            "exec",
            "build",
            "migrate",
            "makemigrations",
            "showmigrations",
            "collectstatic",
            "manage",
            "shell",
            "dbshell",
            "superuser",
            "test",
            "addons",
            "bases",
            "doctor",
            "check",
            "image-size",
            "image.size",
            "image.layers",
            "image.files",
            "image.packages",
            "image.compare",
            "image.baseline",
            "image.report",
            "env.init",
            "env.check",
            "db.backup",
            "db.backups",
            "db.restore",
            "db.prune",
            "db.reset",
            "db.wait",
        ]
    )


@pytest.mark.parametrize("name", sorted(tasks()))
def test_every_task_says_what_it_does_in_one_sentence(name: str) -> None:
    text = inspect.getdoc(tasks()[name].body)
    assert text
    first = text.splitlines()[0]
    assert first[0].isupper()
    assert not text.startswith("_")


@pytest.mark.parametrize("name", sorted(tasks()))
def test_every_flag_has_a_help_text_that_is_a_sentence(name: str) -> None:
    for argument in tasks()[name].get_arguments():
        assert argument.help, f"{name} --{argument.name}"
        assert argument.help.endswith("."), f"{name} --{argument.name}"


@pytest.mark.parametrize("name", sorted(tasks()))
@pytest.mark.parametrize("after", [True, False])
def test_help_is_shown_before_and_after_a_task(
    project: Project, invoke: Invoke, name: str, after: bool
) -> None:
    ended = invoke(*((name, "--help") if after else ("--help", name)))
    assert (ended.code, ended.err) == (0, "")
    assert f"Usage: invoke [--core-opts] {name} [" in ended.out
    shown = " ".join(ended.out.split())
    for argument in tasks()[name].get_arguments():
        assert names(argument)[0] in shown
        assert " ".join(argument.help.split()) in shown


def test_help_is_shown_after_a_positional_argument(project: Project, invoke: Invoke) -> None:
    ended = invoke("migrate", "polls", "--help")
    assert "Usage: invoke" in ended.out
    assert ended.code == 0


def test_the_list_shows_every_task(project: Project, invoke: Invoke) -> None:
    ended = invoke("--list")
    assert ended.code == 0
    assert {
        line.split()[0] for line in ended.lines if line.startswith("  ") and line[2] != " "
    } == {*tasks()}


# --- where one is ----------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["docker/addons", "src/shop/config"])
def test_tasks_work_from_a_subfolder(dry: Any, project: Project, folder: str) -> None:
    at_root = dry("up")
    os.chdir(project.root / folder)
    assert dry("up") == at_root
    assert Path.cwd() == project.root / folder  # where the next task of a command line begins, too
    assert dry("build", "--all") == [build("minimal"), build(), build("single")]


# --- exit codes ------------------------------------------------------------------------------------

NO_DOCKER = f"error: There is no `docker` on PATH.\n{engine.NO_DOCKER}\n"
NO_ENGINE = f"error: No Docker Engine answers at unix:///nonexistent.sock.\n{engine.NO_ENGINE}\n"
USAGE = "`invoke --list` shows the tasks, `invoke --help TASK` a task's flags.\n"
NEED_AN_ENGINE = [
    "up", "down", "ps", "logs", "restart", "exec -- id", "build", "migrate", "makemigrations",
    "showmigrations", "collectstatic", "manage -- check", "dbshell", "test", "image-size", "bases",
    "addons", "shell", "image.size", "image.layers", "image.files",
]  # fmt: skip


@pytest.mark.parametrize("words", NEED_AN_ENGINE)
def test_without_docker_the_code_is_3(project: Project, invoke: Invoke, words: str) -> None:
    before = project.files()
    ended = invoke(*words.split())
    assert (ended.code, ended.out, ended.err) == (3, "", NO_DOCKER)
    assert project.files() == before


@pytest.mark.parametrize("words", NEED_AN_ENGINE)
def test_without_an_engine_the_code_is_3(
    project: Project,
    invoke: Invoke,
    docker_stub: DockerStub,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
) -> None:
    path = docker_stub("client", "compose", "buildx")
    monkeypatch.setenv("PATH", str(path.parent))
    ended = invoke(*words.split())
    assert (ended.code, ended.out, ended.err) == (3, "", NO_ENGINE)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("manage", "No command was given.\nPut it behind --: invoke manage -- check\n"),
        ("exec web", "No command was given.\nPut it behind --: invoke exec web -- id -u\n"),
        (
            "--dry up --variant mutli",
            "There is no variant `mutli`.\nDid you mean `multi`?\n",
        ),
        (
            "--dry build --variant qqq",
            "There is no variant `qqq`.\nChoose from: minimal, multi, single.\n",
        ),
        ("image-size --variant singel", "There is no variant `singel`.\nDid you mean `single`?\n"),
        (
            "image-size --max 150",
            None,  # bytes: a size
        ),
        (
            "image-size --max 150M",
            "--max `150M` is not a size.\nWrite it like 150MB (decimal) or 133MiB (binary).\n",
        ),
        ("image.layers --sort sise", "There is no order `sise`.\nDid you mean `size`?\n"),
        (
            "image.layers site:1 --variant multi",
            "--variant goes with neither IMAGE nor --archive.\nGive one of them.\n",
        ),
        ("image.files --sort laier", "There is no order `laier`.\nDid you mean `layer`?\n"),
        (
            "image.compare multi --sort nmae",
            "There is no order `nmae`.\nDid you mean `name`?\n",
        ),
        ("image.files --top 0", "--top is 0.\nGive a number above 0.\n"),
        (
            "image.files --min 150M",
            "--min `150M` is not a size.\nWrite it like 150MB (decimal) or 133MiB (binary).\n",
        ),
        (
            "build --all --variant multi",
            "--all goes with neither --variant nor --tag.\nLeave one of them out.\n",
        ),
        (
            "build --all --tag x:1",
            "--all goes with neither --variant nor --tag.\nLeave one of them out.\n",
        ),
        (
            "build --push",
            (
                "There is nowhere to push to.\n"
                "Name the image: --tag registry.example.org/team/site:1.0\n"
            ),
        ),
        ("--dry logs --tail many", "--tail is `many`.\nGive a number of lines, or all.\n"),
        (
            "--dry up --wait-timeout -5",
            "--wait-timeout is -5.\nGive a number of seconds above 0.\n",
        ),
        ("--dry up --with redsi", "There is no add-on `redsi`.\nDid you mean `redis`?\n"),
        (
            "--dry up --with nginx,apache",
            (
                "The add-ons nginx and apache exclude each other: a stack has one proxy.\n"
                "Leave one of them out: `--without nginx`.\n"
            ),
        ),
        ("--dry up --db mysq", "There is no database `mysq`.\nDid you mean `mysql`?\n"),
        (
            "--dry up --publish redis",
            (
                "The add-on redis is not chosen, so it cannot be published.\n"
                "Choose it: `--with redis`.\n"
            ),
        ),
        (
            "up --scale web=3",
            (
                "web publishes the site's port itself, so there can be only one.\n"
                "Put a web server in front of it: `--with nginx` or `--with apache`.\n"
            ),
        ),
        (
            "up --local --with redis",
            "--local has no containers, and so no add-ons.\nLeave --local or the others out.\n",
        ),
        (
            "up --local --dev",
            (
                "--dev mounts the source into containers, and --local has none.\n"
                "Leave one of them out.\n"
            ),
        ),
        (
            "--dry up --dev --variant minimal",
            (
                "The variant minimal cannot run from the source: docker/minimal.Dockerfile has no "
                "stage `dev`.\nRun another one: `--variant multi`.\n"
            ),
        ),
        (
            "bases --all --only postgres",
            "--all does not go with --only.\nLeave one of them out.\n",
        ),
        (
            "bases --only pythn-slim",
            "There is no base `pythn-slim`.\nDid you mean `python-slim`?\n",
        ),
        (
            "superuser",
            (
                "Nobody is here to ask for the superuser's name and password.\n"
                "Set DJANGO_SUPERUSER_USERNAME, DJANGO_SUPERUSER_EMAIL, DJANGO_SUPERUSER_PASSWORD.\n"
            ),
        ),
        ("up --wait-timeout 5x", f"--wait-timeout needs a number, not '5x'.\n{USAGE}"),
        ("up --wait-timeout", f"--wait-timeout needs a value.\n{USAGE}"),
        ("up --db", f"--db needs a value.\n{USAGE}"),
        ("up --with", f"--with needs a value.\n{USAGE}"),
        ("ps --nope", f"No idea what '--nope' is!\n{USAGE}"),
        # These have a positional argument, which may be left out or not.
        ("image.layers --tap 3", f"No idea what '--tap' is!\n{USAGE}"),
        ("migrate --fake", f"No idea what '--fake' is!\n{USAGE}"),
        ("image.compare --nope multi", f"No idea what '--nope' is!\n{USAGE}"),
        ("nope", f"No idea what 'nope' is!\n{USAGE}"),
        ("migrat", "No idea what 'migrat' is!\nDid you mean `migrate`?\n"),
        ("env.chek", "No idea what 'env.chek' is!\nDid you mean `env.check`?\n"),
        ("--help nope", f"No idea what 'nope' is!\n{USAGE}"),
    ],
)
def test_wrong_usage_is_2(
    project: Project,
    invoke: Invoke,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    text: str | None,
) -> None:
    with open(os.devnull) as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        ended = invoke(*words.split())
    if text is None:
        assert ended.code == 3  # it went on to look for docker
    else:
        assert (ended.code, ended.out, ended.err) == (2, "", f"error: {text}")


def test_half_a_superuser_in_the_environment_is_2(
    project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "hunter22")
    ended = invoke("superuser")
    assert (ended.code, ended.err.splitlines()[0]) == (
        2,
        "error: DJANGO_SUPERUSER_USERNAME is not set.",
    )


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (
            "variant = 'mutli'",
            "There is no variant `mutli` in [tool.djdock].\nDid you mean `multi`?\n",
        ),
        (
            "addons = ['postgre']",
            "There is no add-on `postgre` in [tool.djdock].\nDid you mean `postgres`?\n",
        ),
        (
            "adons = []",
            (
                "There is no key `adons` in [tool.djdock] of ROOT/pyproject.toml.\n"
                "Did you mean `addons`?\n"
            ),
        ),
    ],
)
@pytest.mark.parametrize("words", ["--dry up", "ps", "env.check"])
def test_a_wrong_configuration_is_2_for_every_task(
    project: Project, invoke: Invoke, table: str, text: str, words: str
) -> None:
    project.table(table)
    ended = invoke(*words.split())
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.replace(str(project.root), "ROOT") == f"error: {text}"


def test_a_malformed_dotenv_is_2_and_names_the_line(project: Project, invoke: Invoke) -> None:
    project.write(".env", "A=1\n\nDATABASE_PASSWORD hunter22\n")
    ended = invoke("--dry", "up")
    assert (ended.code, ended.out, ended.err) == (
        2,
        "",
        (
            "error: Line 3 of .env is not `NAME=value`.\n"
            f"Correct it in {project.root}/.env; .env.example shows how each variable is written.\n"
        ),
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/shop/manage.py", "There is no manage.py in ROOT/src/shop."),
        ("requirements.txt", "There is no requirements file ROOT/requirements.txt."),
    ],
)
def test_a_missing_file_is_3(project: Project, invoke: Invoke, path: str, text: str) -> None:
    (project.root / path).unlink()
    ended = invoke("--dry", "build")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.splitlines()[0].replace(str(project.root), "ROOT") == f"error: {text}"


def fake_stack(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, ends: int = 0, ps: str = ""
) -> Path:
    """A docker whose engine is there, which lists ``ps`` and writes down what else it is asked."""
    folder.mkdir()
    path, asked = folder / "docker", folder / "asked"
    listing = folder / "ps"
    listing.write_text(ps, encoding="utf-8")
    path.write_text(
        "#!/bin/sh\n"
        'case "$2" in version) exit 0;; esac\n'
        f'if [ "$1" = ps ]; then while IFS= read -r line; do echo "$line"; done <{listing}; exit 0; fi\n'
        f'echo "$@" >>{asked}\nexit {ends}\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("djdock.engine.answers", lambda environ=None: None)
    return asked


def row(service: str, state: str = "running", *, oneoff: bool = False) -> str:
    return f"shop-{service}-1\t{service}\t{state}\tUp\tx\t\t\t\t{oneoff}\t\n"


def test_a_commands_own_code_is_passed_through(
    project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = fake_stack(monkeypatch, tmp_path / "d", ends=42, ps=row("web"))
    ended = invoke("manage", "--", "check")
    assert ended.code == 42
    assert ended.err == ""  # the command has said what is wrong
    assert asked.read_text() == "compose --project-name shop exec -T web python manage.py check\n"


def test_deleting_data_needs_a_yes_and_without_one_nothing_is_run(
    project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = fake_stack(monkeypatch, tmp_path / "d")
    with open(os.devnull) as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        ended = invoke("down", "--volumes")
    assert (ended.code, ended.err) == (
        2,
        (
            "error: Delete the stack shop with all its data? Nobody is here to ask.\n"
            "Add `--yes` to agree.\n"
        ),
    )
    assert not asked.exists()
    assert invoke("down", "--volumes", "--yes").code == 0
    assert asked.read_text() == "compose --project-name shop down --remove-orphans --volumes\n"


def test_restart_restarts_what_runs_for_long(
    project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listed = row("web") + row("db") + row("migrate", "exited") + row("migrate", oneoff=True)
    asked = fake_stack(monkeypatch, tmp_path / "d", ps=listed)
    assert invoke("restart").code == 0
    assert asked.read_text() == "compose --project-name shop restart db web\n"


@pytest.mark.parametrize(("pending", "code"), [(0, 0), (1, 1)])
def test_a_check_of_an_elder_django(
    pending: int, code: int, project: Project, invoke: Invoke, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    """`migrate --check` is Django 3.1's: argparse ends with 2 before."""
    asked = fake_stack(monkeypatch, tmp_path / "d", ps=row("web"))
    stub = tmp_path / "d/docker"
    stub.write_text(
        stub.read_text().replace(
            "exit 0\n",
            f'case "$*" in *--check*) exit 2;; *executor*) exit {pending};; esac\nexit 0\n',
        )
    )
    ended = invoke("migrate", "--check")
    assert ended.code == code
    assert "This Django has no `migrate --check`" in ended.err
    assert ("A migration is pending." in ended.err) is bool(code)
    assert "MigrationExecutor" in asked.read_text()


def test_an_interruption_is_130(project: Project) -> None:
    code = (
        "import djdock.config, sys\n"
        "def load(**_): raise KeyboardInterrupt\n"
        "djdock.config.load = load\n"
        "from invoke.main import program\n"
        "program.run(['invoke', 'ps'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        130,
        "",
        "Interrupted; what was started has been stopped.\n",
    )


# --- env.init and env.check ------------------------------------------------------------------------


def test_env_init_writes_once(project: Project, invoke: Invoke) -> None:
    path = project.root / ".env"
    path.unlink()
    ended = invoke("env.init")
    assert (ended.code, ended.out, ended.err) == (
        0,
        "",
        "Made .env from .env.example, with generated secrets (mode 0600).\n",
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert (
        f"COMPOSE_PROJECT_NAME={dotenv.initial(project.load())['COMPOSE_PROJECT_NAME']}\n" in text
    )
    assert "\nDJANGO_HTTPS=False\n" in text
    assert "=change-me" not in text
    ended = invoke("env.init")
    assert (ended.code, ended.err) == (0, ".env is there already; nothing was written.\n")
    assert path.read_text(encoding="utf-8") == text


def test_env_init_for_production(project: Project, invoke: Invoke) -> None:
    (project.root / ".env").unlink()
    assert invoke("env.init", "--https").code == 0
    assert "\nDJANGO_HTTPS=True\n" in (project.root / ".env").read_text(encoding="utf-8")


def test_env_check_passes_what_env_init_made(project: Project, invoke: Invoke) -> None:
    (project.root / ".env").unlink()
    invoke("env.init")
    ended = invoke("env.check")
    assert (ended.code, ended.out, ended.err) == (0, "", ".env has all that it needs.\n")


def test_env_check_names_what_is_wrong_and_shows_no_value(project: Project, invoke: Invoke) -> None:
    project.write(".env.example", "A=1\nSECRET_KEY=change-me\nB=2\n")
    project.write(".env", "SECRET_KEY=change-me-hunter22\nB=2$xyz\nC=3\nC=4\nSECRET_KAY=1\n")
    ended = invoke("env.check")
    assert (ended.code, ended.lines) == (
        1,
        [
            "missing   A",
            "default   SECRET_KEY (still its placeholder)",
            "unknown   C (not in .env.example)",
            "unknown   SECRET_KAY (not in .env.example; SECRET_KEY?)",
            "differs   line 2 (B): Compose takes what follows a $ for a variable",
            "            python-dotenv          B='2$xyz'",
            "            Compose                B='2'",
            "            docker run --env-file  B='2$xyz'",
            "            -> nothing means that to all three: choose another value",
            "remark    line 4: C stands on line 3, too; the last counts",
        ],
    )
    assert ended.err == "error: .env has 3 to correct.\n.env.example explains each variable.\n"
    ended = invoke("env.check", "--json")
    assert ended.code == 1
    assert json.loads(ended.out) == {
        "version": 1,
        "missing": ["A"],
        "unknown": ["C", "SECRET_KAY"],
        "default": ["SECRET_KEY"],
        "differences": [
            {
                "line": 2,
                "name": "B",
                "why": "Compose takes what follows a $ for a variable",
                "meanings": {
                    "python-dotenv": "B='2$xyz'",
                    "Compose": "B='2'",
                    "docker run --env-file": "B='2$xyz'",
                },
                "instead": "",
                "stops_up": True,
            }
        ],
        "remarks": [{"line": 4, "text": "C stands on line 3, too; the last counts"}],
    }


def test_env_check_shows_no_secret_of_a_line_that_is_read_in_several_ways(
    project: Project, invoke: Invoke
) -> None:
    lines = [
        "DATABASE_PASSWORD=hunt$er22",
        "export DJANGO_SECRET_KEY=hunter23",
        "PGPASSWORD hunter24",
    ]
    lines += [
        "API_TOKEN='hunter25' # old: hunter26",
        'TLS_KEY="-----BEGIN',
        "hunter27",
        'hun=ter28"',
    ]
    lines += ["DATABASE_URL='postgres://u:hunter29@db/x'", "AUTH: hunter30", 'MY_PASS="hunter31']
    project.write(".env", "\n".join(lines) + "\n")
    for words in (["env.check"], ["env.check", "--json"]):
        ended = invoke(*words)
        assert ended.code == 1
        assert "hun" not in ended.out + ended.err
        for number in (1, 2, 3, 4, 5, 8, 9, 10):
            assert f"line {number}" in ended.out or f'"line": {number}' in ended.out


def test_env_check_without_dotenv_is_3(project: Project, invoke: Invoke) -> None:
    (project.root / ".env").unlink()
    ended = invoke("env.check")
    assert (ended.code, ended.err) == (
        3,
        f"error: There is no .env in {project.root}.\nMake one with `invoke env.init`.\n",
    )


@pytest.mark.parametrize(
    ("dotenv", "text"),
    [
        (
            "COMPOSE_PROJECT_NAME=shop\nDJANGO_SECRET_KEY=x\n",
            (
                "COMPOSE_FILE is missing from .env, and 6 more.\n"
                "Add it as .env.example has it, or let `invoke doctor --fix` do so; "
                "`invoke env.check` lists all that differs.\n"
            ),
        ),
        (
            None,
            (
                "DATABASE_PASSWORD in .env still has its placeholder `change-me…`.\n"
                "Give it a value of your own, or move .env away and let `invoke env.init` make one.\n"
            ),
        ),
        (
            "A=1\nDATABASE_PASSWORD='x'\nDATABASE_NAME=a$b\n",
            (
                "Line 3 of .env is not read alike by python-dotenv and Compose: Compose takes what "
                "follows a $ for a variable.\n`invoke env.check` shows what each makes of it.\n"
            ),
        ),
    ],
)
def test_up_refuses_a_dotenv_that_is_not_ready(
    project: Project,
    invoke: Invoke,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    dotenv: str | None,
    text: str,
) -> None:
    example = (project.root / ".env.example").read_text(encoding="utf-8")
    project.write(".env", example if dotenv is None else dotenv)
    asked = fake_stack(monkeypatch, tmp_path / "d")
    ended = invoke("up")
    assert (ended.code, ended.err) == (2, f"error: {text}")
    assert not asked.exists()
