"""Has the running site's database every migration of its image?"""

from __future__ import annotations

import re

from djdock.doctor.containers import DOWN
from djdock.doctor.finding import Finding, fault, note, ok
from djdock.doctor.freshness import web
from djdock.doctor.patient import Patient
from djdock.errors import CommandFailed
from djdock.shell import Completed
from djdock.stack import compose

#: How long Django may take to start and to look, in seconds.
LIMIT = 8.0


def judge(done: Completed) -> Finding:
    """What ``migrate --check --plan`` said: exit code 1 and a plan when anything is pending."""
    if done.returncode == 0:
        return ok("Every migration is applied.")
    named = re.search(r"(?m)^(\w+\.\d\w+)\s*$", done.stdout)
    if done.returncode == 1 and named:
        return fault(f"The migration {named[1]} is pending.", "Apply it: `invoke migrate`.")
    said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return note(f"Django could not look: {said}", "`invoke migrate --check` shows all of it.")


def look(patient: Patient) -> Finding:
    """Asks the web that serves; it takes as long as Django takes to start."""
    serving = web(patient.containers)
    if serving is None:
        return DOWN
    command = compose.manage("migrate", "--check", "--plan")
    argv = [patient.docker, "exec", serving.name, *command]
    try:
        return judge(patient.shell.capture(argv, check=False, timeout=LIMIT))
    except CommandFailed:
        return note(f"Django gave no answer in {LIMIT:g} s.", "`invoke migrate --check` waits.")
