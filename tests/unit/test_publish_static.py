"""Static files get into the web server's volume whole, and stay for one release more."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from support import REPOSITORY


@pytest.fixture
def published() -> ModuleType:
    path = REPOSITORY / "docker" / "publish_static.py"
    spec = importlib.util.spec_from_file_location("publish_static", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def release(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("_", "/") / "file"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_000_000, 1_000_000))
    return root


def texts(folder: Path) -> dict[str, str]:
    root = folder / "static"
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(path.parent.relative_to(root)): path.read_text(encoding="utf-8") for path in found}


def test_files_of_the_release_before_stay_and_older_ones_go(
    published: ModuleType, tmp_path: Path
) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    first = release(tmp_path / "1", a="1", css_b="1")
    second = release(tmp_path / "2", a="22", css_c="2")
    third = release(tmp_path / "3", a="22", d="3")
    assert published.publish(first, volume) == (2, 0)
    assert texts(volume) == {"a": "1", "css/b": "1"}
    assert published.publish(second, volume) == (2, 0)
    assert texts(volume) == {"a": "22", "css/b": "1", "css/c": "2"}
    # The same release again: nothing is copied, and the one before is still that.
    assert published.publish(second, volume) == (0, 0)
    assert published.publish(third, volume) == (1, 1)
    assert texts(volume) == {"a": "22", "css/c": "2", "d": "3"}
    assert (volume / "static" / "a" / "file").stat().st_mtime == 1_000_000
    assert sorted(path.name for path in volume.iterdir()) == ["releases.json", "static"]


def test_a_copy_that_fails_leaves_the_old_file_and_no_part_of_the_new(
    published: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    published.publish(release(tmp_path / "1", a="1"), volume)

    def full(source: Path, target: Path) -> None:
        Path(target).write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(published.shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space"):
        published.publish(release(tmp_path / "2", a="22"), volume)
    assert texts(volume) == {"a": "1"}
    assert [path.name for path in (volume / "static" / "a").iterdir()] == ["file"]


def test_a_memory_that_nobody_can_read_removes_nothing_of_the_release(
    published: ModuleType, tmp_path: Path
) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    source = release(tmp_path / "1", a="1")
    for text in ("", "3", json.dumps({"a": 1}), "[[1]]"):
        (volume / "releases.json").write_text(text, encoding="utf-8")
        published.publish(source, volume)
        assert texts(volume) == {"a": "1"}


def test_a_volume_changes_hands_with_all_that_is_in_it(
    published: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/file").touch()
    (tmp_path / "link").symlink_to("/")
    owners: dict[str, int] = {}
    order: list[str] = []

    def chown(path: Path, uid: int, gid: int, *, follow_symlinks: bool = True) -> None:
        assert not (path.is_symlink() and follow_symlinks)
        name = str(path.relative_to(tmp_path))
        owners[name] = uid
        order.append(name)

    monkeypatch.setattr(os, "chown", chown)
    published.hand_over(tmp_path, 1000)
    assert owners == dict.fromkeys([".", "a", "a/b", "a/b/file", "link"], 1000)
    assert order[-1] == "."  # else an attempt that ends half-way would look done


@pytest.mark.parametrize("collected", [True, False])
def test_without_collected_files_the_media_volume_changes_hands_all_the_same(
    published: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, collected: bool
) -> None:
    media, root = tmp_path / "media", tmp_path / "static"
    for folder in (media, tmp_path / "volume", *([root] if collected else [])):
        folder.mkdir()
    settings = SimpleNamespace(STATIC_ROOT=str(root))
    monkeypatch.setitem(sys.modules, "django.conf", SimpleNamespace(settings=settings))
    handed: list[tuple[Path, int]] = []
    monkeypatch.setattr(published, "hand_over", lambda *words: handed.append(words))
    published.main(str(tmp_path / "volume"), str(media), "10001")
    assert handed == [(media, 10001)]
    assert (tmp_path / "volume/static").is_dir() is collected
