"""The files of ``docker/`` that a project gets as its own: the package's, as they are shipped.

Stand-ins' recipes (``docker/bases``) stay in the package: they are not the project's business.
"""

from __future__ import annotations

import re
from pathlib import Path

import djdock

#: What a project's folder is called, too,
FOLDER = "docker"

#: and what it is called where the project's own docker/ has files of the same names.
OTHER_FOLDER = "djdock"

_LEFT = ("bases", "__pycache__")


def folder() -> Path:
    """Where they are: inside the installed package, or beside ``src`` in a checkout."""
    package = Path(djdock.__file__).resolve().parent
    inside = package / FOLDER
    return inside if inside.is_dir() else package.parents[1] / FOLDER


def files(name: str = FOLDER) -> dict[str, bytes]:
    """Their contents by their paths in the project, sorted: ``docker/compose.yaml``, …

    ``name`` is the folder's in the project; what they say of each other's places follows it.
    """
    root = folder()
    return {
        f"{name}/{path.relative_to(root).as_posix()}": _placed(path, name)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not set(_LEFT) & set(path.relative_to(root).parts)
    }


def _placed(path: Path, name: str) -> bytes:
    """A file's contents with the folder's name where a build or Compose reads it."""
    data = path.read_bytes()
    if name == FOLDER or not (path.suffix == ".Dockerfile" or path.name == "compose.yaml"):
        return data
    return re.sub(rb"(?<=[ =])docker/", f"{name}/".encode(), data)


def is_program(data: bytes) -> bool:
    """Whether a file is one that is run by its name."""
    return data.startswith(b"#!")
