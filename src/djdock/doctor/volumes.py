"""Volumes of this stack that its Compose files know no more. None is ever removed by djdock."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from djdock.doctor.finding import Finding, listed, note, ok
from djdock.doctor.patient import Patient, Volume
from djdock.stack import compose, dev, record


def judge(found: Sequence[Volume], declared: Collection[str]) -> Finding:
    """``declared`` are the volumes that the Compose files name."""
    dangling = [one.name for one in found if one.key not in declared]
    if dangling:
        return note(
            f"{listed(dangling)} {'belongs' if len(dangling) == 1 else 'belong'} to no add-on that "
            "is chosen now.",
            f"When its data is not needed any more: `docker volume rm {' '.join(dangling)}`.",
        )
    return ok(f"{listed(one.name for one in found)}." if found else "The stack has none yet.")


def look(patient: Patient) -> Finding:
    """The stack's volumes against those of the Compose files."""
    found = patient.volumes
    if not found:
        return judge(found, ())
    # Compose takes a sixth of a second to say it, and nearly always there is nothing to ask.
    config = record.in_effect(patient.config, patient.containers)
    files = compose.files(config, config.addons)
    text = "\n".join((config.root / path).read_text(encoding="utf-8") for path in files)
    if all(re.search(rf"(?m)^ +{re.escape(one.key)}:", text) for one in found):
        return judge(found, [one.key for one in found])
    argv = compose.compose(patient.docker, config, "config", "--volumes")
    env = dev.variables(config, patient.shell, patient.docker)
    done = patient.shell.capture(argv, env=env, cwd=patient.config.root)
    return judge(found, done.stdout.split())
