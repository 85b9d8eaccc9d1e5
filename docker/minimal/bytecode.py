"""Byte code that needs no source beside it and is valid whatever the files' times are."""

import importlib.util
import marshal
import struct
from pathlib import Path

#: PEP 552: the byte code carries its source's hash, and it is not compared when it is loaded.
UNCHECKED = (1).to_bytes(4, "little")
TIMED = bytes(4)
HEADER = 16


def compiled(source, name=None):
    """The contents of the .pyc of a source file, or None for one that this Python cannot compile.

    ``name`` is the path that tracebacks show. What the installer compiled already is taken over.
    """
    source = Path(source)
    data = source.read_bytes()
    head = importlib.util.MAGIC_NUMBER + UNCHECKED + importlib.util.source_hash(data)
    if name is None:
        body = _cached(source, data)
        if body:
            return head + body
    try:
        code = compile(data, name or str(source), "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError):
        return None
    return head + marshal.dumps(code)


def _cached(source, data):
    path = Path(importlib.util.cache_from_source(str(source)))
    try:
        found = path.read_bytes()
    except OSError:
        return None
    flags, key = found[4:8], found[8:HEADER]
    by_hash = flags != TIMED and key == importlib.util.source_hash(data)
    seconds, size = int(source.stat().st_mtime) & 0xFFFFFFFF, len(data) & 0xFFFFFFFF
    by_time = flags == TIMED and key == struct.pack("<LL", seconds, size)
    if found[:4] != importlib.util.MAGIC_NUMBER or not (by_hash or by_time):
        return None
    return found[HEADER:]


def cache_name(path):
    """Where the byte code of a source that stays is looked for: in __pycache__ beside it."""
    return Path(importlib.util.cache_from_source(str(path)))
