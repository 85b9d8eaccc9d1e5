"""What is taken out of the packages: docker/slim.py."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from support import REPOSITORY, in_builder

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
        f"{PACKAGES}/a/other/de/LC_MESSAGES/x.po", "share/a.pyi",
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


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ("de\nen\n", {"de"}),
        ("pt_BR\nfr\nzh_Hans", {"fr", "zh_Hans"}),  # read's last line needs no end
        ("*\n", {"de", "fr", "zh_Hans"}),
        ("\n", set()),
    ],
)
def test_translations_are_copied_with_their_times(
    tmp_path: Path, names: str, chosen: set[str]
) -> None:
    times = (315_532_800, 315_532_800)
    one = tmp_path / "from/opt/venv/locale"
    two = tmp_path / "from/opt/venv/a/conf/locale"
    for name in ("de", "fr", "zh_Hans"):
        for folder in (one / name / "LC_MESSAGES", two / name / "LC_MESSAGES"):
            folder.mkdir(parents=True)
            (folder / "django.mo").write_text(name)
    for path in (tmp_path / "from").rglob("*"):
        os.utime(path, times)
    (tmp_path / "languages").write_text(names)
    words = [str(tmp_path / name) for name in ("from", "languages", "to")]
    subprocess.run(["sh", str(REPOSITORY / "docker/translations.sh"), *words], check=True)
    made = tmp_path / "to"
    assert {path.read_text() for path in made.rglob("*.mo")} == chosen
    assert len(list(made.rglob("*.mo"))) == 2 * len(chosen)
    assert {path.stat().st_mtime for path in made.rglob("*")} <= {times[0]}
