"""How a build gets uv: docker/get_uv.py."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support import script

get_uv = script("get_uv")

HERE = f"uv-1.2.3-py3-none-manylinux_2_17_{platform.machine()}.manylinux2014.whl"


def packed(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


class Index:
    """PyPI, of which a machine may be unable to reach some; what pip was asked to install."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.files = {HERE: packed({"uv-1.2.3.data/scripts/uv": b"#!uv"})}
        self.digests: dict[str, str] = {}
        self.pip: list[list[str]] = []
        for name in get_uv.VARIABLES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(get_uv, "CONFIGURED", (str(folder / "pip.conf"),))
        monkeypatch.setattr(get_uv, "read", self.read)
        monkeypatch.setattr(get_uv.platform, "libc_ver", lambda: ("glibc", "2.41"))
        monkeypatch.setattr(subprocess, "run", lambda argv, check: self.pip.append(argv))

    def read(self, url: str, accept: str = "") -> bytes:
        if url.endswith("/simple/uv/"):
            page = [
                {
                    "filename": name,
                    "url": f"https://files/{name}",
                    "hashes": {"sha256": self.digests.get(name, hashlib.sha256(data).hexdigest())},
                    "yanked": False,
                }
                for name, data in self.files.items()
            ]
            return json.dumps({"files": page}).encode()
        return self.files[url.rpartition("/")[2]]


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Index:
    return Index(monkeypatch, tmp_path)


def by_pip(index: Index, out: Path) -> bool:
    wanted = [sys.executable, "-m", "pip", "install", "--target", str(out), "uv==1.2.3"]
    assert index.pip in ([], [[*wanted, "tomli==2.2.1 ; python_version < '3.11'"]])
    return bool(index.pip)


def test_the_wheel_of_this_platform_gives_the_program(index: Index, tmp_path: Path) -> None:
    index.files["uv-1.2.3-py3-none-manylinux_2_17_other.whl"] = b""
    index.files[f"uv-1.2.3-py3-none-musllinux_1_1_{platform.machine()}.whl"] = b""
    get_uv.main("1.2.3", tmp_path)
    assert (tmp_path / "bin/uv").read_bytes() == b"#!uv"
    assert (tmp_path / "bin/uv").stat().st_mode & 0o777 == 0o755
    assert not by_pip(index, tmp_path)


@pytest.mark.parametrize("wrong", ["digest", "none", "broken", "away"])
def test_pip_does_it_where_the_index_has_something_else(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    if wrong == "digest":
        index.digests[HERE] = "0" * 64
    elif wrong == "none":
        index.files = {}
    elif wrong == "broken":
        index.files[HERE] = b"no zip"
    else:
        monkeypatch.setattr(get_uv, "index", lambda: "https://elsewhere.example/")
    get_uv.main("1.2.3", tmp_path)
    assert by_pip(index, tmp_path)
    assert not (tmp_path / "bin/uv").exists()


@pytest.mark.parametrize("how", ["file", "variable"])
def test_pip_does_it_where_an_index_is_configured(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "file":
        (tmp_path / "pip.conf").write_text("[global]\n")
    else:
        monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    get_uv.main("1.2.3", tmp_path)
    assert by_pip(index, tmp_path)
