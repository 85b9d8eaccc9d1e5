"""Apps whose migrations are in no repository."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace

import pytest
from inspected import SETTINGS, Made
from support import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "docker"))
first = importlib.import_module("first_migrations")
sys.path.remove(str(REPOSITORY / "docker"))

MODEL = "from django.db import models\n\nclass Book(models.Model):\n    pass\n"


@pytest.fixture
def made(tmp_path):
    root = tmp_path / "site"
    root.mkdir()
    return Made(root)


@pytest.mark.parametrize(
    ("app", "files", "without"),
    [
        ("books", {"books/models.py": MODEL}, True),
        (
            "books.apps.BooksConfig",
            {"books/models.py": MODEL, "books/migrations/__init__.py": ""},
            True,
        ),
        ("shop.books", {"shop/books/models/book.py": MODEL}, True),
        ("shop.apps.books", {"shop/apps/books/models.py": MODEL}, True),
        ("books", {"apps/books/models.py": MODEL}, True),
        ("books", {"books/models.py": MODEL, "books/migrations/0001_initial.py": ""}, False),
        ("books", {"books/models.py": MODEL + "    class Meta:\n        abstract = True\n"}, False),
        ("books", {"books/models.py": "from django.db import models\n"}, False),
        ("other", {"books/models.py": MODEL}, False),
        ("books", {"books/models/__init__.py": "", "books/models/tests.py": MODEL}, False),
        ("books", {"books/models/tests/__init__.py": MODEL}, False),
        ("tests.books", {"tests/books/models/testing.py": MODEL}, True),
    ],
)
def test_models_without_migrations(made, app, files, without):
    settings = SETTINGS.replace('"django.contrib.admin"', f'"{app}", "django.contrib.admin"')
    found = made.plain(settings).write(files).look()
    assert found.table().get("build_steps", []) == (["makemigrations"] if without else [])
    words = [one for one in found.problems if "Models without migrations" in one.what]
    assert bool(words) is without
    assert found.fatal == ()


def test_migrations_that_are_elsewhere(made):
    settings = SETTINGS.replace('"django.contrib.admin"', '"books", "django.contrib.admin"')
    made.write({"books/models.py": MODEL})
    found = made.plain(settings + 'MIGRATION_MODULES = {"sites": "x.sites"}\n').look()
    assert found.table()["build_steps"] == ["makemigrations"]
    found = made.plain(settings + 'MIGRATION_MODULES = {"books": "x.books"}\n').look()
    assert "build_steps" not in found.table()


def test_the_labels_that_get_first_migrations(tmp_path):
    def config(path, label, *, proxy=False):
        meta = SimpleNamespace(managed=True, proxy=proxy)
        return SimpleNamespace(
            path=str(path), label=label, get_models=lambda: [SimpleNamespace(_meta=meta)]
        )

    for name in ("books", "done"):
        (tmp_path / "app" / name / "migrations").mkdir(parents=True)
        (tmp_path / "app" / name / "migrations/__init__.py").write_text("")
    (tmp_path / "app/done/migrations/0001_initial.py").write_text("")
    configs = [
        config(tmp_path / "app/books", "books"),
        config(tmp_path / "app/done", "done"),
        config(tmp_path / "app/proxy", "proxy", proxy=True),
        config(tmp_path / "venv/auth", "auth"),
    ]
    assert first.without(configs, (), tmp_path / "app") == ["books"]
    assert first.without(configs, ("books",), tmp_path / "app") == []


def test_nothing_that_has_a_model_is_imported_before_django_is_set_up(monkeypatch):
    """Django's own loader of migrations had one until 2.1."""
    done = []

    def setup():
        loader = SimpleNamespace(MigrationLoader=SimpleNamespace())
        monkeypatch.setitem(sys.modules, "django.db.migrations.loader", loader)

    for name, members in {
        "django": {"setup": setup},
        "django.apps": {"apps": SimpleNamespace(get_app_configs=list)},
        "django.conf": {"settings": SimpleNamespace(MIGRATION_MODULES={})},
        "django.core": {},
        "django.core.management": {"call_command": lambda *words, **_: done.append(words)},
        "django.db": {},
        "django.db.migrations": {},
    }.items():
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(__path__=[], **members))
    # As long as it is None, to import it is an ImportError.
    monkeypatch.setitem(sys.modules, "django.db.migrations.loader", None)
    monkeypatch.delenv("DJANGO_CONFIGURATION", raising=False)
    monkeypatch.setattr(first, "without", lambda *_: ["books"])
    first.main()
    assert done == [("makemigrations", "books")]
