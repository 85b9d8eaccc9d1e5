"""What is taken out of the packages: docker/slim.py."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from support import in_builder

PACKAGES = "lib/python3.13/site-packages"


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    root = tmp_path / "venv"
    for name in (
        "bin/activate.fish", "bin/Activate.ps1", "bin/gunicorn", "bin/x.bat",
        f"{PACKAGES}/a.pyi", f"{PACKAGES}/a/deep/er/b.pyi", f"{PACKAGES}/a/fast.c",
        f"{PACKAGES}/a/fast.cc", f"{PACKAGES}/a/fast.h",
        f"{PACKAGES}/a/locale/de/LC_MESSAGES/django.po",
        f"{PACKAGES}/a/locale/de/LC_MESSAGES/django.mo",
        f"{PACKAGES}/a/locale/fr/LC_MESSAGES/django.mo",
        f"{PACKAGES}/a/locale/fr/formats.py", f"{PACKAGES}/a/locale/it/formats.py",
        f"{PACKAGES}/a/other/de/LC_MESSAGES/x.po", f"{PACKAGES}/b/locale/de/LC_MESSAGES/b.mo",
        "share/a.pyi",
    ):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("1234")
    return root


def files(root: Path) -> set[str]:
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)).removeprefix(f"{PACKAGES}/") for path in found}


@pytest.fixture
def slim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return in_builder("slim", tmp_path, monkeypatch)


def test_what_is_never_read_goes(
    venv: Path, slim: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(venv)
    slim.slim_venv(venv)
    assert before - files(venv) == {
        "bin/activate.fish", "bin/Activate.ps1", "bin/x.bat", "a.pyi", "a/deep/er/b.pyi", "a/fast.c",
        "a/fast.h", "a/locale/de/LC_MESSAGES/django.po",
    }  # fmt: skip
    assert capsys.readouterr().out.count("MB removed: ") == 5


def test_translations_are_set_apart(venv: Path, slim: ModuleType, tmp_path: Path) -> None:
    before = files(venv)
    slim.set_apart(venv, tmp_path / "translations")
    # A folder of a language without translations is none of gettext's.
    apart = {
        "a/locale/de/LC_MESSAGES/django.po", "a/locale/de/LC_MESSAGES/django.mo",
        "a/locale/fr/LC_MESSAGES/django.mo", "a/locale/fr/formats.py",
    }  # fmt: skip
    assert files(tmp_path / "translations") == apart
    assert files(venv) == before - apart
