"""RPM packages: what ``rpmdb.sqlite`` lists; older data bases are named as what cannot be read.

Every row is a package's header: two counts, an index of (tag, type, offset, count) and the data, all
big-endian (https://rpm-software-management.github.io/rpm/manual/format_header.html).
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from djdock.images.owners.claims import Claims
from djdock.images.owners.owner import Claim, Owner
from djdock.images.owners.tree import Tree

FOLDERS = ("usr/lib/sysimage/rpm", "var/lib/rpm", "usr/share/rpm")
DATABASES = tuple(f"{folder}/rpmdb.sqlite" for folder in FOLDERS)

#: Berkeley DB (until RPM 4.15) and ndb (SUSE): formats that nothing in the standard library reads.
UNREADABLE = tuple(f"{folder}/{name}" for folder in FOLDERS for name in ("Packages", "Packages.db"))

#: What RPM's packages are installed into, when it cannot be told which file is whose.
SYSTEM = ("bin", "boot", "etc", "lib", "lib64", "sbin", "usr", "var")

NAME, VERSION, RELEASE, OLD_NAMES = 1000, 1001, 1002, 1027
DIR_INDEXES, BASE_NAMES, DIR_NAMES = 1116, 1117, 1118
_INT32, _STRING, _STRING_ARRAY = 4, 6, 8


def claims(tree: Tree, contents: Mapping[str, bytes]) -> Claims:
    """Every installed package's files; none where there is no RPM."""
    made = Claims()
    for path in DATABASES:
        if path in contents:
            try:
                _read(contents[path], tree, made)
            except (sqlite3.Error, AttributeError, OverflowError) as error:
                _unreadable(made, path, str(error))
        elif path in tree:
            _unreadable(made, path, "it is larger than what is kept")
    for path in UNREADABLE:
        if path in tree and tree.entries[path].kind == "file":
            _unreadable(made, path, "it is in an old format, Berkeley DB or ndb")
    return made


def _unreadable(made: Claims, path: str, why: str) -> None:
    made.problems.append(f"RPM's data base /{path} cannot be read: {why}.")
    owner = Owner("rpm", "RPM packages whose data base cannot be read")
    for folder in SYSTEM:
        made.folders.setdefault(folder, Claim(owner, f"/{path} cannot be read"))


def _read(content: bytes, tree: Tree, made: Claims) -> None:
    # In write-ahead mode SQLite wants a second file; the mode is in bytes 18 and 19 of the first
    # (https://sqlite.org/fileformat.html), and an image that is at rest has no second file.
    plain = content[:18] + b"\1\1" + content[20:]
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(plain)
        rows = database.execute("SELECT blob FROM Packages ORDER BY hnum").fetchall()
    for (blob,) in rows:
        if not isinstance(blob, bytes):
            continue
        try:
            tags = header(blob)
        except (struct.error, ValueError, IndexError):
            made.problems.append("One of RPM's packages has a header that cannot be read.")
            continue
        name = tags.first(NAME)
        if not name or name == "gpg-pubkey":  # a key, not a package
            continue
        version = "-".join(filter(None, (tags.first(VERSION), tags.first(RELEASE))))
        owner = made.installed.setdefault(name, Owner("rpm", name, version))
        claim = Claim(owner, "in RPM's data base")
        for path in files(tags):
            made.files.setdefault(tree.canonical(path), claim)


@dataclass
class Tags:
    """What a package's header says, by the tags' numbers."""

    texts: dict[int, list[str]] = field(default_factory=dict)
    numbers: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def first(self, tag: int) -> str:
        """A tag's first text, or ""."""
        return (self.texts.get(tag) or [""])[0]


def header(blob: bytes) -> Tags:
    """The tags of a package's header that are needed here, by number.

    Raises struct.error, ValueError or IndexError for what is no header.
    """
    count, size = struct.unpack_from(">II", blob)
    start = 8 + 16 * count
    if start + size > len(blob):
        raise ValueError("the header is cut off")
    data = blob[start : start + size]
    wanted = {NAME, VERSION, RELEASE, OLD_NAMES, DIR_INDEXES, BASE_NAMES, DIR_NAMES}
    found = Tags()
    for tag, kind, offset, number in struct.iter_unpack(">IIiI", blob[8:start]):
        if tag not in wanted or offset < 0:
            continue
        if kind == _INT32:
            found.numbers[tag] = struct.unpack_from(f">{number}I", data, offset)
        elif kind in (_STRING, _STRING_ARRAY):
            # Not split as a whole: the region may hold megabytes behind the strings asked for.
            found.texts[tag] = list(_strings(data, offset, number))
    return found


def _strings(data: bytes, offset: int, number: int) -> Iterator[str]:
    for _ in range(number):
        end = data.index(b"\0", offset)
        yield data[offset:end].decode("utf-8", "surrogateescape")
        offset = end + 1


def files(tags: Tags) -> Iterator[str]:
    """The paths of a package: names and folders are kept apart, and joined by an index."""
    yield from tags.texts.get(OLD_NAMES, ())
    folders = tags.texts.get(DIR_NAMES, [])
    names = zip(tags.texts.get(BASE_NAMES, ()), tags.numbers.get(DIR_INDEXES, ()), strict=False)
    yield from (f"{folders[index]}{name}" for name, index in names if index < len(folders))
