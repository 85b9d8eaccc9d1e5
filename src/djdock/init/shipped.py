"""The files of ``docker/`` that a project gets as its own: the package's, as they are shipped.

Stand-ins' recipes (``docker/bases``) stay in the package: they are not the project's business.
"""

from __future__ import annotations

from pathlib import Path

import djdock

#: What a project's folder is called, too.
FOLDER = "docker"

_LEFT = ("bases", "__pycache__")


def folder() -> Path:
    """Where they are: inside the installed package, or beside ``src`` in a checkout."""
    package = Path(djdock.__file__).resolve().parent
    inside = package / FOLDER
    return inside if inside.is_dir() else package.parents[1] / FOLDER


def files() -> dict[str, bytes]:
    """Their contents by their paths in the project, sorted: ``docker/compose.yaml``, …"""
    root = folder()
    return {
        f"{FOLDER}/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not set(_LEFT) & set(path.relative_to(root).parts)
    }


def is_program(data: bytes) -> bool:
    """Whether a file is one that is run by its name."""
    return data.startswith(b"#!")
