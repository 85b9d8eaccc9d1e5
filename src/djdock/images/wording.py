"""Words and figures that several reports have in common."""

from __future__ import annotations

import re

from djdock.images.model import Image
from djdock.images.size import ImageSize
from djdock.units import human

_SHELL = re.compile(
    r"^(?:RUN )?(?:\|\d+ .*?)?/bin/(?:ba)?sh (?:-\w+ (?:pipefail )?)*-c (?:#\(nop\) *)?", re.S
)


def title(image: Image, counted: ImageSize | None = None) -> str:
    """Which image a report is about, in one line."""
    parts = [printable(image.name), platform(image)]
    if counted:
        parts.append(f"{human(counted.size)} as the engine counts ({counted.store})")
    return "  ".join(part for part in parts if part)


def platform(image: Image) -> str:
    """``linux/amd64``, as the configuration says it."""
    parts = [image.config.get(key) for key in ("os", "architecture", "variant")]
    return "/".join(part for part in parts if isinstance(part, str) and part)


def compressed(image: Image) -> int | None:
    """All layers as a registry holds them, in bytes; None unless that was measured."""
    sizes = [layer.compressed_size for layer in image.layers]
    return None if None in sizes or not sizes else sum(size or 0 for size in sizes)


def percent(part: int, whole: int) -> str:
    """A share, with one digit: ``12.3 %``."""
    return f"{100 * part / whole:.1f} %" if whole else ""


def share(value: float) -> str:
    """A share from 0 to 1, with one digit."""
    # Rounded down: 99.96 % must not be shown as the 100 % that it is not.
    return f"{int(value * 1000) / 10:.1f} %"


def instruction(text: str) -> str:
    """An instruction as it was written: without the shell that ran it and its build arguments."""
    if match := _SHELL.match(text):
        said = text[match.end() :]
        text = said if "#(nop)" in match[0] else f"RUN {said}"
    return printable(" ".join(text.split()))


def shortened(text: str, width: int) -> str:
    """At most ``width`` characters."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def tail(text: str, width: int) -> str:
    """At most ``width`` characters, the last ones: of paths these tell more."""
    return text if len(text) <= width else f"…{text[len(text) - width + 1 :]}"


def printable(text: str) -> str:
    """The text with what would spoil a line or cannot be printed escaped: ``\\n``, ``\\xff``."""
    if text.isprintable():
        return text
    return "".join(
        c
        if c.isprintable()
        else f"\\x{ord(c) - 0xDC00:02x}"
        if 0xDC80 <= ord(c) <= 0xDCFF
        else c.encode("unicode_escape").decode()
        for c in text
    )


def rooted(path: str) -> str:
    """A path as it is in a container."""
    return f"/{printable(path)}"
