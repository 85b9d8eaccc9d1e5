"""The budgets of what was measured: what each variant's limits are, and the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, replace

from djdock.config import Config
from djdock.images import baseline, budget, layers, limits
from djdock.images.limits import YARDSTICK, Limits
from djdock.images.opened import Opened

#: How many times smaller than single multi must be where the budget does not say.
MIN_RATIO = {"multi": 6.0}


def of(config: Config, variant: str) -> Limits:
    """The limits that ``[tool.djdock.budget]`` sets for a variant."""
    return limits.limits(
        config.table.budget,
        variant,
        path=config.root / "pyproject.toml",
        shipped=config.table.variant,
    )


def facts(config: Config, variant: str, found: Opened) -> budget.Facts:
    """What there is to judge of an image. What no limit asks for is not kept."""
    if not _any(of(config, variant)):
        return budget.Facts(variant, found.snapshot)
    figures = layers.figures(found.image)
    return budget.Facts(
        variant,
        found.snapshot,
        figures.waste,
        figures.efficiency,
        found.ownership.files,
        found.ownership.problems,
    )


def judge(
    config: Config, measured: Sequence[budget.Facts], built: Callable[[str], int | None]
) -> list[budget.Verdict]:
    """A verdict for each limit, variant by variant.

    ``built`` gives the size in bytes of a variant that was not measured, as it was built some time
    before, and None when it is not there.
    """
    sizes = {item.variant: item.snapshot.size for item in measured if item.snapshot}
    wanted = {name for item in measured for name in of(config, item.variant).min_ratio}
    others = {name: built(name) for name in sorted(wanted - sizes.keys())}
    earlier = {name: size for name, size in others.items() if size is not None}
    verdicts: list[budget.Verdict] = []
    for item in measured:
        asked = _with_default(of(config, item.variant), item.variant, sizes.keys())
        compared = budget.baseline_of(config.root / baseline.FILE, item.variant)
        verdicts += budget.evaluate(asked, item, compared, sizes | earlier, earlier.keys())
    return verdicts


def _with_default(asked: Limits, variant: str, measured: Collection[str]) -> Limits:
    if asked.min_ratio or variant not in MIN_RATIO or YARDSTICK not in measured:
        return asked
    return replace(asked, min_ratio={YARDSTICK: MIN_RATIO[variant]})


def _any(asked: Limits) -> bool:
    return any(getattr(asked, item.name) not in (None, (), {}) for item in fields(Limits))
