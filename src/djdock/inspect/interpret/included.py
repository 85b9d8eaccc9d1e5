"""django-split-settings: ``include("base.py", optional("local.py"))`` goes on in the same names.

https://django-split-settings.readthedocs.io
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from djdock.inspect import tree as paths
from djdock.inspect.interpret.state import Frame, State
from djdock.inspect.interpret.value import ROOT, Instance, Module, Value
from djdock.inspect.model import Evidence

INCLUDE = "split_settings.tools.include"
_OPTIONAL = "split_settings.tools.optional"


def include(state: State, frame: Frame, args: tuple[Value, ...], where: Evidence) -> Value:
    """Works out the files that patterns lead to; one that leads nowhere is missing."""
    folder = paths.parent(frame.module.path)
    for arg in args:
        data = arg.data
        optional = isinstance(data, Instance) and data.of == _OPTIONAL
        text = data.args[0].text if isinstance(data, Instance) and data.args else arg.text
        if not text:
            continue
        inside = text.removeprefix(f"{ROOT}/")
        pattern = inside if inside != text else paths.join(folder, text)
        found = sorted(path for path in state.tree.files if _fits(path, pattern))
        if not found and not optional and not state.aside:
            state.missing.setdefault(text, where)
        for path in found:
            _go_on(state, frame.module, path)
    return Value(None)


def _fits(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)


def _go_on(state: State, module: Module, path: str) -> None:
    parent = (
        module.dotted if module.path.endswith("__init__.py") else module.dotted.rpartition(".")[0]
    )
    begin = paths.parent(module.path)
    inner = path.removeprefix(f"{begin}/" if begin else "").removesuffix(".py").replace("/", ".")
    dotted = f"{parent}.{inner}" if parent else inner
    if dotted in state.modules or path == module.path:
        return
    state.modules[dotted] = Module(path, dotted, module.names)
    state.run(state.modules[dotted])
