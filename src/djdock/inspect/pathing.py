"""Where Python has to look besides the folder of ``manage.py``: src, apps, the folders above."""

from __future__ import annotations

from collections.abc import Iterable

from djdock.inspect.dependencies import Dependencies
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.layout import Layout
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.tree import Tree, join


def decide(tree: Tree, where: Layout, final: Settings, needed: Dependencies) -> list[Decision]:
    """The decision ``python_path``; none where all that the settings name is beside ``manage.py``."""
    found: dict[str, Evidence] = {}
    for name in _named(final):
        if file_of(tree, where.source, name) or needed.has(name):
            continue
        for folder in where.paths[1:]:
            path = file_of(tree, folder, name)
            if path:
                found.setdefault(folder or ".", Evidence(path, 0, ""))
                break
    if not found:
        return []
    reason = "modules that the settings name are there"
    return [Decision("python_path", tuple(found), reason, tuple(found.values()))]


def _named(final: Settings) -> Iterable[str]:
    """The first names of the modules that the settings consist of, import and name."""
    names = [final.dotted, final.get("ROOT_URLCONF").text or "", *final.modules]
    names += [str(one) for one in final.get("INSTALLED_APPS").texts]
    names += [str(one) for one in final.get("MIDDLEWARE").texts]
    return dict.fromkeys(name.partition(".")[0] for name in names if name)


def file_of(tree: Tree, folder: str, name: str) -> str:
    """The file of a module or package in a folder, or ""."""
    for path in (join(folder, name, "__init__.py"), join(folder, f"{name}.py")):
        if tree.has(path):
            return path
    return ""
