"""Images: what is in them, layer by layer and file by file."""

from __future__ import annotations

import json as jsonlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from djdock import engine
from djdock.errors import UsageError, one_of
from djdock.images import orders
from djdock.tasks._task import Job, note, task
from djdock.units import size

if TYPE_CHECKING:
    from djdock.images.model import Image

_WHICH = {
    "image": "The image; default: that of the default variant. With --archive: which one in it.",
    "variant": "This variant's image.",
    "archive": "An archive, by `docker save` or any OCI tool, in place of the engine's; - is stdin.",
}


@task(
    optional_positional=["image"],
    help={
        **_WHICH,
        "sort": f"Order by: {', '.join(orders.LAYERS)}.",
        "min": "Show layers from this size on: 1MB.",
        "compressed": "Measure what a registry would hold, too; takes a second for 100 MB.",
        "json": "The figures as JSON.",
    },
)
def layers(
    job: Job,
    image: str,
    variant: str = "",
    archive: str = "",
    sort: str = "order",
    min: str = "",  # noqa: A002 - the flag's name
    compressed: bool = False,
    json: bool = False,
) -> None:
    """Show an image's layers: size, files, instruction, and what is wasted."""
    from djdock.images import layers as images_layers
    from djdock.images import layers_view, origin
    from djdock.images import size as sizes

    if sort not in orders.LAYERS:
        raise one_of("order", sort, orders.LAYERS)
    least = size(min, what="--min") if min else 0
    name = _name(job, image, variant, archive)
    if job.shell.dry:
        note(f"Would read {archive or name}.")
        return
    counted = base = None
    found = _read(archive, name, compressed=compressed)
    if not archive:
        with engine.client() as sdk:
            counted = sizes.measure(sdk, [name])[0]
            base = origin.base(sdk, [layer.digest for layer in found.layers])
    found = _masked(job, found)
    figures = images_layers.figures(found)
    shown = layers_view.chosen(figures, sort=sort, least=least)
    if json:
        data = layers_view.data(found, figures, shown, counted=counted, base=base)
        print(jsonlib.dumps(data, indent=2))
    else:
        print(layers_view.text(found, figures, shown, counted=counted, base=base, width=_width()))


@task(
    optional_positional=["image"],
    help={
        **_WHICH,
        "top": "Show so many files, and so many groups of equal ones.",
        "min": "Show files from this size on: 1MB.",
        "json": "The figures as JSON.",
    },
)
def files(
    job: Job,
    image: str,
    variant: str = "",
    archive: str = "",
    top: int = 20,
    min: str = "",  # noqa: A002 - the flag's name
    json: bool = False,
) -> None:
    """Show an image's largest files, equal files and setuid files."""
    from djdock.images import files as images_files
    from djdock.images import files_view

    if top < 1:
        raise UsageError(f"--top is {top}.", "Give a number above 0.")
    least = size(min, what="--min") if min else 0
    name = _name(job, image, variant, archive)
    if job.shell.dry:
        note(f"Would read {archive or name}.")
        return
    found = _read(archive, name)
    listed = images_files.find(found)
    if json:
        print(jsonlib.dumps(files_view.data(found, listed, top=top, least=least), indent=2))
    else:
        print(files_view.text(found, listed, top=top, least=least, width=_width()))


def _width() -> int:
    return shutil.get_terminal_size((120, 24)).columns


def _name(job: Job, image: str, variant: str, archive: str) -> str:
    """The image that is meant; of an archive, "" means its only one."""
    if variant and (image or archive):
        raise UsageError("--variant goes with neither IMAGE nor --archive.", "Give one of them.")
    if image or archive:
        return image
    return job.config.image(job.config.variant(variant or None))


def _read(archive: str, name: str, *, compressed: bool = False) -> Image:
    from djdock.images import archive as archives  # decompressors, which no other task needs

    if sys.stderr.isatty():  # a large image takes some seconds
        note(f"Reading {archive or name} …")
    if archive:
        return archives.read(Path(archive), wanted=name, compressed=compressed)
    return archives.read(name, compressed=compressed)


def _masked(job: Job, image: Image) -> Image:
    """The image without the project's secrets in its instructions: a build argument may be one."""
    return replace(
        image,
        layers=[
            replace(item, instruction=job.shell.mask(item.instruction)) for item in image.layers
        ],
    )
