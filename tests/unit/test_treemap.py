from __future__ import annotations

from typing import Any

import pytest
from images import own

from djdock.images import treemap


def tree(files: dict[str, object]) -> list[dict[str, Any]]:
    return treemap.tree(own(files).files)


def test_folders_the_largest_first_with_what_is_in_them() -> None:
    assert tree({"a/x": 200_000, "a/y": 100_000, "b": 900_000}) == [
        {"name": "/b", "bytes": 900_000, "files": 1},
        {
            "name": "/a",
            "bytes": 300_000,
            "files": 2,
            "children": [
                {"name": "x", "bytes": 200_000, "files": 1},
                {"name": "y", "bytes": 100_000, "files": 1},
            ],
        },
    ]


def test_a_chain_of_folders_is_one_node() -> None:
    files = {"opt/venv/lib/a/x": 20_000, "opt/venv/lib/a/y": 10_000}
    [top] = tree(dict(files))
    assert (top["name"], top["bytes"], top["files"]) == ("/opt/venv/lib/a", 30_000, 2)
    assert [child["name"] for child in top["children"]] == ["x", "y"]
    assert tree({"opt/venv/only": 20_000}) == [
        {"name": "/opt/venv/only", "bytes": 20_000, "files": 1}
    ]


def test_what_is_small_stands_together_at_the_end() -> None:
    found = tree({"a": 5_000_000, "b": 60_000, "c": 49_999, "d": 1, "e/f": 2})
    assert found == [
        {"name": "/a", "bytes": 5_000_000, "files": 1},
        {"name": "/b", "bytes": 60_000, "files": 1},
        {"name": "others", "bytes": 50_002, "files": 3, "others": 3},
    ]


def test_a_folder_of_small_files_only_is_not_looked_into() -> None:
    files: dict[str, object] = {f"a/{n}": 1_000 for n in range(50)}
    assert tree(files) == [{"name": "/a", "bytes": 50_000, "files": 50}]


@pytest.mark.parametrize("files", [{}, {"a": 0, "b": "-> a"}])
def test_what_has_no_bytes_has_no_tree(files: dict[str, object]) -> None:
    assert tree(files) == []


def test_equal_sizes_are_ordered_by_name() -> None:
    found = tree({"c": 20_000, "a": 20_000, "b": 20_000})
    assert [node["name"] for node in found] == ["/a", "/b", "/c"]


def test_names_that_cannot_be_printed_are_escaped() -> None:
    assert tree({"a\nb": 20_000})[0]["name"] == "/a\\nb"


def depth(nodes: list[dict[str, Any]]) -> int:
    return 1 + max((depth(node.get("children", [])) for node in nodes), default=0) if nodes else 0


def check(nodes: list[dict[str, Any]], total: int) -> None:
    assert treemap.size(nodes) == total
    for node in nodes:
        if "children" in node:
            check(node["children"], node["bytes"])


def test_children_add_up_and_no_tree_is_deeper_than_it_may_be() -> None:
    files: dict[str, object] = {
        f"{a}/{b}/{c}/{d}/{e}/{f}": 3_000 + 700 * (a + b * c + d * e + f)
        for a in range(3) for b in range(3) for c in range(2)
        for d in range(2) for e in range(2) for f in range(2)
    }  # fmt: skip
    found = tree(files)
    check(found, sum(int(str(size)) for size in files.values()))
    assert depth(found) == treemap.DEPTH
    deep = "/".join("a" * 1 for _ in range(2_000))  # as many parts as a path can have
    assert tree({deep: 20_000})[0]["name"] == f"/{deep}"
