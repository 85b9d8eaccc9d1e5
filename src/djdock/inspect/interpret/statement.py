"""What a statement does to the names of a module or a function."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from djdock.inspect.interpret import modules
from djdock.inspect.interpret.expression import bind, combine, evaluate, iterated
from djdock.inspect.interpret.state import UNSET, Frame, Raised, State
from djdock.inspect.interpret.value import (
    NOTHING,
    Class,
    Function,
    Instance,
    Origin,
    Value,
)

#: How often a loop is gone through.
MOST_ROUNDS = 200


def execute(state: State, frame: Frame, body: Iterable[ast.stmt]) -> None:
    """Executes statements until one returns."""
    for node in body:
        if frame.stopped:
            return
        state.step()
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            handler(state, frame, node)


def _assign(state: State, frame: Frame, node: ast.Assign) -> None:
    value = evaluate(state, frame, node.value)
    for target in node.targets:
        bind(state, frame, target, value.at(state.where(frame, node)))


def _annotated(state: State, frame: Frame, node: ast.AnnAssign) -> None:
    if node.value is not None:
        value = evaluate(state, frame, node.value)
        bind(state, frame, node.target, value.at(state.where(frame, node)))


def _augmented(state: State, frame: Frame, node: ast.AugAssign) -> None:
    before = evaluate(state, frame, node.target)
    added = evaluate(state, frame, node.value)
    try:
        value = combine(before, added, node.op)
    except (ValueError, TypeError, ArithmeticError):
        value = NOTHING
    bind(state, frame, node.target, value.at(before.where or state.where(frame, node)))


def _expression(state: State, frame: Frame, node: ast.Expr) -> None:
    evaluate(state, frame, node.value)


def _if(state: State, frame: Frame, node: ast.If) -> None:
    test = evaluate(state, frame, node.test)
    if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        test = Value(data=False)
    if test.truth is None:
        _both(state, frame, node)
        return
    taken, other = (node.body, node.orelse) if test.truth else (node.orelse, node.body)
    _aside(state, frame, other)
    execute(state, frame, taken)


def _aside(state: State, frame: Frame, body: Iterable[ast.stmt]) -> None:
    """Looks at a branch that is not taken, for the variables that it reads."""
    if state.aside > 3:
        return
    state.aside += 1
    try:
        execute(state, Frame(frame.module, dict(frame.names), prefix=frame.prefix), body)
    except Raised:
        pass
    finally:
        state.aside -= 1


def _both(state: State, frame: Frame, node: ast.If) -> None:
    """A condition that is unknown: what both branches leave known, the first one's where both do."""
    found = []
    for body in (node.body, node.orelse):
        branch = Frame(frame.module, dict(frame.names), prefix=frame.prefix)
        try:
            execute(state, branch, body)
        except Raised:
            continue
        found.append(branch)
    if len(found) == 2 and all(branch.stopped for branch in found):
        frame.returned = next(
            (b.returned for b in found if b.returned and b.returned.known), NOTHING
        )
        return
    for branch in reversed(found):
        if branch.stopped:
            continue
        for name, value in branch.names.items():
            if frame.names.get(name) is not value and not isinstance(
                value.data, type(NOTHING.data)
            ):
                frame.names[name] = value
            else:
                frame.names.setdefault(name, value)


def _try(state: State, frame: Frame, node: ast.Try) -> None:
    state.catching.append(frozenset(name for one in node.handlers for name in _caught(one)))
    trouble: Raised | None = None
    try:
        execute(state, frame, node.body)
    except Raised as raised:
        trouble = raised
    finally:
        state.catching.pop()
    if trouble is None:
        for one in node.handlers:
            _aside(state, frame, one.body)
        execute(state, frame, node.orelse)
    else:
        _handle(state, frame, node, trouble)
    execute(state, frame, node.finalbody)


def _handle(state: State, frame: Frame, node: ast.Try, trouble: Raised) -> None:
    kinds = {trouble.kind, "Exception", "BaseException"}
    kinds |= {"ImportError"} if trouble.kind == "ModuleNotFoundError" else set()
    kinds |= UNSET if trouble.kind == "KeyError" else set()
    for one in node.handlers:
        if kinds & _caught(one):
            try:
                execute(state, frame, one.body)
            except Raised as again:
                raise Raised(
                    again.kind,
                    again.names | trouble.names,
                    again.said,
                    again.missing or trouble.missing,
                ) from None
            return
    raise trouble


def _caught(handler: ast.ExceptHandler) -> set[str]:
    """The last names of what a handler catches."""
    if handler.type is None:
        return {"BaseException"}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = set()
    for kind in kinds:
        names.add(kind.attr if isinstance(kind, ast.Attribute) else getattr(kind, "id", ""))
    return names


def _raise(state: State, frame: Frame, node: ast.Raise) -> None:
    if state.aside:
        raise Raised("aside")
    exc = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    kind = exc.attr if isinstance(exc, ast.Attribute) else getattr(exc, "id", "Exception")
    said = ""
    if isinstance(node.exc, ast.Call) and node.exc.args:
        said = evaluate(state, frame, node.exc.args[0]).text or ""
    raise Raised(kind, frozenset(), said)


def _for(state: State, frame: Frame, node: ast.For) -> None:
    items = iterated(evaluate(state, frame, node.iter))
    for one in (items or ())[:MOST_ROUNDS]:
        bind(state, frame, node.target, one)
        execute(state, frame, node.body)
        if frame.stopped:
            return


def _match(state: State, frame: Frame, node: ast.Match) -> None:
    """``match``: as the chain of conditions that it stands for."""
    subject = evaluate(state, frame, node.subject)
    chain: list[ast.stmt] = []
    for case in reversed(node.cases):
        test = _test(node.subject, case.pattern)
        if case.guard is not None:
            test = ast.BoolOp(ast.And(), [test, case.guard])
        body = case.body
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.name and not case.pattern.pattern:
            frame.names[case.pattern.name] = subject
        chain = [ast.copy_location(ast.If(test, body, chain), case.body[0])]
    execute(state, frame, chain)


def _test(subject: ast.expr, pattern: ast.pattern) -> ast.expr:
    """The condition that a pattern is; a name that nobody knows for what this does not follow."""
    if isinstance(pattern, ast.MatchValue):
        return ast.Compare(subject, [ast.Eq()], [pattern.value])
    if isinstance(pattern, ast.MatchSingleton):
        return ast.Compare(subject, [ast.Is()], [ast.Constant(pattern.value)])
    if isinstance(pattern, ast.MatchOr):
        return ast.BoolOp(ast.Or(), [_test(subject, one) for one in pattern.patterns])
    if isinstance(pattern, ast.MatchAs):
        return _test(subject, pattern.pattern) if pattern.pattern else ast.Constant(value=True)
    return ast.Name("__pattern__")


def _with(state: State, frame: Frame, node: ast.With) -> None:
    before = frame.prefix
    for one in node.items:
        value = evaluate(state, frame, one.context_expr)
        if isinstance(value.data, Instance) and value.data.of == "environs.prefixed":
            frame.prefix += value.data.args[0].text or "" if value.data.args else ""
        if one.optional_vars is not None:
            bind(state, frame, one.optional_vars, value)
    execute(state, frame, node.body)
    frame.prefix = before


def _function(_state: State, frame: Frame, node: ast.FunctionDef) -> None:
    frame.names[node.name] = Value(Function(node, frame.module))


def _class(state: State, frame: Frame, node: ast.ClassDef) -> None:
    names: dict[str, Value] = {}
    origins: list[str] = []
    for base in reversed(node.bases):
        value = evaluate(state, frame, base).data
        if isinstance(value, Class):
            names.update(value.names)
            origins[:0] = value.origins
        elif isinstance(value, Origin):
            origins.insert(0, value.name)
    inner = Frame(frame.module, names, prefix=frame.prefix)
    # A class sees its module's names, not those of its bases; nearly always that is the same.
    execute(state, inner, node.body)
    frame.names[node.name] = Value(
        Class(inner.names, tuple(origins)), where=state.where(frame, node)
    )


def _return(state: State, frame: Frame, node: ast.Return) -> None:
    frame.returned = evaluate(state, frame, node.value) if node.value else Value(None)


def _delete(_state: State, frame: Frame, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.names.pop(target.id, None)


_HANDLERS: dict[type[ast.stmt], Callable[[State, Frame, Any], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _expression,
    ast.If: _if,
    ast.Try: _try,
    ast.Raise: _raise,
    ast.For: _for,
    ast.Match: _match,
    ast.With: _with,
    ast.FunctionDef: _function,
    ast.ClassDef: _class,
    ast.Return: _return,
    ast.Delete: _delete,
    ast.Import: modules.import_names,
    ast.ImportFrom: modules.import_from,
}
