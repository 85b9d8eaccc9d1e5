"""``images.lock.json``: what the images cost, to commit, and what changed since.

Only like is compared with like: another platform has other packages, and another image store counts
otherwise (see :mod:`djdock.images.size`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from djdock import whole
from djdock.errors import MissingError, UsageError
from djdock.images.owners import Owned
from djdock.units import human

FILE = "images.lock.json"
VERSION = 1

#: How many owners a sentence names.
NAMED = 3


@dataclass(frozen=True)
class Part:
    """What one owner has: ``size`` in bytes, and its version where it has one."""

    version: str
    size: int


@dataclass(frozen=True)
class Snapshot:
    """One image's figures: ``size`` in bytes as ``store`` counts, ``owners`` by their keys."""

    name: str
    platform: str
    store: str
    size: int
    layers: int
    owners: Mapping[str, Part]

    def as_dict(self) -> dict[str, Any]:
        """The figures as the file has them. No times and no ids: the same image, the same bytes."""
        return {
            "platform": self.platform,
            "store": self.store,
            "size": self.size,
            "layers": self.layers,
            "owners": {
                key: {"version": part.version, "bytes": part.size}
                for key, part in sorted(self.owners.items())
            },
        }


def parts(files: Iterable[Owned]) -> dict[str, Part]:
    """What each owner has; a package that is installed twice, in two versions, counts as one."""
    sizes: Counter[str] = Counter()
    versions: dict[str, set[str]] = {}
    for file in files:
        sizes[file.owner.key] += file.size
        versions.setdefault(file.owner.key, set()).add(file.owner.version)
    return {key: Part(", ".join(sorted(versions[key] - {""})), sizes[key]) for key in sorted(sizes)}


def platform(config: Mapping[str, Any]) -> str:
    """An image's platform by its configuration, as ``docker build --platform`` writes it."""
    words = (config.get("os"), config.get("architecture"), config.get("variant"))
    return "/".join(str(word) for word in words if word) or "unknown"


@dataclass(frozen=True)
class Change:
    """What became of one owner, in bytes; None where it was not there."""

    key: str
    before: Part | None
    after: Part | None

    @property
    def name(self) -> str:
        """The owner's name."""
        return self.key.partition(":")[2]

    @property
    def delta(self) -> int:
        """How many bytes it grew by."""
        return (self.after.size if self.after else 0) - (self.before.size if self.before else 0)

    @property
    def what(self) -> str:
        """In one word: new, gone, grew, shrank, or changed: another version of the same size."""
        if self.before is None:
            return "new"
        if self.after is None:
            return "gone"
        return "grew" if self.delta > 0 else "shrank" if self.delta else "changed"

    def as_dict(self) -> dict[str, Any]:
        """The change as JSON has it."""
        return {
            "owner": self.name,
            "family": self.key.partition(":")[0],
            "change": self.what,
            "bytes": self.delta,
            "before": None if self.before is None else self.before.size,
            "after": None if self.after is None else self.after.size,
            "version_before": self.before.version if self.before else "",
            "version_after": self.after.version if self.after else "",
        }


@dataclass(frozen=True)
class Comparison:
    """Two images, and what changed from the one to the other, the largest change first."""

    before: Snapshot
    after: Snapshot
    changes: tuple[Change, ...]

    @property
    def delta(self) -> int:
        """How many bytes the image grew by."""
        return self.after.size - self.before.size

    def sentence(self) -> str:
        """``Django +2.1 MB, new: pillow 9.8 MB``; "no owner changed" if none did."""
        grown = [change for change in self.changes if change.delta]
        words = [_word(change) for change in grown[:NAMED]]
        if len(grown) > NAMED:
            rest = sum(change.delta for change in grown[NAMED:])
            number = len(grown) - NAMED
            words.append(f"{number} {'other' if number == 1 else 'others'} {signed(rest)}")
        return ", ".join(words) or "no owner changed in size"


def _word(change: Change) -> str:
    if change.what in ("new", "gone"):
        return f"{change.what}: {change.name} {human(abs(change.delta))}"
    return f"{change.name} {signed(change.delta)}"


def signed(number: int) -> str:
    """A difference of sizes, with its sign."""
    return f"{'-' if number < 0 else '+'}{human(abs(number))}"


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """What changed. Raises UsageError for images that cannot be compared."""
    for what, one, other in (
        ("platform", before.platform, after.platform),
        ("image store", before.store, after.store),
    ):
        if one != other:
            raise UsageError(
                f"{before.name} and {after.name} cannot be compared: their {what} differs "
                f"({one}, {other}).",
                "Measure both in the same place; `invoke image.baseline` makes the baseline anew.",
            )
    changes = [
        Change(key, before.owners.get(key), after.owners.get(key))
        for key in sorted({*before.owners, *after.owners})
        if before.owners.get(key) != after.owners.get(key)
    ]
    return Comparison(
        before, after, tuple(sorted(changes, key=lambda change: (-abs(change.delta), change.key)))
    )


def dump(snapshots: Mapping[str, Snapshot]) -> str:
    """The file's text, by variant: sorted, so that a diff shows what changed and nothing else."""
    data = {
        "version": VERSION,
        "variants": {name: snapshots[name].as_dict() for name in sorted(snapshots)},
    }
    return json.dumps(data, indent=2) + "\n"


def write(path: Path, snapshots: Mapping[str, Snapshot]) -> None:
    """Writes the file, whole or not at all."""
    whole.write(path, dump(snapshots))


def read(path: Path) -> dict[str, Snapshot]:
    """The file's snapshots by variant.

    Raises MissingError when it is not there, and UsageError when it is not what djdock wrote.
    """
    remedy = "`invoke image.baseline` makes it anew."
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MissingError(
            f"There is no baseline: {path} is not there.",
            "`invoke image.baseline` makes it; commit it.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", remedy) from error
    try:
        data = json.loads(text)
        version = data["version"]
        if version != VERSION:
            raise UsageError(
                f"{path} is of version {version!r}, and this djdock reads {VERSION}.", remedy
            )
        return {name: _snapshot(name, item) for name, item in data["variants"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} is no baseline that djdock wrote.", remedy) from error


def _snapshot(name: str, item: Mapping[str, Any]) -> Snapshot:
    owners = {
        str(key): Part(str(part["version"]), _count(part["bytes"]))
        for key, part in item["owners"].items()
    }
    return Snapshot(
        f"{name} in {FILE}",
        str(item["platform"]),
        str(item["store"]),
        _count(item["size"]),
        _count(item["layers"]),
        owners,
    )


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(value)
    return value
