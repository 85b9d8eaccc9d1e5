"""Does an engine listen, and may we talk to it?"""

from __future__ import annotations

from djdock import engine
from djdock.doctor.finding import Finding, fault, of_error, ok
from djdock.doctor.patient import Patient
from djdock.errors import MissingError


def look(patient: Patient) -> Finding:
    """Whether anything listens where the client would look."""
    where = engine.host(patient.environ)
    error = engine.answers(patient.environ)
    default = None
    if error is not None and where != engine.DEFAULT_HOST:
        default = engine.answers({**patient.environ, "DOCKER_HOST": engine.DEFAULT_HOST})
    return judge(
        where, _who_says(patient), error, default_answers=error is not None and not default
    )


def _who_says(patient: Patient) -> str:
    if patient.environ.get("DOCKER_HOST"):
        return "DOCKER_HOST"
    return "the docker context" if patient.environ.get("DOCKER_CONTEXT") else "the default"


def judge(
    where: str, who: str, error: MissingError | None, *, default_answers: bool = False
) -> Finding:
    """``who`` names ``where``; ``default_answers``: an engine listens at the usual place instead."""
    if error is None or isinstance(error, engine.RefusedError):  # that is the next check's
        return ok(f"Something listens at {where}.")
    if where == engine.DEFAULT_HOST or not default_answers:
        return of_error(error)
    remedy = "Unset it" if who == "DOCKER_HOST" else "Choose it (`docker context use default`)"
    return fault(
        f"No Docker Engine answers at {where}, which {who} names; one does at {engine.DEFAULT_HOST}.",
        f"{remedy}, or start the one that is named.",
    )


def look_at_permissions(patient: Patient) -> Finding:
    """Whether we may open the engine's socket."""
    return judge_permissions(engine.answers(patient.environ))


def judge_permissions(error: MissingError | None) -> Finding:
    """A refused connection is the fault; the error has the remedy."""
    return ok("You may talk to it.") if error is None else of_error(error)
