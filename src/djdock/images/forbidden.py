"""What a budget's ``forbid`` means: ``setuid``, paths and globs, names of packages and programs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from djdock.images.owners import Owned
from djdock.images.owners.generated import compiled
from djdock.images.owners.pypi import normal

#: The word for files that run with their owner's or their group's rights.
SETUID = "setuid"

_SET_ID = 0o6000
_PACKAGES = ("pypi", "debian", "alpine", "rpm", "system")

#: How Debian names the programs of a compiler: x86_64-linux-gnu-gcc-14.
_PROGRAM = r"(?:.*/)?s?bin/(?:[a-z0-9_]+-linux-(?:gnu|musl)\w*-)?{name}(?:-?\d+(?:\.\d+)*)?"


def is_name(word: str) -> bool:
    """Whether a word names a package or a program, and no path."""
    return word != SETUID and not re.search(r"[/*?]", word)


def find(word: str, files: Sequence[Owned]) -> list[Owned]:
    """The files that a word forbids.

    A path stands for a file, a link or all of a folder; in a glob ``*`` stays in a folder and ``**``
    does not, and one without a slash is looked for everywhere.
    """
    if word == SETUID:
        return [file for file in files if file.mode & _SET_ID]
    if not is_name(word):
        pattern = word.strip("/") if "/" in word else f"**/{word}"
        regex = re.compile(f"(?:{compiled(pattern).pattern})(?:/.*)?", re.S)
        return [file for file in files if regex.fullmatch(file.path)]
    program = re.compile(_PROGRAM.format(name=re.escape(word)))
    name = normal(word)
    return [
        file
        for file in files
        if (file.owner.family in _PACKAGES and normal(file.owner.name) == name)
        or program.fullmatch(file.path)
    ]


def sentence(word: str, found: Sequence[Owned]) -> str:
    """``gcc (/usr/bin/gcc of gcc 4:14.2.0-1 and 3 more)``; a package by its name alone."""
    first = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    of = "" if first.owner.family == "unowned" else f" of {first.owner}"
    return f"{word} (/{first.path}{of}{more})"
