"""Byte code for what a site imports of the standard library: docker/precompile.py."""

from __future__ import annotations

import importlib.util
import marshal
import sys
from pathlib import Path
from types import CodeType

import pytest
from support import script

precompile = script("precompile")


def test_byte_code_lies_where_python_looks_for_it_and_needs_no_source(tmp_path: Path) -> None:
    size = precompile.compiled(tmp_path, ["csv.py", "email/message.py"])
    source = precompile.STDLIB / "csv.py"
    made = tmp_path / importlib.util.cache_from_source(str(source)).lstrip("/")
    data = made.read_bytes()
    assert data[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(data[4:8], "little") == 0b01  # PEP 552: by hash, and not compared
    code = marshal.loads(data[16:])
    assert isinstance(code, CodeType)
    assert code.co_filename == str(source)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert size == sum(path.stat().st_size for path in files)


def test_equal_sources_make_equal_byte_code(tmp_path: Path) -> None:
    for name in ("one", "two"):
        precompile.compiled(tmp_path / name, ["csv.py"])
    one, two = (
        sorted(path.read_bytes() for path in (tmp_path / name).rglob("*.pyc"))
        for name in ("one", "two")
    )
    assert one == two


def test_what_is_imported_is_of_the_standard_library_and_sorted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere.py").write_text("import wave\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    found = precompile.imported(["elsewhere", "not_there", "csv"])
    assert {"csv.py", "wave.py"} <= {*found}
    assert found == sorted(found)
    assert all((precompile.STDLIB / name).is_file() for name in found)
    assert not [name for name in found if "elsewhere" in name or "site-packages" in name]
