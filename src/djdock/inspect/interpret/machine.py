"""The door to the interpreter: a settings module in, the values of its names out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from djdock.inspect.interpret import configured, modules
from djdock.inspect.interpret.state import DEEPEST, Exhausted, Frame, Raised, Read, State
from djdock.inspect.interpret.statement import execute
from djdock.inspect.interpret.value import NOTHING, Function, Module, Value
from djdock.inspect.model import Evidence
from djdock.inspect.tree import Tree


@dataclass(frozen=True)
class Settings:
    """What a settings module says: its names' values, the variables that it reads, what it lacks."""

    dotted: str
    path: str
    values: Mapping[str, Value]
    reads: tuple[Read, ...] = ()
    #: Packages outside of the project that it imports, by their first names.
    imported: Mapping[str, Evidence] | None = None
    #: Modules of the project that it imports, and that are not there.
    missing: Mapping[str, Evidence] | None = None
    #: What it raises and nothing catches: the exception's class and text, and the line.
    raised: tuple[tuple[str, str, Evidence], ...] = ()
    #: The files that were worked out, and the modules that they are.
    files: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    #: Packages that all names are imported of: what those say is not known.
    starred: tuple[str, ...] = ()
    #: False where it was too much to follow.
    whole: bool = True

    def get(self, name: str) -> Value:
        """A setting's value; unknown when the module gives it none."""
        return self.values.get(name, NOTHING)

    def has(self, name: str) -> bool:
        """Whether the module gives it a value."""
        return name in self.values


def interpret(
    tree: Tree,
    paths: tuple[str, ...],
    dotted: str,
    environ: Mapping[str, str] | None = None,
    *,
    configuration: str = "",
) -> Settings:
    """What a settings module says in an environment.

    ``paths`` are the folders that it is imported from, relative to the root; ``configuration`` is a
    class of django-configurations. Never raises: what is beyond the bounds is left unknown.
    """
    state = State(tree, paths, dict(environ or {}))
    state.call = lambda function, args, keywords: _call(state, function, args, keywords)
    state.run = lambda module: _run(state, module)
    whole = True
    try:
        module = modules.load(state, dotted)
    except (Exhausted, RecursionError):
        module, whole = state.modules.get(dotted), False
    if module is None:
        return Settings(dotted, "", {})
    values = module.names
    if configuration:
        values = {**values, **configured.settings(state, module, configuration)}
    return Settings(
        dotted,
        module.path,
        values,
        tuple(state.reads),
        state.imported,
        state.missing,
        tuple((raised.kind, raised.said, where) for raised, where in state.raised),
        tuple(one.path for one in state.modules.values()),
        tuple(state.modules),
        tuple(dict.fromkeys(state.starred)),
        whole,
    )


def _run(state: State, module: Module) -> None:
    """Executes a module, statement by statement: one that raises is told of, and the next is tried."""
    if state.tree.text(module.path) is None or state.depth > DEEPEST:
        return
    caught = state.catching
    state.depth += 1
    frame = Frame(module, module.names)
    for node in state.tree.parsed(module.path).body:
        try:
            execute(state, frame, [node])
        except Raised as raised:
            if any(one for one in caught) and raised.kind in ("ModuleNotFoundError", "ImportError"):
                state.depth -= 1
                raise
            where = state.where(frame, node)
            if not state.aside and not _lacks(state, raised, where):
                state.raised.append((raised, where))
                _blame(state, raised)
    state.depth -= 1


def _lacks(state: State, raised: Raised, where: Evidence) -> bool:
    """Whether a module that is not there is why; it is noted."""
    if raised.missing:
        state.missing.setdefault(raised.missing, where)
    return bool(raised.missing)


def _blame(state: State, raised: Raised) -> None:
    """The variables without which the settings raise have to be set."""
    for at, read in enumerate(state.reads):
        if read.name in raised.names and not read.required and read.name not in state.environ:
            state.reads[at] = replace(read, required=True)


def _call(
    state: State, function: Function, args: tuple[Value, ...], keywords: Mapping[str, Value]
) -> Value:
    """What a function of the project returns."""
    node = function.node
    if state.depth > DEEPEST:
        return NOTHING
    names: dict[str, Value] = {}
    wanted = [*node.args.posonlyargs, *node.args.args]
    frame = Frame(function.module, names)
    _defaults(state, frame, function)
    for at, one in enumerate(wanted):
        if at < len(args):
            names[one.arg] = args[at]
    if node.args.vararg is not None:
        names[node.args.vararg.arg] = Value(args[len(wanted) :])
    names.update(keywords)
    state.depth += 4
    reads = len(state.reads)
    try:
        if not isinstance(node.body, list):
            from djdock.inspect.interpret.expression import evaluate

            return evaluate(state, frame, node.body)
        execute(state, frame, node.body)
    except Raised as raised:
        if state.catches(raised.kind):
            raise
        if not state.aside and not _lacks(state, raised, state.where(frame, node)):
            _blame(state, raised)
        return NOTHING.of(raised.names)
    finally:
        state.depth -= 4
    # `def of(name): return os.environ[name] if … else default`: what comes of it is that variable's.
    named = {one.data for one in args if isinstance(one.data, str)}
    its = {one.name for one in state.reads[reads:] if one.name in named}
    return (frame.returned or Value(None)).of(its)


def _defaults(state: State, frame: Frame, function: Function) -> None:
    from djdock.inspect.interpret.expression import evaluate

    args = function.node.args
    wanted = [*args.posonlyargs, *args.args]
    outer = Frame(function.module, function.module.names)
    for one, default in zip(reversed(wanted), reversed(args.defaults), strict=False):
        frame.names[one.arg] = evaluate(state, outer, default)
    for one, given in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if given is not None:
            frame.names[one.arg] = evaluate(state, outer, given)
