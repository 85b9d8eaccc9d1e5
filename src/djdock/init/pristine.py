"""``docker/.djdock.zip``: the files of ``docker/`` as djdock wrote them, and its version.

What a later version changes can so be told from what the project has changed: it is the base of a
three-way merge. The same files make the same archive, byte for byte.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from djdock.errors import UsageError
from djdock.init.shipped import FOLDER


def path(folder: str = FOLDER) -> str:
    """The archive's place in the project."""
    return f"{folder}/.djdock.zip"


@dataclass(frozen=True)
class Pristine:
    """The version that wrote them, and the files by their paths in the project."""

    version: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


def pack(version: str, files: Mapping[str, bytes]) -> bytes:
    """The archive of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.comment = version.encode()
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def read(root: Path, folder: str = FOLDER) -> Pristine:
    """What the project's archive holds; nothing without one. Raises UsageError if it is broken."""
    file = root / path(folder)
    if not file.is_file():
        return Pristine()
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            return Pristine(archive.comment.decode(), {name: archive.read(name) for name in names})
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise UsageError(
            f"{file} cannot be read: {error}.", "Take it from version control: `git checkout` it."
        ) from error
