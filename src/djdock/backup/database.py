"""What each kind of database can do, and which one the stack has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from djdock.backup.folder import Partial
from djdock.backup.sidecar import Facts, Sidecar

#: The suffixes of the two databases that a restore makes beside the one in use.
RESTORING, BEFORE = "restoring", "before_restore"

Note = Callable[[str], None]


class Database(Protocol):
    """One database of the stack."""

    #: Django's word for its kind: postgresql, mysql, sqlite3.
    engine: str
    #: What the file of a backup ends with.
    suffix: str

    @property
    def name(self) -> str:
        """What people call it."""

    def lines(self) -> tuple[list[str], list[str]]:
        """The command lines that dump and load, for a dry run."""

    def ping(self) -> None:
        """Returns when a query was answered, else raises CommandFailed."""

    def dump(self, part: Partial, tag: str) -> Facts:
        """Writes a consistent snapshot; ``tag`` is a name for its session on the server.

        Raises CommandFailed when the client fails and MissingError when the disk is full.
        """

    def version(self) -> str:
        """The server's version, as in :class:`Facts`."""

    def load(self, file: Path, card: Sidecar, note: Note) -> None:
        """Loads a backup into a fresh database beside the one in use, and checks what is in it.

        Leftovers of a load that was interrupted are removed first. Raises CommandFailed when it
        cannot be loaded and CheckFailed when it is not what ``card`` says.
        """

    def discard(self) -> None:
        """Removes what a load has made, if anything."""

    def swap(self) -> str:
        """Puts what was loaded into the place of what was in use; all of it or nothing.

        Returns where the data from before are kept, until the next swap.
        """

    def empty(self) -> None:
        """Puts an empty database into the place of the one in use; what was kept goes, too."""
