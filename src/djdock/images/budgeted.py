"""The budgets of what was measured: reads the images of variants that have one, and judges them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from djdock.config import Config
from djdock.images import baseline, budget, layers, limits, opened
from djdock.images.compare import Measured
from djdock.images.limits import Limits

if TYPE_CHECKING:
    from docker.client import DockerClient


def judge(config: Config, measured: Sequence[Measured], sdk: DockerClient) -> list[budget.Verdict]:
    """A verdict for each limit of ``[tool.djdock.budget]``, variant by variant.

    An image without limits is not read. Raises what reading an image raises.
    """
    sizes = {item.variant: item.size.size for item in measured}
    verdicts: list[budget.Verdict] = []
    for item in measured:
        asked = limits.limits(
            config.table.budget,
            item.variant,
            path=config.root / "pyproject.toml",
            shipped=config.table.variant,
        )
        if not _any(asked):
            continue
        found = opened.from_engine(sdk, item.size.image)
        figures = layers.figures(found.image)
        facts = budget.Facts(
            item.variant,
            found.snapshot,
            figures.waste,
            figures.efficiency,
            found.ownership.files,
            found.ownership.problems,
        )
        compared = budget.baseline_of(config.root / baseline.FILE, item.variant)
        verdicts += budget.evaluate(asked, facts, compared, sizes)
    return verdicts


def _any(asked: Limits) -> bool:
    return any(getattr(asked, item.name) not in (None, (), {}) for item in fields(Limits))
