"""What a call comes to: of a reader of the environment, of a method, of the project's own function."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from djdock.inspect.interpret import builtin, configured, environment, included, modules, urls
from djdock.inspect.interpret.state import MOST_TEXT, Frame, State
from djdock.inspect.interpret.value import (
    NOTHING,
    ROOT,
    Class,
    Function,
    Instance,
    Module,
    Origin,
    Value,
    names_of,
    plain,
    wrap,
)

Args = tuple[Value, ...]
Keywords = Mapping[str, Value]


def function(
    state: State, frame: Frame, node: ast.Call, called: Value, args: Args, keywords: Keywords
) -> Value:
    """The value of a call of something that is known."""
    found = environment.reader(state, frame, node, called, args, keywords)
    if found is not None:
        return found
    data = called.data
    if isinstance(data, Function):
        return state.call(data, args, keywords)
    if isinstance(data, Class):
        # env = Env(): a class of the project that extends a reader's.
        return Value(Instance(data.origins[0] if data.origins else "", args, dict(keywords)))
    if isinstance(data, Origin):
        if data.name in _OF_SOMETHING and args:
            state.demand(args[0])
            if data.name in ("int", "float", "json.loads"):
                state.made_into(args[0], data.name.removesuffix(".loads"))
        return _of_origin(state, frame, node, data.name, args, keywords)
    if isinstance(data, PurePosixPath):
        # environ.Path: root("templates")
        return builtin.path_method(state.tree, data, "joinpath", args) or NOTHING
    return NOTHING.of(names_of((*args, *keywords.values())))


def _of_origin(
    state: State, frame: Frame, node: ast.Call, name: str, args: Args, keywords: Keywords
) -> Value:
    owner, _, word = name.rpartition(".")
    if name == included.INCLUDE:
        return included.include(state, frame, args, state.where(frame, node))
    if owner in ("os.path", "posixpath", "path"):
        return builtin.os_path(state.tree, word, args)
    if not owner and name in builtin.NAMES:
        return _of_builtin(frame, name, args, keywords)
    if word in ("Path", "PurePath", "PosixPath") and owner in (
        "pathlib",
        "environ",
        "unipath",
        "path",
    ):
        return _path(args)
    if name == "os.getcwd":
        return Value(str(ROOT))
    if name == "importlib.import_module" and args and args[0].text:
        return modules.by_name(state, frame, node, args[0].text)
    if name in _OF_TEXT:
        return environment.secured(_of_text(name, args), keywords)
    found = configured.named(state, name, args, keywords, state.where(frame, node))
    if found is None and not configured.kind_of(name):
        found = environment.guessed(state, frame, node, word, args, keywords)
    if found is not None:
        return found
    return Value(
        Instance(name, args, dict(keywords)), frozenset(names_of((*args, *keywords.values())))
    )


def _of_text(name: str, args: Args) -> Value:
    """What a function makes of one text."""
    if args and isinstance(args[0].data, str):
        return wrap(_OF_TEXT[name](args[0].data), args[0].names)
    return NOTHING.of(names_of(args))


def _path(args: Args) -> Value:
    texts = [arg.text for arg in args]
    if any(text is None for text in texts):
        return NOTHING.of(names_of(args))
    path = builtin.normal(PurePosixPath(*map(str, texts)) if texts else ROOT)
    names = frozenset(names_of(args))
    return Value(path, names)


def _of_builtin(frame: Frame, name: str, args: Args, keywords: Keywords) -> Value:
    if name == "dict" and keywords:
        inner: dict[object, Value] = dict(args[0].table) if args else {}
        inner.update(keywords)
        return Value(inner)
    if name in ("globals", "locals", "vars"):
        return Value(dict(frame.module.names))
    if name in ("getattr", "hasattr") and len(args) > 1 and isinstance(args[0].data, Module):
        return _of_module(args[0].data, name, args)
    return builtin.function(name, args)


def _of_module(module: Module, name: str, args: Args) -> Value:
    """``getattr(configuration, "DEBUG", False)``."""
    word = args[1].text
    if word is None:
        return NOTHING
    if name == "hasattr":
        return Value(word in module.names)
    return module.names.get(word, args[2] if len(args) > 2 else NOTHING)


def _true(text: str) -> bool:
    return text.lower() in environment.TRUE


#: Functions that None is an error for.
_OF_SOMETHING = frozenset(
    {
        "int",
        "float",
        "len",
        "json.loads",
        "ast.literal_eval",
        "distutils.util.strtobool",
        "base64.b64decode",
    }
)

#: Functions of one text.
_OF_TEXT: dict[str, Callable[[str], object]] = {
    "distutils.util.strtobool": _true,
    "setuptools.distutils.util.strtobool": _true,
    "str2bool.str2bool": _true,
    "dj_database_url.parse": urls.database,
    "environ.Env.db_url_config": urls.database,
    "json.loads": json.loads,
    "ast.literal_eval": lambda text: ast.literal_eval(text[:10_000]),
}


def method(
    state: State,
    frame: Frame,
    node: ast.Call,
    owner: Value,
    name: str,
    args: Args,
    keywords: Keywords,
) -> tuple[Value, Value | None] | None:
    """The value of ``owner.name(…)``, and the owner after it, if that changed; None: not a method."""
    data = owner.data
    if isinstance(data, Instance):
        found = environment.method(state, frame, node, data, name, args, keywords)
        if found is None and name == "prefixed":
            found = Value(Instance("environs.prefixed", args))
        return (found, None) if found is not None else None
    if isinstance(data, PurePosixPath):
        found = builtin.path_method(state.tree, data, name, args)
        return (found.of(owner.names), None) if found is not None else None
    if isinstance(data, str):
        return _text_method(owner, name, args, keywords), None
    if isinstance(data, tuple):
        return _list_method(owner, name, args)
    if isinstance(data, dict):
        return _dict_method(owner, name, args, keywords)
    if isinstance(data, (Module, Class, Origin)):
        return None
    state.demand(owner)
    return NOTHING.of(names_of((owner, *args))), None


_TEXT_METHODS = {
    "lower", "upper", "strip", "split", "rsplit", "replace", "startswith", "endswith", "lstrip",
    "rstrip",
    "title", "splitlines", "isdigit", "casefold", "capitalize", "removeprefix", "removesuffix",
    "partition",
    "rpartition", "encode", "count", "find",
}  # fmt: skip


def _text_method(owner: Value, name: str, args: Args, keywords: Keywords) -> Value:
    names = frozenset(names_of((owner, *args, *keywords.values())))
    text = str(owner.data)
    given = [plain(arg) for arg in args]
    if not all(arg.known for arg in (*args, *keywords.values())) or len(text) > MOST_TEXT:
        return NOTHING.of(names)
    if name == "join" and given and isinstance(given[0], list):
        return Value(text.join(map(str, given[0]))[:MOST_TEXT], names)
    if (
        name == "format"
        and len(text) < 2_000
        and ":" not in text.replace("://", "")
        and "." not in text
    ):
        return Value(
            text.format(*given, **{key: plain(one) for key, one in keywords.items()}), names
        )
    if name not in _TEXT_METHODS or (name == "replace" and len(str(given[-1])) > 1_000):
        return NOTHING.of(names)
    ready = [tuple(one) if isinstance(one, list) else one for one in given]
    result: Any = getattr(text, name)(*ready)
    # What came of a variable did, in each of its parts.
    return wrap(result, names) if not isinstance(result, bytes) else Value(text, names)


def _list_method(owner: Value, name: str, args: Args) -> tuple[Value, Value | None]:
    items = owner.items
    done = Value(None)
    if name == "append" and args:
        return done, Value((*items, args[0]), owner.names)
    if name in ("extend", "update") and args:
        more = args[0].items if isinstance(args[0].data, tuple) else (NOTHING.of(args[0].names),)
        return done, Value((*items, *more), owner.names)
    if name == "add" and args:
        return done, Value((*items, args[0]), owner.names)
    if name == "insert" and len(args) > 1:
        at = args[0].data if isinstance(args[0].data, int) else len(items)
        changed = list(items)
        changed.insert(at, args[1])
        return done, Value(tuple(changed), owner.names)
    if name in ("remove", "discard") and args:
        left = tuple(one for one in items if plain(one) != plain(args[0]))
        return done, Value(left, owner.names)
    if name == "index" and args:
        found = [at for at, one in enumerate(items) if plain(one) == plain(args[0])]
        return (Value(found[0]) if found else NOTHING), None
    if name == "copy":
        return owner, None
    return NOTHING.of(owner.names), None


def _dict_method(
    owner: Value, name: str, args: Args, keywords: Keywords
) -> tuple[Value, Value | None]:
    table = dict(owner.table)
    key: Any = plain(args[0]) if args and args[0].known else None
    if name == "update":
        table.update(args[0].table if args else {})
        table.update(keywords)
        return Value(None), Value(table, owner.names | frozenset(names_of(args[:1])))
    if name == "get" and isinstance(key, (str, int)):
        return table.get(key, args[1] if len(args) > 1 else Value(None)).of(owner.names), None
    if name == "setdefault" and isinstance(key, (str, int)) and len(args) > 1:
        return table.setdefault(key, args[1]), Value(table, owner.names)
    if name == "pop" and isinstance(key, (str, int)):
        found = table.pop(key, args[1] if len(args) > 1 else NOTHING)
        return found, Value(table, owner.names)
    if name in ("keys", "values", "items"):
        rows: dict[str, list[Value]] = {
            "keys": [Value(one) for one in table],
            "values": list(table.values()),
            "items": [Value((Value(one), value)) for one, value in table.items()],
        }
        return Value(tuple(rows[name]), owner.names), None
    if name == "copy":
        return owner, None
    return NOTHING.of(owner.names), None


def unknown(state: State, frame: Frame, node: ast.Call, args: Args, keywords: Keywords) -> Value:
    """A call of what is unknown: it may be a reader by its name."""
    func = node.func
    name = (
        func.attr
        if isinstance(func, ast.Attribute)
        else func.id
        if isinstance(func, ast.Name)
        else ""
    )
    found = environment.guessed(state, frame, node, name, args, keywords)
    if found is None and isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        found = environment.guessed(state, frame, node, func.value.id, args, keywords)
    return found or NOTHING.of(names_of((*args, *keywords.values())))
