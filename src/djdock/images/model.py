"""What an image is made of, as it is read from a stream: layers, and the entries of their archives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of a layer's archive. ``size`` is that of a regular file's content, else 0."""

    path: str  # without a leading slash or a trailing one; bytes that are no UTF-8 as surrogates
    kind: str  # file, dir, symlink, hardlink, char, block, fifo
    size: int = 0
    mode: int = 0
    uid: int = 0
    gid: int = 0
    target: str = ""  # of symbolic and hard links
    digest: bytes = b""  # of a regular file's content


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: what it adds and what it takes away of the layers below it."""

    index: int
    digest: str  # the diff id: sha256 of the uncompressed archive
    instruction: str  # of the history, "" where there is none
    size: int  # the sum of its entries' sizes, in bytes
    archive_size: int  # the uncompressed archive's own size, in bytes
    entries: Sequence[Entry] = ()
    whiteouts: Sequence[str] = ()  # paths of the layers below that it removes
    opaque: Sequence[str] = ()  # folders of which it hides everything below
    compressed_size: int | None = None  # as a registry holds it, in bytes, where it was asked for


@dataclass(frozen=True, slots=True)
class Image:
    """A whole image. ``contents`` holds the small files that were asked for, by path, of the final
    file system."""

    name: str
    id: str
    config: Mapping[str, Any] = field(default_factory=dict)
    layers: Sequence[Layer] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
