"""Has the source changed since an image was built of it?

A build writes down how the source looked; files are only counted and their times compared. What a
Dockerfile that the project names is made of is not known, so nothing is said of its images. The image of
a stack that runs from the source (``config.dev``) has the packages only.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from djdock.config import Config

#: What tools write beside the source.
PASSED_OVER = frozenset({"__pycache__", "staticfiles", "node_modules", ".git", ".djdock", ".venv"})


def fingerprint(config: Config) -> list[int]:
    """How the source and the requirements look now: how many files, the newest change, the bytes."""
    count = newest = total = 0
    given = config.table.lock or config.table.requirements
    paths = [config.root / name for name in ([given] if isinstance(given, str) else given)]
    if config.dev and config.table.dev_requirements:
        paths.append(config.root / config.table.dev_requirements)
    tree = config.root / config.table.tree if config.table.tree else config.source
    for folder, folders, names in () if config.dev else os.walk(tree):
        folders[:] = [name for name in folders if name not in PASSED_OVER]
        paths += [config.root / folder / name for name in names if not _is_written(name)]
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue
        count, newest, total = count + 1, max(newest, found.st_mtime_ns), total + found.st_size
    return [count, newest, total]


def _is_written(name: str) -> bool:
    """Whether a file is one that the running site, or djdock itself, writes."""
    return ".sqlite3" in name or name.startswith(".env") or name.endswith(".log")


def built(config: Config, variant: str, looked: list[int] | None = None) -> None:
    """Writes down that a variant's image is made of the source as it is now, or as it ``looked``."""
    if config.named(variant):
        return
    config.make_scratch()
    _path(config, variant).write_text(json.dumps(looked or fingerprint(config)), encoding="utf-8")


def is_stale(config: Config, variant: str) -> bool:
    """Whether the source looks different now; false when it is not known how it looked."""
    if config.named(variant):
        return False
    try:
        text = _path(config, variant).read_text(encoding="utf-8")
        return bool(json.loads(text) != fingerprint(config))
    except (OSError, ValueError):
        return False


def _path(config: Config, variant: str) -> Path:
    return config.scratch / f"built-{variant}{'-dev' if config.dev else ''}.json"


def said(config: Config, image: str) -> str:
    """What to say of an image that is stale."""
    if config.dev:
        return (
            f"The requirements have changed since {image} was built: `invoke up --dev --build` "
            "installs them."
        )
    folder = config.source.relative_to(config.root)
    return f"{folder} has changed since {image} was built: `invoke up --build` takes it in."
