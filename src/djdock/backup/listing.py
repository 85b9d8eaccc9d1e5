"""The backups that are in a folder, the oldest first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from djdock import table
from djdock.backup import sidecar
from djdock.backup.folder import SIDECAR
from djdock.backup.sidecar import Sidecar
from djdock.errors import MissingError, UsageError, one_of
from djdock.units import human


@dataclass(frozen=True)
class Backup:
    """One backup: its file, and what is known of it."""

    file: Path
    card: Sidecar

    @property
    def files(self) -> list[Path]:
        """All that belongs to it, in the order in which it is deleted: without the first it is none."""
        archive = [self.file.with_name(self.card.media.file)] if self.card.media else []
        return [self.file, *archive, card_of(self.file)]

    @property
    def size(self) -> int:
        """The bytes of the dump and of the media files."""
        return self.card.size + (self.card.media.size if self.card.media else 0)


def card_of(file: Path) -> Path:
    """Where the sidecar of a backup's file is: ``NAME.sql.gz`` has ``NAME.json``."""
    return file.with_name(file.name.split(".")[0] + SIDECAR)


def find(folder: Path, stack: str = "") -> list[Backup]:
    """The backups in a folder, of one stack if it is named; what is no sidecar is passed over."""
    found = []
    for path in sorted(folder.glob(f"[!.]*{SIDECAR}")) if folder.is_dir() else ():
        try:
            card = sidecar.read(path)
        except MissingError:
            continue
        file = folder / card.file
        ours = card_of(file) == path and file.is_file()
        if ours and stack in ("", card.stack):
            found.append(Backup(file, card))
    return sorted(found, key=lambda backup: (backup.card.made, backup.file.name))


def one(config_root: Path, folder: Path, given: str) -> Backup:
    """The backup that was named: by a path, or by the name of a file in ``folder``.

    Raises UsageError when there is none of that name, and MissingError when its sidecar is gone.
    """
    path = Path(given).expanduser()
    tried = [path, config_root / path, folder / path.name]
    file = next((candidate for candidate in tried if candidate.is_file()), None)
    if file is None:
        there = [backup.file.name for backup in find(folder)]
        if there:
            raise one_of("backup", given, there)
        raise UsageError(
            f"There is no backup `{given}`.", "None has been made yet: `invoke db.backup`."
        )
    if file.suffix == SIDECAR:
        file = file.with_name(Path(sidecar.read(file).file).name)
    return Backup(file, sidecar.read(card_of(file)))


def text(found: list[Backup]) -> str:
    """The backups as a table."""
    rows = [
        (
            backup.file.name,
            backup.card.made.replace("T", " ").replace("Z", ""),
            f"{backup.card.engine} {backup.card.server}",
            f"{sum(backup.card.rows.values()):,}",
            human(backup.card.size),
            human(backup.card.media.size) if backup.card.media else "",
        )
        for backup in found
    ]
    headers = ["backup", "made (UTC)", "database", "rows", "size", "media"]
    return table.plain(rows, headers, right="rows|size|media")


def data(found: list[Backup]) -> dict[str, Any]:
    """The backups as JSON has them."""
    backups = [{"path": str(backup.file), **asdict(backup.card)} for backup in found]
    return {"version": 1, "backups": backups}
