"""A later djdock's files of ``docker/``, merged with what a project has made of the ones that it got."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import merge3

import djdock
from djdock.errors import MissingError
from djdock.init import pristine, shipped
from djdock.init.action import CREATE, EDIT, Action
from djdock.pyproject import read_table


@dataclass(frozen=True)
class Upgrade:
    """What is to be written, and the files that both sides have changed in the same place."""

    actions: tuple[Action, ...]
    conflicts: tuple[str, ...]
    #: Files that djdock does not have any more, and the project has not changed.
    gone: tuple[str, ...]


def base(root: Path) -> pristine.Pristine:
    """What the project got. Raises MissingError where ``init`` has not been."""
    folder = read_table(root / "pyproject.toml").folder
    found = pristine.read(root, folder)
    if not found.files:
        raise MissingError(
            f"There is no {pristine.path(folder)} in {root}.",
            f"`djdock init` makes it, with {folder}/.",
        )
    return found


def plan(root: Path) -> Upgrade:
    """Merges three texts for each file: the one that was shipped, today's, and the project's."""
    folder = read_table(root / "pyproject.toml").folder
    return merged(base(root).files, shipped.files(folder), _here(root, folder), folder)


def _here(root: Path, folder: str) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and path.relative_to(root).as_posix() != pristine.path(folder)
    }


def merged(
    before: Mapping[str, bytes],
    now: Mapping[str, bytes],
    here: Mapping[str, bytes],
    folder: str = shipped.FOLDER,
) -> Upgrade:
    """The same on texts. A file that the project has deleted stays deleted."""
    actions: list[Action] = []
    conflicts: list[str] = []
    for name, data in now.items():
        ours, old = here.get(name), before.get(name)
        if ours is None and old is None:
            actions.append(Action(name, CREATE, "new in this version", data))
        elif ours is None or ours == data or old == data:
            continue  # deleted by the project, or nothing to do
        elif ours == old:
            actions.append(Action(name, EDIT, "changed in this version", data))
        else:
            text, clean = _three(old or b"", data, ours)
            actions.append(Action(name, EDIT, "merged" if clean else "conflict", text))
            conflicts += [] if clean else [name]
    gone = tuple(name for name in before if name not in now and here.get(name) == before[name])
    if before != dict(now):
        packed = pristine.pack(djdock.__version__, now)
        actions.append(Action(pristine.path(folder), EDIT, f"{folder}/ as shipped", packed))
    return Upgrade(tuple(actions), tuple(conflicts), gone)


def _three(old: bytes, new: bytes, ours: bytes) -> tuple[bytes, bool]:
    """The project's text with the new version's changes; where both changed, with marks."""
    merge = merge3.Merge3(
        old.splitlines(keepends=True), ours.splitlines(keepends=True), new.splitlines(keepends=True)
    )
    clean = all(group[0] != "conflict" for group in merge.merge_groups())
    lines = merge.merge_lines(
        name_a=b"yours", name_b=f"djdock {djdock.__version__}".encode(), reprocess=False
    )
    return b"".join(lines), clean


def difference(root: Path) -> str:
    """A unified diff from today's files to the project's; empty where they are the same."""
    folder = read_table(root / "pyproject.toml").folder
    now, here = shipped.files(folder), _here(root, folder)
    old = base(root).files
    parts: list[str] = []
    for name in sorted({*now, *(name for name in old if name in here)}):
        one, other = _lines(now.get(name)), _lines(here.get(name))
        parts += difflib.unified_diff(one, other, f"djdock/{name}", f"yours/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in parts)


def _lines(data: bytes | None) -> list[str]:
    return (data or b"").decode("utf-8", errors="replace").splitlines(keepends=True)
