"""How variables are written so that the settings understand them: hosts, and that DEBUG is off."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from djdock.inspect import layout, overrides, placeholders, settings, variables
from djdock.inspect.interpret.machine import Settings, interpret
from djdock.inspect.model import Variable
from djdock.inspect.tree import Tree

#: Ways to write a list of hosts into a variable, in the order in which they are tried.
HOSTS = (
    ",".join(variables.HOSTS),
    " ".join(variables.HOSTS),
    ";".join(variables.HOSTS),
    '["' + '","'.join(variables.HOSTS) + '"]',
    variables.HOSTS[1],
    "*",
)

#: Ways to write that DEBUG is off; None: the variable is left out.
OFF = ("False", "0", None, "", "false", "FALSE", "no", "off")


def settle(
    tree: Tree,
    where: layout.Layout,
    chosen: settings.Chosen,
    found: tuple[Variable, ...],
    addons: tuple[str, ...],
) -> tuple[tuple[Variable, ...], Settings]:
    """The variables as the stack sets them, and the settings in its environment.

    What the settings ask for as they raise gets a value.
    """
    found, final = _settle(tree, where, chosen, found, addons)
    asked = _asked(found, final)
    return _settle(tree, where, chosen, asked, addons) if asked else (found, final)


def _settle(
    tree: Tree,
    where: layout.Layout,
    chosen: settings.Chosen,
    found: tuple[Variable, ...],
    addons: tuple[str, ...],
) -> tuple[tuple[Variable, ...], Settings]:
    """The settings in the stack's environment; DEBUG and hosts are written as they are read."""

    def work_out(tried: tuple[Variable, ...]) -> Settings:
        given = variables.environment(tried, addons)
        return interpret(
            tree, where.paths, chosen.dotted, given, configuration=chosen.configuration
        )

    best = found, work_out(found)
    if best[1].get("DEBUG").truth:
        best = _written(found, work_out, best, variables.is_debug, OFF, _is_off)
    hosts = ",".join(variables.HOSTS)
    return _written(best[0], work_out, best, lambda one: one.value == hosts, HOSTS, _is_open)


def _is_off(final: Settings) -> bool:
    return final.get("DEBUG").truth is False


def _is_open(final: Settings) -> bool:
    return bool(overrides.OPEN & set(final.get("ALLOWED_HOSTS").texts))


def _written(
    found: tuple[Variable, ...],
    work_out: Callable[[tuple[Variable, ...]], Settings],
    best: tuple[tuple[Variable, ...], Settings],
    wanted: Callable[[Variable], bool],
    ways: tuple[str | None, ...],
    fits: Callable[[Settings], bool],
) -> tuple[tuple[Variable, ...], Settings]:
    """The first way to write the variables in which the settings fit; ``best`` where none does."""
    if fits(best[1]) or not any(map(wanted, found)):
        return best
    for way in ways:
        tried = tuple(replace(one, value=way) if wanted(one) else one for one in found)
        final = work_out(tried)
        if fits(final):
            return tried, final
    return best


def _asked(found: tuple[Variable, ...], final: Settings) -> tuple[Variable, ...]:
    """The variables, with values for those that the settings ask for as they raise; () if for none."""
    said = " ".join(text for _, text, _ in final.raised)
    names = {one.name for one in found if one.value is None and re.search(rf"\b{one.name}\b", said)}
    if not names:
        return ()
    return tuple(_with_placeholder(one) if one.name in names else one for one in found)


def _with_placeholder(one: Variable) -> Variable:
    hosts = one.name.endswith("HOSTS")
    value = ",".join(variables.HOSTS) if hosts else placeholders.of_name(one.name)
    return replace(one, required=True, value=value, why=placeholders.PLACEHOLDER)
