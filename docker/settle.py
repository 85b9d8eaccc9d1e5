"""Gives files times that do not say when they were built, so that equal files make equal layers.

    settle.py OUT PATH...   puts trees under OUT, at the paths that they have here, with settled times
    settle.py --folders PATH
                            settles the folders in a tree again: files were taken out of it
    settle.py SECONDS       settles what this file system had changed since then (seconds since 1970)

Without that every build has other layers, though nothing has changed: they are stored, pushed and
pulled again. The time of a file comes from its content, since web servers tell by time and size
whether a file is the one that a browser has. It lies before 2015, so no file is from the future.
"""

import os
import shutil
import stat
import sys
import zlib
from pathlib import Path

#: 1980-01-01, the first day that zip files know, in seconds; of folders and links.
FIRST = 315_532_800

#: How many seconds the times of files are spread over: 34 years.
SPAN = 1 << 30


def tree(root):
    """Settles all that is in ``root``."""
    for folder, folders, names in os.walk(root, topdown=False):
        for name in (*names, *folders):
            settle(os.path.join(folder, name))


def settle(path):
    """Settles one file, link or folder."""
    seconds = FIRST
    if stat.S_ISREG(os.lstat(path).st_mode):
        with open(path, "rb", buffering=0) as file:
            seconds += zlib.crc32(file.readall()) % SPAN
    os.utime(path, (seconds, seconds), follow_symlinks=False)


def stage(out, paths):
    """Puts trees under ``out`` by hard links, which take no room, and settles both."""
    for path in paths:
        target = out / str(path).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(path, target, symlinks=True, copy_function=os.link)
    tree(out)


def folders_of(root):
    """Settles the folders in ``root`` that are not settled.

    Its files are, and are not touched: of a lower layer's file even another time makes a copy.
    """
    for folder, folders, _ in os.walk(root, topdown=False):
        for name in folders:
            path = os.path.join(folder, name)
            if os.lstat(path).st_mtime != FIRST:
                settle(path)


def changed(root, since):
    """Settles the folders of a file system, and those of its files that are newer than ``since``.

    Other files keep their times: byte code beside them may be valid for that time only.
    """
    device = root.stat().st_dev
    for folder, folders, names in os.walk(root, topdown=False):
        if os.stat(folder).st_dev != device:
            continue  # /proc, and what the build mounts
        for name in (*names, *folders):
            path = os.path.join(folder, name)
            there = os.lstat(path)
            if there.st_dev == device and (stat.S_ISDIR(there.st_mode) or there.st_mtime >= since):
                settle(path)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        changed(Path("/"), float(sys.argv[1]))
    elif sys.argv[1:2] == ["--folders"]:
        folders_of(Path(sys.argv[2]))
    elif len(sys.argv) > 2:
        stage(Path(sys.argv[1]), [Path(word) for word in sys.argv[2:]])
    else:
        sys.exit(__doc__)
