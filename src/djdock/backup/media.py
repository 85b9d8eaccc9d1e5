"""The site's media files: a tar archive, made and unpacked by the Python of the site's own image."""

from __future__ import annotations

import subprocess
from pathlib import Path

from djdock.backup import stream
from djdock.backup.folder import Partial
from djdock.backup.inside import Inside
from djdock.errors import UsageError

#: The name of the archive ends with it.
SUFFIX = ".media.tar"

#: Where in the folder a restore keeps what was there; the script has the same name.
BEFORE = ".before_restore"

#: What is run there; see its own docstring.
SCRIPT = Path(__file__).with_name("media_script.py")


def require(folder: str) -> str:
    """The site's media folder; raises UsageError when it has none."""
    if not folder:
        raise UsageError("The site's settings have no MEDIA_ROOT.", "Leave --media out.")
    return folder


def words(python: str, verb: str, folder: str) -> list[str]:
    """The command line of one step, where the site is."""
    return [python, "-c", SCRIPT.read_text(encoding="utf-8"), verb, folder]


def dump(inside: Inside, python: str, folder: str, part: Partial) -> None:
    """Writes the archive of what is in ``folder``."""
    with inside.piped(*words(python, "dump", folder)) as process:
        stream.receive(process, part)


def load(inside: Inside, python: str, folder: str, file: Path) -> None:
    """Unpacks an archive beside what is in use."""
    with inside.piped(*words(python, "load", folder), stdin=subprocess.PIPE) as process:
        stream.send(file, process)


def swap(inside: Inside, python: str, folder: str) -> None:
    """Puts what was unpacked into the place of what is in use, which is kept until the next time."""
    inside.ask(*words(python, "swap", folder))
