"""Sizes in bytes: read from text, and written for people.

``140MB`` is 140 000 000 bytes and ``133MiB`` is 133 x 1 048 576, as IEC 80000-13 has it and as
``docker image ls`` prints. Docker's *limits* (``--memory 512m``) are another dialect, in which every
unit is a power of 1024 (go-units' RAMInBytes); :func:`docker_limit` reads that one.
"""

from __future__ import annotations

import re
from decimal import Decimal

from djdock.errors import UsageError

_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kmgt]?)(?P<binary>i?)(?P<b>b?)", re.I)


def size(text: str, *, what: str = "The size") -> int:
    """The number of bytes that ``150MB``, ``133MiB`` or ``1000000`` means.

    ``what`` names the thing in the UsageError for a text that is no size.
    """
    match = _SIZE.fullmatch(text.strip())
    if (
        match is None
        or (match["binary"] and not match["unit"])
        or (match["unit"] and not match["b"])
    ):
        raise UsageError(
            f"{what} `{text}` is not a size.", "Write it like 150MB (decimal) or 133MiB (binary)."
        )
    base = 1024 if match["binary"] else 1000
    return int(Decimal(match["number"]) * base ** _POWERS[match["unit"].lower()])


def docker_limit(text: str, *, what: str, least: int) -> int:
    """The number of bytes of a limit in Docker's dialect (``512m``), at least ``least`` of them.

    Raises UsageError, naming ``what``, for a text that Docker could not parse or would refuse.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or (match["binary"] and not match["unit"]):
        raise UsageError(f"{what} `{text}` is not a size.", "Write it like 512m or 1g.")
    number = int(Decimal(match["number"]) * 1024 ** _POWERS[match["unit"].lower()])
    if number < least:
        raise UsageError(
            f"{what} `{text}` is too small: {number} bytes.",
            f"Give it at least {least // 1024**2}m.",
        )
    return number


def human(number: float) -> str:
    """A size as ``docker image ls`` writes it: decimal units, three significant digits."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(number) < 999.5:  # what would be rounded to 1000 is 1.00 of the next unit
            return f"{number:.0f} {unit}" if unit == "B" else f"{_three(number)} {unit}"
        number /= 1000
    return f"{_three(number)} TB"


def _three(number: float) -> str:
    digits = 2 if abs(number) < 9.995 else 1 if abs(number) < 99.95 else 0
    return f"{number:.{digits}f}"
