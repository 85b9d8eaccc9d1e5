"""Bytes that come once and in order: chunks in, views out, nothing held for longer than a chunk.

Every decompressor hands out at most :data:`MOST` bytes at a time, so that no archive, however well
it is packed, takes more memory than another.
"""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: The largest piece that a decompressor hands out, in bytes.
MOST = 1 << 20


class Damaged(Exception):
    """What is read is not what it should be; the text is a clause that says in which way."""


class Stream:
    """Reads chunks of any size as if they were one piece. ``position`` counts what was consumed."""

    __slots__ = ("_at", "_before", "_chunks", "_view")

    def __init__(self, chunks: Iterable[bytes | memoryview]) -> None:
        self._chunks = iter(chunks)
        self._view = memoryview(b"")
        self._at = 0
        self._before = 0  # bytes of the chunks before this one

    @property
    def position(self) -> int:
        """How many bytes were consumed."""
        return self._before + self._at

    def _more(self) -> bool:
        for chunk in self._chunks:
            if len(chunk):
                self._before += len(self._view)
                self._view, self._at = memoryview(chunk), 0
                return True
        return False

    def read(self, size: int) -> bytes:
        """``size`` bytes; fewer only where the stream ends."""
        end = self._at + size
        if end <= len(self._view):
            found = bytes(self._view[self._at : end])
            self._at = end
            return found
        return b"".join(self.upto(size))

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes, which stay to be read; fewer only where the stream ends."""
        if self._at + size > len(self._view):
            left = self.position
            found = self.read(size)
            rest = bytes(self._view[self._at :])
            self._before, self._view, self._at = left, memoryview(found + rest), 0
        return bytes(self._view[self._at : self._at + size])

    def upto(self, size: int) -> Iterator[memoryview]:
        """The next ``size`` bytes as views, which hold until the next one is asked for."""
        while size > 0:
            if self._at == len(self._view) and not self._more():
                return
            view = self._view[self._at : self._at + size]
            self._at += len(view)
            size -= len(view)
            yield view

    def exactly(self, size: int) -> Iterator[memoryview]:
        """As :meth:`upto`; raises Damaged where the stream ends before."""
        end = self.position + size
        yield from self.upto(size)
        if self.position != end:
            raise Damaged(f"it ends in the middle, after {self.position} bytes")

    def rest(self) -> Iterator[memoryview]:
        """Everything that is left."""
        while self._at < len(self._view) or self._more():
            view = self._view[self._at :]
            self._at = len(self._view)
            yield view

    def drain(self) -> int:
        """Passes over everything that is left; returns the length of the whole stream, in bytes."""
        for _ in self.rest():
            pass
        return self.position


def tap(
    chunks: Iterable[bytes | memoryview], *sinks: Callable[[bytes | memoryview], object]
) -> Iterator[bytes | memoryview]:
    """The same chunks; each sink sees every one of them before it is handed on."""
    for chunk in chunks:
        for sink in sinks:
            sink(chunk)
        yield chunk


class _Decompressor(Protocol):
    """What bz2, lzma and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, max_length: int = -1, /) -> bytes: ...


class _Gzip:
    """zlib's decompressor with that interface."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes | memoryview, max_length: int = -1, /) -> bytes:
        waiting = self._zlib.unconsumed_tail
        return self._zlib.decompress(b"".join((waiting, data)) if waiting else data, max_length)


#: How packed data begins, and what unpacks it. The last two are what zstd:chunked begins with.
_FORMATS: tuple[tuple[bytes, str, Callable[[], _Decompressor]], ...] = (
    (b"\x1f\x8b\x08", "gzip", _Gzip),
    (b"\x28\xb5\x2f\xfd", "zstd", zstd.ZstdDecompressor),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMADecompressor),
    *(
        (bytes((n, 0x2A, 0x4D, 0x18)), "zstd", zstd.ZstdDecompressor)
        for n in range(0x50, 0x60)  # skippable frames
    ),
)
_ERRORS = (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError, zstd.ZstdError)


def packing(head: bytes) -> str:
    """How data that begins with ``head`` is packed: gzip, zstd, bzip2, xz, or "" when it is not."""
    return next((name for magic, name, _ in _FORMATS if head.startswith(magic)), "")


def unpacked(stream: Stream) -> Iterator[bytes | memoryview]:
    """What the stream holds, unpacked when it is packed. Raises Damaged where it cannot be."""
    kind = packing(stream.peek(6))
    if not kind:
        return stream.rest()
    make = next(make for _, name, make in _FORMATS if name == kind)
    return _unpack(stream, kind, make)


def _unpack(stream: Stream, kind: str, make: Callable[[], _Decompressor]) -> Iterator[bytes]:
    decoder = make()
    begun = False  # the present frame; there may be many, one after the other
    for chunk in stream.rest():
        data: bytes | memoryview = chunk
        while True:
            if not begun:
                data = bytes(data).lstrip(b"\0")  # padding
                if not data:
                    break
                begun = True
            try:
                found = decoder.decompress(data, MOST)
            except _ERRORS as error:
                raise Damaged(f"its {kind} data cannot be unpacked ({error})") from error
            if found:
                yield found
            data = b""
            if decoder.eof:
                data, decoder, begun = decoder.unused_data, make(), False
            elif decoder.needs_input:
                break
    if begun:
        raise Damaged(f"its {kind} data ends in the middle")
