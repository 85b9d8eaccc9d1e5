"""Which image a command line means: a variant's, another of the engine's, or one in an archive."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from djdock import engine
from djdock.errors import UsageError
from djdock.narration import note

# What reads images is imported by the functions that do: no other task shall wait for it.
if TYPE_CHECKING:
    from djdock.images.model import Image
    from djdock.images.opened import Opened
    from djdock.tasks._task import Job

#: The three ways to say it, as help.
HELP = {
    "image": (
        "A variant, an image or an archive; default: the default variant. "
        "With --archive: which one in it."
    ),
    "variant": "This variant's image.",
    "archive": "An archive, by `docker save` or any OCI tool, in place of the engine's; - is stdin.",
}

_STDIN = Path("-")


@dataclass(frozen=True)
class Which:
    """An image. ``name`` is the engine's, or that in ``archive``, where "" means its only one."""

    name: str
    archive: Path | None = None

    def __str__(self) -> str:
        if self.archive is None:
            return self.name
        where = "standard input" if self.archive == _STDIN else str(self.archive)
        return f"{self.name} in {where}" if self.name else where

    def read(self, *, compressed: bool = False) -> Image:
        """Its layers and files; raises what :func:`djdock.images.archive.read` raises."""
        from djdock.images import archive

        self._say()
        if self.archive is None:
            return archive.read(self.name, compressed=compressed)
        return archive.read(self.archive, wanted=self.name, compressed=compressed)

    def open(self, *, compressed: bool = False) -> Opened:
        """The same, and whose its bytes are."""
        from djdock.images import opened

        if self.archive is not None:
            self._say()
            return opened.from_archive(self.archive, wanted=self.name, compressed=compressed)
        with engine.client() as sdk:
            self._say()
            return opened.from_engine(sdk, self.name, compressed=compressed)

    def _say(self) -> None:
        if sys.stderr.isatty():  # a large image takes some seconds
            note(f"Reading {self} …")


def which(job: Job, image: str, variant: str, archive: str) -> Which:
    """The image that IMAGE, --variant and --archive mean together; of nothing, the default variant's.

    Raises UsageError where they do not go together or the variant is none.
    """
    if variant and (image or archive):
        raise UsageError("--variant goes with neither IMAGE nor --archive.", "Give one of them.")
    if archive:
        return Which(image, _STDIN if archive == "-" else _path(job, archive))
    if image:
        return named(job, image)
    return Which(job.config.image(job.config.variant(variant or None)))


def named(job: Job, word: str) -> Which:
    """What one word means: a variant, else an archive's file, else an image of the engine."""
    if word in job.config.variants:
        return Which(job.config.image(word))
    path = _path(job, word)
    # No image has a name that begins like a path, so a file is meant, there or not.
    if path.is_file() or word.startswith(("/", "./", "../", "~")):
        return Which("", path)
    return Which(word)


def _path(job: Job, given: str) -> Path:
    # Tasks work in the project's root, whoever calls them in a subfolder means that.
    return job.called_from / Path(given).expanduser()
