from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from images import OFFICIAL, dpkg, own
from test_baseline import snapshot

from djdock.images import forbidden
from djdock.images.baseline import write
from djdock.images.budget import Baseline, Facts, baseline_of, evaluate
from djdock.images.limits import limits

FILES = own(
    {
        **OFFICIAL,
        **dpkg({"gcc-14": ["/usr/bin/x86_64-linux-gnu-gcc-14"], "curl": ["/usr/bin/curl"]}),
        "usr/bin/x86_64-linux-gnu-gcc-14": 5,
        "usr/bin/curl": 5,
        "usr/bin/su": {"size": 5, "mode": 0o4755},
        "usr/bin/wall": {"size": 5, "mode": 0o2755},
        "root/.ssh/id_rsa": 5,
        "app/a.key": 5,
        "app/gcc": 5,
    }
).files

BEFORE = snapshot(100_000_000, Django=20_000_000)
AFTER = snapshot(111_900_000, Django=22_100_000, pillow=9_800_000)
FACTS = Facts("multi", AFTER, wasted=3_000_000, efficiency=0.96, files=FILES)


def verdicts(budget: dict[str, Any], facts: Facts = FACTS, **more: Any) -> list[str]:
    found = evaluate(limits(budget, "multi"), facts, **more)
    return [f"{'ok' if item.ok else 'no'}: {item.sentence}" for item in found]


def test_no_limits_no_verdicts() -> None:
    assert verdicts({}) == []


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (
            {"max_size": 111_900_000},
            "ok: multi has 112 MB (111900000 bytes), within max_size 112 MB.",
        ),
        (
            {"max_size": "110MB"},
            (
                "no: multi has 112 MB (111900000 bytes), 1.90 MB more than max_size 110 MB: "
                "new: pillow 9.80 MB, Django +2.10 MB."
            ),
        ),
        (
            {"max_growth": "12MB"},
            "ok: multi grew by 11.9 MB against the baseline, within max_growth 12.0 MB.",
        ),
        (
            {"max_growth": "11.9%"},
            "ok: multi grew by 11.9 MB against the baseline, within max_growth 11.9%.",
        ),
        (
            {"max_growth": "11.8%"},
            (
                "no: multi grew by 11.9 MB against the baseline, more than max_growth 11.8%: "
                "new: pillow 9.80 MB, Django +2.10 MB."
            ),
        ),
        ({"max_layers": 5}, "ok: multi has 5 layers, within max_layers 5."),
        ({"max_layers": 4}, "no: multi has 5 layers, more than max_layers 4."),
        (
            {"max_wasted": "3MB"},
            "ok: multi wastes 3.00 MB (3000000 bytes) in its layers, within max_wasted 3.00 MB.",
        ),
        (
            {"max_wasted": 0},
            "no: multi wastes 3.00 MB (3000000 bytes) in its layers, more than max_wasted 0 B.",
        ),
        ({"min_efficiency": 0.96}, "ok: multi is 0.96 efficient, at least min_efficiency 0.96."),
        ({"min_efficiency": 0.97}, "no: multi is 0.96 efficient, less than min_efficiency 0.97."),
        ({"min_ratio": 9}, "ok: multi is 9.00 times smaller than single, at least min_ratio 9."),
        (
            {"min_ratio": 9.1},
            "no: multi is 9.00 times smaller than single, less than min_ratio 9.1.",
        ),
        (
            {"forbid": ["gcc"]},
            (
                "no: multi holds what forbid names: gcc "
                "(/usr/bin/x86_64-linux-gnu-gcc-14 of gcc-14 1.0)."
            ),
        ),
        ({"forbid": ["clang"]}, "ok: multi holds no clang."),
        (
            {"forbid": ["setuid"]},
            "no: multi holds what forbid names: setuid (/usr/bin/su and 1 more).",
        ),
    ],
)
def test_each_limit_has_a_sentence(budget: dict[str, Any], expected: str) -> None:
    sizes = {"single": 1_007_100_000}
    assert verdicts(budget, baseline=Baseline(BEFORE), sizes=sizes) == [expected]


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (6, "no: multi is 2.00 times as large as single, which breaks min_ratio 6."),
        (0.5, "ok: multi is 2.00 times as large as single, which keeps min_ratio 0.5."),
    ],
)
def test_what_is_larger_is_not_said_to_be_smaller(ratio: float, expected: str) -> None:
    assert verdicts({"min_ratio": ratio}, sizes={"single": 55_950_000}) == [expected]


EVERY = {
    "max_size": 1,
    "max_growth": 1,
    "max_layers": 1,
    "max_wasted": 1,
    "min_efficiency": 0.5,
    "min_ratio": 2,
    "forbid": ["gcc"],
}


def test_what_was_not_measured_is_not_kept() -> None:
    found = evaluate(limits(EVERY, "multi"), Facts("multi"))
    assert {item.rule for item in found} == set(EVERY)
    assert not any(item.ok or item.checked for item in found)
    assert [item.sentence for item in found] == [
        "max_size of multi cannot be checked: its size was not measured.",
        "max_growth of multi cannot be checked: its size was not measured.",
        "max_layers of multi cannot be checked: its layers were not counted.",
        "max_wasted of multi cannot be checked: its wasted bytes were not measured.",
        "min_efficiency of multi cannot be checked: its efficiency was not measured.",
        "min_ratio of multi cannot be checked: its size was not measured.",
        "forbid of multi cannot be checked: whether gcc is there was not looked at.",
    ]


@pytest.mark.parametrize(
    ("budget", "facts", "why"),
    [
        ({"max_growth": 1}, FACTS, "max_growth of multi cannot be checked: there is no baseline."),
        (
            {"min_ratio": {"minimal": 2}},
            FACTS,
            (
                "min_ratio of multi cannot be checked: minimal is neither measured nor built; "
                "add it to --only."
            ),
        ),
        (
            {"min_efficiency": 0.5},
            Facts("multi", efficiency=float("nan")),
            "min_efficiency of multi cannot be checked: its efficiency was not measured.",
        ),
        (
            {"forbid": ["clang"]},
            Facts("multi", files=FILES, problems=["RPM's data base cannot be read: x."]),
            (
                "forbid of multi cannot be checked: whether clang is there cannot be told, as RPM's "
                "data base cannot be read: x."
            ),
        ),
    ],
)
def test_what_cannot_be_told_is_not_kept(budget: dict[str, Any], facts: Facts, why: str) -> None:
    assert verdicts(budget, facts) == [f"no: {why}"]


def test_a_baseline_of_another_store_cannot_be_checked_against() -> None:
    other = Baseline(replace(BEFORE, store="containerd (overlayfs)", name="multi in the lock"))
    assert verdicts({"max_growth": "50%", "max_size": 1}, baseline=other) == [
        "no: multi has 112 MB (111900000 bytes), 112 MB more than max_size 1 B.",
        (
            "no: max_growth of multi cannot be checked: multi in the lock and shop:multi cannot be "
            "compared: their image store differs (containerd (overlayfs), overlay2)."
        ),
    ]


def test_a_baseline_that_is_missing_or_broken_is_a_reason_and_no_error(tmp_path: Path) -> None:
    path = tmp_path / "images.lock.json"
    assert verdicts({"max_growth": "5%"}, baseline=baseline_of(path, "multi")) == [
        (
            "no: max_growth of multi cannot be checked: there is no images.lock.json, "
            "which `invoke image.baseline` makes."
        )
    ]
    path.write_text("<<<<<<< HEAD", encoding="utf-8")
    assert baseline_of(path, "multi").problem == f"{path} is no baseline that djdock wrote."
    write(path, {"minimal": BEFORE})
    assert baseline_of(path, "multi").problem == "the baseline has no multi"
    found = baseline_of(path, "minimal").snapshot
    assert found is not None
    assert found.size == BEFORE.size


def test_paths_need_no_package_data_base() -> None:
    facts = Facts("multi", files=FILES, problems=["x"])
    assert (
        verdicts({"forbid": ["/nowhere/**", "setuid"]}, facts)[0]
        == "ok: multi holds no /nowhere/**."
    )


def test_an_image_that_shrank_is_within_any_growth() -> None:
    small = Facts("multi", snapshot(90_000_000))
    assert verdicts({"max_growth": 0}, small, baseline=Baseline(BEFORE)) == [
        "ok: multi shrank by 10.0 MB against the baseline, within max_growth 0 B."
    ]


@pytest.mark.parametrize(
    ("word", "paths"),
    [
        ("gcc", {"usr/bin/x86_64-linux-gnu-gcc-14"}),
        ("GCC-14", {"usr/bin/x86_64-linux-gnu-gcc-14"}),
        ("curl", {"usr/bin/curl"}),
        ("/root", {"root/.ssh/id_rsa"}),
        ("/root/.ssh/", {"root/.ssh/id_rsa"}),
        ("*.key", {"app/a.key"}),
        ("/app/*", {"app/a.key", "app/gcc"}),
        ("**/id_rsa", {"root/.ssh/id_rsa"}),
        ("/usr/bin/s?", {"usr/bin/su"}),
        ("/usr/*", {file.path for file in FILES if file.path.startswith("usr/")}),
        ("setuid", {"usr/bin/su", "usr/bin/wall"}),
        ("unowned", set()),
        ("project", set()),
        ("c++", set()),
        ("/gcc", set()),
    ],
)
def test_what_forbid_means(word: str, paths: set[str]) -> None:
    assert {file.path for file in forbidden.find(word, FILES)} == paths


def test_json_says_whether_it_was_checked() -> None:
    found = evaluate(limits({"max_layers": 4}, "multi"), FACTS)[0]
    assert found.as_dict() == {
        "variant": "multi",
        "rule": "max_layers",
        "ok": False,
        "checked": True,
        "sentence": "multi has 5 layers, more than max_layers 4.",
    }
