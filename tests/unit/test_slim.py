"""What is taken out of the packages: docker/slim.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY

SCRIPT = REPOSITORY / "docker" / "slim.py"

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


def slim(*words: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY / "tests")}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *words], env=env, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_what_is_never_read_goes(venv: Path, tmp_path: Path) -> None:
    # In the builder it is djdock_minimal that tells which of them a module opens all the same.
    (tmp_path / "djdock_minimal").symlink_to(REPOSITORY / "docker" / "minimal")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    before = files(venv)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "venv", str(venv)],
        env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert before - files(venv) == {
        "bin/activate.fish", "bin/Activate.ps1", "bin/x.bat", "a.pyi", "a/deep/er/b.pyi", "a/fast.c",
        "a/fast.h", "a/locale/de/LC_MESSAGES/django.po",
    }  # fmt: skip
    assert done.stdout.count("MB removed: ") == 5


def test_translations_go_with_the_bytes_of_files_that_have_two_names(
    venv: Path, tmp_path: Path
) -> None:
    big = venv / PACKAGES / "a/locale/fr/LC_MESSAGES/django.mo"
    big.write_bytes(bytes(3_000_000))
    os.link(big, tmp_path / "other name")
    (tmp_path / "kept").write_text("de\nen\n")
    before = files(venv)
    said = slim("languages", str(venv), str(tmp_path / "kept"))
    # A folder of a language without translations is none of gettext's.
    assert before - files(venv) == {"a/locale/fr/LC_MESSAGES/django.mo", "a/locale/fr/formats.py"}
    assert said.startswith("slim:   3.00 MB removed: translations")
    (tmp_path / "kept").write_text("*\n")
    assert slim("languages", str(venv), str(tmp_path / "kept")) == ""
