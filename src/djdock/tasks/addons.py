"""The add-ons that there are."""

from __future__ import annotations

import json as jsonlib
from dataclasses import asdict

from djdock import table
from djdock.tasks._task import Job, note, task
from djdock.units import human

HEADERS = ("add-on", "role", "chosen", "state", "image", "size", "connection", "published")


@task(help={"json": "The result as JSON."})
def addons(job: Job, json: bool = False) -> None:
    """List the add-ons: chosen or not, state, image, how web reaches it, where it is published."""
    from djdock.stack import overview

    if job.shell.dry:
        note("Would ask the engine what is up of the add-ons.")
        return
    job.containers()  # ours, or an error
    rows = overview.look(job.config, job.shell, job.docker)
    if json:
        data = {"version": 1, "addons": [asdict(row) for row in rows]}
        print(job.shell.mask(jsonlib.dumps(data, indent=2)))
        return
    cells = [
        (
            row.name,
            row.role,
            "yes" if row.chosen else "",
            row.state,
            row.image,
            "" if row.size is None else human(row.size),
            row.connection,
            row.published,
        )
        for row in rows
    ]
    print(job.shell.mask(table.plain(cells, HEADERS, right="size")))
