"""Packages that import pkg_resources, distutils or cgi, and do not say what they need for that.

setuptools was in every environment once; Python 3.12 took it, and distutils, out, Python 3.13 cgi.
"""

import ast
import os
import re
import sys
from pathlib import Path

NEEDLES = re.compile(rb"\b(?:pkg_resources|distutils|cgi)\b")

#: What brings a module back, and where it came from.
BRINGS = {
    "pkg_resources": ("setuptools<81", "which came with setuptools once"),
    "distutils": ("setuptools<81", "which came with setuptools once"),
    "cgi": ("legacy-cgi", "which Python had until 3.12"),
}

#: Folders that nobody imports, or that do without.
PASSED = {"tests", "test", "_distutils_hack", "setuptools", "pkg_resources"}


def undeclared(venv, version=sys.version_info):
    """What has to be installed besides, each with a sentence on the first module that cannot be imported
    without it.
    """

    def lacks(name):
        return not list(venv.glob(f"lib/python*/site-packages/{name}"))

    # setuptools may be there as a newer one, without pkg_resources.
    names = {"pkg_resources"} if lacks("pkg_resources") else set()
    if version >= (3, 12) and lacks("setuptools"):
        names.add("distutils")
    if version >= (3, 13) and lacks("cgi.py"):
        names.add("cgi")
    found, words = {}, [name.encode() for name in BRINGS]
    for root in sorted(venv.glob("lib/python*/site-packages")) if names else ():
        for path in sorted(sources(root)):
            with open(path, "rb", buffering=0) as file:
                data = file.readall()
            # An alternation is slow to search for, and there are megabytes.
            if not any(word in data for word in words) or not NEEDLES.search(data):
                continue
            where = Path(path).relative_to(root)
            if PASSED & set(where.parts) or where.parts[0] in ("numpy", "pip"):
                continue
            name = needed(data, names)
            if name:
                requirement, why = BRINGS[name]
                found.setdefault(requirement, f"{where} imports {name}, {why}")
                names = {one for one in names if BRINGS[one][0] != requirement}
    return found


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
