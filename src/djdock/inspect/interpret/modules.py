"""Imports: modules of the project are worked out in their turn, others are known by name only."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from djdock.inspect import examples
from djdock.inspect import tree as paths
from djdock.inspect.interpret import builtin
from djdock.inspect.interpret.state import Frame, Raised, State
from djdock.inspect.interpret.value import Module, Origin, Value

#: Modules inside of each other, and modules altogether.
DEEPEST, MOST = 20, 60


def find(state: State, dotted: str) -> str | None:
    """The file of a module of the project, or None."""
    parts = dotted.split(".")
    for folder in state.paths:
        base = paths.join(folder, *parts)
        for path in (f"{base}.py", f"{base}/__init__.py"):
            if state.tree.has(path):
                return path
    return None


def is_package(state: State, dotted: str) -> bool:
    """Whether the project has such a folder, which may have no ``__init__.py``."""
    return any(
        paths.join(folder, *dotted.split(".")) in state.tree.folders for folder in state.paths
    )


def load(state: State, dotted: str) -> Module | None:
    """A module of the project, worked out (once); None when the project has none of that name."""
    if dotted in state.modules:
        # One that is being worked out has what it has so far: imports in a circle end.
        return state.modules[dotted]
    path = find(state, dotted)
    if path is None or len(state.modules) >= MOST:
        return None
    module = Module(path, dotted)
    state.modules[dotted] = module
    state.run(module)
    return module


def import_names(state: State, frame: Frame, node: ast.Import) -> None:
    """``import a.b as c``."""
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        bound = alias.asname or name
        if find(state, alias.name) is not None:
            module = load(state, alias.name)
            if alias.asname and module is not None:
                frame.names[bound] = Value(module)
            continue
        _outside(state, frame, node, alias.name)
        frame.names[bound] = Value(Origin(name))


def by_name(state: State, frame: Frame, node: ast.AST, dotted: str) -> Value:
    """``importlib.import_module(dotted)``: a module of the project's, or one from elsewhere."""
    module = load(state, dotted) if find(state, dotted) else None
    if module is not None:
        return Value(module)
    _outside(state, frame, node, dotted)
    return Value(Origin(dotted))


def import_from(state: State, frame: Frame, node: ast.ImportFrom) -> None:
    """``from .base import *``."""
    dotted = absolute(frame.module, node)
    module = load(state, dotted) if find(state, dotted) else None
    if module is None and not is_package(state, dotted):
        _outside(state, frame, node, dotted)
    for alias in node.names:
        if alias.name == "*":
            if module is None and not state.aside and not is_package(state, dotted):
                state.starred.append(dotted)
            frame.names.update(_public(module))
            continue
        inner = f"{dotted}.{alias.name}"
        known = module is not None and alias.name in module.names
        if not known and not find(state, inner) and examples.find(state.tree, state.paths, inner):
            _outside(state, frame, node, inner)
        frame.names[alias.asname or alias.name] = _member(state, module, dotted, alias.name)


def _member(state: State, module: Module | None, dotted: str, name: str) -> Value:
    if module is not None and name in module.names:
        return module.names[name]
    inner = f"{dotted}.{name}"
    if find(state, inner):
        loaded = load(state, inner)
        if loaded is not None:
            return Value(loaded)
    return builtin.constant(inner)


def _public(module: Module | None) -> Iterator[tuple[str, Value]]:
    if module is None:
        return
    chosen = module.names.get("__all__")
    for name, value in module.names.items():
        if (name in chosen.texts) if chosen else not name.startswith("_"):
            yield name, value


def absolute(module: Module, node: ast.ImportFrom) -> str:
    """The name of the module that a ``from … import`` names."""
    if not node.level:
        return node.module or ""
    parts = module.dotted.split(".")
    is_init = module.path.endswith("__init__.py")
    kept = parts[: len(parts) - node.level + (1 if is_init else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _outside(state: State, frame: Frame, node: ast.AST, dotted: str) -> None:
    """A module that the project does not have: a package's, or one that is not in the repository."""
    where = state.where(frame, node)
    relative = isinstance(node, ast.ImportFrom) and node.level > 0
    top = dotted.partition(".")[0]
    ours = relative or is_package(state, top) or find(state, top) is not None
    looked = "." not in dotted and (local(dotted) or examples.find(state.tree, state.paths, dotted))
    if ours or looked:
        if state.catches("ModuleNotFoundError"):
            raise Raised("ModuleNotFoundError", said=dotted, missing=dotted)
        if not state.aside:
            state.missing.setdefault(dotted, where)
        return
    if not state.aside and not state.catches("ModuleNotFoundError"):
        state.imported.setdefault(top, where)


def local(dotted: str) -> bool:
    """Whether a name is one of a file that is kept out of repositories: ``local_settings``."""
    last = dotted.rpartition(".")[2].lower()
    if dotted in sys.stdlib_module_names:
        return False
    return last in {
        "local_settings",
        "settings_local",
        "localsettings",
        "local",
        "secrets",
        "local_config",
    }
