"""Where the Django project is: ``manage.py``, the settings module and the WSGI application.

Files are read, never run.
"""

from __future__ import annotations

import re
from pathlib import Path

from djdock.errors import MissingError, UsageError

_SETTINGS = re.compile(
    r"""setdefault\(\s*["']DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']""", re.S
)


def find_root(start: Path) -> Path:
    """The project's root: the nearest folder, from ``start`` upwards, with a ``[tool.djdock]`` table
    or a ``tasks.py``; else ``start``."""
    for folder in (start, *start.parents):
        pyproject = folder / "pyproject.toml"
        if pyproject.is_file() and "[tool.djdock" in pyproject.read_text(
            encoding="utf-8", errors="replace"
        ):
            return folder
        if (folder / "tasks.py").is_file():
            return folder
    return start


def find_source(root: Path) -> str:
    """The folder that holds ``manage.py``, relative to ``root``: itself, a subfolder, or ``src/*``.

    Raises MissingError when there is none and UsageError when there are several.
    """
    found = [root] if (root / "manage.py").is_file() else []
    found = found or sorted(path.parent for path in root.glob("*/manage.py"))
    found = found or sorted(path.parent for path in root.glob("src/*/manage.py"))
    if not found:
        raise no_manage(root)
    names = [folder.relative_to(root).as_posix() for folder in found]
    if len(names) > 1:
        raise UsageError(
            f"There are several manage.py: in {', '.join(names)}.",
            f'Name one in pyproject.toml: [tool.djdock] source = "{names[0]}".',
        )
    return names[0]


def no_manage(folder: Path) -> MissingError:
    """The error for a folder without ``manage.py``."""
    return MissingError(
        f"There is no manage.py in {folder}.",
        'Name the folder that holds it in pyproject.toml: [tool.djdock] source = "…".',
    )


def find_settings(manage: Path) -> str | None:
    """The settings module that a ``manage.py`` sets as its default, or None."""
    match = _SETTINGS.search(manage.read_text(encoding="utf-8", errors="replace"))
    return match[1] if match else None


def find_wsgi(source: Path, settings: str) -> str:
    """The WSGI application beside the settings, as ``package.wsgi:application``.

    Django's ``startproject`` puts it there; split settings (``config.settings.production``) are one
    package deeper.
    """
    parts = settings.split(".")[:-1]
    while parts:
        if source.joinpath(*parts, "wsgi.py").is_file():
            return ".".join([*parts, "wsgi:application"])
        parts.pop()
    found = sorted(path for path in source.glob("*/wsgi.py"))
    if not found:
        raise MissingError(
            f"There is no wsgi.py beside the settings in {source}.",
            'Name the application in pyproject.toml: [tool.djdock] wsgi = "package.wsgi:application".',
        )
    return f"{found[0].parent.name}.wsgi:application"
