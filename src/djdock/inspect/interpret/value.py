"""What an expression of a settings module comes to: a value, where it stands, what it was read from."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Final

from djdock.inspect.model import Evidence

#: The project's root in paths that settings make of ``__file__``.
ROOT: Final = PurePosixPath("/PROJECT")


#: Values in one: more than any settings have.
LARGEST: Final = 20_000


class Unknown:
    """What cannot be known without running the project."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Origin:
    """Something of a package outside of the project, by its dotted name: ``os.environ``."""

    name: str


@dataclass(frozen=True)
class Instance:
    """An object that a call of an :class:`Origin` made, with what it was given."""

    of: str
    args: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Function:
    """A function or lambda of the project, with the names of its module."""

    node: ast.FunctionDef | ast.Lambda
    module: Module


@dataclass(frozen=True)
class Class:
    """A class of the project: its names with those of its bases, and bases from elsewhere."""

    names: Mapping[str, Value]
    origins: tuple[str, ...]


@dataclass(eq=False)
class Module:
    """A module of the project while it is worked out."""

    path: str
    dotted: str
    names: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """A value: ``data`` is a scalar, a path, a tuple or a dict of values, one of the above, or UNKNOWN.

    ``names`` are the environment variables that went into it.
    """

    data: object = UNKNOWN
    names: frozenset[str] = frozenset()
    where: Evidence | None = None
    #: How many values it holds, those inside of each other counted each time.
    size: int = 1

    def __post_init__(self) -> None:
        inner: Iterable[Value] = ()
        if isinstance(self.data, tuple):
            inner = self.data
        elif isinstance(self.data, dict):
            inner = self.data.values()
        size = 1 + sum(item.size for item in inner)
        if size > LARGEST:
            # A few lines double a list until nothing can go through it.
            object.__setattr__(self, "data", UNKNOWN)
            size = 1
        object.__setattr__(self, "size", size)

    @property
    def known(self) -> bool:
        """Whether it is known, all through."""
        if isinstance(self.data, tuple):
            return all(item.known for item in self.items)
        if isinstance(self.data, dict):
            return all(item.known for item in self.data.values())
        return not isinstance(self.data, (Unknown, Origin, Instance, Function, Class, Module))

    @property
    def items(self) -> tuple[Value, ...]:
        """Its items, where it is a list; none otherwise."""
        return self.data if isinstance(self.data, tuple) else ()

    @property
    def table(self) -> Mapping[object, Value]:
        """Its entries, where it is a dict; none otherwise."""
        return self.data if isinstance(self.data, dict) else {}

    @property
    def text(self) -> str | None:
        """It as a text, where it is one (or a path)."""
        return str(self.data) if isinstance(self.data, (str, PurePosixPath)) else None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of a list."""
        return tuple(item.data for item in self.items if isinstance(item.data, str))

    @property
    def truth(self) -> bool | None:
        """Whether it is true, None when that is unknown."""
        if isinstance(self.data, Unknown):
            return None
        if isinstance(self.data, (Origin, Instance, Function, Class, Module)):
            return True
        return bool(self.data)

    def get(self, key: object) -> Value:
        """The entry of a dict; unknown when there is none."""
        return self.table.get(key, NOTHING)

    def every_name(self) -> frozenset[str]:
        """The environment variables of it and all that is in it."""
        inner = (*self.items, *self.table.values())
        return self.names.union(*(item.every_name() for item in inner))

    def of(self, names: Iterable[str]) -> Value:
        """The same, with more variables that went into it."""
        more = frozenset(names)
        return self if more <= self.names else replace(self, names=self.names | more)

    def at(self, where: Evidence | None) -> Value:
        """The same, at another place."""
        return replace(self, where=where)


NOTHING: Final = Value()


def plain(value: Value) -> object:
    """A known value as Python's own; unknown parts are :data:`UNKNOWN`."""
    if isinstance(value.data, tuple):
        return [plain(item) for item in value.items]
    if isinstance(value.data, dict):
        return {key: plain(item) for key, item in value.data.items()}
    return value.data


def wrap(data: object, names: Iterable[str] = ()) -> Value:
    """Python's own lists and dicts as a value."""
    if isinstance(data, (list, tuple, set, frozenset)):
        return Value(tuple(wrap(item) for item in data), frozenset(names))
    if isinstance(data, dict):
        return Value({key: wrap(item) for key, item in data.items()}, frozenset(names))
    return Value(data, frozenset(names))


def names_of(values: Iterable[Value]) -> Iterator[str]:
    """The variables of several."""
    for value in values:
        yield from value.every_name()
