"""Reads an image in one pass: from the engine, as `docker save` gets it, or from an archive.

Nothing is written to disk, and of each blob only a summary is held: blobs come in any order, and
the manifest that puts them in order may be the last of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from djdock import engine
from djdock.errors import DjdockError, MissingError, UsageError
from djdock.images import blobs, filesystem, gzipped, layout, tar
from djdock.images.blobs import Blob, Keep, Options
from djdock.images.model import Image, Layer
from djdock.images.stream import Damaged, Stream, unpacked
from djdock.images.wording import printable, shortened

#: How much is read from a file or the engine at a time, in bytes.
CHUNK = 1 << 20

#: How long the engine may take to prepare an image before its first byte, in seconds.
PREPARING = 1800.0

#: How many links may lead to a layer.
_LINKS = 8


def nothing(_path: str, _size: int) -> bool:
    """Keeps no file's contents."""
    return False


def read(
    source: str | Path, keep: Keep = nothing, *, wanted: str = "", compressed: bool = False
) -> Image:
    """Reads an image: a name is the engine's, a Path an archive's (``-`` is standard input).

    ``keep`` says whose contents to hold; ``wanted`` which image of an archive with several;
    ``compressed`` measures what a registry would hold. An archive's digests are verified, an
    engine's are its own affair. Raises MissingError for what is not there and UsageError for an
    archive that is no whole image.
    """
    if isinstance(source, str):
        return _from_engine(source, keep, compressed=compressed)
    meter = gzipped.Meter if compressed else None
    name = "Standard input" if str(source) == "-" else str(source)
    with _open(source) as chunks, _blaming(name):
        outer = Stream(unpacked(Stream(chunks)))
        found = _collect(outer, Options(keep, verify=True, meter=meter))
        return found.image(wanted, name)


def _from_engine(name: str, keep: Keep, *, compressed: bool) -> Image:
    meter = gzipped.Meter if compressed else None
    with engine.client(timeout=PREPARING) as sdk, _blaming(f"What the engine saves of {name}"):
        known = str(engine.inspect_image(sdk, name)["Id"])
        stream = Stream(sdk.api.get_image(name, chunk_size=CHUNK))
        return _collect(stream, Options(keep, meter=meter)).image("", name, known)


@contextmanager
def _open(path: Path) -> Iterator[Iterable[bytes]]:
    if str(path) == "-":
        yield iter(lambda: sys.stdin.buffer.read(CHUNK), b"")
        return
    try:
        with path.open("rb") as file:
            yield iter(lambda: file.read(CHUNK), b"")
    except FileNotFoundError:
        raise MissingError(
            f"There is no file {path}.", "Write one with `docker save IMAGE --output image.tar`."
        ) from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory.", "Name the archive itself.") from None
    except PermissionError:
        raise MissingError(f"{path} may not be read.", "Make it readable.") from None
    except OSError as error:
        raise DjdockError(f"{path} cannot be read: {error.strerror}.") from error


@contextmanager
def _blaming(name: str) -> Iterator[None]:
    try:
        yield
    except Damaged as error:
        raise UsageError(
            f"{name} is no whole image archive: {error}.",
            "Write it again with `docker save IMAGE --output image.tar`.",
        ) from error


@dataclass
class _Archive:
    """What an archive holds, by path."""

    blobs: dict[str, Blob] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def blob(self, path: str) -> Blob:
        """The blob under that path, through links. Raises Damaged when it is not there."""
        at = path
        for _ in range(_LINKS):
            if at in self.blobs:
                return self._verified(at)
            if at not in self.links:
                break
            at = self.links[at]
        raise Damaged(f"{_shown(path)} is not in it")

    def _verified(self, path: str) -> Blob:
        blob = self.blobs[path]
        _, _, digest = path.rpartition("blobs/sha256/")
        if blob.digest and path.startswith("blobs/sha256/") and digest != blob.digest:
            raise Damaged(f"{_shown(path)} is not what its name says: its bytes were changed")
        return blob

    def document(self, path: str) -> Any:
        """The JSON document under that path."""
        blob = self.blob(path)
        if blob.json is None:
            raise Damaged(f"{_shown(path)} {blob.problem or 'is no JSON'}")
        return layout.parse(blob.json, _shown(path))

    def image(self, wanted: str, source: str, known: str = "") -> Image:
        """The image that is meant, put in order. ``known`` is the id that the engine gave."""
        if "manifest.json" in self.blobs:
            images = layout.classic(self.document("manifest.json"))
        elif "index.json" in self.blobs:
            images = layout.oci(self.document("index.json"), self.document)
        else:
            raise Damaged(
                "it has neither manifest.json nor index.json"
                + ("" if self.blobs else ", nor any other file")
            )
        chosen = layout.choose(images, wanted, source)
        config = self.document(chosen.config)
        if not isinstance(config, dict):
            raise Damaged("its configuration does not have the form it should")
        layers = self._layers(chosen, config)
        name = source if known else wanted or next(iter(chosen.names), source)
        digest = chosen.config.rpartition("/")[2].partition(".")[0]
        return Image(
            name,
            known or f"sha256:{digest}",
            config,
            layers,
            self._contents(chosen, layers),
        )

    def _layers(self, chosen: layout.Found, config: Mapping[str, Any]) -> list[Layer]:
        rootfs = config.get("rootfs")
        diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
        ids = [str(item) for item in diff_ids] if isinstance(diff_ids, list) else []
        if ids and len(ids) != len(chosen.layers):
            has = f"{len(chosen.layers)} layer{'s' if len(chosen.layers) != 1 else ''}"
            raise Damaged(f"its manifest has {has}, its configuration {len(ids)}")
        made = instructions(config, len(chosen.layers))
        layers = []
        for index, path in enumerate(chosen.layers):
            try:
                found = blobs.require_layer(self.blob(path), _shown(path))
            except Damaged as error:
                raise Damaged(f"layer {index + 1}, {error}") from error
            digest = f"sha256:{found.digest}" if found.digest else ""
            if digest and ids and digest != ids[index]:
                raise Damaged(f"layer {index + 1} is not the one that its configuration names")
            layers.append(
                Layer(
                    index,
                    ids[index] if ids else digest,
                    made[index],
                    sum(entry.size for entry in found.entries),
                    found.archive_size,
                    found.entries,
                    found.whiteouts,
                    found.opaque,
                    found.compressed,
                )
            )
        return layers

    def _contents(self, chosen: layout.Found, layers: list[Layer]) -> dict[str, bytes]:
        kept = [blobs.require_layer(self.blob(path), path).kept for path in chosen.layers]
        if not any(kept):
            return {}
        system, _ = filesystem.merge(layers)
        return {
            path: kept[copy.layer][copy.entry.path]
            for path in sorted(system.paths)
            if (copy := system.paths[path].copy) is not None and copy.entry.path in kept[copy.layer]
        }


def _collect(stream: Stream, options: Options) -> _Archive:
    """Reads the whole archive, each blob as it comes."""
    if not stream.peek(1):
        raise Damaged("it is empty")
    found = _Archive()
    for member in tar.members(stream):
        path = layout.path_of(member.name)
        if member.kind == "symlink":
            found.links[path] = layout.path_of(f"{path.rpartition('/')[0]}/{member.target}")
        elif member.kind == "hardlink":
            found.links[path] = layout.path_of(member.target)
        elif member.kind == "file" and not member.sparse:
            try:
                found.blobs[path] = blobs.read(stream, member.stored, options)
            except Damaged as error:
                raise Damaged(f"in {_shown(path)}, {error}") from error
    stream.drain()  # the engine waits until all is read
    return found


def instructions(config: Mapping[str, Any], count: int) -> list[str]:
    """What made each of ``count`` layers, as the configuration's history has it.

    Entries without a layer are passed over. A history that does not fit the layers (some builders
    write none, or a part) tells nothing: a wrong instruction is worse than none.
    """
    history = config.get("history")
    entries = (
        [item for item in history if isinstance(item, dict)] if isinstance(history, list) else []
    )
    made = [
        str(item.get("created_by") or item.get("comment") or "").strip()
        for item in entries
        if not item.get("empty_layer")
    ]
    if len(made) != count:
        return [""] * count
    return [text.removesuffix("# buildkit").rstrip() for text in made]


def _shown(path: str) -> str:
    """A path of the archive, for a sentence: without anything that a terminal could not show."""
    return printable(shortened(path, 90))
