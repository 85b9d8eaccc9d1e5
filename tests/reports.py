"""A report's data, small and the same each time: what the unit tests and those in a browser draw.

Its images are made up, but shaped as real ones: three variants, each with groups, owners, folders,
layers and findings, one after the other nine and three times smaller.
"""

from __future__ import annotations

import copy
from typing import Any

MB = 1_000_000

#: Of an image of a thousand units: group, owner, version, family, and the owner's folders with units.
OWNERS: tuple[tuple[str, str, str, str, dict[str, int]], ...] = (
    ("system", "gcc-14", "14.2.0-19", "debian", {"libexec": 200, "lib": 60, "share": 5}),
    ("system", "libc6", "2.41-12", "debian", {"lib": 100, "share": 20}),
    ("system", "libicu76", "76.1-4", "debian", {"lib": 115}),
    ("packages", "Django", "5.2.19", "pypi", {"contrib": 120, "conf": 60, "db": 40}),
    ("packages", "psycopg2-binary", "2.9.13", "pypi", {"libs": 80}),
    ("interpreter", "libpython3.13-stdlib", "3.13.5-2", "debian", {"lib": 90, "share": 40}),
    ("static files", "static files", "", "static", {"admin": 40, "polls": 10}),
    ("project", "project", "", "project", {"polls": 15, "config": 5}),
)

SERIES = {
    "cold_build": ("s", "less", [25.3, 22.155, 25.71]),
    "rebuild_code": ("s", "less", [1.2, 1.24, 1.29]),
    "rebuild_dependency": ("s", "less", [7.494, 7.1, 7.096]),
    "first_200": ("s", "less", [0.744, 0.766, 0.751, 0.726, 0.801]),
    "memory_rest": ("B", "less", [88198719, 88500876, 86894390]),
    "memory_loaded": ("B", "less", [100950471, 100425388, 97498724]),
    "requests_per_second": ("1/s", "more", [406.668, 426.03, 425.517]),
}


def report() -> dict[str, Any]:
    """What `nox -s images` might write, with two complaints."""
    return {
        "version": 2,
        "djdock": "0.1.0",
        "project": "shop",
        "made": "2026-11-21T05:00:00+00:00",
        "engine": "26.1.5",
        "store": "overlay2",
        "machine": "x86_64, 2 cpus",
        "quick": False,
        "ok": False,
        "complaints": ["multi holds what forbid names: bash.", "max_growth cannot be checked."],
        "variants": [
            variant("single", unit=1_107_000, waste=31 * MB, slower=3),
            variant("multi", unit=123_000, slower=2),
            variant("minimal", unit=44_817, slower=1),
        ],
        "budget": [
            verdict("max_size", "multi has 123 MB, within max_size 135 MB."),
            verdict("forbid", "multi holds what forbid names: bash.", ok=False),
            verdict("max_growth", "max_growth cannot be checked.", ok=False, checked=False),
        ],
    }


def unmeasured(*names: str) -> dict[str, Any]:
    """What `invoke image.report IMAGE` makes."""
    data = report()
    data.update(complaints=[], budget=[], ok=True)
    data["variants"] = [variant(name, unit=50_000) for name in names]
    for item in data["variants"]:
        item.update(measurements={}, baseline={"problem": "nothing was measured"}, dockerfile="")
    return data


def verdict(rule: str, sentence: str, *, ok: bool = True, checked: bool = True) -> dict[str, Any]:
    return {"variant": "multi", "rule": rule, "ok": ok, "checked": checked, "sentence": sentence}


def variant(name: str, *, unit: int, waste: int = 0, slower: float = 1) -> dict[str, Any]:
    owners = [owner(*words, unit) for words in OWNERS]
    size = sum(item["bytes"] for item in owners)
    groups: dict[str, int] = {"unowned": 0}
    for item in owners:
        groups[item["group"]] = groups.get(item["group"], 0) + item["bytes"]
        item["percent"] = round(100 * item["bytes"] / size, 1)
    return {
        "variant": name,
        "dockerfile": f"docker/{name}.Dockerfile",
        "base_image": "djdock/python:3.13-slim",
        "image": f"shop:{name}",
        "platform": "linux/amd64",
        "store": "overlay2",
        "user": "10001:10001",
        "figures": {
            "size": size + waste,
            "compressed_size": size * 4 // 10,
            "layers": 4,
            "waste": waste,
            "efficiency": round(size / (size + waste), 6),
            "files": 2366,
            "python_packages": 2,
            "system_packages": 4,
            "setuid_files": ["/usr/bin/chage", "/usr/bin/chfn"] if waste else [],
            "shells": ["/usr/bin/bash"],
            "compilers": [],
        },
        "dive": {"efficiency": 1.0, "wasted": 0},
        "layers": layers(size, waste),
        "wasted": [wasted()] if waste else [],
        "bytes": size,
        "groups": groups,
        "owners": sorted(owners, key=lambda item: -item["bytes"]),
        "findings": findings(unit),
        "could_go": 260 * unit,
        "problems": [],
        "measurements": {key: series(*words, slower) for key, words in SERIES.items()},
        "baseline": baseline(size + waste),
    }


def owner(
    group: str, name: str, version: str, family: str, folders: dict[str, int], unit: int
) -> dict[str, Any]:
    tree = [
        {
            "name": folder,
            "bytes": units * unit,
            "files": units,
            # One file has four fifths of its folder, the rest is too small to be named.
            "children": [
                {"name": f"{folder}.so", "bytes": units * unit * 4 // 5, "files": 1},
                {
                    "name": "others",
                    "bytes": units * unit - units * unit * 4 // 5,
                    "files": units - 1,
                    "others": units - 1,
                },
            ],
        }
        for folder, units in folders.items()
    ]
    size, files = sum(folders.values()) * unit, sum(folders.values())
    return {
        "owner": name,
        "version": version,
        "family": family,
        "group": group,
        "bytes": size,
        "files": files,
        "percent": 0.0,
        "kinds": {"code": size - size // 3, "locale": size // 3},
        "tree": [{"name": "/usr", "bytes": size, "files": files, "children": tree}],
    }


def layers(size: int, waste: int) -> list[dict[str, Any]]:
    long = "RUN apt-get install --yes " + " ".join(f"lib{number}-dev" for number in range(40))
    first, second = size // 2 + waste, size - size // 2
    rows = ((long, first, waste), ("WORKDIR /app", 0, 0), ("COPY /app /app", second, 0))
    return [
        {
            "number": number,
            "digest": f"sha256:{number:064d}",
            "instruction": text,
            "size": taken,
            "compressed_size": taken * 4 // 10,
            "added": 10,
            "changed": 1 if lost else 0,
            "removed": 0,
            "waste": lost,
            "base": number == 1,
        }
        for number, (text, taken, lost) in enumerate(rows, 1)
    ]


def wasted() -> dict[str, Any]:
    return {
        "path": "/var/cache/debconf/templates.dat",
        "size": 4_229_417,
        "copies": 5,
        "layer": 3,
        "how": "replaced",
    }


def findings(unit: int) -> list[dict[str, Any]]:
    return [
        {
            "rule": "compilers",
            "title": "compilers and build tools",
            "bytes": 260 * unit,
            "files": 260,
            "safe": True,
            "why": "they are for building, and what was built does not need them",
            "change": "Dockerfile: build in a stage of its own, COPY --from",
            "largest": [{"path": "/usr/libexec/gcc/cc1plus", "bytes": 200 * unit}],
        },
        {
            "rule": "locales",
            "title": "translations into languages that the project has none of",
            "bytes": 40 * unit,
            "files": 41,
            "safe": False,
            "why": "LANGUAGES of Django's settings decides which ones are offered",
            "change": "settings: LANGUAGES",
            "largest": [],
        },
    ]


def series(unit: str, better: str, runs: list[float], slower: float) -> dict[str, Any]:
    taken = [run if unit == "B" else round(run * slower, 3) for run in runs]
    middle = sorted(taken)[len(taken) // 2]
    return {
        "unit": unit,
        "better": better,
        "runs": taken,
        "median": middle,
        "least": min(taken),
        "most": max(taken),
    }


def baseline(size: int) -> dict[str, Any]:
    return {
        "sentence": "Django +2.10 MB, new: pillow 9.80 MB, gone: six 40.0 kB",
        "bytes": 11_860_000,
        "before": size - 11_860_000,
        "after": size,
        "changes": [
            change("pillow", "new", None, 9_800_000, "", "11.0.0"),
            change("Django", "grew", 20_000_000, 22_100_000, "5.1", "5.2.19"),
            change("six", "gone", 40_000, None, "1.16", ""),
        ],
    }


def change(
    name: str, what: str, before: int | None, after: int | None, old: str, new: str
) -> dict[str, Any]:
    return {
        "owner": name,
        "family": "pypi",
        "change": what,
        "bytes": (after or 0) - (before or 0),
        "before": before,
        "after": after,
        "version_before": old,
        "version_after": new,
    }


def hostile(data: dict[str, Any], text: str) -> dict[str, Any]:
    """The data with every text that a stranger's image can choose replaced."""
    made = copy.deepcopy(data)
    for item in made["variants"]:
        for key in ("variant", "image", "user", "base_image", "platform"):
            item[key] = text
        item["problems"] = [text]
        for key in ("setuid_files", "shells", "compilers"):
            item["figures"][key] = [text]
        item["groups"][text] = item["groups"].pop("project")
        for one in item["owners"]:
            one.update(owner=text, version=text)
            one["group"] = text if one["group"] == "project" else one["group"]
            _rename(one["tree"], text)
        for one in item["layers"]:
            one["instruction"] = text
        for one in (
            *item["wasted"],
            *(row for found in item["findings"] for row in found["largest"]),
        ):
            one["path"] = text
        for one in item["baseline"]["changes"]:
            one.update(owner=text, version_before=text, version_after=text)
    return made


def _rename(nodes: list[dict[str, Any]], text: str) -> None:
    for node in nodes:
        node["name"] = text
        _rename(node.get("children", []), text)
