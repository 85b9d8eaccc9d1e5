from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from images import own, wheel

from djdock.errors import MissingError, UsageError
from djdock.images import baseline
from djdock.images.baseline import Part, Snapshot

SITE = "opt/venv/lib/python3.13/site-packages"


def snapshot(size: int = 100_000_000, **owners: int) -> Snapshot:
    parts = {f"pypi:{name}": Part("1.0", bytes_) for name, bytes_ in owners.items()}
    return Snapshot("shop:multi", "linux/amd64", "overlay2", size, 5, parts)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / baseline.FILE
    made = {"multi": snapshot(Django=5), "minimal": snapshot(50)}
    baseline.write(path, made)
    found = baseline.read(path)
    assert list(found) == ["minimal", "multi"]
    assert found["multi"] == replace(made["multi"], name="multi in images.lock.json")
    assert [item.name for item in tmp_path.iterdir()] == [baseline.FILE]


def test_the_file_is_sorted_and_says_what_was_measured_where() -> None:
    assert baseline.dump({"multi": snapshot(7, b=2, a=1)}) == (
        json.dumps(
            {
                "version": 1,
                "variants": {
                    "multi": {
                        "platform": "linux/amd64",
                        "store": "overlay2",
                        "size": 7,
                        "layers": 5,
                        "owners": {
                            "pypi:a": {"version": "1.0", "bytes": 1},
                            "pypi:b": {"version": "1.0", "bytes": 2},
                        },
                    }
                },
            },
            indent=2,
        )
        + "\n"
    )


def test_a_package_that_is_there_twice_is_one_part() -> None:
    one = wheel(SITE, "six", "1.0", "six.py")
    two = wheel(SITE.replace("venv", "other"), "six", "2.0", "six.py")
    found = baseline.parts(own({**one, **two}).files)
    assert found == {"pypi:six": Part("1.0, 2.0", own({**one, **two}).total)}


@pytest.mark.parametrize(
    ("config", "platform"),
    [
        ({"os": "linux", "architecture": "amd64"}, "linux/amd64"),
        ({"os": "linux", "architecture": "arm64", "variant": "v8"}, "linux/arm64/v8"),
        ({}, "unknown"),
    ],
)
def test_the_platform_is_written_as_docker_writes_it(config: dict[str, Any], platform: str) -> None:
    assert baseline.platform(config) == platform


def test_a_comparison_says_what_grew_shrank_came_and_went() -> None:
    before = snapshot(100_000_000, Django=20_000_000, gone=3_000_000, same=5, less=4_000_000)
    after = snapshot(109_900_000, Django=22_100_000, pillow=9_800_000, same=5, less=3_000_000)
    found = baseline.compare(before, after)
    assert [(change.name, change.what, change.delta) for change in found.changes] == [
        ("pillow", "new", 9_800_000),
        ("gone", "gone", -3_000_000),
        ("Django", "grew", 2_100_000),
        ("less", "shrank", -1_000_000),
    ]
    assert found.delta == 9_900_000
    assert found.sentence() == (
        "new: pillow 9.80 MB, gone: gone 3.00 MB, Django +2.10 MB, 1 other -1.00 MB"
    )


def test_another_version_of_the_same_size_is_a_change_without_a_word() -> None:
    before, after = snapshot(Django=5), snapshot(Django=5)
    after = replace(after, owners={"pypi:Django": Part("2.0", 5)})
    found = baseline.compare(before, after)
    assert [change.what for change in found.changes] == ["changed"]
    assert found.sentence() == "no owner changed in size"
    assert found.changes[0].as_dict() == {
        "owner": "Django",
        "family": "pypi",
        "change": "changed",
        "bytes": 0,
        "before": 5,
        "after": 5,
        "version_before": "1.0",
        "version_after": "2.0",
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"platform": "linux/arm64"}, "platform differs (linux/amd64, linux/arm64)"),
        (
            {"store": "containerd (overlayfs)"},
            "image store differs (overlay2, containerd (overlayfs))",
        ),
    ],
)
def test_only_like_is_compared_with_like(change: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        baseline.compare(snapshot(), replace(snapshot(), name="shop:new", **change))
    assert caught.value.problem == f"shop:multi and shop:new cannot be compared: their {words}."


def test_without_a_file_there_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as caught:
        baseline.read(tmp_path / "images.lock.json")
    assert str(caught.value) == (
        f"There is no baseline: {tmp_path}/images.lock.json is not there.\n"
        "`invoke image.baseline` makes it; commit it."
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<<<<<<< HEAD",
        "[]",
        "{}",
        '{"version": 1}',
        '{"version": 1, "variants": []}',
        '{"version": 1, "variants": {"a": {}}}',
        (
            '{"version": 1, "variants": {"a": {"platform": "", "store": "", "size": -1, "layers": 1,'
            ' "owners": {}}}}'
        ),
        (
            '{"version": 1, "variants": {"a": {"platform": "", "store": "", "size": true, "layers": 1,'
            ' "owners": {}}}}'
        ),
        (
            '{"version": 1, "variants": {"a": {"platform": "", "store": "", "size": 1, "layers": 1,'
            ' "owners": {"x": 5}}}}'
        ),
        "[" * 100_000,
    ],
)
def test_what_djdock_did_not_write_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "images.lock.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        baseline.read(path)
    assert str(caught.value) == (
        f"{path} is no baseline that djdock wrote.\n`invoke image.baseline` makes it anew."
    )


def test_another_version_and_another_encoding_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "images.lock.json"
    path.write_text('{"version": 2}', encoding="utf-8")
    with pytest.raises(UsageError, match="is of version 2, and this djdock reads 1"):
        baseline.read(path)
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="cannot be read"):
        baseline.read(path)


def test_names_that_are_no_text_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / baseline.FILE
    baseline.write(path, {"multi": replace(snapshot(), owners={"pypi:\udcff": Part("", 5)})})
    assert baseline.read(path)["multi"].owners == {"pypi:\udcff": Part("", 5)}
