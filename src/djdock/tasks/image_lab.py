"""Images: what is in them, layer by layer and file by file."""

from __future__ import annotations

import json as jsonlib
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from djdock import engine
from djdock.errors import UsageError, one_of
from djdock.images import orders
from djdock.tasks import _which
from djdock.tasks._task import Job, note, task
from djdock.units import size

if TYPE_CHECKING:
    from djdock.images.model import Image


@task(
    optional_positional=["image"],
    help={
        **_which.HELP,
        "sort": f"Order by: {', '.join(orders.LAYERS)}.",
        "top": "Show so many layers, the first in that order; default: all.",
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
    top: int = 0,
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
    if top < 0:
        raise UsageError(f"--top is {top}.", "Give a number from 1 on, or 0 for all.")
    least = size(min, what="--min") if min else 0
    meant = _which.which(job, image, variant, archive)
    if job.shell.dry:
        note(f"Would read {meant}.")
        return
    counted = base = None
    found = meant.read(compressed=compressed)
    if meant.archive is None:
        with engine.client() as sdk:
            counted = sizes.measure(sdk, [meant.name])[0]
            base = origin.base(sdk, [layer.digest for layer in found.layers])
    found = _masked(job, found)
    figures = images_layers.figures(found)
    shown = layers_view.chosen(figures, sort=sort, least=least, top=top)
    if json:
        data = layers_view.data(found, figures, shown, counted=counted, base=base)
        print(jsonlib.dumps(data, indent=2))
    else:
        print(layers_view.text(found, figures, shown, counted=counted, base=base, width=_width()))


@task(
    optional_positional=["image"],
    help={
        **_which.HELP,
        "sort": f"Order by: {', '.join(orders.FILES)}; of the largest ones.",
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
    sort: str = "size",
    top: int = 20,
    min: str = "",  # noqa: A002 - the flag's name
    json: bool = False,
) -> None:
    """Show an image's largest files, equal files and setuid files."""
    from djdock.images import files as images_files
    from djdock.images import files_view

    if sort not in orders.FILES:
        raise one_of("order", sort, orders.FILES)
    if top < 1:
        raise UsageError(f"--top is {top}.", "Give a number above 0.")
    least = size(min, what="--min") if min else 0
    meant = _which.which(job, image, variant, archive)
    if job.shell.dry:
        note(f"Would read {meant}.")
        return
    found = meant.read()
    listed = images_files.find(found)
    if json:
        data = files_view.data(found, listed, sort=sort, top=top, least=least)
        print(jsonlib.dumps(data, indent=2))
    else:
        print(files_view.text(found, listed, sort=sort, top=top, least=least, width=_width()))


def _width() -> int:
    return shutil.get_terminal_size((120, 24)).columns


def _masked(job: Job, image: Image) -> Image:
    """The image without the project's secrets in its instructions: a build argument may be one."""
    return replace(
        image,
        layers=[
            replace(item, instruction=job.shell.mask(item.instruction)) for item in image.layers
        ],
    )
