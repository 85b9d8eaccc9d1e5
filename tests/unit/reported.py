"""A report by hand: two variants, of which one could not be run."""

from __future__ import annotations

import copy
from typing import Any

from djdock.images.budget import Verdict
from djdock.measure.series import BY_NAME, MEASUREMENTS, Series
from djdock.report import data

NEVER = "It gave no 200 in 60 s: no module named psycopg"


def contents(variant: str, size: int, **figures: Any) -> dict[str, Any]:
    return {
        "image": f"shop:{variant}",
        "platform": "linux/amd64",
        "store": "overlay2",
        "user": "10001",
        "figures": {
            "size": size,
            "compressed_size": size // 3,
            "layers": 7,
            "waste": 0,
            "efficiency": 1.0,
            "files": 1000,
            "python_packages": 5,
            "system_packages": 86,
            "setuid_files": [],
            "shells": ["/usr/bin/bash"],
            "compilers": [],
            **figures,
        },
        "dive": {"efficiency": 1.0, "wasted": 0},
        "layers": [],
        "wasted": [],
        "bytes": size,
        "groups": {},
        "owners": [
            owner("Django", "5.2", size * 3 // 4, 75.0),
            owner("my_pkg|x", "1", size // 4, 25.0),
        ],
        "findings": [],
        "could_go": 4_108,
        "problems": [],
    }


def owner(name: str, version: str, size: int, percent: float) -> dict[str, Any]:
    return {"owner": name, "version": version, "bytes": size, "percent": percent, "tree": []}


def change(name: str, what: str, size: int, before: str, after: str) -> dict[str, Any]:
    return {
        "owner": name,
        "family": "pypi",
        "change": what,
        "bytes": size,
        "before": None if what == "new" else 1_000_000,
        "after": size if what == "new" else 1_000_000 + size,
        "version_before": before,
        "version_after": after,
    }


def series(name: str, *runs: float) -> dict[str, Any]:
    return Series(BY_NAME[name], runs).as_dict()


SINGLE = data.variant(
    "single",
    contents(
        "single", 1_200_000_000, waste=31_900_000, efficiency=0.97119, setuid_files=["/a", "/b"]
    ),
    dockerfile="docker/single.Dockerfile",
    base_image="python:3.13",
    measurements={
        "cold_build": series("cold_build", 7.5, 6.7, 7.6),
        "rebuild_code": series("rebuild_code", 1.0, 1.2, 0.9),
        "rebuild_dependency": {"problem": "shop:single-changed could not be built: see above."},
        "first_200": series("first_200", 0.7, 0.8, 0.9),
        "memory_rest": series("memory_rest", 92_131_328, 92_254_208, 92_237_824),
        "memory_loaded": series("memory_loaded", 96_063_488, 96_186_368, 96_694_272),
        "requests_per_second": series("requests_per_second", 561.1, 688.2, 760.8),
    },
)
LEGACY = data.variant(
    "my_old",
    contents("my_old", 200_150_000, layers=9),
    dockerfile="Dockerfile.old",
    measurements={
        "cold_build": series("cold_build", 8.1, 8.4, 7.7),
        "rebuild_code": series("rebuild_code", 1.1, 1.3, 1.2),
        "rebuild_dependency": series("rebuild_dependency", 3.3, 3.3, 3.7),
        "first_200": {"problem": NEVER},
        "memory_rest": {"problem": NEVER},
        "memory_loaded": {"problem": NEVER},
        "requests_per_second": {"problem": NEVER},
    },
    compared={
        "sentence": "Django +150 kB, new: pillow 100 kB",
        "bytes": 250_000,
        "before": 199_900_000,
        "after": 200_150_000,
        "changes": [
            change("Django", "grew", 150_000, "5.1", "5.2"),
            change("pillow", "new", 100_000, "", "11"),
        ],
    },
)
VERDICTS = [
    Verdict("my_old", "max_size", True, "my_old has 200 MB, within max_size 300 MB."),
    Verdict("my_old", "max_layers", False, "my_old has 9 layers, more than max_layers 5."),
]


def report(*, quick: bool = False, good: bool = False) -> dict[str, Any]:
    """The report; a ``good`` one has no complaints and only what has no problems."""
    variants = copy.deepcopy([SINGLE, LEGACY])
    if good:
        for item in variants:
            item["measurements"] = {
                kind.name: item["measurements"].get(kind.name)
                for kind in MEASUREMENTS
                if "problem" not in (item["measurements"][kind.name] or {})
            }
    made = data.report(
        "shop",
        variants,
        engine="29.1.0",
        store="overlay2",
        verdicts=VERDICTS[:1] if good else VERDICTS,
        quick=quick,
    )
    return made | {"made": "2026-11-21T05:00:00+00:00", "machine": "x86_64, 2 cpus"}
