from __future__ import annotations

from pathlib import Path

from reported import report

from djdock.report.text import text

#: In a file, as people see it.
EXPECTED = Path(__file__).with_name("expected") / "images.txt"


def test_everything_side_by_side() -> None:
    assert text(report()) + "\n" == EXPECTED.read_text(encoding="utf-8")


def test_a_table_of_four_variants_fits_the_terminal() -> None:
    found = report()
    found["variants"] *= 2
    table = text(found).partition("\n\n")[0]
    assert max(map(len, table.splitlines())) <= 100


def test_what_was_not_measured_and_not_complained_of_is_not_mentioned() -> None:
    found = report(good=True, quick=True)
    found["variants"] = found["variants"][:1]
    for item in found["variants"]:
        item["measurements"], item["baseline"] = {}, {"problem": "there is no baseline"}
        item["figures"]["compressed_size"] = None
    lines = text(found).splitlines()
    assert [line.split("  ")[0] for line in lines[2:13]] == [
        "size", "layers", "waste", "efficiency", "files", "Python packages", "system packages",
        "setuid files", "shells", "compilers", "user",
    ]  # fmt: skip
    assert lines[13:] == [
        "",
        "* the best.",
        "single is FROM python:3.13.",
        "",
        "within budget: my_old has 200 MB, within max_size 300 MB.",
    ]
