"""Packages that import pkg_resources or distutils, and do not say that they need setuptools.

setuptools was in every environment once; Python 3.12 took it, and distutils, out.
"""

import ast
import os
import sys
from pathlib import Path

NEEDLES = (b"pkg_resources", b"distutils")


def undeclared(venv):
    """A sentence on the first module that cannot be imported without setuptools; "" if there is none."""
    names = {"pkg_resources"}
    if sys.version_info >= (3, 12) and not list(venv.glob("lib/python*/site-packages/setuptools")):
        names.add("distutils")
    for root in sorted(venv.glob("lib/python*/site-packages")):
        for path in sorted(sources(root)):
            data = Path(path).read_bytes()
            if not any(needle in data for needle in NEEDLES):
                continue
            where = Path(path).relative_to(root)
            if {"tests", "test", "_distutils_hack", "setuptools", "pkg_resources"} & set(
                where.parts
            ) or where.parts[0] in (
                "numpy",
                "pip",
            ):
                continue
            name = needed(data, names)
            if name:
                return f"{where} imports {name}, which came with setuptools once"
    return ""


def sources(root):
    """The paths of all modules, as strings: there are thousands."""
    for folder, _, names in os.walk(str(root)):
        for name in names:
            if name.endswith(".py"):
                yield os.path.join(folder, name)


def needed(data, names):
    """The first of ``names`` that a source imports as it is loaded, and not within a try."""
    try:
        body = ast.parse(data).body
    except (SyntaxError, ValueError):
        return ""
    for node in body:
        if isinstance(node, ast.Import):
            found = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found = [(node.module or "").split(".")[0]]
        else:
            continue
        for name in found:
            if name in names:
                return name
    return ""
