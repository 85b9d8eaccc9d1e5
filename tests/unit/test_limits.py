from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from support import Project

from djdock.errors import UsageError
from djdock.images.limits import Limits, limits


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        ({}, Limits()),
        ({"max_size": "140MB"}, Limits(max_size=140_000_000)),
        ({"max_size": "133MiB"}, Limits(max_size=133 * 1024**2)),
        ({"max_size": 5}, Limits(max_size=5)),
        ({"max_growth": "2MB"}, Limits(max_growth=2_000_000)),
        ({"max_growth": "5%"}, Limits(max_growth=Fraction(1, 20))),
        ({"max_growth": "0.1 %"}, Limits(max_growth=Fraction(1, 1000))),
        ({"max_growth": 0}, Limits(max_growth=0)),
        ({"max_layers": 7}, Limits(max_layers=7)),
        ({"max_wasted": "1kB"}, Limits(max_wasted=1000)),
        ({"min_efficiency": 0.95}, Limits(min_efficiency=0.95)),
        ({"min_efficiency": 1}, Limits(min_efficiency=1.0)),
        ({"min_ratio": 6}, Limits(min_ratio={"single": 6.0})),
        ({"min_ratio": {"minimal": 0.5}}, Limits(min_ratio={"minimal": 0.5})),
        ({"forbid": ["gcc", " /root/** "]}, Limits(forbid=("gcc", "/root/**"))),
    ],
)
def test_limits_are_read(budget: dict[str, Any], expected: Limits) -> None:
    assert limits(budget, "multi") == expected


def test_a_variant_s_own_limits_win_and_single_has_only_its_own() -> None:
    budget = {
        "max_size": "140MB",
        "max_layers": 9,
        "min_ratio": {"single": 6, "multi": 2},
        "minimal": {"max_size": "55MB"},
        "single": {"max_layers": 20},
    }
    ratios = {"single": 6.0}
    assert limits(budget, "multi") == Limits(140_000_000, max_layers=9, min_ratio=ratios)
    assert limits(budget, "minimal") == Limits(
        55_000_000, max_layers=9, min_ratio={"single": 6.0, "multi": 2.0}
    )
    assert limits(budget, "single") == Limits(max_layers=20)
    assert limits(budget, "single", shipped="single") == Limits(
        140_000_000, max_layers=20, min_ratio={"multi": 2.0}
    )


def refused(project: Project, line: str, table: str = "") -> str:
    project.write("pyproject.toml", f"[tool.djdock.budget{table}]\n{line}\n")
    with pytest.raises(UsageError) as caught:
        project.load()
    return str(caught.value).replace(str(project.root), "ROOT")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("max_size", "1.5", "a size like \"140MB\", not 1.5"),
        ("max_size", "true", "a size like \"140MB\", not True"),
        ("max_size", "-1", "a size like \"140MB\", not -1"),
        ("max_growth", "0.05", "a size like \"2MB\" or a part like \"5%\", not 0.05"),
        ("max_layers", "0", "a whole number above 0, not 0"),
        ("max_layers", "'7'", "a whole number above 0, not '7'"),
        ("max_wasted", "[]", "a size like \"140MB\", not []"),
        ("min_efficiency", "95", "a number above 0 and at most 1, not 95"),
        ("min_efficiency", "nan", "a number above 0 and at most 1, not nan"),
        ("min_ratio", "nan", "a number above 0, or a table of them by variant, not nan"),
        ("min_ratio", "true", "a number above 0, or a table of them by variant, not True"),
        ("min_ratio", "{a = 0}", "a number above 0, or a table of them by variant, not {'a': 0}"),
        ("forbid", "'gcc'", "a list of strings that are not empty, not 'gcc'"),
        ("forbid", "['gcc', ' ']", "a list of strings that are not empty, not ['gcc', ' ']"),
        ("multi", "5", "a table, not 5"),
    ],
)  # fmt: skip
def test_a_wrong_value_names_the_key_and_the_file(
    project: Project, key: str, value: str, words: str
) -> None:
    said = f"`{key}` in [tool.djdock.budget] of ROOT/pyproject.toml must be {words}.\nCorrect it there."
    assert refused(project, f"{key} = {value}") == said
    if key != "multi":
        inner = said.replace("budget]", "budget.multi]")
        assert refused(project, f"{key} = {value}", ".multi") == inner


@pytest.mark.parametrize(
    ("line", "table", "text"),
    [
        (
            "max_sise = '1MB'",
            "",
            (
                "There is no key `max_sise` in [tool.djdock.budget] of ROOT/pyproject.toml.\n"
                "Did you mean `max_size`?"
            ),
        ),
        (
            "max_sise = '1MB'",
            ".multi",
            (
                "There is no key `max_sise` in [tool.djdock.budget.multi] of ROOT/pyproject.toml.\n"
                "Did you mean `max_size`?"
            ),
        ),
        (
            "max_size = '1MB'",
            ".mutli",
            (
                "There is no key `mutli` in [tool.djdock.budget] of ROOT/pyproject.toml.\n"
                "Did you mean `multi`?"
            ),
        ),
        (
            "min_ratio = {singel = 6}",
            "",
            (
                "There is no variant `singel` in `min_ratio` in [tool.djdock.budget] of "
                "ROOT/pyproject.toml.\nDid you mean `single`?"
            ),
        ),
        (
            "max_size = '140M'",
            "",
            (
                "`max_size` in [tool.djdock.budget] of ROOT/pyproject.toml: `140M` is not a size.\n"
                "Write it like 150MB (decimal) or 133MiB (binary)."
            ),
        ),
    ],
)
def test_what_cannot_be_meant_leads_to_the_nearest(
    project: Project, line: str, table: str, text: str
) -> None:
    assert refused(project, line, table) == text


def test_a_project_without_dockerfiles_may_name_any_variant(project: Project) -> None:
    for path in (project.root / "docker").glob("*.Dockerfile"):
        path.unlink()
    (project.root / "docker").rename(project.root / "elsewhere")
    project.write("pyproject.toml", "[tool.djdock.budget.legacy]\nmax_layers = 9\nmin_ratio = 6\n")
    assert project.load().table.budget == {"legacy": {"max_layers": 9, "min_ratio": 6}}
