from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reported import LEGACY, NEVER, SINGLE, VERDICTS, report

from djdock import __version__
from djdock.images import baseline
from djdock.images.baseline import Part, Snapshot
from djdock.report import data


def test_the_keys_are_those_of_version_2() -> None:
    found = report()
    assert list(found) == [
        "version", "djdock", "project", "made", "engine", "store", "machine", "quick", "ok",
        "complaints", "variants", "budget",
    ]  # fmt: skip
    assert (found["version"], found["djdock"], found["project"]) == (2, __version__, "shop")
    assert [item["variant"] for item in found["variants"]] == ["single", "my_old"]
    assert list(found["variants"][0])[:4] == ["variant", "dockerfile", "base_image", "image"]
    assert list(found["variants"][0])[-2:] == ["measurements", "baseline"]
    assert found["budget"] == [item.as_dict() for item in VERDICTS]
    json.dumps(found, allow_nan=False)


def test_made_is_utc_and_in_seconds() -> None:
    made = data.report("shop", [], engine="1", store="overlay2")["made"]
    assert len(made) == len("2026-11-21T05:00:00+00:00")
    assert abs(datetime.fromisoformat(made) - datetime.now(UTC)).total_seconds() < 3600


def test_each_reason_is_one_complaint_then_come_the_budgets() -> None:
    found = report()
    assert found["ok"] is False
    assert found["complaints"] == [
        (
            "single: dependency rebuild could not be measured: "
            "shop:single-changed could not be built: see above."
        ),
        (
            "my_old: first 200, memory at rest, memory after load, requests per second could not be "
            f"measured: {NEVER}"
        ),
        "my_old has 9 layers, more than max_layers 5.",
    ]
    good = report(good=True)
    assert (good["ok"], good["complaints"]) == (True, [])


def test_a_report_of_an_image_alone() -> None:
    contents = {"image": "other:1", "figures": SINGLE["figures"]}
    assert data.variant("other:1", contents) == {
        "variant": "other:1",
        "dockerfile": "",
        "base_image": "",
        **contents,
        "measurements": {},
        "baseline": {"problem": "there is no baseline"},
    }
    assert LEGACY["dockerfile"] == "Dockerfile.old"


BEFORE = Snapshot("shop:multi", "linux/amd64", "overlay2", 100, 5, {"pypi:Django": Part("5.1", 60)})
AFTER = replace(BEFORE, size=130, owners={"pypi:Django": Part("5.2", 90)})


def test_what_changed_since_the_baseline(tmp_path: Path) -> None:
    path = tmp_path / baseline.FILE
    baseline.write(path, {"multi": BEFORE})
    assert data.against_baseline(path, "multi", AFTER) == {
        "sentence": "Django +30 B",
        "bytes": 30,
        "before": 100,
        "after": 130,
        "changes": [
            {
                "owner": "Django",
                "family": "pypi",
                "change": "grew",
                "bytes": 30,
                "before": 60,
                "after": 90,
                "version_before": "5.1",
                "version_after": "5.2",
            }
        ],
    }


@pytest.mark.parametrize(
    ("text", "snapshot", "problem"),
    [
        (None, AFTER, "there is no baseline"),
        ("BEFORE", None, "there is no baseline"),
        ("OTHER", AFTER, "the baseline has no multi"),
        ("{", AFTER, "is no baseline that djdock wrote."),
        ("BEFORE", replace(AFTER, store="vfs"), "their image store differs (overlay2, vfs)."),
    ],
)
def test_why_nothing_can_be_said(
    tmp_path: Path, text: str | None, snapshot: Snapshot | None, problem: str
) -> None:
    path = tmp_path / baseline.FILE
    if text in ("BEFORE", "OTHER"):
        baseline.write(path, {"multi" if text == "BEFORE" else "other": BEFORE})
    elif text:
        path.write_text(text, encoding="utf-8")
    found = data.against_baseline(path, "multi", snapshot)
    assert list(found) == ["problem"]
    assert found["problem"].endswith(problem)
