"""django-configurations: settings that are a class's, and values that read variables.

https://django-configurations.readthedocs.io/en/stable/values/. A value that names its variable is read
where it stands, also inside of lists and dicts; another reads the variable of its setting's name.
Values of other packages that are made alike (SecretFileValue) are taken the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from djdock.inspect.interpret.environment import convert
from djdock.inspect.interpret.state import Read, State
from djdock.inspect.interpret.value import NOTHING, Class, Instance, Module, Value, wrap
from djdock.inspect.model import Evidence

_CLASS = re.compile(r"(?:^|\.)values\.(\w*Value)$")

_CASTS = {
    "BooleanValue": "bool",
    "IntegerValue": "int",
    "PositiveIntegerValue": "int",
    "ListValue": "list",
    "TupleValue": "list",
    "SetValue": "list",
    "DatabaseURLValue": "db",
    "CacheURLValue": "cache",
    "FloatValue": "float",
}
#: What is there without a default.
_EMPTY = {
    "DictValue": Value({}),
    "ListValue": Value(()),
    "TupleValue": Value(()),
    "SetValue": Value(()),
    "SingleNestedListValue": Value(()),
    "SingleNestedTupleValue": Value(()),
}
#: The variables of those that name one themselves.
_USUAL = {
    "DatabaseURLValue": "DATABASE_URL",
    "CacheURLValue": "CACHE_URL",
    "EmailURLValue": "EMAIL_URL",
    "SearchURLValue": "SEARCH_URL",
}


def kind_of(origin: str) -> str:
    """The class of a value, by its whole name; "" for what is none."""
    match = _CLASS.search(origin)
    return match[1] if match else ""


def settings(state: State, module: Module, name: str) -> dict[str, Value]:
    """The settings of a class; none where the module has no class of that name."""
    found = module.names.get(name, NOTHING).data
    if not isinstance(found, Class):
        return {}
    return {key: _late(state, module, key, value) for key, value in found.names.items()}


def _late(state: State, module: Module, key: str, value: Value) -> Value:
    data = value.data
    if not (isinstance(data, Instance) and kind_of(data.of)):
        return value
    where = value.where or Evidence(module.path, 0, "")
    return _read(state, kind_of(data.of), key, data.args, data.keywords, where)


def named(
    state: State,
    origin: str,
    args: tuple[Value, ...],
    keywords: Mapping[str, Value],
    where: Evidence,
) -> Value | None:
    """What a value that names its variable comes to; None for what is no such value."""
    kind = kind_of(origin)
    given = keywords.get("environ_name")
    name = (given.text if given is not None else None) or _USUAL.get(kind)
    return _read(state, kind, name, args, keywords, where) if kind and name else None


def _read(
    state: State,
    kind: str,
    name: str,
    args: tuple[Value, ...],
    keywords: Mapping[str, Value],
    where: Evidence,
) -> Value:
    default = args[0] if args else keywords.get("default")
    cast = _CASTS.get(kind, "")
    if "environ" in keywords and keywords["environ"].data is False:
        return default or NOTHING
    prefix = keywords.get("environ_prefix", wrap("DJANGO")).data
    name = f"{prefix}_{name}" if isinstance(prefix, str) and prefix and kind not in _USUAL else name
    required = default is None and (kind == "SecretValue" or "environ_required" in keywords)
    required = required and not state.aside
    state.reads.append(Read(name, default, cast, required, where))
    if name in state.environ:
        made = convert(state.environ[name], cast)
    elif default is not None:
        made = convert(default.data, cast) if isinstance(default.data, str) and cast else default
    else:
        made = NOTHING if required else _EMPTY.get(kind, Value(None))
    if cast in ("db", "cache") and made.known and "default" not in made.table:
        made = Value({"default": made})
    return made.of([name]).at(where)
