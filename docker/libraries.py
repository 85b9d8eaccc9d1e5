"""What the Debian packages that extension modules link to add to the system: a layer of its own.

    libraries.py NAMES RUNTIME OUT

NAMES is a file with the packages' names; RUNTIME is the slimmed system without them. They are
installed here, this system is slimmed as that one was, and what it has besides is put under OUT. So
the layer of the base waits for no package, and is the same for all sites.
"""

import filecmp
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path


def add(runtime, out, root=Path("/")):
    """Copies to ``out`` what ``root`` has otherwise than ``runtime``; other file systems are left out.

    What only ``runtime`` has is not taken away: packages that are added remove nothing.
    """
    device = os.lstat(root).st_dev
    for place, folders, names in os.walk(root):
        here = Path(place)
        folders[:] = [
            name
            for name in folders
            if here / name != out and os.lstat(here / name).st_dev == device
        ]
        for name in (*names, *folders):
            path = here / name
            there = runtime / path.relative_to(root)
            if os.lstat(path).st_dev == device and not same(path, there):
                copy(path, out / path.relative_to(root), root, out)


def same(path, other):
    """Whether two paths are alike: kind, owner, mode and content."""
    if not os.path.lexists(other):
        return False
    one, two = os.lstat(path), os.lstat(other)
    if (one.st_mode, one.st_uid, one.st_gid) != (two.st_mode, two.st_uid, two.st_gid):
        return False
    if stat.S_ISLNK(one.st_mode):
        return os.readlink(path) == os.readlink(other)
    if not stat.S_ISREG(one.st_mode):
        return True
    if one.st_size != two.st_size:
        return False
    return one.st_mtime_ns == two.st_mtime_ns or filecmp.cmp(path, other, shallow=False)


def copy(path, target, root, out):
    """Copies one file, link or empty folder, with the folders that it lies in."""
    for folder in reversed(list(target.relative_to(out).parents)[:-1]):
        if not (out / folder).is_dir():
            copy(root / folder, out / folder, root, out)
    there = os.lstat(path)
    if stat.S_ISDIR(there.st_mode):
        target.mkdir(parents=True, exist_ok=True)
    elif stat.S_ISLNK(there.st_mode) or stat.S_ISREG(there.st_mode):
        shutil.copy2(path, target, follow_symlinks=False)
    else:
        return
    os.chown(target, there.st_uid, there.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(there.st_mode):  # after the owner, whose change takes bits away
        os.chmod(target, stat.S_IMODE(there.st_mode))


def main(names, runtime, out):
    out.mkdir()
    words = names.read_text(encoding="utf-8").split()
    subprocess.run(["sh", "/build/apt.sh", *words], check=True)
    subprocess.run([sys.executable, "-B", "/build/slim.py", "system"], check=True)
    add(runtime, out)
    import settle  # beside this file

    settle.folders_of(out)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
