from __future__ import annotations

from pathlib import Path

from reported import report

from djdock.report.markdown import markdown

#: In a file, as people see it.
EXPECTED = Path(__file__).with_name("expected") / "images.md"


def test_everything_for_a_pull_request() -> None:
    assert markdown(report()) == EXPECTED.read_text(encoding="utf-8")


def test_without_complaints_the_limits_are_all_there_is_to_open() -> None:
    found = markdown(report(good=True, quick=True))
    assert "❌" not in found
    assert "<summary>1 of 1 limits are kept</summary>" in found
    assert "<sub>Bold: the best. A quick run: one of each. Sizes as engine 29.1.0" in found


def test_what_is_long_is_cut_and_added_up() -> None:
    found = report()
    item = found["variants"][1]
    item["owners"] = [dict(item["owners"][1], bytes=1_000_000, percent=2.5) for _ in range(40)]
    item["baseline"]["changes"] *= 8
    lines = markdown(found).splitlines()
    assert [
        line.split("|")[1:4] for line in lines if "| 30 more " in line or "| 6 more " in line
    ] == [
        [" 6 more  ", "          ", " +750 kB "],
        [" 30 more    ", "           ", " 30.0 MB "],
    ]


def test_nothing_changed_is_one_line() -> None:
    found = report()
    found["variants"][1]["baseline"] |= {"bytes": 0, "changes": []}
    assert "\n\n**my\\_old** since the baseline: +0 B, no owner changed.\n\n" in markdown(found)
