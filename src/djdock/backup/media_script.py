"""Runs where the media files are, by `python -c`: with the standard library, and nothing of djdock's.

    dump FOLDER    a tar archive of what is in it to stdout
    load FOLDER    an archive from stdin to FOLDER/.restoring
    swap FOLDER    what is in .restoring into FOLDER; FOLDER/.before_restore keeps what was there

FOLDER may be the root of a volume, which cannot be renamed, so its entries are, one by one. A swap
that was broken off is finished by the next one: nothing is in both places.
"""

# ruff: noqa: D103

import os
import shutil
import sys
import tarfile

OURS = (".restoring", ".before_restore")


def dump(folder):
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(os.listdir(folder)):
            if name not in OURS:
                add(archive, folder, name)


def add(archive, folder, name):
    path = os.path.join(folder, name)
    try:
        entry = archive.gettarinfo(path, arcname=name)
        if entry is None:  # a socket
            return
        entry.type = tarfile.REGTYPE if entry.islnk() else entry.type  # a hard link, as a file
        if not entry.isreg():
            archive.addfile(entry)
        else:
            with open(path, "rb") as file:
                # A file that grows meanwhile is cut; one that shrinks fails the backup.
                entry.size = os.fstat(file.fileno()).st_size
                archive.addfile(entry, file)
    except FileNotFoundError:
        return  # deleted meanwhile
    if entry.isdir():
        for child in sorted(os.listdir(path)):
            add(archive, folder, name + "/" + child)


def load(folder):
    fresh = os.path.join(folder, OURS[0])
    shutil.rmtree(fresh, ignore_errors=True)
    os.makedirs(fresh)
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
        archive.extractall(fresh, filter="data")


def swap(folder):
    fresh, before = (os.path.join(folder, name) for name in OURS)
    if not os.path.isdir(fresh):
        sys.exit(f"error: there is no {fresh}")
    marker = os.path.join(fresh, "..djdock-swapping")
    if not os.path.exists(marker):
        shutil.rmtree(before, ignore_errors=True)
        os.makedirs(before)
        with open(marker, "w"):
            pass
    # What the marker names is moved out first, so a second run takes nothing of the new for old.
    if not os.path.exists(marker + "-in"):
        for name in os.listdir(folder):
            if name not in OURS:
                os.rename(os.path.join(folder, name), os.path.join(before, name))
        with open(marker + "-in", "w"):
            pass
    for name in os.listdir(fresh):
        if not name.startswith("..djdock-swapping"):
            os.rename(os.path.join(fresh, name), os.path.join(folder, name))
    shutil.rmtree(fresh)


if __name__ == "__main__":
    {"dump": dump, "load": load, "swap": swap}[sys.argv[1]](sys.argv[2])
