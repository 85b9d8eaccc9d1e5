"""What is measured of which variants, how often, and in which order."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from djdock.errors import UsageError, one_of

#: How often builds, starts, and memory and load are measured, unless `--runs` says so.
BUILDS, STARTS, LOADS = 3, 5, 3

#: No measurement gets better by more runs.
MOST_RUNS = 50


@dataclass(frozen=True)
class Plan:
    """What is asked for. The numbers are runs of each; ``cold_builds`` may be 0."""

    variants: tuple[str, ...]
    quick: bool = False
    cold_builds: int = BUILDS
    rebuilds: int = BUILDS
    starts: int = STARTS
    #: How many of the starts are followed by the load; never more than there are starts.
    loads: int = LOADS


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(
            f"`nox -s images`: {message}.", "`nox -s images -- --help` shows what can be given."
        )


def parser() -> argparse.ArgumentParser:
    """The parser of what stands behind ``nox -s images --``."""
    made = _Parser(
        prog="nox -s images --",
        description="Build the variants from the same source, measure them, write reports/images.*.",
        add_help=False,
        allow_abbrev=False,
    )
    made.add_argument("--help", action="store_true", help="show this and measure nothing")
    made.add_argument(
        "--only", metavar="V,…", help="measure these variants, in this order (default: all)"
    )
    made.add_argument(
        "--quick",
        action="store_true",
        help="no cold builds, no compressed sizes, one run of everything else",
    )
    made.add_argument(
        "--runs",
        type=int,
        metavar="N",
        help=f"runs of everything (default: {BUILDS} of builds and loads, {STARTS} of starts)",
    )
    return made


def plan(words: Sequence[str], variants: Sequence[str]) -> Plan | None:
    """The plan that the words ask for, of the variants that there are; None for ``--help``.

    Raises UsageError for anything else that cannot be meant.
    """
    asked = parser().parse_args(list(words))
    if asked.help:
        return None
    chosen = _chosen(asked.only, variants)
    runs = asked.runs
    if runs is None:
        runs = 1 if asked.quick else None
    elif not 1 <= runs <= MOST_RUNS:
        raise UsageError(f"--runs is {runs}.", f"Give a number from 1 to {MOST_RUNS}.")
    builds = runs or BUILDS
    return Plan(
        chosen,
        quick=asked.quick,
        cold_builds=0 if asked.quick else builds,
        rebuilds=builds,
        starts=runs or STARTS,
        loads=runs or LOADS,
    )


def _chosen(only: str | None, variants: Sequence[str]) -> tuple[str, ...]:
    if only is None:
        if not variants:
            raise UsageError("There is no variant to measure.", "`docker/*.Dockerfile` makes one.")
        return tuple(variants)
    names = [name.strip() for name in only.split(",")]
    for name in names:
        if name not in variants:
            raise one_of("variant", name, variants, where="--only")
    return tuple(dict.fromkeys(names))


def rounds(variants: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """The variants in the order of each of ``count`` rounds.

    Each round begins with the variant that was second in the round before, so that none of them is
    always the first (or always behind the same one), whatever a machine does meanwhile.
    """
    starts = (number % len(variants) for number in range(count))
    return [(*variants[start:], *variants[:start]) for start in starts]
