"""The pieces of an image archive, each summarised as it passes: layers and JSON documents.

Which is which is told from the content alone: layouts name their files in many ways, and the
manifest that tells may come last.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from djdock.images import tar
from djdock.images.model import Entry
from djdock.images.stream import Damaged, Stream, packing, tap, unpacked

#: Which files' contents to hold on to: (path, size in bytes) -> yes or no.
Keep = Callable[[str, int], bool]

#: The largest JSON document that is held, in bytes. Configurations are some kB; bills of materials,
#: which nobody here reads, can be large.
MOST_JSON = 8 << 20

#: Of whiteouts: https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
WHITEOUT, META, OPAQUE = ".wh.", ".wh..wh.", ".wh..wh..opq"


class Meter(Protocol):
    """Something that sees every byte of a layer's uncompressed archive."""

    def feed(self, chunk: bytes | memoryview) -> object:
        """Takes the next bytes."""

    def close(self) -> int:
        """What was measured."""


@dataclass(slots=True)
class LayerBlob:
    """What a layer's archive holds."""

    entries: Sequence[Entry]
    whiteouts: Sequence[str]
    opaque: Sequence[str]
    kept: dict[str, bytes]
    archive_size: int  # uncompressed, in bytes
    compressed: int | None = None  # in bytes, when it was asked for
    digest: str = ""  # of the uncompressed archive, hexadecimal, when it was asked for


@dataclass(slots=True)
class Blob:
    """One file of the image archive: JSON, a layer, or neither (``problem`` says why)."""

    size: int
    json: bytes | None = None
    layer: LayerBlob | None = None
    problem: str = ""
    digest: str = ""  # of the file as it is, hexadecimal, when it was asked for


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of blobs. ``verify`` takes their digests, too."""

    keep: Keep
    verify: bool = False
    meter: Callable[[], Meter] | None = None


def read(stream: Stream, size: int, options: Options) -> Blob:
    """Reads the stream's next ``size`` bytes as one blob."""
    raw = hashlib.sha256()
    chunks = stream.exactly(size)
    inner = Stream(tap(chunks, raw.update) if options.verify else chunks)
    blob = Blob(size)
    head = inner.peek(tar.BLOCK)
    if size == 0 or packing(head) or not head.strip(b"\0") or tar.is_header(head):
        blob.layer = _layer(inner, packing(head), size, options)
    elif head.lstrip()[:1] in (b"{", b"["):
        if size <= MOST_JSON:
            blob.json = b"".join(inner.rest())
        else:
            blob.problem = "is a JSON document of more than 8 MiB"
    else:
        blob.problem = "is neither a tar archive nor JSON"
    inner.drain()
    if options.verify:
        blob.digest = raw.hexdigest()
    return blob


def _layer(stream: Stream, packed: str, size: int, options: Options) -> LayerBlob:
    whole = hashlib.sha256()
    meter = options.meter() if options.meter and not packed else None
    sinks = [whole.update] if options.verify else []
    plain = Stream(tap(unpacked(stream), *sinks, *([meter.feed] if meter else ())))
    layer = _entries(plain, options.keep)
    layer.archive_size = plain.drain()
    layer.digest = whole.hexdigest() if options.verify else ""
    if options.meter is not None:
        # A registry holds a packed layer as it is.
        layer.compressed = meter.close() if meter else size
    return layer


def _entries(stream: Stream, keep: Keep) -> LayerBlob:
    found: dict[str, Entry] = {}
    whiteouts: list[str] = []
    opaque: list[str] = []
    kept: dict[str, bytes] = {}
    for member in tar.members(stream):
        path = clean(member.name)
        folder, _, name = path.rpartition("/")
        if name.startswith(WHITEOUT):
            if name == OPAQUE:
                opaque.append(folder)
            elif not name.startswith(META) and name != WHITEOUT:
                whiteouts.append(f"{folder}/{name[4:]}" if folder else name[4:])
            continue
        if not path:
            continue  # the root itself
        if path in found:
            # Twice in one archive: whoever unpacks it has the last one.
            del found[path]
            kept.pop(path, None)
        digest = b""
        if member.kind == "file" and not member.sparse:
            held: list[memoryview | bytes] | None = [] if keep(path, member.size) else None
            digest = _digest(stream, member.stored, held)
            if held is not None:
                kept[path] = b"".join(held)
        target = clean(member.target) if member.kind == "hardlink" else member.target
        found[path] = Entry(
            path, member.kind, member.size, member.mode, member.uid, member.gid, target, digest
        )
    return LayerBlob(list(found.values()), whiteouts, opaque, kept, 0)


def _digest(stream: Stream, size: int, held: list[memoryview | bytes] | None) -> bytes:
    """The SHA-256 of the next bytes, which ``held`` gets, too."""
    # The fastest that hashlib has, on every processor with instructions for it: twice BLAKE2's speed.
    sha256 = hashlib.sha256()
    for view in stream.exactly(size):
        sha256.update(view)
        if held is not None:
            held.append(bytes(view))
    return sha256.digest()


def clean(name: str) -> str:
    """A member's name as a path below the root: without ``./``, a leading or trailing slash, ``..``.

    ``..`` does not lead out of the root, as nothing does in a container (containerd's RootPath).
    """
    if name.startswith(("/", "./", "../")) or "/." in name or "//" in name or name == ".":
        return posixpath.normpath("/" + name).strip("/")
    return name.rstrip("/") if name != ".." else ""


def require_layer(blob: Blob, name: str) -> LayerBlob:
    """The blob as a layer. Raises Damaged, naming the blob, when it is none."""
    if blob.layer is None:
        raise Damaged(f"{name} {blob.problem or 'is JSON where a layer should be'}")
    return blob.layer
