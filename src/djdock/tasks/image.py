"""Images: build them, and see how large they are."""

from __future__ import annotations

import json as jsonlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from djdock import engine, table
from djdock.errors import CheckFailed, UsageError
from djdock.images import build as builds
from djdock.images import host
from djdock.stack import addons
from djdock.stack.plan import docker_for, is_blind
from djdock.tasks._task import Job, note, task
from djdock.units import human, size

if TYPE_CHECKING:
    from djdock.images.bases import Built, Row


@task(
    help={
        "variant": "The variant to build; default: the one in [tool.djdock], else multi.",
        "all": "Build every variant.",
        "no_cache": "Build every step again.",
        "pull": "Look for a newer base image.",
        "platform": "Build for these platforms: linux/amd64,linux/arm64.",
        "tag": "Name the image so; default: <stack>:<variant>.",
        "push": "Push to the registry that the tag names, in place of loading into the engine.",
    }
)
def build(
    job: Job,
    variant: str = "",
    all: bool = False,  # noqa: A002 - the flag's name
    no_cache: bool = False,
    pull: bool = False,
    platform: str = "",
    tag: str = "",
    push: bool = False,
) -> None:
    """Build the site's image."""
    from djdock.images import choose

    if all and (variant or tag):
        raise UsageError("--all goes with neither --variant nor --tag.", "Leave one of them out.")
    if push and not tag:
        raise UsageError(
            "There is nowhere to push to.",
            "Name the image: --tag registry.example.org/team/site:1.0",
        )
    docker = docker_for(job.shell)
    for name in job.config.variants if all else [job.config.variant(variant or None)]:
        contexts: dict[str, str] = {}
        if not is_blind(job.shell):
            official = builds.bases(job.config, name)
            chosen = choose.choose(job.config, job.shell, note, bases=official, ask_again=pull)
            contexts = chosen.contexts
        if contexts and platform:
            raise UsageError(
                f"`{next(iter(contexts))}` is replaced by a stand-in, which is for this machine's "
                "platform only.",
                "Reach a registry to build for others, or leave out --platform.",
            )
        asked = builds.Build(
            tag=tag or job.config.image(name),
            no_cache=no_cache,
            # A stand-in is nowhere but here, so there is nothing newer to look for.
            pull=pull and not contexts,
            platform=platform,
            push=push,
            contexts=contexts,
        )
        builds.run(job.config, job.shell, docker, name, asked)


@task(
    name="image-size",
    help={
        "variant": "Only this variant; default: every variant that is built, with --max the one run.",
        "max": "Fail with exit code 1 if an image is larger: 150MB (decimal) or 143MiB (binary).",
        "json": "The figures as JSON.",
    },
)
def image_size(
    job: Job,
    variant: str = "",
    max: str = "",  # noqa: A002 - the flag's name
    json: bool = False,
) -> None:
    """Show how large the images are, and check them against a limit."""
    from djdock.images import size as sizes

    limit = size(max, what="--max") if max else None
    # A limit is for the image that is run, not for those that it is compared with.
    all_of_them = not variant and not max
    names = list(job.config.variants) if all_of_them else [job.config.variant(variant or None)]
    images = [job.config.image(name) for name in names]
    if job.shell.dry:
        job.shell.run([job.docker, "image", "inspect", *images])
        return
    with engine.client() as sdk:
        if all_of_them:
            images = [image for image in images if engine.image_id(sdk, image)] or images[:1]
        measured = sizes.measure(sdk, images)
    too_large = [] if limit is None else sizes.over(measured, limit)
    if json:
        result = {
            "version": 1,
            "images": [item.as_dict() for item in measured],
            "max": limit,
            "ok": not too_large,
        }
        print(jsonlib.dumps(result, indent=2))
    else:
        rows = [(i.image, human(i.size), i.size, i.layers, i.user, i.store) for i in measured]
        headers = ("image", "size", "bytes", "layers", "user", "store")
        print(table.plain(rows, headers, right="size|bytes|layers"))
    if too_large:
        raise CheckFailed(
            too_large[0], "`docker history` shows its layers; a larger --max lets it pass."
        )


@task(
    help={
        "list": "Only list them: what is here, and which would be used.",
        "only": "Only these, by name: python-slim,postgres.",
        "all": "Those of every add-on, too.",
        "force": "Build them again, also when they are current.",
        "json": "The result as JSON.",
    }
)
def bases(
    job: Job,
    list: bool = False,  # noqa: A002 - the flag's name
    only: str = "",
    all: bool = False,  # noqa: A002 - the flag's name
    force: bool = False,
    json: bool = False,
) -> None:
    """Build the stand-ins for official images: the bases, and what the add-ons start from."""
    from djdock.images import bases as standins

    if all and only:
        raise UsageError("--all does not go with --only.", "Leave one of them out.")
    wanted = standins.choose(name for name in only.split(",") if name)
    if not wanted and not all and not list:
        services = addons.images(job.config.addons_dir, job.config.addons).values()
        wanted = standins.usual([f"python:{job.config.table.python}-slim", *services])
    if job.shell.dry:
        names = ", ".join(base.standin for base in wanted or standins.BASES.values())
        note(f"Would {'list' if list else 'build'} {names}.")
        return
    job.require_engine()
    if list:
        rows = standins.listing(job.config.table.bases, job.shell, only=wanted)
        _show_bases([_listed(row) for row in rows], json=json)
        return
    ca = host.ca_bundle(job.config, os.environ)
    made = standins.ensure(
        wanted or standins.BASES.values(), job.shell, force=force, note=note, ca=ca
    )
    _show_bases([_made(item) for item in made], json=json)


def _listed(row: Row) -> dict[str, Any]:
    return {
        "base": row.base.name,
        "official": row.base.official,
        "stand_in": row.base.standin,
        "state": "not built" if row.image is None else "current" if row.current else "outdated",
        "size": row.image.size if row.image else None,
        "created": row.image.created.isoformat(timespec="seconds") if row.image else None,
        "used": row.resolution.image if row.resolution else None,
        "reason": row.resolution.reason if row.resolution else None,
    }


def _made(item: Built) -> dict[str, Any]:
    return {
        "base": item.base.name,
        "official": item.base.official,
        "stand_in": item.base.standin,
        "state": "built" if item.built else "current",
        "size": item.image.size,
        "seconds": round(item.seconds, 1),
    }


def _show_bases(rows: Sequence[dict[str, Any]], *, json: bool) -> None:
    if json:
        print(jsonlib.dumps({"version": 1, "bases": rows}, indent=2))
        return
    headers = [*rows[0]] if rows else []
    cells = [
        [human(row[name]) if name == "size" and row[name] else row[name] or "" for name in headers]
        for row in rows
    ]
    print(table.plain(cells, [name.replace("_", "-") for name in headers], right="size|seconds"))
