from __future__ import annotations

from typing import Any

import pytest
from images import image, own
from support import Project

from djdock.images import budgeted
from djdock.images.baseline import Snapshot
from djdock.images.budget import Facts
from djdock.images.opened import Opened

SIZES = {"single": 1_200_000_000, "multi": 200_150_000, "minimal": 50_000_000}


def facts(*variants: str) -> list[Facts]:
    return [
        Facts(name, Snapshot(f"shop:{name}", "linux/amd64", "overlay2", SIZES[name], 5, {}))
        for name in variants
    ]


def judged(project: Project, *variants: str, **built: int) -> list[str]:
    found = budgeted.judge(project.load(), facts(*variants), built.get)
    return [f"{'ok' if item.ok else 'no'}: {item.sentence}" for item in found]


def test_multi_has_to_be_six_times_smaller_where_nothing_else_is_said(project: Project) -> None:
    assert judged(project, "single", "multi", "minimal") == [
        "no: multi is 5.99 times smaller than single, less than min_ratio 6."
    ]


@pytest.mark.parametrize("variants", [("multi",), ("single",), ("multi", "minimal")])
def test_the_default_needs_both(project: Project, variants: tuple[str, ...]) -> None:
    assert judged(project, *variants, single=SIZES["single"]) == []


@pytest.mark.parametrize(
    ("table", "sentences"),
    [
        (
            "min_ratio = 5",
            [
                "ok: multi is 5.99 times smaller than single, at least min_ratio 5.",
                "ok: minimal is 24.00 times smaller than single, at least min_ratio 5.",
            ],
        ),
        (
            "[tool.djdock.budget.multi]\nmin_ratio = 5.5",
            ["ok: multi is 5.99 times smaller than single, at least min_ratio 5.5."],
        ),
        (
            "[tool.djdock.budget.minimal]\nmin_ratio = { multi = 2 }",
            [
                "no: multi is 5.99 times smaller than single, less than min_ratio 6.",
                "ok: minimal is 4.00 times smaller than multi, at least min_ratio 2.",
            ],
        ),
    ],
)
def test_what_the_budget_says_wins(project: Project, table: str, sentences: list[str]) -> None:
    project.table(f"[tool.djdock.budget]\n{table}")
    assert judged(project, "single", "multi", "minimal") == sentences


def test_a_variant_that_was_left_out_is_taken_as_it_was_built(project: Project) -> None:
    project.table("[tool.djdock.budget]\nmin_ratio = 5")
    assert judged(project, "multi", single=1_100_000_000) == [
        "ok: multi is 5.49 times smaller than single (as built before), at least min_ratio 5."
    ]
    assert judged(project, "multi", single=900_000_000) == [
        "no: multi is 4.49 times smaller than single (as built before), less than min_ratio 5."
    ]
    assert judged(project, "multi") == [
        (
            "no: min_ratio of multi cannot be checked: single is neither measured nor built; "
            "add it to --only."
        )
    ]


def test_only_what_is_left_out_is_asked_for(project: Project) -> None:
    project.table("[tool.djdock.budget]\nmin_ratio = { single = 2, minimal = 0.1 }")
    asked: list[str] = []

    def built(name: str) -> int | None:
        asked.append(name)
        return None

    budgeted.judge(project.load(), facts("single", "multi"), built)
    assert asked == ["minimal"]


@pytest.mark.parametrize("limited", [True, False])
def test_what_no_limit_asks_for_is_not_kept(project: Project, limited: bool) -> None:
    if limited:
        project.table("[tool.djdock.budget]\nmax_wasted = 5")
    files: dict[str, Any] = {"a": 10, "b": 20}
    [fact] = facts("multi")
    assert fact.snapshot
    found = budgeted.facts(project.load(), "multi", Opened(image(files), own(files), fact.snapshot))
    assert found.snapshot is fact.snapshot
    assert (found.wasted, found.efficiency) == ((0, 1.0) if limited else (None, None))
    assert (found.files is None) is not limited
