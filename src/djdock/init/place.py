"""Which folder djdock's files get: docker/, or one of their own where the project's are in the way."""

from __future__ import annotations

from pathlib import Path

from djdock.init import pristine, shipped
from djdock.pyproject import read_table


def folder(root: Path) -> str:
    """The folder's name: the one that ``[tool.djdock]`` names, ``docker`` or ``djdock``."""
    named = read_table(root / "pyproject.toml").folder
    free = pristine.read(root, named).files or not taken(root, named)
    return named if free or named != shipped.FOLDER else shipped.OTHER_FOLDER


def taken(root: Path, folder: str) -> list[str]:
    """The files of that folder that have djdock's names, and are not djdock's."""
    before = pristine.read(root, folder).files
    return [
        name
        for name, data in shipped.files(folder).items()
        if name not in before and not _is(root / name, data)
    ]


def _is(path: Path, data: bytes) -> bool:
    """Whether a file is not there, or holds just this."""
    return not path.exists() or (path.is_file() and path.read_bytes() == data)
