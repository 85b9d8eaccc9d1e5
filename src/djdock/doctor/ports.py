"""Is the port that the site is published on free, and if not, who has it?"""

from __future__ import annotations

from djdock.doctor import listeners
from djdock.doctor.finding import Finding, fault, of_error, ok, skipped
from djdock.doctor.patient import Patient
from djdock.errors import DjdockError, MissingError
from djdock.stack import ports, state

#: The engine's process that listens for a container.
PROXY = "docker-proxy"


def judge(
    where: str, error: MissingError, containers: list[str], listener: listeners.Listener | None
) -> Finding:
    """``error`` says that the port is taken; ``containers`` and ``listener`` may be whose it is."""
    if containers:
        who, stop = f"the container {containers[0]}", f"docker stop {containers[0]}"
    elif listener:
        who, stop = str(listener), f"kill {listener.pid}"
    else:
        return of_error(error)
    return fault(
        f"{where} is taken by {who}.", f"Stop it (`{stop}`), or set another WEB_PORT in .env."
    )


def look(patient: Patient) -> Finding:
    """The site's port; our own stack may have it."""
    bind, port = patient.config.bind, patient.config.port
    where = f"Port {port} on {bind}"
    try:
        ports.require_free(bind, port, [], patient.config.name)
    except MissingError as error:
        taken = error
    else:
        return ok(f"{where} is free.")
    listener = listeners.find(bind, port)
    try:
        owners = state.owners(patient.shell, patient.docker, port)
    except DjdockError:
        if listener and listener.name == PROXY:
            return skipped(f"{where} is a container's; without the engine, nobody says whose.")
        owners = []
    if any(project == patient.config.name for _, project in owners):
        return ok(f"{where} is this stack's.")
    return judge(where, taken, [name for name, _ in owners], listener)
