"""What an ELF file says about the libraries it needs: the few fields that the dynamic loader reads."""

import struct
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"\x7fELF"
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NEEDED, DT_STRTAB, DT_STRSZ, DT_SONAME, DT_RPATH, DT_RUNPATH = 1, 5, 10, 14, 15, 29


@dataclass(frozen=True)
class Elf:
    """One ELF file. Two files can be loaded together when their ``kind`` is the same."""

    kind: tuple
    needed: tuple = ()
    soname: str = ""
    rpath: tuple = ()
    runpath: tuple = ()
    interpreter: str = ""


def read(path):
    """The Elf of a file, or None for any other file; a damaged ELF file counts as any other."""
    try:
        with Path(path).open("rb") as file:
            if file.read(4) != MAGIC:
                return None
            return parse(MAGIC + file.read())
    except (OSError, struct.error, IndexError, ValueError):
        return None


def parse(data):
    """The Elf in ``data``; raises struct.error or IndexError when it is cut off."""
    wide = {1: False, 2: True}[data[4]] if data[4] in (1, 2) else None
    order = {1: "<", 2: ">"}.get(data[5])
    if wide is None or order is None:
        raise ValueError("neither 32 nor 64 bits")
    machine = struct.unpack_from(f"{order}H", data, 18)[0]
    kind = (data[4], data[5], machine)
    if wide:
        offset, size, count = (
            *struct.unpack_from(f"{order}Q", data, 32),
            *struct.unpack_from(f"{order}HH", data, 54),
        )
    else:
        offset, size, count = (
            *struct.unpack_from(f"{order}I", data, 28),
            *struct.unpack_from(f"{order}HH", data, 42),
        )
    segments = [_segment(data, offset + i * size, order, wide=wide) for i in range(count)]
    interpreter = ""
    entries = {}
    for type_, start, _, length in segments:
        if type_ == PT_INTERP:
            interpreter = _text(data, start)
        elif type_ == PT_DYNAMIC:
            entries = _dynamic(data, start, length, order, wide=wide)
    if not entries:
        return Elf(kind, interpreter=interpreter)
    strings = _file_offset(segments, entries.get(DT_STRTAB, [0])[0])

    def names(tag):
        return tuple(_text(data, strings + value) for value in entries.get(tag, ()))

    def folders(tag):
        return tuple(part for text in names(tag) for part in text.split(":") if part)

    return Elf(
        kind,
        names(DT_NEEDED),
        "".join(names(DT_SONAME)),
        folders(DT_RPATH),
        folders(DT_RUNPATH),
        interpreter,
    )


def _segment(data, at, order, *, wide):
    """Type, offset in the file, address and length of one segment."""
    if wide:
        type_, _, offset, address, _, length = struct.unpack_from(f"{order}IIQQQQ", data, at)
    else:
        type_, offset, address, _, length = struct.unpack_from(f"{order}IIIII", data, at)
    return type_, offset, address, length


def _dynamic(data, start, length, order, *, wide):
    form = f"{order}qQ" if wide else f"{order}iI"
    found = {}
    for at in range(start, start + length, struct.calcsize(form)):
        tag, value = struct.unpack_from(form, data, at)
        if tag == 0:
            break
        found.setdefault(tag, []).append(value)
    return found


def _file_offset(segments, address):
    for type_, offset, start, length in segments:
        if type_ == PT_LOAD and start <= address < start + length:
            return address - start + offset
    raise ValueError("the string table is in no segment")


def _text(data, at):
    return data[at : data.index(b"\0", at)].decode()
