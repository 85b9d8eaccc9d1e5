from __future__ import annotations

import json
from pathlib import Path

import pytest

from djdock import __version__
from djdock.images import compare, report
from djdock.images.budget import Verdict
from djdock.images.compare import Measured
from djdock.images.size import ImageSize


def measured(variant: str, size: int) -> Measured:
    return Measured(
        variant=variant,
        size=ImageSize(f"shop:{variant}", f"sha256:{variant}", size, 7, "10001", "overlay2"),
        base=f"base-of-{variant}",
        cold_build=12.3456,
        rebuilds=(1.5, 0.5, 1.0),
        starts=(0.9, 0.7, 0.8),
    )


BOTH = [measured("single", 1_200_000_000), measured("multi", 150_000_000)]


def made(min_ratio: float = 6, of: list[Measured] = BOTH) -> dict[str, object]:
    return report.data(of, min_ratio=min_ratio, engine="29.1.0")


def test_the_ratio_is_of_the_naive_to_the_default() -> None:
    assert compare.ratio(BOTH) == 8.0
    assert compare.ratio(BOTH[:1]) is None
    assert compare.ratio(BOTH[1:]) is None


@pytest.mark.parametrize(
    ("min_ratio", "ok", "verdict"),
    [
        (6, True, "multi is 8.00 times smaller than single."),
        (8, True, "multi is 8.00 times smaller than single."),
        (
            8.5,
            False,
            "multi is 8.00 times smaller than single, which is less than the 8.5 asked for.",
        ),
    ],
)
def test_the_verdict(min_ratio: float, ok: bool, verdict: str) -> None:
    found = made(min_ratio)
    assert found["ok"] is ok
    assert report.verdict(found) == verdict


def test_without_both_there_is_no_verdict_and_no_pass() -> None:
    found = made(of=BOTH[:1])
    assert (found["ok"], found["ratio"]) == (False, None)
    assert report.verdict(found) == (
        "single and multi were not both measured, so they cannot be compared."
    )


def test_data_has_bytes_and_seconds() -> None:
    found = made()
    assert (found["version"], found["djdock"], found["engine"]) == (1, __version__, "29.1.0")
    assert isinstance(found["variants"], list)
    assert found["variants"][0] == {
        "variant": "single",
        "image": "shop:single",
        "id": "sha256:single",
        "size": 1_200_000_000,
        "layers": 7,
        "user": "10001",
        "store": "overlay2",
        "base": "base-of-single",
        "cold_build_seconds": 12.346,
        "rebuild_seconds": [1.5, 0.5, 1.0],
        "first_answer_seconds": [0.9, 0.7, 0.8],
    }


def test_people_read_one_row_per_variant() -> None:
    assert report.rows(made())[1] == (
        "multi",
        "150 MB",
        150_000_000,
        7,
        "12.3 s",
        "1.00 s (0.50-1.50)",
        "0.80 s (0.70-0.90)",
        "10001",
        "base-of-multi",
    )
    first, rule, single, multi, blank, verdict = report.text(made()).splitlines()
    assert first.split()[:4] == ["variant", "size", "bytes", "layers"]
    assert set(rule) == {"-", " "}
    assert single.startswith("single")
    assert multi.startswith("multi")
    assert (blank, verdict) == ("", "multi is 8.00 times smaller than single.")


@pytest.mark.parametrize(("min_ratio", "sign"), [(6, "✅"), (9, "❌")])
def test_markdown_is_for_a_pull_request(min_ratio: float, sign: str) -> None:
    text = report.markdown(made(min_ratio))
    assert text.startswith("## Images\n\n| variant")
    assert f"\n\n{sign} multi is 8.00 times smaller" in text
    assert "(engine 29.1.0, image store overlay2)" in text


@pytest.mark.parametrize("summary", [True, False])
def test_both_files_are_written_and_the_steps_summary_is_added_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, summary: bool
) -> None:
    step = tmp_path / "summary.md"
    step.write_text("before\n", encoding="utf-8")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    if summary:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    found, folder = made(), tmp_path / "deep" / "reports"
    paths = report.write(found, folder)
    assert paths == [folder / "images.json", folder / "images.md"]
    assert sorted(folder.iterdir()) == paths
    assert json.loads(paths[0].read_text(encoding="utf-8")) == found
    assert paths[1].read_text(encoding="utf-8") == report.markdown(found)
    added = report.markdown(found) if summary else ""
    assert step.read_text(encoding="utf-8") == f"before\n{added}"


def test_a_budget_that_is_broken_fails_the_report_and_annotates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts = [
        Verdict("multi", "max_size", True, "multi has 150 MB of 200 MB."),
        Verdict("multi", "max_layers", False, "multi has 7 layers, 2 more than 5."),
    ]
    found = report.data(BOTH, min_ratio=6, engine="29.1.0", verdicts=verdicts)
    assert (found["small_enough"], found["ok"]) == (True, False)
    assert report.complaints(found) == ["multi has 7 layers, 2 more than 5."]
    assert report.text(found).splitlines()[-2:] == [
        "within budget: multi has 150 MB of 200 MB.",
        "over budget:   multi has 7 layers, 2 more than 5.",
    ]
    assert "❌ multi has 7 layers, 2 more than 5." in report.markdown(found)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    report.write(found, tmp_path)
    assert capsys.readouterr().out == "::error title=images::multi has 7 layers, 2 more than 5.\n"
