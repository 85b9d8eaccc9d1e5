"""The proof that a stack works."""

from __future__ import annotations

import json as jsonlib

from djdock.errors import CheckFailed
from djdock.stack import compose
from djdock.tasks._task import Job, note, task


@task(help={"json": "The findings as JSON."})
def check(job: Job, json: bool = False) -> None:
    """Probe every service that is up through the site, and print a line for each with its time."""
    from djdock.check import run, view

    containers = job.require_service(compose.WEB)
    if job.shell.dry:
        note("Would run probes inside of web, and ask for pages and files at the site's port.")
        return
    found = run.check(job.config, job.shell, job.docker, containers)
    said = jsonlib.dumps(view.data(found), indent=2, ensure_ascii=False)
    print(job.shell.mask(said if json else view.text(found)), flush=True)
    failed = [finding.name for finding in found if not finding.ok]
    if failed:
        raise CheckFailed(f"{len(failed)} of {len(found)} checks failed: {', '.join(failed)}.")
