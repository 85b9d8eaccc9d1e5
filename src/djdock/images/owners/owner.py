"""Who a file can belong to, and the answer for one file."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: The kinds of owners, and the group that each is shown in.
GROUPS = {
    "pypi": "packages",
    "interpreter": "interpreter",
    "debian": "system",
    "alpine": "system",
    "rpm": "system",
    "system": "system",
    "project": "project",
    "static": "static files",
    "unowned": "unowned",
}

#: A distribution's packages that are the interpreter and its standard library: Debian's
#: (python3.13-minimal, libpython3.13-stdlib), Alpine's (python3-pyc), Red Hat's (python3-libs).
#: They keep their names and family, so that dpkg's figures can be checked, and are shown where the
#: interpreter of the official images is, so that both layouts can be compared.
_PYTHON = re.compile(
    r"python3(\.\d+)?(-minimal|-libs|-dev|-devel|-venv|-pyc|-pycache-.+)?"
    r"|libpython3(\.\d+)?(t64)?(-.+)?|platform-python"
)


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """One owner: its ``family`` (a key of GROUPS), its name, and its version where it has one."""

    family: str
    name: str
    version: str = ""

    @property
    def key(self) -> str:
        """What it is called in files: the version is left out, so that an upgrade is a change."""
        return f"{self.family}:{self.name}"

    @property
    def group(self) -> str:
        """The group that it is shown in."""
        if GROUPS[self.family] == "system" and _PYTHON.fullmatch(self.name):
            return "interpreter"
        return GROUPS[self.family]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


#: The owner of what nobody claims.
UNOWNED = Owner("unowned", "unowned")


@dataclass(frozen=True, slots=True)
class Claim:
    """That somebody owns a file, and how that is known."""

    owner: Owner
    why: str


@dataclass(frozen=True, slots=True)
class Owned:
    """One file of the final file system. ``size`` is in bytes: 0 for links, devices and pipes."""

    path: str
    size: int
    mode: int
    digest: bytes
    owner: Owner
    kind: str
    why: str
