from __future__ import annotations

import pytest

from djdock.measure.progress import Progress
from djdock.measure.series import BY_NAME, MEASUREMENTS, Notebook, Series


def test_what_is_measured_in_the_order_in_which_it_is_shown() -> None:
    assert [(item.name, item.unit, item.better) for item in MEASUREMENTS] == [
        ("cold_build", "s", "less"),
        ("rebuild_code", "s", "less"),
        ("rebuild_dependency", "s", "less"),
        ("first_200", "s", "less"),
        ("memory_rest", "B", "less"),
        ("memory_loaded", "B", "less"),
        ("requests_per_second", "1/s", "more"),
    ]


@pytest.mark.parametrize(
    ("name", "runs", "as_dict"),
    [
        (
            "first_200",
            [0.98765, 0.5, 0.70001],
            {"unit": "s", "better": "less", "runs": [0.988, 0.5, 0.7], "median": 0.7,
             "least": 0.5, "most": 0.988},
        ),
        (
            "memory_rest",
            [92_131_328, 92_131_329],
            {"unit": "B", "better": "less", "runs": [92_131_328, 92_131_329],
             "median": 92_131_328, "least": 92_131_328, "most": 92_131_329},
        ),
        (
            "requests_per_second",
            [412.349],
            {"unit": "1/s", "better": "more", "runs": [412.3], "median": 412.3, "least": 412.3,
             "most": 412.3},
        ),
    ],
)  # fmt: skip
def test_a_series_keeps_the_order_and_has_median_and_spread(
    name: str, runs: list[float], as_dict: dict[str, object]
) -> None:
    assert Series(BY_NAME[name], runs).as_dict() == as_dict


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("cold_build", 7.466, "7.47 s"),
        ("memory_loaded", 96_186_368, "96.2 MB"),
        ("requests_per_second", 688.4, "688 /s"),
    ],
)
def test_values_for_people(name: str, value: float, shown: str) -> None:
    assert BY_NAME[name].shown(value) == shown


def test_a_notebook_has_series_problems_and_what_was_not_measured() -> None:
    notebook = Notebook()
    notebook.add("multi", "first_200", 0.5)
    notebook.add("multi", "first_200", 0.7)
    notebook.add("multi", "memory_rest", 5)
    notebook.fail("multi", ["memory_rest"], "first reason")
    notebook.fail("multi", ["memory_rest", "memory_loaded"], "second reason")
    assert notebook.failed("multi", "memory_rest")
    assert not notebook.failed("single", "memory_rest")
    found = notebook.of("multi")
    assert list(found) == [item.name for item in MEASUREMENTS]
    assert found["cold_build"] is None
    assert found["first_200"]["runs"] == [0.5, 0.7]
    assert found["memory_rest"] == {"problem": "first reason"}
    assert found["memory_loaded"] == {"problem": "second reason"}
    assert set(notebook.of("single").values()) == {None}


def test_progress_says_what_which_round_the_figure_and_the_time() -> None:
    said: list[str] = []
    times = iter([100.0, 100.4, 107.9, 161.0, 700.0])
    progress = Progress(said.append, ["single", "minimal"], lambda: next(times))
    progress.round("cold build", 1, 3)
    progress.figure("single", "cold_build", 7.466)
    progress.step("reading the images")
    progress.done("minimal", "2366 files")
    assert said == [
        " 0:00  cold build, round 1 of 3",
        " 0:07    single   cold build: 7.47 s",
        " 1:01  reading the images",
        "10:00    minimal  2366 files",
    ]
