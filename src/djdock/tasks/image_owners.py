"""Images: whose their bytes are, what changed, and the baseline."""

from __future__ import annotations

import json as jsonlib
from typing import TYPE_CHECKING

from djdock import engine
from djdock.errors import MissingError, UsageError, one_of
from djdock.images import orders
from djdock.tasks import _which
from djdock.tasks._task import Job, note, task
from djdock.units import human, size

# What reads images is imported by the functions that do: no other task shall wait for it.
if TYPE_CHECKING:
    from djdock.images.baseline import Snapshot

#: The word for the baseline where an image can stand.
BASELINE = "baseline"


@task(
    optional_positional=["image"],
    help={
        **_which.HELP,
        "sort": f"Order by: {', '.join(orders.OWNERS)}.",
        "top": f"Show so many owners; default: {orders.TOP}, with --json all.",
        "min": "Show owners from this size on: 1MB.",
        "json": "The figures as JSON.",
    },
)
def packages(
    job: Job,
    image: str,
    variant: str = "",
    archive: str = "",
    sort: str = "size",
    top: int = 0,
    min: str = "",  # noqa: A002 - the flag's name
    json: bool = False,
) -> None:
    """Show which packages the bytes of an image belong to, and what could go."""
    from djdock.images import show

    if sort not in orders.OWNERS:
        raise one_of("order", sort, orders.OWNERS)
    _positive(top)
    least = size(min, what="--min") if min else 0
    meant = _which.which(job, image, variant, archive)
    if job.shell.dry:
        note(f"Would read {meant}.")
        return
    found = meant.open()
    if json:
        data = show.packages_data(found, sort=sort, top=top, least=least)
        print(jsonlib.dumps(data, indent=2))
    else:
        print(show.packages(found, sort=sort, top=top, least=least))


@task(
    positional=["before"],
    optional_positional=["after"],
    help={
        "before": "An image, a variant, an archive, or `baseline`.",
        "after": "The same; default: the image of `before`, which then is the baseline's.",
        "sort": f"Order by: {', '.join(orders.CHANGES)}.",
        "top": f"Show so many owners; default: {orders.TOP}, with --json all.",
        "min": "Show changes from this size on: 100kB.",
        "json": "The changes as JSON.",
    },
)
def compare(
    job: Job,
    before: str,
    after: str,
    sort: str = "size",
    top: int = 0,
    min: str = "",  # noqa: A002 - the flag's name
    json: bool = False,
) -> None:
    """Show what changed between two images, or since the baseline: by owner."""
    from djdock.images import baseline as baselines
    from djdock.images import show

    if sort not in orders.CHANGES:
        raise one_of("order", sort, orders.CHANGES)
    _positive(top)
    least = size(min, what="--min") if min else 0
    words = (before, after) if after else (BASELINE, before)
    if job.shell.dry:
        note(f"Would compare {words[0]} and {words[1]}.")
        return
    one, other = (
        None if word == BASELINE else _which.named(job, word).open().snapshot for word in words
    )
    if one is None and other is None:
        raise UsageError("The baseline is the same as itself.", "Name an image to compare it with.")
    found = baselines.compare(
        one or _of_baseline(job, words[1]), other or _of_baseline(job, words[0])
    )
    if json:
        print(jsonlib.dumps(show.comparison_data(found, sort=sort, top=top, least=least), indent=2))
    else:
        print(show.comparison(found, sort=sort, top=top, least=least))


@task(
    help={
        "variant": "Only this variant; the others stay as they are. Default: all that are built.",
        "json": "What was written as JSON.",
    }
)
def baseline(job: Job, variant: str = "", json: bool = False) -> None:
    """Write images.lock.json, to commit: the size of each variant, by owner."""
    from djdock.images import baseline as baselines
    from djdock.images import opened

    path = job.config.root / baselines.FILE
    names = [job.config.variant(variant)] if variant else list(job.config.variants)
    if job.shell.dry:
        note(f"Would write {path}.")
        return
    made: dict[str, Snapshot] = {}
    with engine.client() as sdk:
        for name in names:
            tag = job.config.image(name)
            if variant or engine.image_id(sdk, tag):
                made[name] = opened.from_engine(sdk, tag).snapshot
    if not made:
        raise MissingError("No variant is built.", "`invoke build --all` builds them.")
    # A baseline that is not there yet, or of which all is new, need not be read.
    kept = baselines.read(path) if variant and path.exists() else {}
    before = baselines.dump(kept) if kept else ""
    baselines.write(path, {**kept, **made})
    if json:
        print(path.read_text(encoding="utf-8"), end="")
        return
    for name, snapshot in made.items():
        print(f"{name}: {human(snapshot.size)}, {len(snapshot.owners)} owners")
    same = before and before == path.read_text(encoding="utf-8")
    note(f"{baselines.FILE} is unchanged." if same else f"Written: {baselines.FILE}; commit it.")


def _positive(top: int) -> None:
    if top < 0:
        raise UsageError(f"--top is {top}.", "Give a number from 1 on, or 0 for the default.")


def _of_baseline(job: Job, word: str) -> Snapshot:
    """The baseline's figures of the variant that a word names."""
    from djdock.images import baseline as baselines

    variants = job.config.variants
    name = next((name for name in variants if word in (name, job.config.image(name))), "")
    if not name:
        raise UsageError(
            f"{word} is no variant, so the baseline has nothing to compare it with.",
            f"Choose from: {', '.join(variants) or 'none'}.",
        )
    kept = baselines.read(job.config.root / baselines.FILE)
    if name not in kept:
        raise MissingError(
            f"The baseline has no {name}.", f"`invoke image.baseline --variant {name}` adds it."
        )
    return kept[name]
