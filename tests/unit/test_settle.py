"""Times that do not say when an image was built: docker/settle.py."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import REPOSITORY, script

SCRIPT = REPOSITORY / "docker" / "settle.py"
settle = script("settle")


def made(root: Path) -> Path:
    (root / "static" / "css").mkdir(parents=True)
    (root / "static" / "css" / "site.css").write_text("a")
    (root / "static" / "other.css").write_text("b")
    (root / "link").symlink_to("static")
    (root / "dangling").symlink_to("nowhere")
    return root


def times(root: Path) -> dict[str, float]:
    return {str(path.relative_to(root)): path.lstat().st_mtime for path in root.rglob("*")}


def test_two_trees_with_the_same_content_get_the_same_times(tmp_path: Path) -> None:
    one, other = made(tmp_path / "one"), made(tmp_path / "other")
    os.utime(one / "static" / "other.css", (5, 5))
    os.utime(other / "static", (7, 7))
    for root in (one, other):
        settle.tree(root)
    assert times(one) == times(other)


def test_a_file_whose_content_changed_has_another_time(tmp_path: Path) -> None:
    """A browser that has the old one is told by time and size, and both are of one byte."""
    root = made(tmp_path / "one")
    settle.tree(root)
    found = times(root)
    assert found["static/css/site.css"] != found["static/other.css"]
    assert found["static"] == found["link"] == found["dangling"] == settle.FIRST
    assert all(settle.FIRST <= seconds < settle.FIRST + settle.SPAN for seconds in found.values())
    assert time.time() > settle.FIRST + settle.SPAN


def test_trees_are_staged_without_room_of_their_own(tmp_path: Path) -> None:
    root, out = made(tmp_path / "one"), tmp_path / "out"
    subprocess.run([sys.executable, SCRIPT, out, root], check=True)
    staged = Path(f"{out}{root}")
    files = [path for path in times(staged) if (staged / path).is_file()]
    assert all(times(staged)[path] == times(root)[path] for path in files)
    css = staged / "static" / "css" / "site.css"
    assert css.samefile(root / "static" / "css" / "site.css")
    assert (staged / "link").is_symlink()


def test_of_a_system_only_what_is_new_is_settled_and_all_folders(tmp_path: Path) -> None:
    root = made(tmp_path / "one")
    old, new = root / "static" / "other.css", root / "static" / "css" / "site.css"
    os.utime(old, (1_000, 1_000))
    os.utime(root / "link", (1_000, 1_000), follow_symlinks=False)
    settle.changed(root, time.time() - 60)
    assert old.stat().st_mtime == (root / "link").lstat().st_mtime == 1_000
    assert new.stat().st_mtime < settle.FIRST + settle.SPAN
    assert (root / "static").stat().st_mtime == settle.FIRST


def test_without_arguments_it_says_how_to_use_it() -> None:
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "settle.py OUT PATH..." in done.stderr


@pytest.mark.parametrize("mode", ["checked-hash", "unchecked-hash", "timestamp"])
def test_minimal_takes_over_what_was_compiled_by_time_or_by_hash(tmp_path: Path, mode: str) -> None:
    sys.path.insert(0, str(REPOSITORY / "docker"))
    try:
        bytecode = importlib.import_module("minimal.bytecode")
    finally:
        sys.path.remove(str(REPOSITORY / "docker"))
    source = tmp_path / "module.py"
    source.write_text("x = 1\n")
    argv = [
        sys.executable,
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        mode,
        "-d",
        "/taken.py",
    ]
    subprocess.run([*argv, source], check=True)
    assert b"/taken.py" in bytecode.compiled(source)
    source.write_text("x = 2\n")
    os.utime(source, (9, 9))
    assert b"/taken.py" not in bytecode.compiled(source)


def test_folders_alone_are_settled_again_after_files_were_taken_out(tmp_path: Path) -> None:
    root, out = made(tmp_path / "root"), tmp_path / "out"
    settle.stage(out, [root])
    before = times(out)
    taken = out / str(root).lstrip("/") / "static" / "other.css"
    taken.unlink()
    kept = taken.with_name("css") / "site.css"
    os.utime(kept, (5, 5))
    subprocess.run([sys.executable, str(SCRIPT), "--folders", str(out)], check=True)
    after = times(out)
    left_out = {str(path.relative_to(out)) for path in (taken, kept)}
    assert {name: at for name, at in before.items() if name not in left_out} == {
        name: at for name, at in after.items() if name not in left_out
    }
    assert kept.stat().st_mtime == 5  # a file is not touched
