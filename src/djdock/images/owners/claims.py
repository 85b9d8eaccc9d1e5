"""What the families of owners say: which files and which folders are whose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from djdock.images.owners.owner import Claim, Owner
from djdock.images.owners.tree import parents


@dataclass
class Claims:
    """Claims by path. A file's claim beats a folder's, a nearer folder's beats a farther one's.

    Files need not be there: bytecode is claimed through its source, which may have been removed.
    """

    files: dict[str, Claim] = field(default_factory=dict)
    folders: dict[str, Claim] = field(default_factory=dict)
    #: The system's packages by name, those without a file, too.
    installed: dict[str, Owner] = field(default_factory=dict)
    #: What could not be read, one sentence each.
    problems: list[str] = field(default_factory=list)

    def add(self, other: Claims) -> None:
        """Takes another family's claims where there are none yet: whoever comes first wins."""
        self.files = {**other.files, **self.files}
        self.folders = {**other.folders, **self.folders}
        self.installed = {**other.installed, **self.installed}
        self.problems += other.problems

    def under(self, path: str) -> Claim | None:
        """The claim of the nearest folder that has one."""
        for folder in parents(path):
            if (claim := self.folders.get(folder)) is not None:
                return claim
        return None


def sole(owned: Iterable[tuple[str, Owner]], *, below: str) -> dict[str, Owner]:
    """The folders under ``below`` in which all that is claimed belongs to one owner."""
    owners: dict[str, set[Owner]] = defaultdict(set)
    prefix = f"{below}/" if below else ""
    for path, owner in owned:
        if path.startswith(prefix):
            for folder in parents(path):
                if folder == below or not folder.startswith(prefix):
                    break
                owners[folder].add(owner)
    return {folder: next(iter(found)) for folder, found in owners.items() if len(found) == 1}
