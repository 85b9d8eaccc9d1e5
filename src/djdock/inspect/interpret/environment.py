"""Readers of environment variables: os.environ, django-environ, environs, decouple, dj-database-url, …

What each is called and takes: https://django-environ.readthedocs.io/, https://github.com/sloria/environs,
https://github.com/HBNetwork/python-decouple, https://github.com/jazzband/dj-database-url,
https://django-configurations.readthedocs.io/.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping

from djdock.inspect.interpret import urls
from djdock.inspect.interpret.state import Frame, Raised, Read, State
from djdock.inspect.interpret.value import (
    NOTHING,
    UNKNOWN,
    Function,
    Instance,
    Origin,
    Unknown,
    Value,
    wrap,
)

_NO = Value(data=False)

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

TRUE = frozenset({"1", "true", "yes", "y", "on", "t", "ok"})

#: Functions that read the variable of their first argument; the default is the second, or `default`.
PLAIN = {
    "os.environ.get", "os.getenv", "os.environ.setdefault", "os.environ.pop", "os.environ.__getitem__",
    "os.getenvb",
}  # fmt: skip
READERS = {
    "decouple.config": "", "prettyconf.config": "", "environs.env": "", "envparse.env": "",
    "dj_database_url.config": "db", "dj_email_url.config": "email", "django_cache_url.config": "cache",
    "dj_redis_url.config": "url",
    "getenv.env": "", "env_utils.get_env": "", "envdir.open": "",
}  # fmt: skip
#: Classes whose instances are called, or whose methods are, to read.
CLASSES = {
    "environ.Env", "environ.FileAwareEnv", "environs.Env", "environs.FileAwareEnv",
    "decouple.AutoConfig", "decouple.Config", "envparse.Env", "prettyconf.Configuration",
    "prettyconf.config", "everett.manager.ConfigManager", "starlette.config.Config",
    "getconf.ConfigGetter",
    "configurations.values",
}  # fmt: skip

#: Where a reader has a name of its own when it is given none.
USUAL = {"db": "DATABASE_URL", "cache": "CACHE_URL", "email": "EMAIL_URL", "search": "SEARCH_URL"}

#: Methods of those classes, by what they make of the variable.
METHODS = {
    "str": "", "unicode": "", "bytes": "", "get_value": "", "get": "", "getstr": "", "get_str": "",
    "bool": "bool", "getbool": "bool", "get_bool": "bool", "int": "int", "getint": "int",
    "get_int": "int",
    "float": "float", "list": "list", "getlist": "list", "get_list": "list", "tuple": "list",
    "json": "json", "dict": "dict", "path": "path", "url": "url", "uuid": "", "enum": "",
    "log_level": "",
    "timedelta": "", "date": "", "datetime": "", "decimal": "float", "field": "",
    "db": "db", "db_url": "db", "dj_db_url": "db", "cache": "cache", "cache_url": "cache",
    "dj_cache_url": "cache", "email": "email", "email_url": "email", "dj_email_url": "email",
    "search_url": "search", "channels": "url", "channels_url": "url",
}  # fmt: skip

#: Names that a helper of the project, or of a package we do not know, would have.
HELPER = re.compile(
    r"(?i)^_?(get_?|read_?|load_?|from_?|require_?)?(os_?)?(env|environ|config|getenv)"
)


def read(
    state: State,
    frame: Frame,
    node: ast.AST,
    name: str,
    default: Value | None,
    cast: str = "",
    *,
    lenient: bool = False,
) -> Value:
    """What a variable comes to: as the environment has it, else its default.

    ``lenient``: a variable that is not set is None. Otherwise it is required, and raises KeyError where
    the settings would catch that.
    """
    name = frame.prefix + name
    where = state.where(frame, node)
    if not NAME.match(name):
        return NOTHING
    if name in state.written:
        return _as(state.written[name], cast).of([name]).at(where)
    needed = default is None and not lenient and name not in state.environ
    caught = state.catches("KeyError")
    state.reads.append(Read(name, default, cast, needed and not caught and not state.aside, where))
    if name in state.environ:
        return convert(state.environ[name], cast).of([name]).at(where)
    if needed and caught:
        raise Raised("KeyError", frozenset({name}))
    if needed:
        return Value(UNKNOWN, frozenset({name}), where)
    return _as(Value(None) if default is None else default, cast).of([name]).at(where)


def _as(value: Value, cast: str) -> Value:
    """A default, where it is a text, as what a reader makes of it."""
    if isinstance(value.data, str) and cast and cast not in ("path", "url", "dict"):
        return convert(value.data, cast)
    return value


def convert(text: str, cast: str) -> Value:
    """A variable's text as what a reader makes of it; unknown when it cannot be that."""
    try:
        return _CASTS.get(cast, wrap)(text)
    except (ValueError, RecursionError):
        return NOTHING


def _json(text: str) -> Value:
    return wrap(json.loads(text))


def _list(text: str) -> Value:
    return wrap([part.strip() for part in text.split(",") if part.strip()])


_CASTS: dict[str, Callable[[str], Value]] = {
    "bool": lambda text: wrap(text.strip().lower() in TRUE),
    "int": lambda text: wrap(int(text[:400])),
    "float": lambda text: wrap(float(text)),
    "list": _list,
    "json": _json,
    "dict": lambda _: NOTHING,
    "db": lambda text: wrap(urls.database(text)),
    "cache": lambda text: wrap(urls.cache(text)),
    "email": lambda _: NOTHING,
    "search": lambda _: NOTHING,
    "path": wrap,
    "url": wrap,
}


def cast_of(value: Value) -> str:
    """The word for a cast that was given as a value: ``bool``, ``int``, ``Csv()``, a function."""
    data = value.data
    name = data.name if isinstance(data, Origin) else data.of if isinstance(data, Instance) else ""
    last = name.rpartition(".")[2]
    if name in ("dj_email_url.parse", "django_cache_url.parse"):
        return "email" if "email" in name else "cache"
    known = {"bool": "bool", "strtobool": "bool", "int": "int", "float": "float", "list": "list",
             "Csv": "list", "parse": "db", "loads": "json", "db_url": "db"}  # fmt: skip
    return known.get(last, "")


def reader(
    state: State,
    frame: Frame,
    node: ast.Call,
    function: Value,
    args: tuple[Value, ...],
    keywords: Mapping[str, Value],
) -> Value | None:
    """What a call comes to, if it reads a variable; None when it does not."""
    data = function.data
    if isinstance(data, Origin):
        return _of_origin(state, frame, node, data.name, args, keywords)
    if isinstance(data, Instance) and data.of in CLASSES:
        return _of_instance(state, frame, node, data, "", args, keywords)
    return None


def _of_origin(
    state: State,
    frame: Frame,
    node: ast.Call,
    name: str,
    args: tuple[Value, ...],
    keywords: Mapping[str, Value],
) -> Value | None:
    if name in PLAIN:
        default = args[1] if len(args) > 1 else keywords.get("default")
        first = args[0] if args else keywords.get("key", NOTHING)
        if not isinstance(first.data, str):
            return NOTHING
        value = read(state, frame, node, first.data, default, lenient=True)
        if name == "os.environ.setdefault" and first.data not in state.environ:
            state.write(first.data, value)
        return value
    if name in READERS:
        return _named(state, frame, node, READERS[name], args, keywords)
    owner, _, last = name.rpartition(".")
    if (owner in CLASSES or owner in READERS) and last in METHODS:
        return _of_instance(state, frame, node, Instance(owner), last, args, keywords)
    return None


def method(
    state: State,
    frame: Frame,
    node: ast.Call,
    owner: Instance,
    name: str,
    args: tuple[Value, ...],
    keywords: Mapping[str, Value],
) -> Value | None:
    """What a method of a reader's instance comes to: ``env.bool("DEBUG")``; None for others."""
    if owner.of not in CLASSES or name not in METHODS:
        return None
    return _of_instance(state, frame, node, owner, name, args, keywords)


def _of_instance(
    state: State,
    frame: Frame,
    node: ast.Call,
    owner: Instance,
    name: str,
    args: tuple[Value, ...],
    keywords: Mapping[str, Value],
) -> Value | None:
    first = args[0].data if args else None
    scheme = owner.keywords.get(first) if isinstance(first, str) else None
    cast = METHODS.get(name, "")
    if scheme is not None and not name:
        # environ.Env(DEBUG=(bool, False)): what it is made into, and its default.
        kind, *rest = scheme.items or (scheme,)
        cast = cast_of(kind)
        if rest and "default" not in keywords:
            keywords = {**keywords, "default": rest[0]}
    return _named(state, frame, node, cast, args, keywords)


def _named(
    state: State,
    frame: Frame,
    node: ast.Call,
    cast: str,
    args: tuple[Value, ...],
    keywords: Mapping[str, Value],
) -> Value:
    given = args[0] if args else keywords.get("env", keywords.get("var", NOTHING))
    name = given.data if isinstance(given.data, str) else None
    if name is None and isinstance(given.data, Unknown) and not args:
        name = USUAL.get(cast)
    if name is None:
        return NOTHING
    default = keywords.get("default")
    if default is None and len(args) > 1:
        # env("X", "default") of environs and decouple; django-environ's second is the cast.
        second = args[1]
        # A constant of a package's is no cast: env.int("LEVEL", logging.INFO).
        constant = isinstance(second.data, Origin) and second.data.name.rpartition(".")[2].isupper()
        if isinstance(second.data, (Origin, Function)) and not constant:
            cast = cast or cast_of(second)
            default = args[2] if len(args) > 2 else None
        else:
            default = second
    cast = cast or cast_of(keywords.get("cast", keywords.get("parser", NOTHING)))
    # dj_database_url.config() of nothing is {}; django_cache_url's is a cache in memory.
    lenient = isinstance(node.func, ast.Attribute) and node.func.attr == "config" and bool(cast)
    value = read(state, frame, node, name, default, cast, lenient=lenient)
    if lenient and value.data is None:
        return Value({} if cast == "db" else UNKNOWN, value.names, value.where)
    return secured(value, keywords) if cast == "db" else value


def secured(database: Value, keywords: Mapping[str, Value]) -> Value:
    """What dj_database_url makes of a URL, with the TLS that ``ssl_require`` (maybe) asks for."""
    if not isinstance(database.data, dict) or keywords.get("ssl_require", _NO).truth is False:
        return database
    options = Value({"sslmode": Value("require", where=database.where)}, where=database.where)
    return Value({**database.data, "OPTIONS": options}, database.names, database.where)


def _by_words(node: ast.Call, default: Value | None) -> str:
    """What an unknown reader makes of a variable: by its name, else by its default."""
    func = node.func
    word = (
        func.attr
        if isinstance(func, ast.Attribute)
        else func.id
        if isinstance(func, ast.Name)
        else ""
    )
    for part, cast in (
        ("bool", "bool"),
        ("flag", "bool"),
        ("int", "int"),
        ("list", "list"),
        ("names", "list"),
    ):
        if part in word.lower() and "print" not in word:
            return cast
    if default is None or not default.known:
        return ""
    kinds: dict[type, str] = {bool: "bool", int: "int", tuple: "list"}
    return kinds.get(type(default.data), "")


#: Readers by the kind of what they make: ``get_bool(name="DEBUG", default=False)``.
_GETTER = re.compile(
    r"(?i)^_?(get|read|parse)_(bool|boolean|int|integer|float|str|string|list|delimited_list|any|key|json)$"
)


def guessed(
    state: State,
    frame: Frame,
    node: ast.Call,
    name: str,
    args: tuple[Value, ...],
    keywords: Mapping[str, Value],
) -> Value | None:
    """A call that looks like one of a reader that we do not know: ``get_env("SECRET_KEY", "…")``."""
    first = args[0].data if args else keywords.get("name", NOTHING).data
    called = HELPER.match(name) or _GETTER.match(name)
    if not (isinstance(first, str) and re.match(r"[A-Z][A-Z0-9_]{2,}\Z", first) and called):
        return None
    default = keywords.get("default", args[1] if len(args) > 1 else None)
    if default is not None and isinstance(default.data, (Origin, Function)):
        default = None
    cast = cast_of(keywords.get("cast", keywords.get("parser", NOTHING))) or _by_words(
        node, default
    )
    # Whether it does without a value is not known.
    value = read(state, frame, node, first, default, cast, lenient=True)
    return NOTHING.of([first]) if value.data is None and default is None else value
