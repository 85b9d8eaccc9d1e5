"""What Python itself brings to settings: built-in names, ``os.path`` and ``pathlib``."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from djdock.inspect.interpret.value import (
    NOTHING,
    ROOT,
    Instance,
    Module,
    Origin,
    Value,
    plain,
    wrap,
)
from djdock.inspect.tree import Tree

#: Built-in names that settings use, as origins: calls of them are known below.
NAMES = frozenset(
    {
        "bool", "int", "str", "float", "list", "tuple", "set", "frozenset", "dict", "len",
        "sorted", "map",
        "filter", "any", "all", "open", "isinstance", "hasattr", "getattr", "globals", "locals", "vars",
        "print", "range", "zip", "enumerate", "reversed", "min", "max", "abs", "exec", "super", "object",
    }
)  # fmt: skip

#: Names of packages whose value in a container is known.
CONSTANTS: dict[str, object] = {
    "sys.platform": "linux",
    "os.name": "posix",
    "os.sep": "/",
    "os.path.sep": "/",
    "os.pathsep": ":",
    "sys.argv": ("gunicorn",),
    "dj_database_url.DEFAULT_ENV": "DATABASE_URL",
    "django_cache_url.DEFAULT_ENV": "CACHE_URL",
    "sys.version_info": (3, 12, 0, "final", 0),
}


def name(word: str, module: Module) -> Value:
    """A name that nothing of the project gave a value to."""
    if word == "__file__":
        return Value(str(ROOT / module.path))
    if word == "__name__":
        return Value(module.dotted)
    return Value(Origin(word)) if word in NAMES else NOTHING


def constant(dotted: str) -> Value:
    """A name of a package outside of the project."""
    if dotted in CONSTANTS:
        return wrap(CONSTANTS[dotted])
    return Value(Origin(dotted))


def last(value: Value) -> str:
    """The last part of an origin's name, or of an instance's class."""
    data = value.data
    full = data.name if isinstance(data, Origin) else data.of if isinstance(data, Instance) else ""
    return full.rpartition(".")[2]


def normal(path: PurePosixPath) -> PurePosixPath:
    """The path without ``..``."""
    found: list[str] = []
    for part in path.parts:
        if part == "..":
            found = found[:-1] if len(found) > 1 else found
        else:
            found.append(part)
    return PurePosixPath(*found)


def path_attribute(path: PurePosixPath, word: str) -> Value:
    """``path.parent`` and the like."""
    if word == "parent":
        return Value(path.parent)
    if word == "parents":
        return Value(tuple(Value(parent) for parent in path.parents))
    if word in ("name", "stem", "suffix"):
        return Value(getattr(path, word))
    return NOTHING


def in_tree(path: object) -> str | None:
    """A path of the settings as one relative to the root; None when it is outside of the project."""
    try:
        inner = normal(PurePosixPath(str(path))).relative_to(ROOT)
    except ValueError:
        return None
    return "" if str(inner) == "." else str(inner)


def exists(tree: Tree, path: object, kind: str = "exists") -> Value:
    """Whether a path is there: known inside of the project, and taken as not there outside of it."""
    inner = in_tree(path)
    if inner is None:
        # Of the machine that the settings were written for: /etc/…, /run/secrets/…
        return Value(data=False)
    folder, file = inner in tree.folders, tree.has(inner)
    return Value(
        {"is_dir": folder, "isdir": folder, "is_file": file, "isfile": file}.get(
            kind, folder or file
        )
    )


def os_path(tree: Tree, word: str, args: tuple[Value, ...]) -> Value:
    """A function of ``os.path``."""
    names = frozenset(name for arg in args for name in arg.names)
    texts = [arg.text for arg in args]
    if any(text is None for text in texts) or not texts:
        return NOTHING.of(names)
    first = PurePosixPath(str(texts[0]))
    if word == "join":
        return Value(str(normal(PurePosixPath(*map(str, texts)))), names)
    if word in ("exists", "isfile", "isdir", "lexists"):
        return exists(tree, first, word).of(names)
    found: Any = {
        "dirname": str(first.parent),
        "basename": first.name,
        "abspath": str(normal(first if first.is_absolute() else ROOT / first)),
        "realpath": str(normal(first if first.is_absolute() else ROOT / first)),
        "normpath": str(normal(first)),
        "expanduser": str(first).replace("~", "/home/app", 1),
        "expandvars": str(first),
    }.get(word)
    if word == "splitext":
        return wrap([str(first.with_suffix("")), first.suffix], names)
    return NOTHING.of(names) if found is None else Value(found, names)


def path_method(
    tree: Tree, path: PurePosixPath, word: str, args: tuple[Value, ...]
) -> Value | None:
    """A method of a path; None when it is no method that is known."""
    if word in ("resolve", "absolute", "expanduser", "as_posix", "__str__"):
        return Value(path if word != "as_posix" else str(path))
    if word in ("joinpath", "path"):
        texts = [arg.text for arg in args]
        if any(text is None for text in texts):
            return NOTHING
        return Value(normal(path.joinpath(*map(str, texts))))
    if word in ("exists", "is_file", "is_dir"):
        return exists(tree, path, word)
    if word in ("read_text", "read_bytes"):
        inner = in_tree(path)
        text = tree.text(inner) if inner else None
        return NOTHING if text is None else Value(text)
    return None


def function(word: str, args: tuple[Value, ...]) -> Value:
    """A call of a built-in name."""
    names = frozenset(name for arg in args for name in arg.every_name())
    if not args:
        return (
            wrap({"dict": {}, "list": [], "tuple": [], "set": [], "str": ""}.get(word), names)
            if (word in ("dict", "list", "tuple", "set", "str"))
            else NOTHING
        )
    first = args[0]
    if word in ("list", "tuple", "set", "frozenset", "sorted") and isinstance(first.data, tuple):
        return Value(first.data, names)
    if not first.known:
        return NOTHING.of(names)
    data: Any = plain(first)
    if word == "int" and isinstance(data, str):
        return Value(int(data[:400]), names)
    if word in _SIMPLE:
        return wrap(_SIMPLE[word](data), names)
    return NOTHING.of(names)


_SIMPLE: dict[str, Any] = {
    "bool": bool, "int": int, "str": str, "float": float, "len": len, "any": any, "all": all,
    "list": list,
    "tuple": list, "dict": dict, "set": list, "abs": abs,
}  # fmt: skip
