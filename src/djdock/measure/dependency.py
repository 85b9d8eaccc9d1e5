"""A new line for a requirements file: a tiny package that the project does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from djdock.errors import CheckFailed


@dataclass(frozen=True)
class Package:
    """A distribution on PyPI: pure Python, without dependencies; the hashes of its wheel and sdist."""

    name: str
    version: str
    hashes: tuple[str, ...]


#: The first that a project does not name is added to it.
CANDIDATES = (
    Package(
        "six",
        "1.17.0",
        (
            "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274",
            "ff70335d468e7eb6ec65b95b99d3a2836546063f63acc5171de367e834932a81",
        ),
    ),
    Package(
        "toolz",
        "1.2.0",
        (
            "890f820b1cb8152785aaf9386d8707770110809035800985ca65cb24ce1120ef",
            "9667a038e9d6ecba37995e26cb2f59ec6420b6ad8dd9677de59db9b956b08490",
        ),
    ),
    Package(
        "zipp",
        "3.23.1",
        (
            "0b3596c50a5c700c9cb40ba8d86d9f2cc4807e9bedb06bcdf7fac85633e444dc",
            "32120e378d32cd9714ad503c1d024619063ec28aad2248dc6672ad13edfa5110",
        ),
    ),
)

_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.M)
_INCLUDE = re.compile(r"^(?:-r|-c|--requirement|--constraint)[ =]*(\S+)", re.M)


def line(path: Path, unique: str) -> str:
    """What to add to a requirements file, so that the package is new and no cache has seen it.

    The hashes are there where the file, or one that it includes, has hashes: one line with a hash
    would make pip ask for all the others'. Raises CheckFailed when the project has all candidates.
    """
    text = "\n".join(_texts(path, set()))
    named = {re.sub(r"[-_.]+", "-", name).lower() for name in _NAME.findall(text)}
    package = next((item for item in CANDIDATES if item.name not in named), None)
    if package is None:
        names = ", ".join(item.name for item in CANDIDATES)
        raise CheckFailed(f"{path.name} names every package that could be new to it: {names}.")
    hashed = "--hash" in text or "--require-hashes" in text
    hashes = "".join(f" --hash=sha256:{digest}" for digest in package.hashes) if hashed else ""
    # Two line ends: the last line may have none, or end with a backslash, which continues it.
    return f"\n\n{package.name}=={package.version}{hashes}\n# {unique}\n"


def _texts(path: Path, seen: set[Path]) -> Iterator[str]:
    """The text of a requirements file, and of those that it includes."""
    try:
        where = path.resolve()
        text = where.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:  # the build is going to say so
        return
    if where in seen:
        return
    seen.add(where)
    yield text
    for name in _INCLUDE.findall(text):
        yield from _texts(where.parent / name, seen)
