"""Makes a backup: the database's snapshot, the media files, and what is known of both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from djdock.backup import folder as folders
from djdock.backup import media as media_files
from djdock.backup.choose import Target
from djdock.backup.sidecar import Media, Sidecar
from djdock.backup.site import Site
from djdock.errors import MissingError


@dataclass(frozen=True)
class Made:
    """A backup that is on the disk."""

    file: Path
    card: Sidecar


def make(stack: str, target: Target, folder: Path, *, media: bool) -> Made:
    """Writes a backup of ``target`` into ``folder``; all of it, or nothing under a final name.

    Raises MissingError when the disk is full, when ``media`` is asked for and the site does not run;
    UsageError when it has no media folder; CommandFailed when a client fails.
    """
    database = target.database
    # The site takes a second to answer, so it is asked meanwhile.
    with folders.draft(folder, stack) as draft, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(target.site)
        if media:  # first, because a wish that cannot be met shall not cost the time of a dump
            place = media_files.require(_running(asked.result()).media)
        part = draft.add(database.suffix)
        facts = database.dump(part, f"djdock-{draft.stem}"[:63])
        archive = None
        if media:
            # After the database: a file that a row names is there, one too many does no harm.
            packed = draft.add(media_files.SUFFIX)
            assert target.web is not None
            media_files.dump(target.web, target.python, place, packed)
            archive = Media(packed.target.name, packed.size, packed.digest.hexdigest())
        site = asked.result()
        card = Sidecar(
            stack=stack,
            made=f"{draft.made:%Y-%m-%dT%H:%M:%SZ}",
            engine=database.engine,
            database=database.name,
            file=part.target.name,
            size=part.size,
            sha256=part.digest.hexdigest(),
            server=facts.server,
            client=facts.client,
            django=site.django if site else "",
            rows=facts.rows,
            rows_exact=facts.rows_exact,
            migrations=facts.migrations,
            roles=facts.roles,
            media=archive,
        )
        return Made(draft.publish(card.text()), card)


def _running(found: Site | None) -> Site:
    if found is None:
        raise MissingError(
            "The site does not answer, and it has the media files.", "Start it: `invoke up`."
        )
    return found
