"""Deletes the oldest backups."""

from __future__ import annotations

from pathlib import Path

from djdock.backup import folder as folders
from djdock.backup.listing import Backup, find


def superfluous(folder: Path, stack: str, keep: int) -> list[Backup]:
    """This stack's backups but the newest ``keep``; those of other stacks are left alone."""
    found = find(folder, stack)
    return found[: max(len(found) - keep, 0)]


def delete(folder: Path, backups: list[Backup]) -> None:
    """Deletes backups, and what killed runs have left in the folder."""
    for backup in backups:
        for path in backup.files:
            path.unlink(missing_ok=True)
    folders.sweep(folder)
    folders.sync_folder(folder)
