"""The shape of a report's data, to tell what djdock wrote from what somebody edited or cut off.

A shape is a type (``int`` is a size or a count, ``float`` any number), a list of one shape, a dictionary
of shapes by key (more keys may be there; one that ends with ``?`` may be missing), or one of the classes
below.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Shape = Any

#: What a browser's numbers hold without loss is less than this; so is every size there is.
MOST = 2**53


class Misshapen(Exception):
    """Where the data are not as they should be: ``variants[0].figures.size is no size``."""


@dataclass(frozen=True)
class Maybe:
    """The shape, or null."""

    shape: Shape


@dataclass(frozen=True)
class Each:
    """An object whose keys are anything and whose values all have the shape."""

    shape: Shape


@dataclass(frozen=True)
class Either:
    """An object with the key has the first shape, every other value the second."""

    key: str
    with_key: Shape
    without: Shape


@dataclass(frozen=True)
class Later:
    """A shape that holds itself."""

    shape: Callable[[], Shape]


class Change:
    """A whole number of bytes that may be less than 0."""


PROBLEM = {"problem": str}

NODE: Shape = {"name": str, "bytes": int, "files": int, "others?": int,
               "children?": [Later(lambda: NODE)]}  # fmt: skip

OWNER = {
    "owner": str, "version": str, "family": str, "group": str, "bytes": int, "files": int,
    "kinds": Each(int), "tree": [NODE],
}  # fmt: skip

FIGURES = {
    "size": int, "compressed_size": Maybe(int), "layers": int, "waste": int, "efficiency": float,
    "files": int, "python_packages": int, "system_packages": int, "setuid_files": [str],
    "shells": [str], "compilers": [str],
}  # fmt: skip

LAYER = {
    "number": int, "instruction": str, "size": int, "compressed_size": Maybe(int), "added": int,
    "changed": int, "removed": int, "waste": int, "base": bool,
}  # fmt: skip

FINDING = {
    "rule": str, "title": str, "bytes": int, "files": int, "safe": bool, "why": str, "change": str,
    "largest": [{"path": str, "bytes": int}],
}  # fmt: skip

SERIES = {"unit": str, "better": str, "runs": [float], "median": float, "least": float,
          "most": float}  # fmt: skip

CHANGED = {
    "owner": str, "change": str, "bytes": Change, "before": Maybe(int), "after": Maybe(int),
    "version_before": str, "version_after": str,
}  # fmt: skip

BASELINE = {"sentence": str, "bytes": Change, "before": int, "after": int, "changes": [CHANGED]}

VARIANT = {
    "variant": str, "dockerfile": str, "base_image": str, "image": str, "platform": str,
    "store": str, "user": str, "figures": FIGURES, "dive": {"efficiency": float, "wasted": int},
    "layers": [LAYER],
    "wasted": [{"path": str, "size": int, "copies": int, "layer": int, "how": str}],
    "bytes": int, "groups": Each(int), "owners": [OWNER], "findings": [FINDING], "could_go": int,
    "problems": [str],
    "measurements": Each(Maybe(Either("problem", PROBLEM, SERIES))),
    "baseline": Either("problem", PROBLEM, BASELINE),
}  # fmt: skip

REPORT = {
    "djdock": str, "project": str, "made": str, "engine": str, "store": str, "machine": str,
    "quick": bool, "ok": bool, "complaints": [str], "variants": [VARIANT],
    "budget": [{"variant": str, "rule": str, "ok": bool, "checked": bool, "sentence": str}],
}  # fmt: skip

_WORDS = {int: "size or count", float: "number", str: "text", bool: "true or false"}


def check(value: object, shape: Shape = REPORT, at: str = "it") -> None:
    """Raises Misshapen, with the place, when the data have another shape."""
    match shape:
        case Maybe():
            if value is not None:
                check(value, shape.shape, at)
        case Later():
            check(value, shape.shape(), at)
        case Either():
            there = isinstance(value, Mapping) and shape.key in value
            check(value, shape.with_key if there else shape.without, at)
        case Each() | dict():
            _members(_object(value, at), shape, at)
        case list():
            if not isinstance(value, list):
                raise Misshapen(f"{at} is no list")
            for index, item in enumerate(value):
                check(item, shape[0], f"{at}[{index}]")
        case _:
            _plain(value, shape, at)


def _members(value: Mapping[str, object], shape: Each | dict[str, Shape], at: str) -> None:
    expected = dict.fromkeys(value, shape.shape) if isinstance(shape, Each) else shape
    for key, item in expected.items():
        name = key if isinstance(shape, Each) else key.removesuffix("?")
        if name in value:
            check(value[name], item, _place(at, name))
        elif name == key:
            raise Misshapen(f"{_place(at, name)} is missing")


def _plain(value: object, shape: type, at: str) -> None:
    if isinstance(value, bool):  # which Python counts among the whole numbers
        fits = shape is bool
    elif isinstance(value, str):
        fits = shape is str
    elif isinstance(value, int):
        fits = shape in (float, Change) or (shape is int and value >= 0)
        fits = fits and abs(value) < MOST
    else:
        fits = shape is float and isinstance(value, float) and math.isfinite(value)
    if not fits:
        raise Misshapen(f"{at} is no {_WORDS.get(shape, 'number of bytes')}")


def _object(value: object, at: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Misshapen(f"{at} is no object")
    return value


def _place(at: str, key: str) -> str:
    return key if at == "it" else f"{at}.{key}"
