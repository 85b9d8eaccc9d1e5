"""From a process to a file and back, in constant memory."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from djdock.backup.folder import Partial

#: How much is read at once, in bytes; also the pipes' size, where the kernel lets one choose it.
CHUNK = 1024 * 1024

#: gzip's container around zlib's stream.
_GZIP = 16 + zlib.MAX_WBITS


def receive(process: subprocess.Popen[bytes], part: Partial, *, pack: bool = False) -> None:
    """Writes what a process prints to ``part``; ``pack`` compresses it on the way, as gzip does.

    Raises MissingError when the disk is full. That the process has succeeded is seen to by
    :meth:`djdock.shell.Shell.piped`.
    """
    assert process.stdout is not None
    widen(process.stdout)
    packer = zlib.compressobj(level=4, wbits=_GZIP) if pack else None
    for chunk in chunks(process.stdout):
        part.write(packer.compress(chunk) if packer else chunk)
    if packer:
        part.write(packer.flush())


def send(path: Path, process: subprocess.Popen[bytes], *, unpack: bool = False) -> None:
    """Writes a file to a process's stdin and closes that; ``unpack`` undoes gzip.

    Raises BrokenPipeError when the process has ended before, and ValueError for a file that is not
    whole.
    """
    assert process.stdin is not None
    widen(process.stdin)
    unpacker = zlib.decompressobj(wbits=_GZIP) if unpack else None
    with path.open("rb", buffering=0) as file:
        for chunk in chunks(file):
            if unpacker is None:
                process.stdin.write(chunk)
                continue
            while chunk:
                try:
                    process.stdin.write(unpacker.decompress(chunk, CHUNK))
                except zlib.error as error:
                    raise ValueError(path) from error
                chunk = unpacker.unconsumed_tail
    if unpacker and not unpacker.eof:
        raise ValueError(path)
    process.stdin.close()


def checksum(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def chunks(source: IO[bytes]) -> Iterator[bytes]:
    """What ``source`` has, in pieces of at most :data:`CHUNK` bytes, as they come."""
    read = getattr(source, "read1", source.read)
    while chunk := read(CHUNK):
        yield chunk


def widen(pipe: IO[bytes]) -> None:
    """Makes a pipe as large as one chunk: fewer turns for the same bytes."""
    with suppress(OSError, AttributeError):
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, CHUNK)
