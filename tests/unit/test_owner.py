from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from djdock.config import Config, default_name
from djdock.errors import UsageError
from djdock.pyproject import Table
from djdock.stack import owner
from djdock.stack.state import Container

WEB = Container("shop-web-1", "web", "running", "Up", "shop:multi", "", (), "")


def config(root: Path, name: str = "shop") -> Config:
    root.mkdir(parents=True, exist_ok=True)
    return Config(root, Table(), {"COMPOSE_PROJECT_NAME": name})


def never() -> bool:
    raise AssertionError("nobody had to ask for volumes")


def refused(found: list[Container], of: Config, *, volumes: bool = False) -> str:
    with pytest.raises(UsageError) as caught:
        owner.require(of, found, lambda: volumes)
    assert "COMPOSE_PROJECT_NAME" in caught.value.remedy
    return caught.value.problem


@pytest.mark.parametrize("folder", ["docker", "."])
def test_our_own_stack_is_ours(tmp_path: Path, folder: str) -> None:
    (tmp_path / "shop" / "docker").mkdir(parents=True)
    started = replace(WEB, working_dir=str(tmp_path / "shop" / folder))
    owner.require(config(tmp_path / "shop"), [started], never)


def test_a_stack_that_was_started_through_a_link_is_ours(tmp_path: Path) -> None:
    (tmp_path / "shop" / "docker").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "shop")
    started = replace(WEB, working_dir=str(tmp_path / "link" / "docker"))
    owner.require(config(tmp_path / "shop"), [started], never)


def test_a_stack_of_a_directory_that_is_gone_may_have_been_moved_here(tmp_path: Path) -> None:
    gone = replace(WEB, working_dir=str(tmp_path / "gone/docker"))
    owner.require(config(tmp_path / "here"), [gone], never)


def test_another_directorys_stack_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "theirs" / "docker").mkdir(parents=True)
    theirs = replace(WEB, working_dir=str(tmp_path / "theirs" / "docker"))
    assert refused([theirs], config(tmp_path / "ours")) == (
        f"The stack `shop` belongs to {tmp_path}/theirs, not to {tmp_path}/ours."
    )


def test_a_copied_checkout_has_no_right_to_the_data_of_the_one_it_was_copied_from(
    tmp_path: Path,
) -> None:
    first = config(tmp_path / "first")
    owner.claim(first)
    copy = config(tmp_path / "copy")
    (copy.make_scratch() / "root").write_bytes((first.scratch / "root").read_bytes())
    assert refused([], copy) == f"The stack `shop` belongs to {first.root}, not to {copy.root}."
    owner.require(first, [], never)
    moved = first.root.rename(tmp_path / "gone")
    owner.require(copy, [], never)
    owner.require(config(moved), [], never)


def test_a_name_made_for_another_path_is_refused_only_where_there_is_data(tmp_path: Path) -> None:
    copied = config(tmp_path / "copy", default_name(tmp_path / "first"))
    owner.require(copied, [], lambda: False)
    assert "belongs to another directory" in refused([], copied, volumes=True)
    ours = config(tmp_path / "copy", default_name(tmp_path / "copy"))
    owner.require(ours, [], never)
    owner.require(config(tmp_path / "copy", "chosen"), [], never)
