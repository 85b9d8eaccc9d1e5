"""The variables of the commands that make static files: as the stack has them, no secret among them."""

from __future__ import annotations

from collections.abc import Iterable

from djdock.inspect.model import Decision, Variable
from djdock.inspect.variables import CONFIGURATION, WHY, filled

#: What stands for a secret.
SECRET = "only-for-this-step"  # noqa: S105 - it is none

#: The build has these anyway.
GIVEN = ("SECRET_KEY", "DJANGO_SECRET_KEY")


def decide(variables: Iterable[Variable]) -> list[Decision]:
    """The decision ``build_environment``: what static files are made of follows DEBUG, so it is off
    as it is in the stack; what settings do not start without would else be found out one by one, each
    with one more start of Django.
    """
    every = tuple(variables)
    alike = (WHY["debug"], WHY["static"], CONFIGURATION)
    wanted = [one for one in every if one.why in alike and one.value is not None]
    needed = [one for one in every if one.required and one not in wanted and one.name not in GIVEN]
    if not wanted and not needed:
        return []
    given = {one.name: one.value or "" for one in wanted}
    given |= {one.name: _harmless(one) for one in needed}
    where = tuple(line for one in (*wanted, *needed) for line in one.evidence)[:6]
    reason = "static files are made as for the stack"
    if needed:
        reason += "; settings do not start without some, which mean nothing here"
    return [Decision("build_environment", given, reason, where)]


def _harmless(one: Variable) -> str:
    """A variable's value without secrets: what stands for one is not understood by all who read it."""
    return SECRET if one.secret and one.value is None else filled(one.value or "")
