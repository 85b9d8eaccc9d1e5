from __future__ import annotations

from typing import Any

import pytest
from reported import series

from djdock.measure.series import BY_NAME
from djdock.report import rows


@pytest.mark.parametrize(
    ("values", "more", "best"),
    [
        ([3, 1, 2], False, {1}),
        ([3, 1, 2], True, {0}),
        ([1, 1, 2], False, {0, 1}),
        ([1, 1], False, set()),
        ([1], False, set()),
        ([None, 1], False, set()),
        ([None, 2, 1], False, {2}),
    ],
)
def test_the_best_value(values: list[float | None], more: bool, best: set[int]) -> None:
    assert rows.best(values, more=more) == best


S = "first_200"
R = "requests_per_second"


@pytest.mark.parametrize(
    ("name", "given", "best"),
    [
        (S, [series(S, 1, 2, 3), series(S, 4, 5)], {0}),
        (S, [series(S, 1, 2, 4), series(S, 4, 5)], set()),
        (S, [series(S, 4, 5), series(S, 1, 2, 3), series(S, 9)], {1}),
        (R, [series(R, 400, 410), series(R, 411, 500)], {1}),
        (R, [series(R, 400, 412), series(R, 411, 500)], set()),
        (S, [series(S, 1)], set()),
        (S, [series(S, 2), {"problem": "x"}, None, series(S, 1)], {3}),
        (S, [series(S, 2), {"problem": "x"}], set()),
    ],
)
def test_a_series_is_best_only_when_all_of_its_runs_are(
    name: str, given: list[Any], best: set[int]
) -> None:
    assert rows.clearly_best(BY_NAME[name], given) == best
