"""A reader of tar headers, strict and fast: what layers and image archives are made of.

Python's tarfile guesses where a header is damaged, and holds every
member it has seen. This one reads the formats that Go's archive/tar writes and reads (ustar, PAX,
GNU, and V7's), in Go's way where they leave a choice, since that is what engines are written in.
Sources: POSIX.1-2024 pax, GNU tar's manual ("Basic Tar Format", "Storing Sparse Files"), Go's
archive/tar reader.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from djdock.images.stream import Damaged, Stream

BLOCK = 512
_ZEROS = bytes(BLOCK)

#: The longest name or set of PAX records that is believed, in bytes; Go's limit.
MOST_SPECIAL = 1 << 20

KINDS = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",  # "contiguous": no system of today makes a difference
    b"S": "file",  # sparse
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "char",
    b"4": "block",
    b"5": "dir",
    b"D": "dir",  # GNU's incremental backups: with a list as its content
    b"6": "fifo",
}

#: Members that tell about the next one: PAX records, Solaris' and global ones; GNU's long names and
#: link targets. Global records are passed over, as Go does: git writes comments so.
SPECIAL = frozenset((b"x", b"X", b"g", b"L", b"K"))

_WITH_CONTENT = (b"0", b"\0", b"7", b"S", b"D")


@dataclass(slots=True)
class Member:
    """One member's header. ``name`` and ``target`` are as they stand there."""

    name: str
    kind: str
    size: int  # of a regular file's content
    stored: int  # what of it is in the archive: the same, but for sparse files
    mode: int
    uid: int
    gid: int
    target: str
    sparse: bool = False


def is_header(block: bytes) -> bool:
    """Is this 512-byte block a member's header? Its checksum says so."""
    try:
        return len(block) == BLOCK and _sum_is_right(block)
    except Damaged:
        return False


def members(stream: Stream) -> Iterator[Member]:
    """The members, each to be read (or not) before the next is asked for.

    A regular file's content is the stream's next ``stored`` bytes. Raises Damaged for anything that
    is no tar archive, and for one that ends within a member.
    """
    special: dict[bytes, bytes] = {}  # what the members before the next one say about it, by type
    while block := _header(stream):
        flag = block[156:157]
        size = _number(block, 124, 136)
        if flag in SPECIAL:
            special[flag] = _special(stream, size)
            continue
        member = _member(block, size, special)
        special = {}
        if flag == b"S":
            member.size, member.sparse = _old_sparse(stream, block), True
        end = stream.position + member.stored
        yield member
        left = end - stream.position + -member.stored % BLOCK
        if left:
            for _ in stream.exactly(left):
                pass


def _header(stream: Stream) -> bytes:
    """The next header; empty at the end."""
    block = stream.read(BLOCK)
    if not block or block == _ZEROS:
        return b""  # engines write archives without an end mark, too
    if len(block) < BLOCK:
        raise Damaged(f"it ends in the middle, after {stream.position} bytes")
    if not is_header(block):
        raise Damaged(f"there is no tar header at byte {stream.position - BLOCK}")
    return block


def _member(block: bytes, size: int, special: Mapping[bytes, bytes]) -> Member:
    flag = block[156:157]
    kind = KINDS.get(flag)
    if kind is None:
        raise Damaged(f"it has a member of an unknown type, {flag!r}")
    records = special.get(b"x") or special.get(b"X")
    pax = _records(records) if records else {}
    long_name, long_target = special.get(b"L"), special.get(b"K")
    name = block[:100].partition(b"\0")[0] if long_name is None else long_name
    target = block[157:257].partition(b"\0")[0] if long_target is None else long_target
    # GNU's own magic has blanks after "ustar", and other things where the prefix is.
    if long_name is None and block[345] and block[257:263] == b"ustar\0":
        name = block[345:500].partition(b"\0")[0] + b"/" + name
    real, uid, gid, sparse = size, -1, -1, False
    if pax:
        name, target = pax.get("path", name), pax.get("linkpath", target)
        real = size = _decimal(pax, "size", size)
        uid, gid = _decimal(pax, "uid", -1), _decimal(pax, "gid", -1)
        if any(key.startswith("GNU.sparse.") for key in pax):
            sparse = True
            name = pax.get("GNU.sparse.name", name)
            real = _decimal(pax, "GNU.sparse.size", real)
            real = _decimal(pax, "GNU.sparse.realsize", real)
    if kind == "file" and flag != b"S" and name.endswith(b"/"):
        kind, flag = "dir", b"5"  # V7's way to write a directory
    if b"\0" in name or b"\0" in target:
        raise Damaged("it has a member with a NUL in its name")
    return Member(
        name.decode("utf-8", "surrogateescape"),
        kind,
        real if kind == "file" else 0,
        size if flag in _WITH_CONTENT else 0,
        _number(block, 100, 108) & 0o7777,
        _number(block, 108, 116) if uid < 0 else uid,
        _number(block, 116, 124) if gid < 0 else gid,
        target.decode("utf-8", "surrogateescape"),
        sparse,
    )


def _sum_is_right(block: bytes) -> bool:
    """Is the sum of the header's bytes, its own field taken as blanks, what that field says?"""
    said = _number(block, 148, 156)
    found = sum(block) - sum(block[148:156]) + 8 * 32
    if said == found:
        return True
    # Some old programs add up signed bytes.
    signed = found - 256 * sum(1 for byte in block[:148] + block[156:] if byte > 127)
    return said == signed


def _number(block: bytes, start: int, end: int) -> int:
    """A numeric field: octal digits, or GNU's base 256 when the first bit is set."""
    if block[start] & 0x80:
        if block[start] & 0x40:
            raise Damaged("it has a header with a negative number")
        return int.from_bytes(bytes((block[start] & 0x7F,)) + block[start + 1 : end], "big")
    text = block[start:end].strip(b" \0").partition(b"\0")[0]
    if not text:
        return 0
    if text.strip(b"01234567"):
        raise Damaged("it has a header with a number that is none")
    return int(text, 8)


def _decimal(pax: Mapping[str, bytes], key: str, default: int) -> int:
    value = pax.get(key)
    if not value:
        return default
    if not value.isdigit() or len(value) > 20:
        raise Damaged(f"it has a PAX record `{key}` that is no number")
    return int(value)


def _special(stream: Stream, size: int) -> bytes:
    """The content of a member that tells about the next one."""
    if size > MOST_SPECIAL:
        raise Damaged("it has a name or attributes of more than 1 MiB")
    content = b"".join(stream.exactly(size))
    for _ in stream.exactly(-size % BLOCK):
        pass
    # GNU's end with a NUL. PAX records may hold some, but end with a line feed.
    return content.rstrip(b"\0")


def _records(content: bytes) -> dict[str, bytes]:
    """PAX records, ``<length> <key>=<value>\\n``; the last one of a key counts."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(content):
        blank = content.find(b" ", at, at + 12)
        digits = content[at:blank] if blank > 0 else b""
        end = at + int(digits) if digits.isdigit() else 0
        key, equals, value = content[blank + 1 : end - 1].partition(b"=")
        if end <= blank or content[end - 1 : end] != b"\n" or not equals:
            raise Damaged("it has PAX records that cannot be read")
        found[key.decode("utf-8", "surrogateescape")] = value
        at = end
    return found


def _old_sparse(stream: Stream, block: bytes) -> int:
    """The real size of an old GNU sparse file; passes over the rest of its map."""
    more = block[482]
    while more:
        extension = stream.read(BLOCK)
        if len(extension) < BLOCK:
            raise Damaged(f"it ends in the middle, after {stream.position} bytes")
        more = extension[504]
    return _number(block, 483, 495)
