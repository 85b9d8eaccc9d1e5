"""The programs that a finished image has no use for, and an intruder has: shells and compilers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from djdock.images.owners import Owned

_BIN = r"(?:.*/)?(?:s?bin|libexec)/"

#: By the names of Debian's, Alpine's and Red Hat's packages; busybox and toybox are shells, too.
_SHELL = re.compile(
    _BIN
    + r"(?:ba|rba|da|a|z|k|mk|c|tc|fi|pdk|ya)?sh(?:-static)?|"
    + _BIN
    + r"(?:busybox|toybox|nu|pwsh)"
)

#: x86_64-linux-gnu-gcc-14, clang-19, go; also what links and assembles.
_COMPILER = re.compile(
    _BIN + r"(?:[a-z0-9_]+-(?:[a-z0-9]+-)?linux-(?:gnu|musl)\w*-)?"
    r"(?:gcc|g\+\+|cc|c\+\+|cpp|c89|c99|tcc|clang(?:\+\+)?|gfortran|rustc|cargo|go|as|ld|ld\.(?:bfd|gold|lld)|make"
    r"|cmake|ninja)(?:-?\d+(?:\.\d+)*)?"
)


def shells(files: Iterable[Owned]) -> list[str]:
    """Where the shells are, as paths in a container."""
    return _named(_SHELL, files)


def compilers(files: Iterable[Owned]) -> list[str]:
    """Where the compilers, linkers and build tools are, as paths in a container."""
    return _named(_COMPILER, files)


def _named(pattern: re.Pattern[str], files: Iterable[Owned]) -> list[str]:
    return sorted(f"/{file.path}" for file in files if pattern.fullmatch(file.path))
