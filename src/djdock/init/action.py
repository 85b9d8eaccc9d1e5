"""What ``init`` and ``upgrade`` are about to do, file by file, and how: all or nothing."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from djdock.errors import UsageError
from djdock.init.shipped import is_program

CREATE, EDIT, KEEP = "create", "edit", "keep"


@dataclass(frozen=True)
class Action:
    """One file: its path in the project, what is done with it, why, and what it will hold."""

    path: str
    kind: str
    reason: str
    data: bytes = field(default=b"", repr=False)
    #: For its owner only: it holds secrets.
    private: bool = False

    def shown(self) -> dict[str, str]:
        """Without its contents."""
        return {
            key: value for key, value in asdict(self).items() if key in ("path", "kind", "reason")
        }


def text_of(path: Path) -> str:
    """A file's text, with its line ends. Raises UsageError where it is none."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error


def new(root: Path, path: str, text: str, reason: str) -> Action:
    """A file of that text; one that is there is kept."""
    if (root / path).exists():
        return Action(path, KEEP, "it is there")
    return Action(path, CREATE, reason, text.encode())


def added(path: str, text: str, more: str, reason: str) -> Action:
    """A file with lines at its end, which end as its others do."""
    begin = text if not text or text.endswith("\n") else f"{text}\n"
    if "\r\n" in text:
        more = more.replace("\n", "\r\n")
    return Action(path, EDIT, reason, (begin + more).encode())


def apply(root: Path, actions: Sequence[Action]) -> None:
    """Writes all files, or none: all are there under other names before the first takes its place.

    Raises UsageError when one cannot be written; what was there is there again then.
    """
    todo = [action for action in actions if action.kind != KEEP]
    made: list[Path] = []
    before: list[tuple[Path, bytes | None]] = []
    staged: list[tuple[Path, Path]] = []
    try:
        for action in todo:
            target = root / action.path
            made += _folders(target.parent)
            staged.append((_staged(target, action), target))
        for partial, target in staged:
            before.append((target, target.read_bytes() if target.exists() else None))
            partial.replace(target)
    except OSError as error:
        _undo(before)
        for partial, _ in staged:
            partial.unlink(missing_ok=True)
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise UsageError(
            f"{error.filename or root} cannot be written: {error.strerror or error}; nothing was "
            "changed.",
            "Make it writable, and run the command again.",
        ) from error


def _folders(folder: Path) -> list[Path]:
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir()
    return missing[::-1]


def _staged(target: Path, action: Action) -> Path:
    new = 0o755 if is_program(action.data) else 0o644
    mode = target.stat().st_mode & 0o777 if target.exists() else new
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(action.data)
    Path(name).chmod(0o600 if action.private else mode)
    return Path(name)


def _undo(before: Sequence[tuple[Path, bytes | None]]) -> None:
    for target, data in reversed(before):
        with contextlib.suppress(OSError):
            if data is None:
                target.unlink()
            else:
                target.write_bytes(data)
