"""Whether one library can stand in for another: by the symbols asked of it, version for version."""

import re
import struct
from dataclasses import dataclass
from pathlib import Path

DYNSYM, VERDEF, VERNEED, VERSYM = 11, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF

#: What auditwheel makes of a library's name: libssl.so.3 is then libssl-8bd944e8.so.3.
RENAMED = re.compile(r"^(?P<stem>.+?)-[0-9a-f]{8}(?P<rest>\.so(\.[0-9.]+)?)$")


def original(name):
    """The name that a library had before auditwheel copied it into a wheel, or None."""
    match = RENAMED.match(name)
    return match["stem"] + match["rest"] if match else None


#: How libraries whose file name has no more than the soname say what they are.
STATED = re.compile(rb"\bOpenSSL (\d+)\.(\d+)\.\d+\b")


def series(path):
    """The release series of a library, (3, 5) for 3.5.7, from its file name or its text; or None.

    Distributions patch a release without renumbering it, so the third number says nothing.
    """
    digits = re.findall(r"\d+", Path(path).name.rpartition(".so")[2])
    if len(digits) > 1:
        return tuple(int(digit) for digit in digits[:2])
    found = set(STATED.findall(Path(path).read_bytes()))
    return tuple(int(digit) for digit in found.pop()) if len(found) == 1 else None


@dataclass(frozen=True)
class Symbols:
    """Pairs of a symbol and its version, "" where there is none."""

    defined: frozenset
    #: The third is the library that the version is of, "" where the file does not say.
    wanted: frozenset


def read(path):
    """The Symbols of a 64-bit little-endian file; None for others, or without a section table."""
    data = Path(path).read_bytes()
    try:
        return _parse(data) if data[:6] == b"\x7fELF\x02\x01" else None
    except (struct.error, IndexError, ValueError, KeyError):
        return None


def _parse(data):
    offset = struct.unpack_from("<Q", data, 40)[0]
    size, count = struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, offset + i * size) for i in range(count)]
    by_type = {section[1]: section for section in sections}
    table = by_type[DYNSYM]
    strings = sections[table[6]][4]
    versions = by_type.get(VERSYM)
    defined_versions = _verdef(data, by_type.get(VERDEF), sections)
    wanted_versions = _verneed(data, by_type.get(VERNEED), sections)
    defined, wanted = set(), set()
    for i in range(1, table[5] // 24):
        name, info, _, section, _, _ = struct.unpack_from("<IBBHQQ", data, table[4] + i * 24)
        index = struct.unpack_from("<H", data, versions[4] + 2 * i)[0] & 0x7FFF if versions else 1
        text = _text(data, strings + name)
        if section:
            defined.add((text, defined_versions.get(index, "")))
        elif info >> 4 != 2:  # a weak symbol may stay undefined
            wanted.add((text, *wanted_versions.get(index, ("", ""))))
    return Symbols(frozenset(defined), frozenset(wanted))


def _verdef(data, section, sections):
    found = {}
    if section:
        strings, at = sections[section[6]][4], section[4]
        for _ in range(section[7]):
            _, _, index, _, _, aux, following = struct.unpack_from("<HHHHIII", data, at)
            name = struct.unpack_from("<I", data, at + aux)[0]
            found[index & 0x7FFF] = _text(data, strings + name)
            at += following
    return found


def _verneed(data, section, sections):
    """Index -> version and library."""
    found = {}
    if section:
        strings, at = sections[section[6]][4], section[4]
        for _ in range(section[7]):
            _, count, file, aux, following = struct.unpack_from("<HHIII", data, at)
            place = at + aux
            for _ in range(count):
                _, _, index, name, step = struct.unpack_from("<IHHII", data, place)
                found[index & 0x7FFF] = (_text(data, strings + name), _text(data, strings + file))
                place += step
            at += following
    return found


def _text(data, at):
    return data[at : data.index(b"\0", at)].decode()


def stands_in(theirs, ours, users):
    """Whether the library ``ours`` has all that ``users`` (Symbols) may ask of ``theirs``.

    What is asked of it by version must be there in that version; what is asked without one must be
    there if it was there before.
    """
    name, before, now = Path(theirs).name, read(theirs), read(ours)
    if before is None or now is None or any(user is None for user in users):
        return False
    plain_before = {symbol for symbol, _ in before.defined}
    plain_now = {symbol for symbol, _ in now.defined}
    for user in users:
        for symbol, version, file in user.wanted:
            if file == name and (symbol, version) not in now.defined:
                return False
            if not file and symbol in plain_before and symbol not in plain_now:
                return False
    return True
