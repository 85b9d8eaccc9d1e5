"""`djdock init`: the plan, all of it or nothing of it, and nothing the second time."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from djdock import cli, env
from djdock.config import load
from djdock.errors import UsageError
from djdock.init import action, plan, pristine, shipped, table, texts, theirs, upgrade
from djdock.inspect.model import Decision, Inspection, Variable
from djdock.stack import compose, dotenv

MANAGE = """#!/usr/bin/env python
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
SETTINGS = """
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "django-insecure-x"
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.staticfiles"]
ROOT_URLCONF = "shop.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
STATIC_URL = "static/"
"""
WSGI = "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project as `django-admin startproject` leaves it, in a folder with a blank in its name."""
    root = tmp_path / "my shop"
    files = {
        "manage.py": MANAGE,
        "shop/__init__.py": "",
        "shop/settings.py": SETTINGS,
        "shop/urls.py": "urlpatterns = []\n",
        "shop/wsgi.py": WSGI,
        "requirements.txt": "Django==5.2.4\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    # No index is asked.
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple/")
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def run(*words: str) -> int:
    return cli.main([str(word) for word in words])


def test_what_a_bare_project_gets(stranger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", stranger, "--yes") == 0
    found = tree(stranger)
    assert found["tasks.py"].decode() == texts.TASKS
    assert found["noxfile.py"].decode() == texts.NOX
    assert (stranger / ".env").stat().st_mode & 0o777 == 0o600
    assert "=change-me" not in found[".env"].decode()
    assert b".env\n" in found[".gitignore"]
    given = tomllib.loads(found["pyproject.toml"].decode())["tool"]["djdock"]
    assert (given["source"], given["settings"]) == (".", "shop.settings")
    for name, data in shipped.files().items():
        assert found[name] == data
    assert not any(name.startswith("docker/bases/") for name in found)
    assert "Wrote" in capsys.readouterr().err

    # Twice is once.
    assert run("init", stranger, "--yes") == 0
    assert tree(stranger) == found
    assert "There is nothing to do." in capsys.readouterr().err


def test_a_dry_run_and_a_refusal_write_nothing(
    stranger: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(stranger)
    assert run("init", stranger, "--dry", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["version"], said["written"]) == (1, [])
    assert {"path": "tasks.py", "kind": "create", "reason": "invoke's door to djdock"} in said[
        "plan"
    ]
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert run("init", stranger) == 2
    assert "Add `--yes` to agree." in capsys.readouterr().err
    assert tree(stranger) == before


def test_no_project_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", tmp_path, "--yes") == 3
    assert run("inspect", tmp_path / "nowhere") == 3
    assert "There is no folder" in capsys.readouterr().err
    assert tree(tmp_path) == {}


def test_what_is_there_is_kept_and_added_to(stranger: Path) -> None:
    own = {
        "tasks.py": "from invoke import task\n\n@task\ndef deploy(c):\n    print('deployed')\n",
        "noxfile.py": "import nox\n\n@nox.session\ndef mine(session):\n    pass\n",
        "pyproject.toml": "# ours\r\n[tool.ruff]   # kept\r\nline-length = 99\r\n",
        ".dockerignore": "docker\n",
        ".gitignore": "*.pyc\n.env",
        ".env.example": "SHOP_NAME=x",
        ".env": "SHOP_NAME=mine\n",
        "docker-compose.yml": "services: {}\n",
        "docker/nginx.conf": "theirs\n",
    }
    for name, text in own.items():
        (stranger / name).parent.mkdir(exist_ok=True)
        (stranger / name).write_bytes(text.encode())
    assert run("init", stranger, "--yes", "--addon", "postgres,redis") == 0
    found = {name: data.decode() for name, data in tree(stranger).items() if name in own}
    assert all(found[name].startswith(text) for name, text in own.items())
    for name in (".dockerignore", "docker-compose.yml", "docker/nginx.conf"):
        assert found[name] == own[name]
    assert "\n" not in found["pyproject.toml"].replace("\r\n", "")
    given = tomllib.loads(found["pyproject.toml"])["tool"]
    assert given["ruff"] == {"line-length": 99}
    assert given["djdock"]["addons"] == ["postgres", "redis"]
    assert found[".gitignore"].count(".env") == 1
    assert "COMPOSE_FILE" not in found[".env.example"]  # theirs is what plain Compose takes
    values = env.read(stranger / ".env")
    assert values["SHOP_NAME"] == "mine"
    assert len(values["DATABASE_PASSWORD"]) == 50
    ignore = (stranger / "docker/multi.Dockerfile.dockerignore").read_text(encoding="utf-8")
    assert ignore == texts.DOCKERIGNORE

    listed = subprocess.run(
        [sys.executable, "-m", "invoke", "--list"], cwd=stranger, capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    assert {"deploy", "up", "db.backup"} <= {*listed.split()}
    sessions = subprocess.run(
        [sys.executable, "-m", "nox", "--list"], cwd=stranger, capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    assert {"mine", "images", "matrix"} <= {*sessions.split()}
    before = tree(stranger)
    assert run("init", stranger, "--yes") == 0
    assert {n: d for n, d in tree(stranger).items() if ".nox" not in n} == {
        n: d for n, d in before.items() if ".nox" not in n
    }


@pytest.mark.parametrize("name", ["ns", "namespace"])
def test_a_collection_of_the_projects_own_gets_djdocks_tasks(stranger: Path, name: str) -> None:
    (stranger / "tasks.py").write_text(
        textwrap.dedent(f"""
            from invoke import Collection, task

            @task
            def up(c):
                print("mine")

            {name} = Collection(up)
        """),
        encoding="utf-8",
    )
    assert run("init", stranger, "--yes") == 0
    invoke = [sys.executable, "-m", "invoke"]
    said = subprocess.run([*invoke, "up"], cwd=stranger, capture_output=True, text=True, check=True)
    assert said.stdout == "mine\n"
    listed = subprocess.run(
        [*invoke, "--list"], cwd=stranger, capture_output=True, text=True, check=True
    )
    assert "db.backup" in listed.stdout


def test_a_tasks_module_that_is_none_of_invokes(stranger: Path) -> None:
    text = "def send_mail():\n    pass\n"
    (stranger / "tasks.py").write_text(text, encoding="utf-8")
    assert run("init", stranger, "--yes") == 0
    assert (stranger / "tasks.py").read_text(encoding="utf-8") == text
    listed = subprocess.run(
        [sys.executable, "-m", "invoke", "-c", "djdock_tasks", "--list"], cwd=stranger,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "db.backup" in listed.stdout


def test_a_tasks_module_that_cannot_be_loaded_here(stranger: Path) -> None:
    text = (
        '"""Ours."""\n\nfrom __future__ import annotations\n\nfrom invoke import task\n'
        "import common.stack\n\n\n@task\ndef mine_alone(c):\n    pass\n"
    )
    (stranger / "tasks.py").write_text(text, encoding="utf-8")
    (stranger / "common").mkdir()
    assert run("init", stranger, "--yes") == 0
    invoke = [sys.executable, "-m", "invoke", "--list"]
    said = subprocess.run(invoke, cwd=stranger, capture_output=True, text=True, check=True)
    assert "db.backup" in said.stdout
    assert "mine-alone" not in said.stdout.split()
    assert "No module named 'common.stack'" in said.stderr
    before = tree(stranger)
    assert run("init", stranger, "--yes") == 0
    assert tree(stranger) == before
    # On a machine that has it, both are there.
    (stranger / "common/stack.py").write_text("", encoding="utf-8")
    said = subprocess.run(invoke, cwd=stranger, capture_output=True, text=True, check=True)
    assert {"mine-alone", "db.backup"} <= {*said.stdout.split()}


def test_beside_a_docker_folder_with_the_same_names_djdock_has_its_own(
    stranger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stranger / "docker").mkdir()
    (stranger / "docker/compose.yaml").write_text("services: {}\n", encoding="utf-8")
    assert run("init", stranger, "--yes") == 0
    assert [path.name for path in (stranger / "docker").iterdir()] == ["compose.yaml"]
    assert 'folder = "djdock"' in (stranger / "pyproject.toml").read_text(encoding="utf-8")
    for name in ("single", "multi", "minimal"):
        text = (stranger / f"djdock/{name}.Dockerfile").read_text(encoding="utf-8")
        assert " djdock/healthcheck.py" in text
        assert not re.search(r"(?<![\w.])docker/", text)
    assert "dockerfile: djdock/multi.Dockerfile" in (stranger / "djdock/compose.yaml").read_text(
        encoding="utf-8"
    )
    assert "COMPOSE_FILE=djdock/compose.yaml:" in (stranger / ".env").read_text(encoding="utf-8")
    config = load(stranger, {})
    assert config.dockerfile("multi") == "djdock/multi.Dockerfile"
    assert all(path.parts[0] == "djdock" for path in compose.files(config, config.addons))
    capsys.readouterr()
    assert run("diff", stranger) == 0
    assert capsys.readouterr().out == ""
    before = tree(stranger)
    assert run("upgrade", stranger) == 0
    assert run("init", stranger, "--yes") == 0
    assert tree(stranger) == before


def test_an_application_called_reports_stays_in_the_image(stranger: Path) -> None:
    (stranger / "reports").mkdir()
    assert run("init", stranger, "--yes") == 0
    for name in (".dockerignore", ".gitignore"):
        lines = (stranger / name).read_text(encoding="utf-8").replace("/", "").split()
        assert "reports" not in lines
        assert "backups" in lines
    before = tree(stranger)
    assert run("init", stranger, "--yes") == 0
    assert tree(stranger) == before


def test_a_name_that_djdock_needs_is_said_to_be_taken(
    stranger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("docker", "djdock"):
        (stranger / folder).mkdir()
        (stranger / folder / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    before = tree(stranger)
    assert run("init", stranger, "--yes") == 2
    assert "djdock/compose.yaml is there, and is not djdock's." in capsys.readouterr().err
    assert tree(stranger) == before


def test_a_pyproject_that_is_no_toml_is_left_alone(
    stranger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stranger / "pyproject.toml").write_text("[tool\n", encoding="utf-8")
    before = tree(stranger)
    assert run("init", stranger, "--yes") in (2, 3)
    assert "Traceback" not in capsys.readouterr().err
    assert tree(stranger) == before


def test_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b").write_bytes(b"before")
    actions = [
        action.Action("new/a", action.CREATE, "", b"1"),
        action.Action("b", action.EDIT, "", b"2"),
        action.Action("c", action.CREATE, "", b"3"),
    ]
    before = tree(tmp_path)
    replace = Path.replace
    for fails in range(3):
        done: list[Path] = []

        def broken(self: Path, target: Path, fails: int = fails, done: list[Path] = done) -> Path:
            if len(done) == fails:
                raise OSError(28, "No space left on device", str(target))
            done.append(target)
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", broken)
        with pytest.raises(UsageError, match="No space left on device; nothing was changed"):
            action.apply(tmp_path, actions)
        assert tree(tmp_path) == before
        assert [path.name for path in tmp_path.iterdir()] == ["b"]
    monkeypatch.undo()
    action.apply(tmp_path, actions)
    assert tree(tmp_path) == {"new/a": b"1", "b": b"2", "c": b"3"}


def test_the_table_says_why() -> None:
    decisions = (
        Decision("source", ".", "manage.py is there"),
        Decision("addons", ("postgres",), "DATABASES names it"),
    )
    made = table.added("", decisions, {"own": {"dockerfile": "Dockerfile"}})
    assert made == (
        '[tool.djdock]\n# manage.py is there\nsource = "."\n# DATABASES names it\n'
        'addons = ["postgres"]\n\n# The project\'s own, to compare with.\n'
        '[tool.djdock.variants.own]\ndockerfile = "Dockerfile"\n'
    )
    assert table.added(made, decisions, {}) == made


def test_variables_that_settings_read_stand_in_the_example(tmp_path: Path) -> None:
    found = Inspection(
        tmp_path,
        variables=(
            Variable("DATABASE_URL", None, True, False, "postgres://${DATABASE_USERNAME}:"
                     "${DATABASE_PASSWORD}@db:5432/${DATABASE_NAME}", "the stack's database"),
            Variable("SECRET_KEY", None, False, True, None, "signs sessions"),
            Variable("AWS_SECRET_ACCESS_KEY", "", False, True, None, "the settings read it"),
            Variable("STRIPE", None, True, False, None, "the settings need it"),
            Variable("LOG", "info", False, False, None, "the settings read it"),
        ),
    )  # fmt: skip
    actions = {one.path: one for one in plan.plan(found, plan.Wanted(("postgres",)))}
    example = actions[".env.example"].data.decode()
    assert "SECRET_KEY=change-me\n" in example
    assert "\n#AWS_SECRET_ACCESS_KEY=\n" in example
    assert "\n#LOG=info\n" in example
    values = dict(
        line.split("=", 1)
        for line in actions[".env"].data.decode().splitlines()
        if line and not line.startswith("#")
    )
    assert values["DATABASE_URL"] == f"postgres://app:{values['DATABASE_PASSWORD']}@db:5432/app"
    assert values["STRIPE"] == ""
    assert actions[".env"].private


# --- later versions --------------------------------------------------------------------------------


def test_what_env_has_for_another_place_gives_way_in_the_stack(stranger: Path) -> None:
    settings = (
        "import os\n" + SETTINGS + 'DATABASES = {"default": {"ENGINE": "django.db.backends.mysql",'
        ' "HOST": os.environ["DB_HOST"], "NAME": os.environ["DB_NAME"]}}\n'
    )
    (stranger / "shop/settings.py").write_text(settings)
    before = "DB_HOST=localhost\nDB_NAME=mine\nOTHER=1\n"
    (stranger / ".env").write_text(before)
    assert cli.main(["init", str(stranger), "--yes"]) == 0
    found = (stranger / "docker/stack.env").read_text()
    assert found.endswith("from .env.\nDB_HOST=db\nDB_NAME=${DATABASE_NAME}\n")
    assert (stranger / ".env").read_text().startswith(before)
    made = tree(stranger)
    assert cli.main(["init", str(stranger), "--yes"]) == 0
    assert tree(stranger) == made


def test_what_compose_would_read_otherwise_is_said_to_it_alone(stranger: Path) -> None:
    (stranger / "shop/settings.py").write_text(
        "import os\n" + SETTINGS + 'TOKEN = os.environ["TOKEN"]\n'
    )
    before = "TOKEN=a$b5(c\n"
    (stranger / ".env").write_text(before)
    assert cli.main(["init", str(stranger), "--yes"]) == 0
    assert (stranger / ".env").read_text().startswith(before)
    assert (stranger / "docker/stack.env").read_text().endswith("\nTOKEN='a$b5(c'\n")
    config = load(stranger)
    dotenv.require_env(config)
    (stranger / "docker/stack.env").unlink()
    with pytest.raises(UsageError, match=r"Line 1 of \.env is not read alike"):
        dotenv.require_env(config)


def test_a_folder_by_the_name_of_env_is_said_to_be_one(
    stranger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stranger / ".env").mkdir()
    (stranger / ".env" / "prod").write_text("A=1\n")
    before = tree(stranger)
    assert cli.main(["init", str(stranger), "--yes"]) == 2
    assert ".env is a folder here" in capsys.readouterr().err
    assert tree(stranger) == before


def test_what_an_example_leaves_empty_gets_the_settings_own(stranger: Path) -> None:
    (stranger / "shop/settings.py").write_text(
        "import os\n" + SETTINGS + 'PORT = int(os.getenv("MAIL_PORT", 587))\n'
        'HOST = os.getenv("MAIL_HOST", "")\n'
    )
    (stranger / ".env.example").write_text("MAIL_PORT=\nMAIL_HOST=\n")
    assert cli.main(["init", str(stranger), "--yes"]) == 0
    assert (stranger / ".env").read_text().startswith("MAIL_PORT=587\nMAIL_HOST=\n")


def test_a_broker_has_an_address_that_names_a_user(stranger: Path) -> None:
    (stranger / "shop/settings.py").write_text(
        "import os\n" + SETTINGS + 'CELERY_BROKER_URL = os.getenv("BROKER", "amqp://localhost")\n'
    )
    assert cli.main(["init", str(stranger), "--yes"]) == 0
    found = env.read(stranger / ".env")
    password = found["RABBITMQ_PASSWORD"]
    assert found["BROKER"] == f"amqp://app:{password}@rabbitmq:5672//"


def test_an_env_of_djdocks_own_needs_no_other(stranger: Path) -> None:
    (stranger / "shop/settings.py").write_text(
        SETTINGS + 'import os\nX = os.getenv("DB_HOST", "x")\n'
    )
    assert cli.main(["init", str(stranger), "--yes"]) == 0
    assert cli.main(["init", str(stranger), "--yes"]) == 0
    assert not (stranger / "docker/stack.env").exists()


def test_a_merge_keeps_both_sides_changes() -> None:
    old = {
        "docker/a": b"1\n2\n3\n4\n5\n",
        "docker/b": b"b\n",
        "docker/c": b"c\n",
        "docker/d": b"d\n",
    }
    now = {
        "docker/a": b"1\n2\n3\n4\nfive\n",
        "docker/b": b"B\n",
        "docker/c": b"C\n",
        "docker/e": b"e\n",
    }
    here = {"docker/a": b"one\n2\n3\n4\n5\n", "docker/b": b"b\n", "docker/c": b"mine\n",
            "docker/d": b"d\n"}  # fmt: skip
    found = upgrade.merged(old, now, here)
    made = {one.path: one.data for one in found.actions}
    assert made["docker/a"] == b"one\n2\n3\n4\nfive\n"
    assert made["docker/b"] == b"B\n"
    assert made["docker/e"] == b"e\n"
    assert (found.conflicts, found.gone) == (("docker/c",), ("docker/d",))
    assert b"mine\n" in made["docker/c"]
    assert b"C\n" in made["docker/c"]
    assert made["docker/c"].startswith(b"<<<<<<< yours\n")
    assert upgrade.merged(now, now, {**now, "docker/a": b"mine\n"}).actions == ()
    # What the project has deleted stays deleted.
    assert (
        upgrade.merged(now, {**now, "docker/b": b"later\n"}, {}).actions[-1].path == pristine.path()
    )


def test_upgrade_and_diff(stranger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("upgrade", stranger) == 3
    assert run("init", stranger, "--yes") == 0
    path = stranger / "docker/gunicorn.conf.py"
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    # What an older version had shipped, without its last line; the project has changed the first one.
    shown = shipped.files()
    older = {
        **shown,
        "docker/gunicorn.conf.py": text.rpartition("\n")[0].rpartition("\n")[0].encode() + b"\n",
    }
    (stranger / pristine.path()).write_bytes(pristine.pack("0.0.9", older))
    mine = "# mine\n" + older["docker/gunicorn.conf.py"].decode()
    path.write_text(mine, encoding="utf-8")
    capsys.readouterr()
    assert run("diff", stranger) == 0
    assert "+# mine" in capsys.readouterr().out
    before = tree(stranger)
    assert run("upgrade", stranger, "--dry") == 0
    assert tree(stranger) == before
    assert run("upgrade", stranger) == 0
    assert path.read_text(encoding="utf-8") == "# mine\n" + text
    assert pristine.read(stranger).files == shown
    assert run("upgrade", stranger) == 0
    assert "docker/ is that of this version." in capsys.readouterr().err


def test_the_archive_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    files = {"docker/b": b"2", "docker/a": b"1"}
    assert pristine.pack("1", files) == pristine.pack("1", dict(reversed(files.items())))
    (tmp_path / "docker").mkdir()
    (tmp_path / pristine.path()).write_bytes(b"broken")
    with pytest.raises(UsageError, match="cannot be read"):
        pristine.read(tmp_path)


# --- this repository's own demo --------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[2]


def test_it_makes_of_the_demo_what_this_repository_has(stranger: Path) -> None:
    root = stranger.parent / "again"
    shutil.copytree(
        ROOT / "src/demo", root / "src/demo", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "requirements", root / "requirements")
    assert run("init", root, "--yes") == 0
    found = tree(root)
    for name in shipped.files():
        assert found[name] == (ROOT / name).read_bytes(), name
    assert found["tasks.py"] == (ROOT / "tasks.py").read_bytes()
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["djdock"]
    given = tomllib.loads(found["pyproject.toml"].decode())["tool"]["djdock"]
    assert given["source"] == ours["source"]
    assert given["requirements"] == ours["requirements"]
    assert given["addons"] == ["postgres"]
    # This repository's own table leaves uploads to the add-ons that want them.
    assert given["overrides"] == ["media_root"]
    # What the stack cannot do without is in both examples.
    values = env.read(root / ".env.example")
    for name in ("COMPOSE_PROJECT_NAME", "COMPOSE_FILE", "DJANGO_SECRET_KEY", "DATABASE_PASSWORD"):
        assert name in values


SLIM = "FROM python:3.13-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ({"Dockerfile": SLIM}, {"dockerfile": "Dockerfile"}),
        ({"Dockerfile": SLIM, "Dockerfile.dev": SLIM}, {"dockerfile": "Dockerfile"}),
        ({"Dockerfile": SLIM, "Dockerfile.prod": SLIM}, {"dockerfile": "Dockerfile.prod"}),
        ({"Dockerfile": SLIM, "web/Dockerfile": SLIM}, {"dockerfile": "Dockerfile"}),
        ({"api/Dockerfile": SLIM, "web/Dockerfile": SLIM}, {}),
        ({"Dockerfile": SLIM, "Dockerfile-slim": SLIM}, {"dockerfile": "Dockerfile"}),
        ({"Dockerfile": SLIM, "nginx/Dockerfile": "FROM nginx\n"}, {"dockerfile": "Dockerfile"}),
        ({"nginx/Dockerfile": "FROM nginx\nCOPY nginx.conf /etc/\n"}, {}),
        (
            {"app/Dockerfile": SLIM, "app/requirements.txt": ""},
            {"dockerfile": "app/Dockerfile", "context": "app"},
        ),
        (
            {"docker/Dockerfile": SLIM, "requirements.txt": "", "docker/start.sh": ""},
            {"dockerfile": "docker/Dockerfile"},
        ),
        (
            {
                "app/Dockerfile": f"{SLIM}COPY --from=x app/y /\nCOPY . /app/\n",
                "app/requirements.txt": "",
            },
            {"dockerfile": "app/Dockerfile", "context": "app"},
        ),
        ({"app/Dockerfile": "FROM python:3\nCOPY . .\n"}, {"dockerfile": "app/Dockerfile"}),
        ({}, {}),
    ],
)
def test_the_projects_own_dockerfile_is_chosen_with_its_context(
    tmp_path: Path, files: dict[str, str], chosen: dict[str, str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert theirs.choose(tmp_path, [name for name in files if "Dockerfile" in name]) == chosen
