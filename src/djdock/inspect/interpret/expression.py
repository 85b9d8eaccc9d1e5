"""What an expression comes to, by the kind of its node."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from djdock.inspect.interpret import builtin, call, environment
from djdock.inspect.interpret.state import DEEPEST, MOST_ITEMS, MOST_TEXT, Frame, Raised, State
from djdock.inspect.interpret.value import (
    NOTHING,
    UNKNOWN,
    Class,
    Function,
    Instance,
    Module,
    Origin,
    Unknown,
    Value,
    names_of,
    plain,
)


def evaluate(state: State, frame: Frame, node: ast.expr) -> Value:
    """The value of an expression; unknown where it cannot be followed."""
    state.step()
    handler = _HANDLERS.get(type(node))
    if handler is None or state.depth > DEEPEST:
        return NOTHING
    state.depth += 1
    try:
        value = handler(state, frame, node)
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, SyntaxError):
        # The settings would fail here, too, or do what this does not follow.
        value = NOTHING
    finally:
        state.depth -= 1
    return value if value.where is not None else value.at(state.where(frame, node))


def _constant(_state: State, _frame: Frame, node: ast.Constant) -> Value:
    return Value(node.value)


def _name(_state: State, frame: Frame, node: ast.Name) -> Value:
    for names in (frame.names, frame.module.names):
        if node.id in names:
            return names[node.id]
    return builtin.name(node.id, frame.module)


def _attribute(state: State, frame: Frame, node: ast.Attribute) -> Value:
    owner = evaluate(state, frame, node.value)
    return attribute(owner, node.attr)


def attribute(owner: Value, name: str) -> Value:
    """``owner.name``."""
    data = owner.data
    if isinstance(data, Origin):
        return builtin.constant(f"{data.name}.{name}")
    if isinstance(data, Module):
        return data.names.get(name, NOTHING)
    if isinstance(data, Class):
        return data.names.get(name, NOTHING)
    if isinstance(data, PurePosixPath):
        return builtin.path_attribute(data, name).of(owner.names)
    if isinstance(data, Instance) and name in data.keywords:
        return data.keywords[name]
    return NOTHING.of(owner.names)


def _subscript(state: State, frame: Frame, node: ast.Subscript) -> Value:
    owner = evaluate(state, frame, node.value)
    if isinstance(node.slice, ast.Slice):
        return _slice(state, frame, owner, node.slice)
    key = evaluate(state, frame, node.slice)
    if isinstance(owner.data, Origin) and owner.data.name == "os.environ":
        if isinstance(key.data, str):
            return environment.read(state, frame, node, key.data, None)
        return NOTHING
    if isinstance(owner.data, (Origin, Instance)):
        found = environment.guessed(state, frame, ast.Call(node.value, [], [], lineno=node.lineno),
                                    builtin.last(owner), (key,), {})  # fmt: skip
        return found or NOTHING
    state.demand(owner)
    return item(state, owner, key)


def item(state: State, owner: Value, key: Value) -> Value:
    """``owner[key]``. Raises Raised where the settings would catch that there is none."""
    data: Any = owner.data
    if isinstance(data, dict):
        if key.known and key.data in data:
            return owner.table[key.data].of(owner.names)
        if key.known and state.catches("KeyError"):
            raise Raised("KeyError", owner.names)
    elif isinstance(data, (tuple, str)) and isinstance(key.data, int):
        found = data[key.data]
        return found.of(owner.names) if isinstance(found, Value) else Value(found, owner.names)
    return NOTHING.of(owner.names)


def _slice(state: State, frame: Frame, owner: Value, node: ast.Slice) -> Value:
    bounds = [None if part is None else evaluate(state, frame, part).data
              for part in (node.lower, node.upper, node.step)]  # fmt: skip
    if any(not (bound is None or isinstance(bound, int)) for bound in bounds):
        return NOTHING.of(owner.names)
    cut: Any = slice(*bounds)
    data: Any = owner.data
    return Value(data[cut], owner.names) if isinstance(data, (tuple, str)) else NOTHING


_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.BitOr: operator.or_,
}  # fmt: skip


def _binary(state: State, frame: Frame, node: ast.BinOp) -> Value:
    left = evaluate(state, frame, node.left)
    right = evaluate(state, frame, node.right)
    for one in (left, right) if isinstance(node.op, ast.Add) else ():
        state.demand(one)
    return combine(left, right, node.op)


def combine(left: Value, right: Value, op: ast.operator) -> Value:
    """``left op right``: of numbers, texts, paths, lists and dicts."""
    names = left.names | right.names
    both = (left.data, right.data)
    if isinstance(op, ast.Add) and any(isinstance(one, tuple) for one in both):
        return _added(left, right)
    if isinstance(op, ast.BitOr) and all(isinstance(one, dict) for one in both):
        return Value({**left.table, **right.table}, names)
    if isinstance(left.data, PurePosixPath):
        return _path_operation(left, right, op)
    if not (left.known and right.known) or op.__class__ not in _OPERATORS:
        return NOTHING.of(names_of((left, right)))
    one, other = plain(left), plain(right)
    if isinstance(op, ast.Mult) and not all(_small(part) for part in (one, other)):
        return NOTHING.of(names)
    if isinstance(op, ast.Mod) and isinstance(one, str):
        # No widths of a million: "%1000000s".
        other = tuple(other) if isinstance(other, list) else other
        if len(one) > 2_000 or any(char.isdigit() for char in one.partition("%")[2][:2]):
            return NOTHING.of(names)
    result = _OPERATORS[op.__class__](one, other)
    if isinstance(result, str) and len(result) > MOST_TEXT:
        return NOTHING.of(names)
    return Value(result, names)


def _small(part: object) -> bool:
    return isinstance(part, (int, float)) and abs(part) < 10**15


def _added(left: Value, right: Value) -> Value:
    """Lists, of which one may be unknown."""
    parts: list[Value] = []
    for side in (left, right):
        if isinstance(side.data, tuple):
            parts += side.items
        else:
            parts.append(NOTHING.of(side.names))
    return Value(tuple(parts[:MOST_ITEMS]), left.names | right.names)


def _path_operation(left: Value, right: Value, op: ast.operator) -> Value:
    path = left.data
    assert isinstance(path, PurePosixPath)
    names = left.names | right.names
    if isinstance(op, ast.Div) and isinstance(right.data, (str, PurePosixPath)):
        return Value(builtin.normal(path / right.data), names)
    if isinstance(op, ast.Sub) and isinstance(right.data, int) and 0 <= right.data < 50:
        # environ.Path(__file__) - 3
        for _ in range(right.data):
            path = path.parent
        return Value(path, names)
    if isinstance(op, ast.Add) and isinstance(right.data, str):
        return Value(builtin.normal(path / right.data), names)
    return NOTHING.of(names)


def _boolean(state: State, frame: Frame, node: ast.BoolOp) -> Value:
    stop = isinstance(node.op, ast.Or)
    names: frozenset[str] = frozenset()
    value = NOTHING
    unknown = False
    for part in node.values:
        value = evaluate(state, frame, part)
        names |= value.every_name()
        if value.truth is stop:
            return value.of(names)
        unknown = unknown or value.truth is None
    return NOTHING.of(names) if unknown else value.of(names)


def _not(state: State, frame: Frame, node: ast.UnaryOp) -> Value:
    value = evaluate(state, frame, node.operand)
    if isinstance(node.op, ast.Not):
        return Value(UNKNOWN if value.truth is None else not value.truth, value.names)
    if isinstance(node.op, ast.USub) and isinstance(value.data, (int, float)):
        return Value(-value.data, value.names)
    return NOTHING


def _choice(state: State, frame: Frame, node: ast.IfExp) -> Value:
    test = evaluate(state, frame, node.test)
    if test.truth is None:
        chosen, other = evaluate(state, frame, node.body), evaluate(state, frame, node.orelse)
        return (chosen if chosen.known else other).of(test.names | other.names)
    branches = (node.body, node.orelse) if test.truth else (node.orelse, node.body)
    state.aside += 1
    try:
        other = evaluate(state, frame, branches[1])
    except Raised:
        other = NOTHING
    finally:
        state.aside -= 1
    # `X if os.getenv("Y") else Z` may be read from what is in Z, too.
    return evaluate(state, frame, branches[0]).of(other.names)


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda one, many: one in many, ast.NotIn: lambda one, many: one not in many,
}  # fmt: skip


def _compare(state: State, frame: Frame, node: ast.Compare) -> Value:
    left = evaluate(state, frame, node.left)
    right = evaluate(state, frame, node.comparators[0])
    op = node.ops[0]
    membership = isinstance(op, (ast.In, ast.NotIn))
    if membership and isinstance(right.data, Origin) and right.data.name == "os.environ":
        return _in_environ(state, frame, node, left, inverted=isinstance(op, ast.NotIn))
    names = left.names | right.names
    if len(node.ops) > 1 or not (left.known and right.known):
        if membership and left.known and isinstance(right.data, tuple):
            found = any(one.known and plain(one) == plain(left) for one in right.items)
            return Value(isinstance(op, ast.In), names) if found else NOTHING.of(names)
        return NOTHING.of(names)
    return Value(_COMPARISONS[type(op)](plain(left), plain(right)), names)


def _in_environ(
    state: State, frame: Frame, node: ast.Compare, left: Value, *, inverted: bool
) -> Value:
    if not isinstance(left.data, str):
        return NOTHING
    found = environment.read(state, frame, node, left.data, None, lenient=True)
    return Value((found.data is not None) is not inverted, found.names)


def _sequence(state: State, frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Value:
    return Value(tuple(many(state, frame, node.elts)))


def many(state: State, frame: Frame, nodes: Iterable[ast.expr]) -> list[Value]:
    """Several expressions, of which some may be ``*several``."""
    found: list[Value] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            inner = evaluate(state, frame, node.value)
            found += inner.items if isinstance(inner.data, tuple) else (NOTHING.of(inner.names),)
        else:
            found.append(evaluate(state, frame, node))
    return found[:MOST_ITEMS]


def _dict(state: State, frame: Frame, node: ast.Dict) -> Value:
    found: dict[object, Value] = {}
    names: frozenset[str] = frozenset()
    for key, value in zip(node.keys, node.values, strict=True):
        inner = evaluate(state, frame, value)
        if key is None:
            found.update(inner.table)
            names |= inner.names
            continue
        word = evaluate(state, frame, key)
        if word.known and isinstance(word.data, (str, int, bool, PurePosixPath)):
            found[word.data] = inner
    return Value(found, names)


def _formatted(state: State, frame: Frame, node: ast.JoinedStr) -> Value:
    parts, names, known = [], frozenset[str](), True
    for part in node.values:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        value = evaluate(state, frame, inner)
        names |= value.names
        known = known and value.known
        parts.append(str(plain(value)))
    text = "".join(parts)
    return Value(text, names) if known and len(text) <= MOST_TEXT else NOTHING.of(names)


def _comprehension(
    state: State, frame: Frame, node: ast.ListComp | ast.GeneratorExp | ast.SetComp
) -> Value:
    loop = node.generators[0]
    source = evaluate(state, frame, loop.iter)
    items = iterated(source)
    if items is None or len(node.generators) > 1:
        return NOTHING.of(source.every_name())
    found = []
    for one in items[:MOST_ITEMS]:
        inner = Frame(frame.module, dict(frame.names), prefix=frame.prefix)
        bind(state, inner, loop.target, one)
        if all(evaluate(state, inner, test).truth is not False for test in loop.ifs):
            found.append(evaluate(state, inner, node.elt))
    return Value(tuple(found), source.names)


def iterated(value: Value) -> tuple[Value, ...] | None:
    """What a loop over a value goes through; None when that is unknown."""
    if isinstance(value.data, tuple):
        return value.items
    if isinstance(value.data, dict):
        return tuple(Value(key) for key in value.table)
    if isinstance(value.data, str) and len(value.data) < 200:
        return tuple(Value(char) for char in value.data)
    return None


def bind(state: State, frame: Frame, target: ast.expr, value: Value) -> None:
    """Gives a value to a name, to several, to an entry of a dict or to an attribute."""
    if isinstance(target, ast.Name):
        frame.names[target.id] = value
    elif isinstance(target, (ast.Tuple, ast.List)):
        items = value.items if len(value.items) == len(target.elts) else ()
        for at, part in enumerate(target.elts):
            bind(state, frame, part, items[at] if items else NOTHING.of(value.names))
    elif isinstance(target, ast.Subscript):
        owner = evaluate(state, frame, target.value)
        key = (
            evaluate(state, frame, target.slice)
            if not isinstance(target.slice, ast.Slice)
            else NOTHING
        )
        if owner.data == Origin("os.environ") and isinstance(key.data, str):
            state.write(key.data, value)
        if isinstance(owner.data, dict) and isinstance(key.data, (str, int)):
            changed = {**owner.table, key.data: value}
            bind(state, frame, target.value, Value(changed, owner.names, owner.where))
    elif isinstance(target, ast.Starred):
        bind(state, frame, target.value, NOTHING.of(value.names))


def _lambda(_state: State, frame: Frame, node: ast.Lambda) -> Value:
    return Value(Function(node, frame.module))


def _named(state: State, frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(state, frame, node.value)
    bind(state, frame, node.target, value)
    return value


def _call(state: State, frame: Frame, node: ast.Call) -> Value:
    args = tuple(many(state, frame, node.args))
    keywords = {}
    for keyword in node.keywords:
        value = evaluate(state, frame, keyword.value)
        if keyword.arg is None:
            keywords.update({str(key): one for key, one in value.table.items()})
        else:
            keywords[keyword.arg] = value
    if isinstance(node.func, ast.Attribute):
        owner = evaluate(state, frame, node.func.value)
        found = call.method(state, frame, node, owner, node.func.attr, args, keywords)
        if found is not None:
            value, changed = found
            if changed is not None:
                bind(state, frame, node.func.value, changed.at(owner.where))
            return value
        function = attribute(owner, node.func.attr)
    else:
        function = evaluate(state, frame, node.func)
    if not isinstance(function.data, Unknown):
        return call.function(state, frame, node, function, args, keywords)
    return call.unknown(state, frame, node, args, keywords)


_HANDLERS: dict[type[ast.expr], Callable[[State, Frame, Any], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _not,
    ast.IfExp: _choice,
    ast.Compare: _compare,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.JoinedStr: _formatted,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.Call: _call,
}
