"""Runs where the media files are, by `python -c`: with the standard library, and nothing of djdock's.

    dump FOLDER    a tar archive of what is in it to stdout
    load FOLDER    an archive from stdin to FOLDER/.restoring
    swap FOLDER    what is in .restoring into FOLDER; FOLDER/.before_restore keeps what was there

FOLDER may be the root of a volume, which cannot be renamed, so its entries are, one by one. A swap
that was broken off is made good by the next restore. Before the first upload FOLDER may not be there:
then it has no files, and none is made for an archive of none.
"""

# ruff: noqa: D103

import os
import shutil
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

RESTORING, BEFORE = ".restoring", ".before_restore"


def dump(folder: Path) -> None:
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in entries(folder):
            add(archive, folder, path)


def entries(folder: Path) -> list[Path]:
    if not folder.exists():
        return []
    return sorted(path for path in folder.iterdir() if path.name not in (RESTORING, BEFORE))


def add(archive: tarfile.TarFile, folder: Path, path: Path) -> None:
    try:
        entry = archive.gettarinfo(path, arcname=str(path.relative_to(folder)))
        if entry is None:  # a socket
            return
        if entry.isreg() or entry.islnk():
            with path.open("rb") as file:
                entry.type = tarfile.REGTYPE  # also what is another name of a file that was there
                # A file that grows meanwhile is cut; one that shrinks fails the backup.
                entry.size = os.fstat(file.fileno()).st_size
                archive.addfile(entry, file)
        else:
            archive.addfile(entry)
    except FileNotFoundError:
        return  # deleted meanwhile
    if entry.isdir():
        for child in sorted(path.iterdir()):
            add(archive, folder, child)


def load(folder: Path) -> None:
    fresh = folder / RESTORING
    shutil.rmtree(fresh, ignore_errors=True)
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
        if not folder.exists() and archive.firstmember is None:  # type: ignore[attr-defined]
            return
        fresh.mkdir(mode=0o700, parents=True)  # a web server that serves the folder cannot look in
        if hasattr(tarfile, "data_filter"):
            archive.extractall(fresh, filter="data")
        else:  # Python before 3.11.4
            archive.extractall(fresh, inside(archive))  # noqa: S202


def inside(archive: Iterable[tarfile.TarInfo]) -> Iterator[tarfile.TarInfo]:
    """The entries as the filter ``data`` takes them: none that leads outside, and no device."""
    for entry in archive:
        places = [entry.name]
        if entry.issym():
            places.append(os.path.join(os.path.dirname(entry.name), entry.linkname))  # noqa: PTH118, PTH120
        elif not (entry.isreg() or entry.isdir()):
            raise ValueError(f"{entry.name} is neither a file, a folder nor a link.")
        for place in places:
            if os.path.isabs(place) or os.path.normpath(place).split("/")[0] == "..":  # noqa: PTH117
                raise ValueError(f"{entry.name} would be written outside of the folder.")
        entry.mode &= 0o755
        yield entry


def swap(folder: Path) -> None:
    fresh, before = folder / RESTORING, folder / BEFORE
    if not folder.exists():
        return
    shutil.rmtree(before, ignore_errors=True)
    before.mkdir(mode=0o700)
    for path in entries(folder):
        path.rename(before / path.name)
    for path in sorted(fresh.iterdir()):
        path.rename(folder / path.name)
    fresh.rmdir()


if __name__ == "__main__":
    {"dump": dump, "load": load, "swap": swap}[sys.argv[1]](Path(sys.argv[2]))
