"""The stack's containers: are they this directory's, do they work, and are any left over?"""

from __future__ import annotations

from collections.abc import Sequence

from djdock.doctor.finding import Finding, fault, listed, note, ok, skipped
from djdock.doctor.patient import Patient
from djdock.stack import failure, owner, state
from djdock.stack.state import Container

DOWN = skipped("The stack is not up.")


def look_at_owner(patient: Patient) -> Finding:
    """A UsageError when the stack of this name was started from another directory."""
    found = patient.containers
    owner.require(patient.config, found, lambda: bool(patient.volumes))
    return ok(f"The stack {patient.config.name} is this directory's.")


def look(patient: Patient) -> Finding:
    """Restarting, unhealthy and failed containers."""
    return judge(patient.containers)


def judge(found: Sequence[Container]) -> Finding:
    """The service to blame, as ``up`` has it: a failed one before one that only waits."""
    ours = [container for container in found if not container.oneoff]
    if not ours:
        return ok("The stack is not up.")
    blamed = failure.blame(ours)
    if blamed is not None and blamed.container.failing:
        service = blamed.container.service
        return fault(
            f"The service {service} {blamed.how}.",
            f"`invoke logs {service} --tail 50` says why.",
        )
    running = [container.service for container in ours if container.running]
    if not running:
        return note("The stack is stopped.", "`invoke up` starts it.")
    stopped = [service for service, status in state.down(found).items() if "Up" not in status]
    if stopped:
        return fault(
            f"{listed(sorted(stopped))} {_is(stopped)} stopped, and the rest of the stack runs.",
            "`invoke up` starts it.",
        )
    if blamed is not None:
        return note(f"The service {blamed.container.service} is still starting.")
    return ok(f"{listed(sorted(set(running)))} {'are' if len(running) > 1 else 'is'} well.")


def leftovers(found: Sequence[Container]) -> list[Container]:
    """One-off containers that have ended: ``compose run`` removes its own, unless it was killed."""
    return [one for one in found if one.oneoff and one.state in ("exited", "created", "dead")]


def look_at_leftovers(patient: Patient) -> Finding:
    """Ended one-off containers."""
    return judge_leftovers(leftovers(patient.containers))


def judge_leftovers(found: Sequence[Container]) -> Finding:
    """They are in nobody's way, but keep images and networks from being removed."""
    if not found:
        return ok("No one-off container is left over.")
    names = [one.name for one in found]
    return note(
        f"{listed(names)} {'has' if len(names) == 1 else 'have'} ended and {_is(names)} left over.",
        f"`docker rm {' '.join(names)}`.",
        fixable=True,
    )


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def fix_leftovers(patient: Patient) -> list[str]:
    """Removes them; their volumes stay."""
    names = [one.name for one in leftovers(patient.containers)]
    # Without --force: one that has been started meanwhile stays.
    patient.shell.capture([patient.docker, "rm", *names])
    return [f"The container {name} is removed." for name in names]
