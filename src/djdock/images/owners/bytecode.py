"""Bytecode files and the sources that they were compiled from (PEP 3147, PEP 488)."""

from __future__ import annotations

import posixpath
import re

_CACHED = re.compile(r"(?P<module>.+)\.(?P<tag>(?!opt-)[a-z]+-?\d+[a-z]*)(\.opt-\w+)?\.pyc", re.S)


def source(path: str) -> str:
    """The source that a bytecode file was compiled from, whether it is there or not; else ""."""
    if not path.endswith((".pyc", ".pyo")):
        return ""
    folder, name = posixpath.split(path)
    if posixpath.basename(folder) != "__pycache__":
        return path[:-1]  # module.pyc stands in for module.py
    match = _CACHED.fullmatch(name)
    module = match["module"] if match else name[:-4]
    return posixpath.join(posixpath.dirname(folder), f"{module}.py")


def tag(path: str) -> str:
    """The interpreter that a cached file is for: ``cpython-313``; "" where the name does not say."""
    match = _CACHED.fullmatch(posixpath.basename(path))
    return match["tag"] if match else ""
