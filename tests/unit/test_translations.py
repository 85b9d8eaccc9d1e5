"""Which translations go into an image: docker/translations.py, switching.py, languages.py."""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from support import REPOSITORY, in_builder

sys.path.insert(0, str(REPOSITORY / "docker"))
languages, switching = (
    importlib.import_module(f"minimal.{name}") for name in ("languages", "switching")
)
sys.path.remove(str(REPOSITORY / "docker"))

TIMES = (315_532_800, 315_532_800)


@pytest.fixture
def translations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return in_builder("translations", tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["de", "en"], {"de"}),
        (["pt_BR", "fr", "zh_Hans"], {"fr", "zh_Hans"}),
        (None, {"de", "fr", "zh_Hans"}),
        ([], set()),
    ],
)
def test_translations_are_copied_with_their_times(
    translations: ModuleType, tmp_path: Path, names: list[str] | None, chosen: set[str]
) -> None:
    one = tmp_path / "from/opt/venv/locale"
    two = tmp_path / "from/opt/venv/a/conf/locale"
    for name in ("de", "fr", "zh_Hans"):
        for folder in (one / name / "LC_MESSAGES", two / name / "LC_MESSAGES"):
            folder.mkdir(parents=True)
            (folder / "django.mo").write_text(name)
    for path in (tmp_path / "from").rglob("*"):
        os.utime(path, TIMES)
    made = tmp_path / "to"
    translations.copy(tmp_path / "from", names, made)
    assert {path.read_text() for path in made.rglob("*.mo")} == chosen
    assert len(list(made.rglob("*.mo"))) == 2 * len(chosen)
    assert {path.stat().st_mtime for path in made.rglob("*")} <= {TIMES[0]}


# --- what switches languages -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "switches"),
    [
        ("a.py", "from django.utils.translation import gettext as _, activate\n", True),
        ("a.py", "from django.utils.translation import (\n    gettext,\n    override,\n)\n", True),
        ("a.py", "from django.utils.translation import gettext, \\\n    override\n", True),
        ("a.py", "from django.utils.translation import *\n", True),
        ("a.py", "from django.utils import translation\ntranslation . activate('de')\n", True),
        ("a.py", "from django.utils import translation\ntranslation.override('de')\n", True),
        ("a.py", "from django.utils import translation as t\n", True),
        ("a.py", "class Ours(LocaleMiddleware): ...\n", True),
        ("a.py", "from django.utils.translation import (\n  gettext,  # (or)\n  activate,\n)\n", True),
        ("a.py", "from django.utils.translation.trans_real import translation\n", True),
        ("a.py", "trans_real.activate('de')\n", True),
        ("a.py", "LANGUAGE_CODE = env('LANGUAGE_CODE', default='en-us')\n", True),
        ("a.py", "LANGUAGE_CODE = 'en-us'  # not of the environment\n", False),
        ("a.html", "{% load i18n %}{% language 'de' %}{% endlanguage %}", True),
        ("a.txt", "{%- language user.language -%}", True),
        ("a.py", "from django.utils.translation import gettext as _\n\ndef override(): ...\n", False),
        ("a.py", "from django.utils import timezone, translation\ntimezone.activate('UTC')\n", False),
        ("a.html", "{% load i18n %}{% trans 'language' %}", False),
        ("a.css", "{% language 'de' %}", False),
        ("django/a.py", "translation.activate('de')\n", True),
        ("node_modules/a.py", "translation.activate('de')\n", False),
    ],
)  # fmt: skip
def test_what_switches_languages(tmp_path: Path, name: str, text: str, switches: bool) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    (tmp_path / "b.py").write_bytes(b"\xff\0 translation")
    assert switching.switching(tmp_path) == (name if switches else None)


def test_the_first_package_that_switches_languages(tmp_path: Path) -> None:
    assert switching.packages(tmp_path) is None
    folder = tmp_path / "lib/python3.13/site-packages"
    for name in ("b/x.py", "a/y.py", "a/tests/a.py", "django/z.py", "a/a/django/a.html"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("translation.activate('de')\n")
    assert switching.packages(tmp_path) == "a/y.py"


def test_who_switches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = tmp_path / "switching"
    monkeypatch.setattr(languages, "NOTED", noted)
    site = tmp_path / "site"
    site.mkdir()
    middleware = "django.middleware.locale.LocaleMiddleware"
    assert languages.switched(SimpleNamespace(MIDDLEWARE=["a.B", middleware]), site) == middleware
    assert languages.switched(SimpleNamespace(MIDDLEWARE_CLASSES=[middleware]), site) == middleware
    assert languages.switched(SimpleNamespace(), site)  # nobody has looked
    noted.write_text("")
    assert languages.switched(SimpleNamespace(MIDDLEWARE=["a.B"]), site) is None
    (site / "views.py").write_text("translation.activate('de')\n")
    assert languages.switched(SimpleNamespace(), site) == "views.py"
    noted.write_text("a/b.py")
    assert languages.switched(SimpleNamespace(), site) == "a/b.py"


def test_what_the_sites_commands_may_import_has_names_that_nobody_else_uses() -> None:
    text = (REPOSITORY / "docker/multi.Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    copied = re.findall(r"(?m)^COPY (.*) /told/(\S*)$", text)
    names = [folder or Path(name).name for names, folder in copied for name in names.split()]
    assert sorted(names) == ["djdock_minimal/", "djdock_told.py", "sitecustomize.py"]
