"""The site's data: back up, list, restore, prune, reset; wait for the database."""

from __future__ import annotations

import json as jsonlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from djdock.errors import MissingError, UsageError
from djdock.stack import compose, state
from djdock.tasks._task import Job, confirm, note, task
from djdock.units import human

# What makes and reads backups is imported by the functions that do: no other task shall wait for it.
if TYPE_CHECKING:
    from djdock.backup.choose import Target

_LOCAL = "The site of `up --local`, not the stack's."
_DIR = "The folder of the backups; default: backups/ of the project."


def _target(job: Job, local: bool) -> Target:
    """The site and its database. Raises MissingError when the database does not run."""
    from djdock.backup import choose

    if local:
        return choose.local_target(job.config, job.shell)
    found = job.containers()
    config = job.stack_config(found)
    if not job.shell.dry:
        service = choose.service(config)
        if not state.running(found, service):
            raise MissingError(
                f"The service {service} of {job.config.name} is not up.", "Start it: `invoke up`."
            )
    web = state.running(found, compose.WEB)
    return choose.target(config, job.shell, job.docker, web=web)


@task(
    help={
        "to": _DIR,
        "media": "The site's media files, too.",
        "local": _LOCAL,
        "json": "What is known of the backup, as JSON.",
    }
)
def backup(
    job: Job, to: str = "", media: bool = False, local: bool = False, json: bool = False
) -> None:
    """Back the database up while the site is in use: one consistent snapshot in one file."""
    import time

    from djdock.backup import folder as folders
    from djdock.backup import make

    target = _target(job, local)
    if job.shell.dry:
        print(job.shell.line(target.database.lines()[0]))
        return
    started = time.monotonic()
    made = make.make(job.config.name, target, folders.chosen(job.config, to), media=media)
    seconds = time.monotonic() - started
    if json:
        print(jsonlib.dumps({"path": str(made.file), **asdict(made.card)}, indent=2))
    else:
        card = made.card
        rows = f"{sum(card.rows.values()):,} rows in {len(card.rows)} tables"
        files = f", {human(card.media.size)} of media files" if card.media else ""
        note(f"Backed up {rows}: {human(card.size)}{files}, in {seconds:.1f} s.")
        print(made.file)


@task(help={"dir": _DIR, "json": "What is known of each, as JSON."})
def backups(job: Job, dir: str = "", json: bool = False) -> None:  # noqa: A002 - the flag's name
    """List the backups, the oldest first."""
    from djdock.backup import folder as folders
    from djdock.backup import listing

    if job.shell.dry:
        return
    folder = folders.chosen(job.config, dir)
    found = listing.find(folder)
    if json:
        print(jsonlib.dumps(listing.data(found), indent=2))
    elif found:
        print(listing.text(found))
    else:
        note(f"There is no backup in {folder}. Make one: `invoke db.backup`.")


@task(
    positional=["file"],
    help={
        "file": "The backup: a path, or the name of one in backups/.",
        "local": _LOCAL,
        "yes": "Do not ask before replacing the data.",
    },
)
def restore(job: Job, file: str, local: bool = False, yes: bool = False) -> None:
    """Put a backup into the place of the data in use; until all of it is loaded those stay."""
    from djdock.backup import folder as folders
    from djdock.backup import listing
    from djdock.backup import restore as restoring

    target = _target(job, local)
    if job.shell.dry:
        print(f"{job.shell.line(target.database.lines()[1])} <{file}")
        return
    found = listing.one(job.config.root, folders.default(job.config), file)
    restoring.require(found, target)
    place = "the local site" if local else job.config.name
    confirm(
        f"Replace the data of {place} by those of {found.card.stack} from {found.card.made}?",
        yes=yes,
    )
    with restoring.alone(job.config):
        kept = restoring.restore(found, target, note)
    note(f"Restored {sum(found.card.rows.values()):,} rows in {len(found.card.rows)} tables.")
    note(f"The data from before are in {kept} until the next restore or reset.")
    said = restoring.compared(found, target)
    if said:
        note(said)
    _refresh(job, local)


def _refresh(job: Job, local: bool) -> None:
    """Restarts what runs of the site: its processes may remember rows that are other ones now."""
    if local:
        note("Restart the local site, if it is up.")
        return
    found = [container for container in job.containers() if container.running]
    images = {container.image for container in found if container.service == compose.WEB}
    services = {c.service for c in found if c.image in images and not c.oneoff}
    if services:
        job.on_stack("restart", *sorted(services - {compose.MIGRATE}))


@task(
    help={
        "keep": "How many of the newest to keep; default: 7.",
        "dir": _DIR,
        "yes": "Do not ask before deleting.",
    }
)
def prune(job: Job, keep: int = 7, dir: str = "", yes: bool = False) -> None:  # noqa: A002
    """Delete this stack's backups but the newest ones."""
    from djdock.backup import folder as folders
    from djdock.backup import prune as pruning

    if keep < 1:
        raise UsageError(f"--keep is {keep}.", "Give a number above 0.")
    if job.shell.dry:
        return
    folder = folders.chosen(job.config, dir)
    found = pruning.superfluous(folder, job.config.name, keep)
    if found:
        for backup in found if not yes else ():
            note(f"  {backup.file.name}")
        what = "this backup" if len(found) == 1 else f"these {len(found)} backups"
        confirm(f"Delete {what} of {job.config.name}?", yes=yes)
    pruning.delete(folder, found)
    freed = human(sum(backup.size for backup in found))
    note(f"{len(found)} deleted, {freed} freed." if found else "There is none too many.")


@task(help={"local": _LOCAL, "yes": "Do not ask before deleting the data."})
def reset(job: Job, local: bool = False, yes: bool = False) -> None:
    """Delete all data: an empty database in the place of the one in use, then the migrations."""
    from djdock.backup import restore as restoring
    from djdock.stack import local as local_site
    from djdock.tasks.django import manage_in_site

    target = _target(job, local)
    if job.shell.dry:
        note(f"Would empty the database {target.database.name}.")
    else:
        place = "the local site" if local else job.config.name
        confirm(f"Delete all data in the database of {place}?", yes=yes)
        with restoring.alone(job.config):
            target.database.empty()
    if local:
        migrate = local_site.commands(job.config, job.config.scratch / "venv/bin/python")[0]
        env = local_site.environment(job.config)
        job.shell.run(migrate, env=env, cwd=job.config.source)
    else:
        manage_in_site(job, "migrate", "--noinput")
    if not job.shell.dry:
        _refresh(job, local)


@task(help={"timeout": "How many seconds to wait at most; default: 60.", "local": _LOCAL})
def wait(job: Job, timeout: int = 60, local: bool = False) -> None:
    """Wait until the database answers a query; exit code 1 if it does not in time."""
    from djdock.backup import wait as waiting

    if timeout < 1:
        raise UsageError(f"--timeout is {timeout}.", "Give a number of seconds above 0.")
    if job.shell.dry:
        return
    if not local:
        job.require_engine()
    seconds = waiting.wait(lambda: _target(job, local).database, timeout)
    note(f"The database answers, after {seconds:.1f} s.")
