"""Do this machine's clock and the engine's agree? Certificates, sessions and builds depend on it."""

from __future__ import annotations

from datetime import UTC, datetime

from djdock.doctor.finding import Finding, fault, note, ok
from djdock.doctor.patient import Patient

#: In seconds. Virtual machines that have slept are minutes or hours behind.
MUCH, LITTLE = 60.0, 5.0

#: Before this djdock was not written.
EARLIEST = datetime(2025, 1, 1, tzinfo=UTC).timestamp()


def skew(asked: float, engine: float, answered: float) -> float:
    """By how many seconds the engine's clock is ahead (behind: negative) at least.

    It said its time somewhen between our question and its answer, so what lies between is no skew.
    """
    return min(0.0, engine - asked) + max(0.0, engine - answered)


def judge(ahead: float, now: float) -> Finding:
    """``ahead`` is the engine's skew, ``now`` our own time; both in seconds."""
    if now < EARLIEST:
        return fault(
            f"This machine's clock says {datetime.fromtimestamp(now, UTC):%Y-%m-%d}.",
            "Set it (`timedatectl set-ntp true`): no certificate is valid then.",
        )
    if abs(ahead) < LITTLE:
        return ok("The engine's clock agrees with this machine's.")
    words = (
        f"The engine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} ours."
    )
    remedy = "Set both by a time server; restarting Docker Desktop's or WSL's machine does it, too."
    return fault(words, remedy) if abs(ahead) > MUCH else note(words, remedy)


def look(patient: Patient) -> Finding:
    """The engine's SystemTime against ours."""
    info = patient.info
    theirs = datetime.fromisoformat(str(info.said["SystemTime"])).timestamp()
    return judge(skew(info.asked, theirs, info.answered), info.answered)
