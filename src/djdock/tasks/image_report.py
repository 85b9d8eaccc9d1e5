"""Images: the report as a page to look at."""

from __future__ import annotations

import json as jsonlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from djdock import engine, whole
from djdock.errors import UsageError
from djdock.tasks import _which
from djdock.tasks._task import Job, note, task

# What reads images is imported by the functions that do: no other task shall wait for it.
if TYPE_CHECKING:
    from djdock.images.origin import Base
    from djdock.tasks._which import Which

#: What `nox -s images` writes.
MEASURED = Path("reports/images.json")


@task(
    optional_positional=["image"],
    help={
        "image": (
            "A variant, an image or an archive, or several: multi,python:3.13. "
            "Default: what `nox -s images` measured."
        ),
        "archive": _which.HELP["archive"],
        "output": "Where the page goes; default: reports/images.html, or the image's name.",
        "json": "The data as JSON; no page is written.",
    },
)
def report(job: Job, image: str, archive: str = "", output: str = "", json: bool = False) -> None:
    """Write the report as a page: what `nox -s images` measured, or what is in an image."""
    from djdock.report import html, read

    meant = _meant(job, image, archive)
    path = job.called_from / output if output else MEASURED.with_name(f"{_stem(meant)}.html")
    if path.is_dir():
        raise UsageError(f"--output is {output}, a directory.", "Name the page itself: page.html")
    if job.shell.dry:
        what = ", ".join(map(str, meant.values())) or MEASURED
        note(f"Would read {what}." if json else f"Would read {what} and write {path}.")
        return
    data = _read(job, meant) if meant else read.read(MEASURED)
    if json:
        print(jsonlib.dumps(data, indent=2))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.write(path, html.page(data))
    for item in data["variants"]:
        for problem in item["problems"]:
            note(f"{item['variant']}: {problem}")
    print(path)


def _meant(job: Job, image: str, archive: str) -> dict[str, Which]:
    """The images by what they are called on the command line; none for what was measured."""
    if archive:
        one = _which.which(job, image, "", archive)
        return {image or archive: one}
    if image and not image.strip(", "):
        raise UsageError(f"IMAGE is `{image}`.", "Name an image, or several: multi,python:3.13.")
    words = [word.strip() for word in image.split(",") if word.strip()]
    return {word: _which.named(job, word) for word in words}


def _stem(words: Iterable[str]) -> str:
    """A file's name without its end: the images' names as every file system takes them."""
    names = [Path(word).name.partition(".tar")[0] if ".tar" in word else word for word in words]
    if not names:
        return MEASURED.stem
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", "_".join(names)).strip("-.")[:100] or "image"
    # The page of what was measured has that name, and nothing else may take its place.
    return f"image-{safe}" if safe == MEASURED.stem else safe


def _read(job: Job, meant: dict[str, Which]) -> dict[str, Any]:
    """The data of images that are read now."""
    from djdock.images import contents, origin
    from djdock.images.wording import printable
    from djdock.report import data

    items, version = [], ""
    for word, which in meant.items():
        found = which.open(compressed=True)
        base: Base | None = None
        if which.archive is None:
            with engine.client() as sdk:
                base = origin.base(sdk, [layer.digest for layer in found.image.layers])
                version = version or str(sdk.version()["Version"])
        own = which.archive is None and word in job.config.variants
        items.append(
            data.variant(
                printable(word if which.archive is None else found.snapshot.name),
                contents.contents(found, base=base, mask=job.shell.mask),
                dockerfile=job.config.dockerfile(word) if own else "",
                base_image=base.image if base else "",
            )
        )
    stores = sorted({str(item["store"]) for item in items})
    return data.report(job.config.name, items, engine=version, store=", ".join(stores))
