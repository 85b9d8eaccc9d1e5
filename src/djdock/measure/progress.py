"""What a measurement says while it works: what is measured, the round, the figures, the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from djdock.measure.series import BY_NAME


class Progress:
    """Notes with the time since the beginning, in minutes and seconds."""

    def __init__(
        self,
        note: Callable[[str], None],
        variants: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._note, self._clock, self._started = note, clock, clock()
        self._width = max(map(len, variants), default=0)

    def step(self, title: str) -> None:
        """Something begins."""
        self._say(title)

    def round(self, title: str, number: int, count: int) -> None:
        """A round begins."""
        self._say(f"{title}, round {number} of {count}")

    def figure(self, variant: str, measurement: str, value: float) -> None:
        """A variant's figure is there."""
        kind = BY_NAME[measurement]
        self.done(variant, f"{kind.title}: {kind.shown(value)}")

    def done(self, variant: str, text: str) -> None:
        """What became of a variant in this round."""
        self._say(f"  {variant:{self._width}}  {text}")

    def _say(self, text: str) -> None:
        minutes, seconds = divmod(int(self._clock() - self._started), 60)
        self._note(f"{minutes:2d}:{seconds:02d}  {text}")
