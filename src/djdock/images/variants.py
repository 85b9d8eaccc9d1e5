"""``[tool.djdock.variants]``: Dockerfiles of the project's own, as variants beside djdock's.

Such a Dockerfile knows nothing of djdock: it gets the build arguments that its table gives, and no
others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from djdock.errors import MissingError, UsageError, one_of
from djdock.images import limits

TABLE = "[tool.djdock.variants]"

#: What stands where a variant can stand in `invoke image.compare`, and means images.lock.json.
RESERVED = ("baseline",)

#: What djdock adds to a variant's tag: the stages with the tests and for `up --dev`, the build of a
#: changed source.
SUFFIXES = ("-test", "-dev", "-changed")


@dataclass(frozen=True)
class NamedVariant:
    """One variant that the project names. Paths are relative to the project's root, with slashes."""

    name: str
    dockerfile: str
    #: The folder that the build sees.
    context: str = "."
    #: The stage to build; the last one when empty.
    target: str = ""
    #: Where its server listens in the container.
    port: int = 8000
    #: What answers 200 as soon as its server is up.
    health_path: str = "/"
    #: What the container gets when it is measured.
    environment: Mapping[str, str] = field(default_factory=dict)
    build_args: Mapping[str, str] = field(default_factory=dict)


KEYS = tuple(item.name for item in fields(NamedVariant) if item.name != "name")


def read(
    table: Mapping[str, Any], root: Path, *, own: Collection[str] = (), health_path: str = "/"
) -> dict[str, NamedVariant]:
    """The variants of the table by name, in its order; ``own`` are those of docker/*.Dockerfile.

    Raises UsageError for the first name, key or value that cannot be meant. Whether the files are
    there is :func:`require`'s question: a task that builds nothing need not have them.
    """
    found: dict[str, NamedVariant] = {}
    for name, values in table.items():
        _check_name(name, {*own, *table} - {name}, own)
        where = f"[tool.djdock.variants.{name}]"
        if not isinstance(values, dict):
            raise UsageError(
                f"`{name}` in {TABLE} must be a table, not {values!r}.",
                f'Write it so: {where} dockerfile = "Dockerfile".',
            )
        found[name] = _read(name, values, root, where, health_path)
    return found


def _check_name(name: str, others: Collection[str], own: Collection[str]) -> None:
    # A tag has at most 128 characters, some of which are for the suffixes.
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", name):
        raise UsageError(
            f"`{name}` in {TABLE} is no name that an image's tag can have.",
            "Use letters, digits, dashes, dots and underscores, at most 100.",
        )
    if name in own:
        raise UsageError(
            f"`{name}` in {TABLE} is docker/{name}.Dockerfile already.", "Give it another name."
        )
    if name in limits.KEYS:
        raise UsageError(
            f"`{name}` in {TABLE} is a key of [tool.djdock.budget].", "Give it another name."
        )
    made = {f"{other}{suffix}" for other in others for suffix in SUFFIXES}
    if name in RESERVED or name in made:
        raise UsageError(
            f"`{name}` in {TABLE} is a name that djdock itself uses.", "Give it another name."
        )


def _read(
    name: str, values: Mapping[str, Any], root: Path, where: str, health_path: str
) -> NamedVariant:
    for key in values:
        if key not in KEYS:
            raise one_of("key", key, KEYS, where=where)
    if "dockerfile" not in values:
        raise UsageError(
            f"{where} names no Dockerfile.", f'Add it there: dockerfile = "Dockerfile.{name}".'
        )
    port = values.get("port", 8000)
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536:
        raise _wrong("port", where, "a port, from 1 to 65535", port)
    path = _text(values, "health_path", where, health_path)
    if not path.startswith("/"):
        raise _wrong("health_path", where, "a path that begins with a slash", path)
    return NamedVariant(
        name,
        _inside(root, _text(values, "dockerfile", where), "dockerfile", where),
        _inside(root, _text(values, "context", where, "."), "context", where),
        _text(values, "target", where),
        port,
        path,
        _texts(values, "environment", where),
        _texts(values, "build_args", where),
    )


def _text(values: Mapping[str, Any], key: str, where: str, default: str = "") -> str:
    value = values.get(key, default)
    if not isinstance(value, str) or not (value or key == "target"):
        raise _wrong(key, where, "a string" if value != "" else "a path", value)
    return value


def _texts(values: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    value = values.get(key, {})
    good = isinstance(value, dict) and all(
        isinstance(text, str) and re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII)
        for name, text in value.items()
    )
    if not good:
        raise _wrong(key, where, 'a table of strings by name, like { DEBUG = "0" }', value)
    return dict(value)


def _wrong(key: str, where: str, words: str, value: object) -> UsageError:
    return UsageError(f"`{key}` in {where} must be {words}, not {value!r}.", "Correct it there.")


def _inside(root: Path, given: str, key: str, where: str) -> str:
    """A path as it is relative to the root, links as they are; UsageError when it leads outside."""
    path = Path(os.path.normpath(root / given))
    if path.is_relative_to(root) and path.resolve().is_relative_to(root.resolve()):
        return path.relative_to(root).as_posix()
    raise UsageError(
        f"`{key}` in {where} leads to {path.resolve()}, outside of {root}.",
        "A build sees what is inside of the project only: move it there.",
    )


def require(variant: NamedVariant, root: Path) -> None:
    """Raises MissingError when a variant's Dockerfile or its context is not there."""
    where = f"[tool.djdock.variants.{variant.name}]"
    if not (root / variant.dockerfile).is_file():
        raise MissingError(
            f"There is no {root / variant.dockerfile}, which {where} names.",
            "Correct `dockerfile` there, or bring the file back.",
        )
    if not (root / variant.context).is_dir():
        raise MissingError(
            f"There is no folder {root / variant.context}, which {where} names.",
            "Correct `context` there.",
        )
