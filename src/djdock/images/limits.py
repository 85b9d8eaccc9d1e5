"""``[tool.djdock.budget]``: what an image may cost, validated.

The table holds for every variant but ``single``, which is there to compare with and is not shipped;
``[tool.djdock.budget.<variant>]`` adds to it and wins over it, and is the only one for ``single``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

from djdock.errors import UsageError, one_of
from djdock.units import size

#: The variant that others are compared with.
YARDSTICK = "single"


@dataclass(frozen=True)
class Limits:
    """What one variant may cost. None and nothing: no limit."""

    #: The image's size in bytes, as the engine counts.
    max_size: int | None = None
    #: How much it may grow against the baseline: bytes, or a part of the baseline's size.
    max_growth: int | Fraction | None = None
    max_layers: int | None = None
    #: Reclaimable bytes: all copies of a file but the last, and what later layers delete.
    max_wasted: int | None = None
    #: Final bytes / all bytes of the layers, above 0 and at most 1.
    min_efficiency: float | None = None
    #: How many times smaller than another variant it must be.
    min_ratio: Mapping[str, float] = field(default_factory=dict)
    #: Paths, globs, names of packages and programs, and ``setuid``.
    forbid: tuple[str, ...] = ()


KEYS = tuple(item.name for item in fields(Limits))


def limits(
    budget: Mapping[str, Any], variant: str, *, path: object = "pyproject.toml", shipped: str = ""
) -> Limits:
    """The limits of a variant; ``shipped`` is the project's default one.

    Raises UsageError for what cannot be meant, naming the key and the file, ``path``.
    """
    read: dict[str, Any] = {}
    if variant != YARDSTICK or shipped == YARDSTICK:
        general = {key: value for key, value in budget.items() if key in KEYS}
        read |= _read(general, f"[tool.djdock.budget] of {path}")
    own = budget.get(variant)
    if isinstance(own, dict):
        read |= _read(own, f"[tool.djdock.budget.{variant}] of {path}")
    if "min_ratio" in read:  # no image is smaller than itself
        ratios = read["min_ratio"].items()
        read["min_ratio"] = {other: ratio for other, ratio in ratios if other != variant}
    return Limits(**read)


def check(budget: Mapping[str, Any], variants: Collection[str] | None, path: object) -> None:
    """Raises UsageError for the first key or value of the table that cannot be meant.

    ``variants`` are those that can be built; None where that is not known.
    """
    where = f"[tool.djdock.budget] of {path}"
    tables = {where: {key: value for key, value in budget.items() if key in KEYS}}
    for key, value in budget.items():
        if key in KEYS:
            continue
        if key not in variants if variants is not None else not isinstance(value, dict):
            raise one_of("key", key, (*KEYS, *(variants or ())), where=where)
        if not isinstance(value, dict):
            raise _wrong(key, where, "a table", value)
        tables[f"[tool.djdock.budget.{key}] of {path}"] = value
    for place, table in tables.items():
        for other in _read(table, place).get("min_ratio", {}):
            given = isinstance(table["min_ratio"], dict)
            if given and variants is not None and other not in variants:
                raise one_of("variant", other, variants, where=f"`min_ratio` in {place}")


def _read(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    found = {}
    for key, value in table.items():
        if key not in _READERS:
            raise one_of("key", key, _READERS, where=where)
        found[key] = _READERS[key](key, value, where)
    return found


def _bytes(key: str, value: Any, where: str, words: str = 'a size like "140MB"') -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if not isinstance(value, str):
        raise _wrong(key, where, words, value)
    return size(value, what=f"`{key}` in {where}:")


def _growth(key: str, value: Any, where: str) -> int | Fraction:
    if isinstance(value, str) and (match := _PERCENT.fullmatch(value.strip())):
        return Fraction(match[1]) / 100
    return _bytes(key, value, where, 'a size like "2MB" or a part like "5%"')


def _whole(key: str, value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(key, where, "a whole number above 0", value)
    return value


def _efficiency(key: str, value: Any, where: str) -> float:
    if not _number(value) or not 0 < value <= 1:
        raise _wrong(key, where, "a number above 0 and at most 1", value)
    return float(value)


def _ratios(key: str, value: Any, where: str) -> dict[str, float]:
    ratios = value if isinstance(value, dict) else {YARDSTICK: value}
    if not all(_number(ratio) and ratio > 0 for ratio in ratios.values()):
        raise _wrong(key, where, "a number above 0, or a table of them by variant", value)
    return {name: float(ratio) for name, ratio in ratios.items()}


def _strings(key: str, value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(i, str) and i.strip() for i in value):
        raise _wrong(key, where, "a list of strings that are not empty", value)
    return tuple(item.strip() for item in value)


def _number(value: Any) -> bool:
    # TOML has inf and nan; nothing is below nan, so it would let everything pass.
    right = isinstance(value, int | float) and not isinstance(value, bool)
    return right and math.isfinite(value)


def _wrong(key: str, where: str, words: str, value: Any) -> UsageError:
    return UsageError(f"`{key}` in {where} must be {words}, not {value!r}.", "Correct it there.")


_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_READERS: dict[str, Callable[[str, Any, str], Any]] = {
    "max_size": _bytes,
    "max_growth": _growth,
    "max_layers": _whole,
    "max_wasted": _bytes,
    "min_efficiency": _efficiency,
    "min_ratio": _ratios,
    "forbid": _strings,
}
