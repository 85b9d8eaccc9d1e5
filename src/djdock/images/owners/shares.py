"""How the bytes are shared out: by owner, by group and by kind, in percentages that add up to 100."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from djdock.images.owners.owner import Owned, Owner

#: Percentages are given in tenths.
WHOLE = 1000


@dataclass(frozen=True)
class Share:
    """What one owner has. ``kinds`` holds the bytes of each kind of file."""

    owner: Owner
    size: int
    files: int
    percent: float
    kinds: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The share as JSON has it."""
        return {
            "owner": self.owner.name,
            "version": self.owner.version,
            "family": self.owner.family,
            "group": self.owner.group,
            "bytes": self.size,
            "files": self.files,
            "percent": self.percent,
            "kinds": self.kinds,
        }


def by_owner(files: Iterable[Owned]) -> list[Share]:
    """The owners' shares, the largest first."""
    sizes: Counter[Owner] = Counter()
    numbers: Counter[Owner] = Counter()
    kinds: dict[Owner, Counter[str]] = {}
    for file in files:
        sizes[file.owner] += file.size
        numbers[file.owner] += 1
        kinds.setdefault(file.owner, Counter())[file.kind] += file.size
    owners = sorted(sizes, key=lambda owner: (-sizes[owner], owner))
    percents = percentages([sizes[owner] for owner in owners])
    return [
        Share(
            owner,
            sizes[owner],
            numbers[owner],
            percent,
            {name: size for name, size in sorted(kinds[owner].items()) if size},
        )
        for owner, percent in zip(owners, percents, strict=True)
    ]


def totals(files: Iterable[Owned], name: Callable[[Owned], str]) -> dict[str, int]:
    """The bytes by what ``name`` says of each file, the largest first."""
    sizes: Counter[str] = Counter()
    for file in files:
        sizes[name(file)] += file.size
    return dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0])))


def percentages(sizes: Sequence[int]) -> list[float]:
    """Tenths of a percent that add up to 100: the largest remainders are rounded up.

    Nothing at all has no percentages: every one is 0.
    """
    total = sum(sizes)
    if not total:
        return [0.0] * len(sizes)
    parts = [divmod(size * WHOLE, total) for size in sizes]
    missing = WHOLE - sum(part for part, _ in parts)
    # The sort is stable: of equal remainders the first is rounded up, so the answer is one.
    order = sorted(range(len(sizes)), key=lambda at: -parts[at][1])
    up = set(order[:missing])
    return [(part + (at in up)) / 10 for at, (part, _) in enumerate(parts)]
