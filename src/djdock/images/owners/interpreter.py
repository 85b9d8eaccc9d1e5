"""The interpreter and its standard library, where no package manager put them; virtual environments.

They are found by what they are made of: the standard library is the folder ``lib/python3.13`` that
has an ``os`` module. So the official images (/usr/local), uv's own interpreters
(~/.local/share/uv/python/cpython-3.13.5-linux-x86_64-gnu) and a prefix of one's own are the same.
"""

from __future__ import annotations

import posixpath
import re

from djdock.images.owners.claims import Claims
from djdock.images.owners.owner import UNOWNED, Claim, Owner
from djdock.images.owners.tree import Tree

_OS_MODULE = re.compile(
    r"(?P<library>(?P<prefix>.*?)/?lib(64)?/(?P<name>(python|pypy)(?P<version>3\.\d+)t?))/os\.pyc?"
)
_ZIPPED = re.compile(r"(?P<prefix>.*?)/?lib(64)?/python3(?P<minor>\d+)\.zip")

#: A prefix that holds an interpreter and nothing else.
_OWN_PREFIX = re.compile(r"(cpython|pypy|graalpy)-3\.\d+.*")

#: What the interpreter's own build installs beside the library, under its prefix.
_FILES = (
    r"bin/(python|pydoc|idle|2to3|pypy)(3?(\.\d+)?t?)?(-(dbg-)?config|-gdb\.py)?",
    r"lib(64)?/lib(python|pypy)3?[\d.]*t?(-c)?\.(so|a)[\d.]*",
    r"lib(64)?/pkgconfig/python-?3[^/]*\.pc",
    r"share/man/man1/python3?[\d.]*\.1",
    r"include/python3\.\d+t?/.*",
)


def claims(tree: Tree) -> Claims:
    """The interpreters, standard libraries and virtual environments."""
    made = Claims()
    for path in tree.entries:
        # Two cheap looks before the expressions: there are tens of thousands of paths.
        if path.endswith(("/os.py", "/os.pyc")) and (match := _OS_MODULE.fullmatch(path)):
            _installed(made, tree, match["prefix"], match["library"], match["version"])
        elif path.endswith(".zip") and (match := _ZIPPED.fullmatch(path)):
            version = f"3.{match['minor']}"
            library = Owner("interpreter", "standard library", version)
            made.files[path] = Claim(library, "the standard library, zipped")
            _installed(made, tree, match["prefix"], f"{path[:-4]}", version)
        elif posixpath.basename(path) == "pyvenv.cfg":
            _environment(made, posixpath.dirname(path))
    return made


def _installed(made: Claims, tree: Tree, prefix: str, library: str, version: str) -> None:
    interpreter = Claim(Owner("interpreter", "CPython", version), "beside the standard library")
    if "/pypy" in library:
        interpreter = Claim(Owner("interpreter", "PyPy", version), interpreter.why)
    standard = Claim(Owner("interpreter", "standard library", version), "beside its os module")
    made.folders[library] = standard
    for site in ("site-packages", "dist-packages"):
        _nobodys(made, f"{library}/{site}")
        # The official images keep this note there.
        made.files[f"{library}/{site}/README.txt"] = standard
    if _OWN_PREFIX.fullmatch(posixpath.basename(prefix)):
        made.folders[prefix] = interpreter
    root = f"{prefix}/" if prefix else ""
    belongs = re.compile("|".join(_FILES))
    for path in tree.entries:
        if path.startswith(root) and belongs.fullmatch(path, len(root)):
            made.files.setdefault(path, interpreter)


def _environment(made: Claims, root: str) -> None:
    """What ``python -m venv``, virtualenv and ``uv venv`` write, besides what is installed later."""
    claim = Claim(Owner("interpreter", "virtual environment"), "beside its pyvenv.cfg")
    made.folders[root] = claim


def _nobodys(made: Claims, folder: str) -> None:
    made.folders[folder] = Claim(UNOWNED, "among packages, but in no package's list")


def sites(made: Claims, tree: Tree) -> None:
    """Nobody's: what lies among an environment's packages and is in no package's list.

    A file there that was left behind must not pass for a part of the environment.
    """
    for path in tree.entries:
        if path.endswith(("/site-packages", "/dist-packages")) and tree.is_folder(path):
            made.folders.setdefault(
                path, Claim(UNOWNED, "among packages, but in no package's list")
            )
            for name in ("_virtualenv.py", "_virtualenv.pth", "_uv_ephemeral_overlay.pth"):
                made.files.setdefault(
                    f"{path}/{name}",
                    Claim(Owner("interpreter", "virtual environment"), "written by virtualenv"),
                )
