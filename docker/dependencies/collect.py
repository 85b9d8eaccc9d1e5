"""The files that say what is needed: a layer of their own, so that a changed line of code
reinstalls nothing.
"""

import os
import re
import shutil
from pathlib import Path

from . import tidy

#: What stands beside each kind of lock, and is read with it.
BESIDE = ("pyproject.toml", "Pipfile", "Pipfile.lock", "setup.py", "setup.cfg", "uv.toml")

#: Folders without any such file of the project's own.
PASSED_OVER = {".git", ".venv", "venv", "node_modules", "__pycache__", "site-packages", ".tox"}

_CHAIN = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=)(\S+)", re.M)
_LOCAL = re.compile(
    r"^\s*(?:-e\s+|--editable[ =]|file:)?(\.{1,2}/?[^\s;#\[]*|[\w.-]+/[\w./-]+)", re.M
)


def collect(context, out, requirements, lock):
    """Copies the files to ``out``, at the places that they have in ``context``."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(needed(context, requirements, lock)):
        target = out / path.relative_to(context)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True, symlinks=True)
        else:
            shutil.copyfile(path, target)


def needed(context, requirements, lock):
    """The paths of these files; a folder is a package of the project's own that a file names."""
    found = set()
    for name in requirements:
        follow(context, context / name, found)
    if lock:
        path = context / lock
        if not path.is_file():
            raise SystemExit(
                f"dependencies: there is no {lock}, which `lock` of [tool.djdock] names."
            )
        found.add(path)
        found |= {path.parent / name for name in BESIDE if (path.parent / name).is_file()}
        if path.name == "uv.lock":
            found |= members(path.parent)
        if path.name in ("poetry.lock", "pdm.lock", "Pipfile.lock", "Pipfile"):
            text = tidy.read(path)
            for local in re.findall(
                r"(?m)^(?:url|\s*\"?(?:path|file)\"?)\s*[=:]\s*\"([^\"]+)\"", text
            ):
                add_local(context, path.parent / local, found)
    return found


def follow(context, path, found):
    """A requirements file, and the files and folders that it names."""
    if path in found:
        return
    if not path.is_file():
        raise SystemExit(f"dependencies: there is no {path.relative_to(context)}.")
    found.add(path)
    text = tidy.read(path)
    for name in _CHAIN.findall(text):
        if "://" not in name:
            other = Path(os.path.normpath(str(path.parent / name)))
            if context in other.parents:
                follow(context, other, found)
    for name in _LOCAL.findall(text):
        add_local(context, path.parent / name, found)
        add_local(context, context / name, found)


def add_local(context, folder, found):
    """A package of the project's own, unless it is the project itself: that is copied, not installed."""
    folder = Path(os.path.normpath(str(folder)))
    if context not in folder.parents:
        return
    if folder.is_file() and folder.suffix in (".whl", ".gz", ".zip"):
        found.add(folder)
    if any((folder / name).is_file() for name in ("setup.py", "pyproject.toml", "setup.cfg")):
        found.add(folder)


def members(folder):
    """The pyproject.toml of a workspace's members."""
    found = set()
    for place, folders, names in os.walk(str(folder)):
        folders[:] = [name for name in folders if name not in PASSED_OVER]
        if "pyproject.toml" in names:
            found.add(Path(place, "pyproject.toml"))
    return found
