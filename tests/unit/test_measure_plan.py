from __future__ import annotations

import re
from collections import Counter

import pytest
from archives import error_of

from djdock.errors import UsageError
from djdock.measure.plan import Plan, parser, plan, rounds

THREE = ("single", "multi", "minimal")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", Plan(THREE, cold_builds=3, rebuilds=3, starts=5, loads=3)),
        ("--quick", Plan(THREE, quick=True, cold_builds=0, rebuilds=1, starts=1, loads=1)),
        ("--runs 2", Plan(THREE, cold_builds=2, rebuilds=2, starts=2, loads=2)),
        ("--runs=7 --quick", Plan(THREE, quick=True, cold_builds=0, rebuilds=7, starts=7, loads=7)),
        ("--only multi", Plan(("multi",))),
        ("--only minimal,multi", Plan(("minimal", "multi"))),
        ("--only=multi,multi", Plan(("multi",))),
    ],
)
def test_what_is_asked_for(words: str, expected: Plan) -> None:
    assert plan(words.split(), THREE) == expected


def test_blanks_after_a_comma_are_meant_well() -> None:
    found = plan(["--only", "multi, minimal"], THREE)
    assert found is not None
    assert found.variants == ("multi", "minimal")


@pytest.mark.parametrize(
    ("words", "problem", "remedy"),
    [
        (
            "--only mutli",
            "There is no variant `mutli` in --only.",
            "Did you mean `multi`?",
        ),
        (
            "--only multi,",
            "There is no variant `` in --only.",
            "Choose from: minimal, multi, single.",
        ),
        ("--runs 0", "--runs is 0.", "Give a number from 1 to 50."),
        ("--runs 51", "--runs is 51.", "Give a number from 1 to 50."),
        (
            "--runs x",
            "`nox -s images`: argument --runs: invalid int value: 'x'.",
            "`nox -s images -- --help` shows what can be given.",
        ),
        (
            "--qick",
            "`nox -s images`: unrecognized arguments: --qick.",
            "`nox -s images -- --help` shows what can be given.",
        ),
        (
            "--qui",
            "`nox -s images`: unrecognized arguments: --qui.",
            "`nox -s images -- --help` shows what can be given.",
        ),
        (
            "multi",
            "`nox -s images`: unrecognized arguments: multi.",
            "`nox -s images -- --help` shows what can be given.",
        ),
    ],
)
def test_what_cannot_be_meant(words: str, problem: str, remedy: str) -> None:
    error = error_of(lambda: plan(words.split(), THREE))
    assert isinstance(error, UsageError)
    assert (error.problem, error.remedy) == (problem, remedy)


def test_without_any_variant_there_is_nothing_to_measure() -> None:
    error = error_of(lambda: plan([], ()))
    assert isinstance(error, UsageError)
    assert error.problem == "There is no variant to measure."


def test_help_names_every_option() -> None:
    assert plan(["--help", "--runs", "0"], THREE) is None
    text = parser().format_help()
    assert set(re.findall(r"^  (--\w+)", text, re.M)) == {"--help", "--only", "--quick", "--runs"}


@pytest.mark.parametrize(
    ("variants", "count", "expected"),
    [
        (THREE, 0, []),
        (("a",), 2, [("a",), ("a",)]),
        (("a", "b"), 3, [("a", "b"), ("b", "a"), ("a", "b")]),
        (THREE, 1, [THREE]),
    ],
)
def test_rounds(variants: tuple[str, ...], count: int, expected: list[tuple[str, ...]]) -> None:
    assert rounds(variants, count) == expected


def test_every_variant_is_as_often_at_every_place() -> None:
    found = rounds(("a", "b", "c", "d"), 8)
    assert all(sorted(order) == ["a", "b", "c", "d"] for order in found)
    for place in range(4):
        assert Counter(order[place] for order in found) == dict.fromkeys("abcd", 2)
