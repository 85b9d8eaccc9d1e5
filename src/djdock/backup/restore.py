"""Restores a backup: beside the data in use, which are replaced only when all of it is there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from djdock.backup import media as media_files
from djdock.backup import stream
from djdock.backup.choose import Target
from djdock.backup.database import Note
from djdock.backup.listing import Backup
from djdock.config import Config
from djdock.errors import CheckFailed, CommandFailed, DjdockError, MissingError, UsageError


def require(backup: Backup, target: Target) -> None:
    """Raises UsageError for another kind of database's backup, CheckFailed for a damaged file."""
    if backup.card.engine != target.database.engine:
        raise UsageError(
            f"{backup.file.name} is a backup of {backup.card.engine}, and this site's database is "
            f"{target.database.engine}.",
            "Name a backup of the same kind; `invoke db.backups` lists them.",
        )
    sums = [(backup.file, backup.card.sha256)]
    if backup.card.media:
        sums.append((backup.file.with_name(backup.card.media.file), backup.card.media.sha256))
    for file, wanted in sums:
        if not file.is_file():
            raise MissingError(f"{file} is not there.", "Put it back beside the backup.")
        if stream.checksum(file) != wanted:
            raise CheckFailed(
                f"{file.name} is not what was written: its checksum is another one.",
                "Nothing was done. Take another copy of it, or another backup.",
            )


def restore(backup: Backup, target: Target, note: Note) -> str:
    """Loads a backup and swaps it in; returns where the data from before are kept.

    Until the swap nothing in use is touched. :func:`require` has been asked before. Raises
    CommandFailed or CheckFailed when it cannot be loaded, with the data in use as they were.
    """
    database, card = target.database, backup.card
    warn(card.server, database.version(), note)
    site = target.site() if card.media else None
    if card.media and not (site and target.web):
        raise MissingError(
            "The site does not answer, and it has the media files.", "Start it: `invoke up`."
        )
    try:
        database.load(backup.file, card, note)
        if card.media and site and target.web:
            folder = media_files.require(site.media)
            archive = backup.file.with_name(card.media.file)
            media_files.load(target.web, target.python, folder, archive)
        kept = database.swap()
    except BaseException as error:
        # What is half loaded takes room; when even this fails, the next restore removes it.
        with suppress(DjdockError):
            database.discard()
        if not isinstance(error, CommandFailed | ValueError):
            raise
        problem = error.problem if isinstance(error, CommandFailed) else f"{error} is not whole."
        raise CheckFailed(
            f"{backup.file.name} could not be restored: {problem}",
            "The data in use are as they were.",
        ) from error
    if card.media and site and target.web:
        media_files.swap(target.web, target.python, folder)
        note(f"The media files from before are in {folder}/{media_files.BEFORE}.")
    return kept


def compared(backup: Backup, target: Target) -> str:
    """What is to be said of the backup's migrations and the code's; empty when they agree."""
    site = target.site()
    if site is None:
        return "The site is not up, so its migrations were not compared: `invoke migrate --check`."
    pending, unknown = site.differences(backup.card.migrations)
    said = ""
    if pending:
        said = (
            f"The code has migrations that the backup has not: {_some(pending)}. "
            "Apply them: `invoke migrate`."
        )
    if unknown:
        said += "\n" if said else ""
        said += (
            f"The backup has migrations that the code has not: {_some(unknown)}. It was made by a newer "
            "site: run that one, or restore an older backup."
        )
    return said


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def warn(made: str, here: str, note: Note) -> None:
    """Says so when a backup of the server ``made`` may be too new, or too different, for ``here``."""
    if ("MariaDB" in made) != ("MariaDB" in here):
        note(
            f"The backup was made by {made}, and this server is {here}: MySQL and MariaDB do not "
            "understand all of each other's."
        )
        return
    if major(made) > major(here):
        note(
            f"The backup was made by version {made} of the server, and this one is {here}: an older one "
            "may not understand it."
        )


def major(version: str) -> tuple[int, ...]:
    """What has to be compared of a server's version: PostgreSQL's first number, MySQL's two."""
    numbers = [int(part) for part in version.split("-")[0].split(".") if part.isdecimal()]
    return tuple(numbers[: 1 if numbers and numbers[0] >= 10 and len(numbers) < 3 else 2])


@contextmanager
def alone(config: Config) -> Iterator[None]:
    """Keeps others from restoring or resetting the same stack; raises UsageError when one does."""
    descriptor = os.open(config.make_scratch() / "restore.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"The data of {config.name} are being restored or reset by another run.",
                "Wait for that one to end.",
            ) from None
        yield
    finally:
        os.close(descriptor)
