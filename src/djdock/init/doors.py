"""invoke's and nox's doors to djdock: files of their own, or lines in those that a project has."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from djdock.init import texts
from djdock.init.action import KEEP, Action, added, new, text_of
from djdock.inspect.syntax import parse

_OTHER = f"{texts.OTHER_TASKS}.py"


def tasks(root: Path) -> list[Action]:
    """What becomes of tasks.py; another beside it where it is none of invoke's, or cannot be loaded."""
    path = root / "tasks.py"
    if not path.is_file():
        return [new(root, "tasks.py", texts.TASKS, "invoke's door to djdock")]
    text = text_of(path)
    if "djdock" in text:
        return [Action("tasks.py", KEEP, "it has djdock's tasks")]
    if "invoke" not in text:
        reason = f"tasks.py is none of invoke's: `invoke -c {texts.OTHER_TASKS} up`"
        kept = Action("tasks.py", KEEP, "it is none of invoke's")
        return [kept, new(root, _OTHER, texts.TASKS, reason)]
    lacking = next(_lacking(root, text), "")
    if not lacking:
        return [added("tasks.py", text, texts.TASKS_LINE, "djdock's tasks, beside its own")]
    after = _head(text)
    lines = text.splitlines(keepends=True)
    text = "".join([*lines[:after], texts.FALLBACK_LINE, *lines[after:]])
    why = f"it imports {lacking}, which is not here: invoke goes on with {_OTHER} then"
    return [
        added("tasks.py", text, texts.TASKS_LINE, why),
        new(root, _OTHER, texts.TASKS, "djdock's tasks alone"),
    ]


def nox(root: Path) -> Action:
    """What becomes of noxfile.py."""
    path = root / "noxfile.py"
    if not path.is_file():
        return new(root, "noxfile.py", texts.NOX, "nox's door to djdock")
    text = text_of(path)
    if "djdock" in text:
        return Action("noxfile.py", KEEP, "it has djdock's sessions")
    return added("noxfile.py", text, texts.NOX_LINE, "djdock's sessions, beside its own")


def _head(text: str) -> int:
    """The line after the docstring and ``from __future__``: the first that an import may stand on."""
    after = 0
    for at, node in enumerate(parse(text).body):
        docstring = at == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (docstring or future):
            break
        after = node.end_lineno or after
    if not after:
        # A shebang, and what is declared below it.
        lines = text.splitlines()
        after = next((n for n, line in enumerate(lines) if not line.startswith("#")), 0)
    return after


def _lacking(root: Path, text: str) -> Iterator[str]:
    """The modules that a file imports as it is loaded, and that are neither here nor in the project."""
    for node in parse(text).body:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names = [node.module]
        for name in names:
            if not _is_here(root, name):
                yield name


def _is_here(root: Path, name: str) -> bool:
    top, *inner = name.split(".")
    place = root / top
    if place.is_dir():
        place = place.joinpath(*inner)
        return place.is_dir() or place.with_name(f"{place.name}.py").is_file()
    if place.with_name(f"{top}.py").is_file() or top in sys.stdlib_module_names:
        return True
    # Of the first name alone: that imports nothing.
    return find_spec(top) is not None
