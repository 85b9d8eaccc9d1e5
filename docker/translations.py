"""Copies the packages' translations that a site shows, out of what make_packages.py has set apart."""

import os
import shutil
from pathlib import Path

import settle  # beside this file


def copy(source, names, out):
    """Copies those into the languages of these folders' names, or all where that is None, at the same
    places below ``out``. Files keep their times.
    """
    out.mkdir(parents=True)
    for folder, folders, _ in os.walk(str(source)):
        locale = Path(folder)
        if locale.name != "locale":
            continue
        place = out / locale.relative_to(source)
        for name in folders:
            if names is None or name in names:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copytree(str(locale / name), str(place / name), symlinks=True)
        folders.clear()
    settle.folders_of(out)
