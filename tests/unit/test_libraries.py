"""The layer of the libraries that packages link to: docker/libraries.py."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from support import script

libraries = script("libraries")


@pytest.fixture
def systems(tmp_path: Path) -> tuple[Path, Path]:
    """A system without and with more packages; times are packages' own where nothing changed."""
    for name in ("less", "more"):
        root = tmp_path / name
        (root / "usr/lib").mkdir(parents=True)
        (root / "etc").mkdir()
        (root / "usr/lib/libc.so").write_text("c")
        (root / "etc/status").write_text("one two")
        (root / "etc/mode").write_text("same")
        (root / "etc/touched").write_text("same")
        (root / "etc/link").symlink_to("mode")
        (root / "etc/other").symlink_to(name)
        for path in root.rglob("*"):
            os.utime(path, (1_000_000, 1_000_000), follow_symlinks=False)
    more = tmp_path / "more"
    (more / "usr/lib/x/deep").mkdir(parents=True)
    (more / "usr/lib/x/deep/libpq.so.5.1").write_text("pq")
    (more / "usr/lib/x/deep/libpq.so.5").symlink_to("libpq.so.5.1")
    (more / "usr/lib/x").chmod(0o711)
    (more / "usr/empty").mkdir()
    (more / "etc/status").write_text("one 222")
    (more / "etc/mode").chmod(0o4755)
    os.utime(more / "etc/touched", (2_000_000, 2_000_000))
    (more / "usr/lib/libc.so").unlink()
    return tmp_path / "less", more


def test_what_is_more_or_otherwise_is_copied(systems: tuple[Path, Path], tmp_path: Path) -> None:
    less, more = systems
    out = tmp_path / "out"
    out.mkdir()
    libraries.add(less, out, more)
    assert {str(path.relative_to(out)) for path in out.rglob("*") if not path.is_dir()} == {
        "usr/lib/x/deep/libpq.so.5.1", "usr/lib/x/deep/libpq.so.5", "etc/status", "etc/mode",
        "etc/other",
    }  # fmt: skip
    assert (out / "usr/empty").is_dir()
    assert stat.S_IMODE((out / "usr/lib/x").stat().st_mode) == 0o711
    assert stat.S_IMODE((out / "etc/mode").stat().st_mode) == 0o4755
    assert (out / "usr/lib/x/deep/libpq.so.5").readlink() == Path("libpq.so.5.1")
    assert (out / "etc/mode").stat().st_mtime == 1_000_000
    assert (out / "etc/status").read_text() == "one 222"


def test_out_is_no_part_of_the_system(systems: tuple[Path, Path]) -> None:
    less, more = systems
    out = more / "out"
    out.mkdir()
    libraries.add(less, out, more)
    assert not (out / "out").exists()
    assert (out / "usr/lib/x/deep/libpq.so.5.1").is_file()
