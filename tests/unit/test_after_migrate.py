"""`after_migrate`: found in a project's own start script, handed on, run, and named where it fails."""

from __future__ import annotations

import importlib
import sys
import types

import pytest
from inspected import Made
from support import REPOSITORY, Project

from djdock.images import generic
from djdock.shell import Completed
from djdock.stack import after, state

COMMAND = {
    "shop/management/commands/seed.py": "",
    "shop/management/commands/samples.py": 'me.set_password("secret")',
    "shop/fixtures/kinds.json": "[]",
}


@pytest.fixture
def made(tmp_path):
    root = tmp_path / "site"
    root.mkdir()
    return Made(root).plain().write(COMMAND)


def script(*lines: str) -> str:
    return "#!/bin/sh\nset -e\n" + "\n".join(lines) + '\nexec "$@"\n'


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["python manage.py migrate", "python manage.py seed"], ["seed"]),
        (["./manage.py migrate --noinput && ./manage.py seed --all 2>&1 || exit 1"], ["seed --all"]),
        (["python -m django migrate", "django-admin loaddata kinds --settings=x"], ["loaddata kinds"]),
        (["python manage.py migrate", "python manage.py loaddata shop/fixtures/kinds.json"],
         ["loaddata shop/fixtures/kinds.json"]),
        (['if [ "$1" = web ]; then', "  manage.py migrate", "  manage.py seed", "fi"], ["seed"]),
        (["manage.py migrate", "manage.py \\", "  seed"], ["seed"]),
        (["manage.py migrate", "manage.py sync_roles"], ["sync_roles"]),
        # Before migrations, in another block, or not for certain.
        (["manage.py seed", "manage.py migrate"], []),
        (["manage.py migrate", 'if [ "$SEED" ]; then', "  manage.py seed", "fi"], []),
        (["if true; then manage.py seed; fi", "manage.py migrate"], []),
        (["if x", "then", "  manage.py migrate", "else", "  manage.py seed", "fi"], []),
        (["manage.py migrate", "# manage.py seed", 'LATER="manage.py seed"', "manage.py seed &"], []),
        (["manage.py migrate", 'manage.py seed "$WHAT"', "if ! manage.py seed", "then", "x", "fi"], []),
        # Unknown here, with accounts that everybody knows, and what is done anyway.
        (["manage.py migrate", "manage.py qcluster", "manage.py loaddata absent"], []),
        (["manage.py migrate", "manage.py samples", "manage.py seed --password admin"], []),
        (["manage.py migrate", "manage.py collectstatic", "manage.py check"], []),
    ],
)  # fmt: skip
def test_what_follows_migrate(made, lines, found):
    table = made.write({"entrypoint.sh": script(*lines)}).table()
    assert table.get("after_migrate", []) == found


def test_the_script_of_production_and_those_that_start_nothing(made):
    made.write(
        {
            "dev/entrypoint.sh": script("manage.py migrate", "manage.py loaddata kinds"),
            "seed.sh": "manage.py migrate\nmanage.py loaddata kinds\n",
        }
    )
    assert "after_migrate" not in made.table()
    made.write({"deploy/start": "manage.py migrate\nmanage.py seed\ngunicorn shop.wsgi\n"})
    decision = made.look().get("after_migrate")
    assert decision.value == ("seed",)
    assert decision.reason.startswith("deploy/start runs them")
    assert decision.evidence[0].line == 2
    made.write({"compose/production/start": "manage.py migrate\ngunicorn shop.wsgi\n"})
    assert "after_migrate" not in made.table()


def test_a_procfile_and_a_compose_file(made):
    made.write(
        {
            "Procfile": "release: python manage.py migrate && python manage.py seed\nweb: gunicorn x\n"
        }
    )
    assert made.table()["after_migrate"] == ["seed"]
    (made.root / "Procfile").unlink()
    made.write(
        {
            "compose.yaml": "services:\n  web:\n    command: sh -c "
            '"python manage.py migrate && python manage.py seed && gunicorn shop.wsgi"\n'
        }
    )
    assert made.table()["after_migrate"] == ["seed"]


def test_the_image_gets_them(project: Project) -> None:
    project.table("""after_migrate = ["seed", "loaddata 'a b' c"]""")
    assert generic.arguments(project.load())["AFTER_MIGRATE"] == "seed ; loaddata 'a b' c"


@pytest.fixture
def migrate(monkeypatch):
    """docker/migrate.py, with a Django of which it takes names only."""
    for name, members in {
        "django": (), "django.conf": ("settings",), "django.core": (),
        "django.core.exceptions": ("AppRegistryNotReady", "ImproperlyConfigured"),
        "django.db": ("DEFAULT_DB_ALIAS", "connections"),
    }.items():  # fmt: skip
        module = types.ModuleType(name)
        for member in members:
            setattr(module, member, object())
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.syspath_prepend(str(REPOSITORY / "docker"))
    monkeypatch.delitem(sys.modules, "migrate", raising=False)
    yield importlib.import_module("migrate")
    sys.modules.pop("migrate", None)


def test_they_run_one_after_the_other_and_a_failure_is_said(migrate, monkeypatch, capsys):
    ran = []

    def manage(*words):
        ran.append(words)
        if words[0] == "bad":
            raise ValueError("no such thing\nat all")
        raise SystemExit({"worse": 3}.get(words[0], 0))

    monkeypatch.setattr(migrate, "manage", manage)
    migrate.follow("")
    assert capsys.readouterr().out == ""
    migrate.follow("seed ; bad --x ; worse ; loaddata 'a b'")
    assert ran == [("seed",), ("bad", "--x"), ("worse",), ("loaddata", "a b")]
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"{migrate.BEGIN} seed ; bad --x ; worse ; loaddata 'a b'",
        f"{migrate.FAILED} `manage.py bad --x`: ValueError: no such thing",
        f"{migrate.FAILED} `manage.py worse`: exit code 3",
    ]
    assert (after.BEGIN, after.FAILED.strip()) == (migrate.BEGIN, migrate.FAILED)


def test_an_engine_with_models_of_its_own_is_locked_too(migrate, monkeypatch):
    class NotReadyError(Exception):
        pass

    ready = []

    class Connections:
        def __getitem__(self, alias):
            if not ready:
                raise NotReadyError
            return types.SimpleNamespace(vendor="other", settings_dict={}, alias=alias)

    class Connection:
        vendor = "oracle"

        def __init__(self, *_):
            pass

    monkeypatch.setattr(migrate, "AppRegistryNotReady", NotReadyError)
    monkeypatch.setattr(migrate, "connections", Connections())
    monkeypatch.setattr(migrate.django, "setup", lambda: ready.append(1), raising=False)
    monkeypatch.setattr(migrate, "type", lambda _: Connection, raising=False)
    monkeypatch.delenv("DJANGO_CONFIGURATION", raising=False)
    assert migrate.hold() is None  # a database without such a lock
    assert ready == [1]


def test_up_names_those_of_the_last_start_that_failed(project: Project, monkeypatch) -> None:
    one = state.Container(
        "shop-migrate-1", "migrate", "exited", "Exited (0)", "shop:multi", "", (), ""
    )
    monkeypatch.setattr(state, "containers", lambda *_: [one])
    log = (
        f"{after.BEGIN} seed\n{after.FAILED}`manage.py old`: exit code 1\n"
        f"{after.BEGIN} seed\nRow 1\n{after.FAILED}`manage.py seed`: exit code 1\n"
    )

    class Shell:
        def capture(self, argv, *, check):
            assert argv == ["docker", "logs", "shop-migrate-1"]
            return Completed(0, log, "")

    assert list(after.failed(project.load(), Shell(), "docker")) == []
    project.table('after_migrate = ["seed"]')
    (said,) = after.failed(project.load(), Shell(), "docker")
    assert said.startswith("`manage.py seed`: exit code 1. It is of `after_migrate`")
