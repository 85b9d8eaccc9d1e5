"""``doctor --fix``: does what is safe, then looks again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from djdock import config as config_module
from djdock.config import Config
from djdock.doctor.check import Check
from djdock.doctor.checks import CHECKS
from djdock.doctor.examine import Result, examine
from djdock.doctor.patient import Limited, Patient
from djdock.errors import DjdockError
from djdock.shell import Shell

#: A repair may uncover another fault that can be repaired (behind CR LF, a variable that is missing).
ROUNDS = 3


def patient(config: Config, shell: Shell) -> Patient:
    """The project as it is now; questions are limited in time."""
    return Patient(config, Limited(echo=shell.echo, secrets=shell.secrets))


def look(
    config: Config,
    shell: Shell,
    *,
    fix: bool,
    say: Callable[[str], None],
    checks: Sequence[Check] = CHECKS,
) -> tuple[list[Result], list[str]]:
    """The results of the checks, after repairs if ``fix``; and a sentence for each repair.

    ``say`` gets the sentences as they become true.
    """
    done: list[str] = []
    for _ in range(ROUNDS if fix else 1):
        now = patient(config, shell)
        results = examine(now, checks)
        fixed = mend(now, results, say) if fix else []
        if not fixed:
            return results, done
        done += fixed
        config = config_module.salvage(config.root)
    return examine(patient(config, shell), checks), done


def mend(now: Patient, results: Sequence[Result], say: Callable[[str], None]) -> list[str]:
    """Repairs what the results call fixable, one after the other; returns what was done."""
    done: list[str] = []
    for result in results:
        if result.check.fix is None or not result.finding.fixable:
            continue
        try:
            sentences = result.check.fix(now)
        except (DjdockError, OSError) as error:
            say(f"{result.check.name} could not be repaired: {error}")
            continue
        for sentence in sentences:
            say(sentence)
        done += sentences
    return done
