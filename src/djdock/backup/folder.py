"""The folder of the backups: names that sort by time, and files that are whole or not there.

Everything is written under a temporary name (``.NAME.partial``, mode 0600), synced, and renamed when all
of it is there. What a killed run left is swept away by the next one: a lock tells whose work goes on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from djdock.config import Config
from djdock.errors import MissingError

#: The file that describes a backup; it is written last, and says what belongs to it.
SIDECAR = ".json"

_PARTIAL = ".partial"


def default(config: Config) -> Path:
    """The project's own folder for backups, made if need be and ignored by git."""
    folder = config.root / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder


def chosen(config: Config, given: str) -> Path:
    """The folder that was asked for, else the default one.

    Raises MissingError when it is not there: it may be a disk that is not mounted.
    """
    if not given:
        return default(config)
    path = Path(given).expanduser().resolve()
    if not path.is_dir():
        raise MissingError(f"There is no folder {path}.", "Make it, or mount what should be there.")
    return path


@dataclass
class Partial:
    """A file that is being written: its bytes are counted and hashed on their way."""

    target: Path
    path: Path
    descriptor: int
    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @classmethod
    def create(cls, target: Path) -> Partial:
        """Makes and locks the temporary file. Raises FileExistsError when somebody else has it."""
        path = target.with_name(f".{target.name}{_PARTIAL}")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if not path.exists():  # swept away by another run before it was locked
            os.close(descriptor)
            raise FileExistsError(path)
        return cls(target, path, descriptor)

    def write(self, data: bytes | memoryview) -> None:
        """Appends. Raises MissingError when the disk is full, or whatever else the disk says."""
        self.size += len(data)
        self.digest.update(data)
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self.descriptor, view) :]
        except OSError as error:
            raise self._full(error) from error

    def sync(self) -> None:
        """Waits until all of it is on the disk."""
        try:
            os.fsync(self.descriptor)
        except OSError as error:
            raise self._full(error) from error

    def _full(self, error: OSError) -> MissingError:
        return MissingError(
            f"The backup cannot be written to {self.target.parent}: {error.strerror}.",
            "Make room, or name another folder with --to; the older backups are as they were.",
        )

    def discard(self) -> None:
        """Closes it, and removes it if it still has its temporary name."""
        os.close(self.descriptor)
        self.path.unlink(missing_ok=True)


@dataclass
class Draft:
    """A backup that is being made: its files, none of which is there before all of them are."""

    folder: Path
    stem: str
    made: datetime
    card: Partial
    parts: list[Partial] = field(default_factory=list)

    def add(self, suffix: str) -> Partial:
        """Begins one more file of this backup."""
        part = Partial.create(self.folder / f"{self.stem}{suffix}")
        self.parts.append(part)
        return part

    def publish(self, text: str) -> Path:
        """Gives all files their names, the data last: it makes the backup. Returns its path.

        ``text`` is the sidecar's. When this fails none of the names is left.
        """
        self.card.write(text.encode())
        ordered = [self.card, *reversed(self.parts)]
        for part in ordered:
            part.sync()
        named: list[Path] = []
        try:
            for part in ordered:
                part.path.rename(part.target)
                named.append(part.target)
            sync_folder(self.folder)
        except BaseException:
            for path in named:
                path.unlink(missing_ok=True)
            raise
        return self.parts[0].target


@contextmanager
def draft(folder: Path, stack: str) -> Iterator[Draft]:
    """A new backup, named by its second (the next free one, if others are made at once).

    What of it was not published is removed at the end.
    """
    sweep(folder)
    found = _reserve(folder, stack)
    try:
        yield found
    finally:
        for part in [found.card, *found.parts]:
            part.discard()


def _reserve(folder: Path, stack: str) -> Draft:
    while True:
        now = datetime.now(UTC).replace(microsecond=0)
        stem = f"{stack}-{now:%Y%m%dT%H%M%SZ}"
        with suppress(FileExistsError):
            card = Partial.create(folder / f"{stem}{SIDECAR}")
            # Looked at only now: nobody else can take the name any more.
            if not any(folder.glob(f"{stem}.*")):
                return Draft(folder, stem, now, card)
            card.discard()
        time.sleep(0.1)


def sweep(folder: Path) -> list[Path]:
    """Removes what killed runs have left under temporary names; returns what that was."""
    gone = []
    for path in sorted(folder.glob(f".*{_PARTIAL}")):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                gone.append(path)
            finally:
                os.close(descriptor)
    return gone


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
