"""The packages' step of a build: docker/make_packages.py."""

from __future__ import annotations

import importlib.util
import marshal
import os
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from support import in_builder


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return in_builder("make_packages", tmp_path, monkeypatch)


def test_sources_are_compiled_by_their_hash_in_several_processes(
    steps: ModuleType, tmp_path: Path
) -> None:
    venv = tmp_path / "venv"
    for number in range(5):
        path = venv / f"a/b{number}/c.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"x = {number}\n")
    # Python 2's, no text at all, and what is bad style.
    (venv / "old.py").write_text("print 'x'\n")
    (venv / "binary.py").write_bytes(b"\0\xff")
    (venv / "style.py").write_text("x = '\\d'\n")
    (venv / "none.txt").write_text("")
    found = sorted(steps.sources(venv))
    assert found == sorted(str(path) for path in venv.rglob("*.py"))
    for pid in steps.compiling(found, 2):
        assert os.waitpid(pid, 0)[1] == 0
    made = sorted(venv.rglob("*.pyc"))
    assert len(made) == 6
    path = venv / "a/b3/c.py"
    data = Path(importlib.util.cache_from_source(str(path))).read_bytes()
    assert int.from_bytes(data[4:8], "little") == 0b11  # PEP 552: by hash, and compared
    assert data[8:16] == importlib.util.source_hash(path.read_bytes())
    code = marshal.loads(data[16:])
    assert isinstance(code, CodeType)
    assert code.co_filename == str(path)


def test_a_process_that_compiles_and_is_ended_is_no_success(
    steps: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "compile_some", lambda paths: os.kill(os.getpid(), 9))
    (pid,) = steps.compiling(["x.py"], 1)
    assert os.waitpid(pid, 0)[1] == 9
