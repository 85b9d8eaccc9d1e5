from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from archives import Archive, pack
from images import dpkg, lines, wheel

from djdock.images import opened
from djdock.images.contents import contents
from djdock.images.opened import Opened
from djdock.images.origin import Base

SITE = "usr/local/lib/python3.13/site-packages"


def members(files: dict[str, object]) -> dict[str, Any]:
    return {
        path: value.encode() if isinstance(value, str) and not value.startswith("-> ") else value
        if not isinstance(value, int) else b"x" * value
        for path, value in files.items()
    }  # fmt: skip


#: Two layers: a base with Debian's packages, and a site of which one file is replaced.
BASE = members(
    {
        **dpkg({"libc6": ["/usr/lib/libc.so.6"], "bash": ["/usr/bin/bash"]}),
        "usr/lib/libc.so.6": 30_000,
        "usr/bin/bash": 20_000,
        "usr/local/bin/python3.13": 14_000,
        "usr/local/lib/python3.13/os.py": 5_000,
        "app/old.py": 1_000,
    }
)
SITE_LAYER = members(
    {
        **wheel(SITE, "Django", "5.2", "django/a.py"),
        f"{SITE}/django/a.py": 50_000,
        "app/old.py": 2_000,
    }
)


def read(tmp_path: Path, *layers: bytes, **config: Any) -> Opened:
    path = tmp_path / "image.tar"
    path.write_bytes(pack(Archive(list(layers), config=config).classic()))
    return opened.from_archive(path)


def whole(tmp_path: Path, **config: Any) -> Opened:
    return read(tmp_path, pack(BASE), pack(SITE_LAYER), **config)


def test_the_figures(tmp_path: Path) -> None:
    found = contents(whole(tmp_path, config={"User": "10001"}))
    figures = found["figures"]
    size = sum(len(value) for layer in (BASE, SITE_LAYER) for value in layer.values())
    assert (found["image"], found["platform"], found["store"], found["user"]) == (
        "site:1", "linux/amd64", "archive", "10001",
    )  # fmt: skip
    assert figures == {
        "size": size,
        "compressed_size": None,
        "layers": 2,
        "waste": 1_000,
        "efficiency": round((size - 1_000) / size, 6),
        "files": len(BASE) + len(SITE_LAYER) - 1,
        "python_packages": 1,
        "system_packages": 2,
        "setuid_files": [],
        "shells": ["/usr/bin/bash"],
        "compilers": [],
    }
    assert found["bytes"] == size - 1_000
    assert found["problems"] == []
    json.dumps(found, allow_nan=False)


def test_the_layers_and_what_is_wasted(tmp_path: Path) -> None:
    history = [
        {"created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
        {"created_by": "RUN /bin/sh -c TOKEN=hunter2 pip install Django # buildkit"},
    ]
    image = whole(tmp_path, history=history)
    found = contents(image, base=Base("debian:13", 1), mask=lambda t: t.replace("hunter2", "***"))
    first, second = found["layers"]
    assert (first["number"], first["base"], first["waste"]) == (1, True, 1_000)
    assert (second["number"], second["base"], second["waste"]) == (2, False, 0)
    assert (second["added"], second["changed"], second["removed"]) == (len(SITE_LAYER) - 1, 1, 0)
    assert second["instruction"] == "RUN TOKEN=*** pip install Django"
    assert first["digest"] == image.image.layers[0].digest
    assert found["wasted"] == [
        {"path": "/app/old.py", "size": 1_000, "copies": 1, "layer": 2, "how": "replaced"}
    ]
    assert found["dive"] == {
        # Both copies: 3000 bytes of which one, of 1000, would do.
        "efficiency": round((found["figures"]["size"] - 2_000) / found["figures"]["size"], 6),
        "wasted": 3_000,
    }


def test_a_secret_with_blanks_is_masked_too(tmp_path: Path) -> None:
    history = [{"created_by": "a"}, {"created_by": "RUN /bin/sh -c KEY='two  blanks' make"}]
    found = contents(
        whole(tmp_path, history=history), mask=lambda text: text.replace("two  blanks", "***")
    )
    assert found["layers"][1]["instruction"] == "RUN KEY='***' make"


def test_owners_add_up_and_have_trees(tmp_path: Path) -> None:
    found = contents(whole(tmp_path))
    assert sum(owner["bytes"] for owner in found["owners"]) == found["bytes"]
    assert sum(found["groups"].values()) == found["bytes"]
    assert round(sum(owner["percent"] for owner in found["owners"]), 1) == 100.0
    django = found["owners"][0]
    # The archive has no folders: whoever unpacks it makes them.
    assert (django["owner"], django["version"], django["family"]) == ("Django", "5.2", "pypi")
    [tree] = [owner["tree"] for owner in found["owners"] if owner["owner"] == "libc6"]
    assert tree[0] == {"name": "/usr/lib/libc.so.6", "bytes": 30_000, "files": 1}
    for owner in found["owners"]:
        assert not owner["tree"] or sum(n["bytes"] for n in owner["tree"]) == owner["bytes"]


def test_setuid_files_and_findings(tmp_path: Path) -> None:
    layer = pack({"usr/bin/su": b"x" * 10}, mode=0o4755)
    docs = pack(members({"usr/share/doc/a/README": "y" * 30_000}))
    found = contents(read(tmp_path, layer, docs))
    assert found["figures"]["setuid_files"] == ["/usr/bin/su"]
    assert found["user"] == "root"
    [finding] = found["findings"]
    assert (finding["rule"], finding["bytes"], finding["safe"]) == ("documentation", 30_000, True)
    assert found["could_go"] == 30_000


def test_a_problem_is_said(tmp_path: Path) -> None:
    info = f"{SITE}/Django-5.2.dist-info"
    layer = pack(members({f"{info}/METADATA": lines("nonsense"), f"{info}/RECORD": '"'}))
    found = contents(read(tmp_path, layer))
    assert found["problems"] == list(read(tmp_path, layer).ownership.problems)


def test_nothing_depends_on_the_build(tmp_path: Path) -> None:
    one = whole(tmp_path, created="2026-01-01T00:00:00Z")
    other = whole(tmp_path, created="2027-01-01T00:00:00Z")
    assert one.image.id != other.image.id
    assert contents(one) == contents(other)
    renamed = replace(one.snapshot, name="a\nb")
    assert contents(replace(one, snapshot=renamed))["image"] == "a\\nb"
