"""What is wrong with this machine, the project or its stack, and what to do about it."""

from __future__ import annotations

import sys

from djdock.tasks._task import Job, colour, note, task


@task(
    salvage=True,
    help={
        "json": "The result as JSON.",
        "fix": "Repair what is safe, say what was done, and look again; no volume is removed.",
    },
)
def doctor(job: Job, json: bool = False, fix: bool = False) -> None:
    """Check the machine, the project and its stack; name what is wrong first, and the remedy."""
    from djdock.doctor import repair, view
    from djdock.doctor.checks import CHECKS

    if job.shell.dry:
        note("Would look at " + ", ".join(check.name for check in CHECKS) + ".")
        return
    results, fixed = repair.look(job.config, job.shell, fix=fix, say=note)
    if json:
        print(job.shell.mask(view.as_json(results, fixed)))
    else:
        for line in view.lines(results, colour=colour(sys.stdout)):
            print(job.shell.mask(line))
    said = view.verdict(results, job.shell.mask)
    if not json:
        note(said)
