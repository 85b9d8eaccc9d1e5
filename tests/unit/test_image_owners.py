from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from images import OFFICIAL, dpkg, entries, image, wheel
from support import Invoke, Project

from djdock import engine
from djdock.errors import MissingError
from djdock.images import opened, show
from djdock.images.size import ImageSize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djdock.images.model import Entry, Image

SITE = "opt/venv/lib/python3.13/site-packages"

MULTI: dict[str, object] = {
    **OFFICIAL,
    **wheel(SITE, "Django", "5.2", "django/a.py"),
    f"{SITE}/django/a.py": 20_000_000,
    f"{SITE}/django/tests/a.bin": 1_000_000,
    **dpkg({"libc6": ["/usr/lib/libc.so.6"]}),
    "usr/lib/libc.so.6": 2_000_000,
    "app/manage.py": 100_000,
}
CHANGED = {
    **MULTI,
    **wheel(SITE, "pillow", "11", "PIL/a.so"),
    f"{SITE}/PIL/a.so": 9_800_000,
    f"{SITE}/django/a.py": 22_100_000,
}
DJANGO = 21_000_000 + sum(
    len(str(value)) for path, value in MULTI.items() if path.startswith(f"{SITE}/Django-5.2")
)


@pytest.fixture
def images(project: Project, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, object]]:
    """The images that an engine has, by name; nothing is read but these."""
    local: dict[str, dict[str, object]] = {"shop:multi": MULTI, "other:1": CHANGED}

    @contextmanager
    def client() -> Iterator[object]:
        yield None

    def measure(sdk: object, names: list[str]) -> list[ImageSize]:
        if names[0] not in local:
            raise MissingError(f"There is no image `{names[0]}` here.")
        size = sum(entry.size for entry in entries(local[names[0]]))
        return [ImageSize(names[0], "sha256:1", size, 1, "root", "overlay2")]

    def read(source: str | Path, _keep: object, **_: object) -> Image:
        made = image(local[Path(source).name.removesuffix(".tar")], WorkingDir="/app")
        return replace(made, name=str(source))

    def final(made: Image) -> list[Entry]:
        return list(made.layers[0].entries)

    monkeypatch.setattr(engine, "client", client)
    monkeypatch.setattr(engine, "image_id", lambda sdk, name: local.get(name))
    monkeypatch.setattr(opened.size, "measure", measure)
    monkeypatch.setattr(opened.archive, "read", read)
    monkeypatch.setattr(opened.filesystem, "final", final)
    return local


def test_packages_shows_whose_the_bytes_are_and_what_could_go(images: Any, invoke: Invoke) -> None:
    ended = invoke("image.packages", "--top", "2")
    total = sum(entry.size for entry in entries(MULTI))
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == f"shop:multi: 23.2 MB in {len(MULTI)} files of 7 owners (linux/amd64)"
    assert [line.split() for line in ended.lines[4:7]] == [
        ["Django", "5.2", "packages", "21.0", "MB", f"{DJANGO / total * 100:.1f}", "5", "█" * 16],
        ["libc6", "1.0", "system", "2.00", "MB", "8.6", "1", "█▌"],
        ["5", "others", "235", "kB", "1.0", "14"],
    ]
    assert ended.lines[8].startswith("packages 21.0 MB (90.4 %) · system 2.00 MB (8.6 %)")
    assert ended.lines[10:13] == [
        "Could go: 1.00 MB, each file counted once",
        "  1.00 MB  tests inside of packages",
        "           they are their authors'",
    ]


def test_packages_as_json_has_every_owner_and_adds_up(images: Any, invoke: Invoke) -> None:
    ended = invoke("image.packages", "other:1", "--json")
    data = json.loads(ended.out)
    assert data["version"] == 1
    assert (data["image"], data["store"]) == ("other:1", "overlay2")
    assert data["content"].startswith("sha256:")
    assert data["bytes"] == data["size"] == sum(entry.size for entry in entries(CHANGED))
    assert sum(item["bytes"] for item in data["owners"]) == data["bytes"]
    assert sum(sum(item["kinds"].values()) for item in data["owners"]) == data["bytes"]
    assert sum(data["groups"].values()) == sum(data["kinds"].values()) == data["bytes"]
    assert round(sum(item["percent"] for item in data["owners"]), 6) == 100
    assert data["others"] == {"owners": 0, "bytes": 0}
    assert data["owners"][0]["owner"] == "Django"
    assert {item["rule"] for item in data["findings"]} >= {"tests"}
    assert data.keys() == {
        "version", "image", "content", "platform", "store", "size", "bytes", "files", "unowned",
        "groups", "kinds", "owners", "others", "findings", "could_go", "problems",
    }  # fmt: skip


def test_packages_can_be_sorted_and_cut(images: Any, invoke: Invoke) -> None:
    data = json.loads(
        invoke("image.packages", "--json", "--sort", "name", "--min", "1MB", "--top", "5").out
    )
    assert [item["owner"] for item in data["owners"]] == ["Django", "libc6"]
    assert data["others"]["owners"] == 5
    assert sum(i["bytes"] for i in data["owners"]) + data["others"]["bytes"] == data["bytes"]


def test_an_archive_is_read_without_an_engine(
    images: Any, invoke: Invoke, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "client", None)
    archive = project.write("shop:multi.tar", "")
    data = json.loads(invoke("image.packages", "--archive", str(archive), "--json").out)
    assert (data["store"], data["bytes"]) == ("archive", data["size"])


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--sort", "siez"], 2, "There is no order `siez`.\nDid you mean `size`?"),
        (["--top", "-1"], 2, "--top is -1.\nGive a number from 1 on, or 0 for the default."),
        (["--min", "big"], 2, "--min `big` is not a size.\n"),
        (["nope:1"], 3, "There is no image `nope:1` here."),
        (["--variant", "mutli"], 2, "There is no variant `mutli`.\nDid you mean `multi`?"),
    ],
)
def test_what_packages_cannot_do(
    images: Any, invoke: Invoke, words: list[str], code: int, text: str
) -> None:
    ended = invoke("image.packages", *words)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith(f"error: {text}")


def test_compare_shows_what_changed_by_owner(images: Any, invoke: Invoke) -> None:
    ended = invoke("image.compare", "multi", "other:1")
    assert ended.code == 0
    grown = 9_800_000 + 2_100_000
    assert ended.lines[0].startswith("shop:multi → other:1: 23.2 MB → 35.1 MB (+11.9 MB)")
    assert [line.split()[:4] for line in ended.lines[4:6]] == [
        ["pillow", "new", "+9.80", "MB"],
        ["Django", "grew", "+2.10", "MB"],
    ]
    assert ended.lines[-1] == "new: pillow 9.80 MB, Django +2.10 MB."
    data = json.loads(invoke("image.compare", "multi", "other:1", "--json").out)
    assert data["version"] == 1
    assert abs(data["bytes"] - grown) < 1000
    assert [item["change"] for item in data["changes"]] == ["new", "grew"]
    assert "owners" not in data["before"]
    for words, order in (
        ("--sort name", ["Django", "pillow"]),
        ("--sort change", ["Django", "pillow"]),
        ("--sort size", ["pillow", "Django"]),
        ("--sort name --top 1", ["pillow", "1"]),  # the largest one
    ):
        ended = invoke("image.compare", "multi", "other:1", *words.split())
        assert [line.split()[0] for line in ended.lines[4 : 4 + len(order)]] == order
    ended = invoke("image.compare", "multi", "other:1", "--sort", "name", "--json")
    assert [item["owner"] for item in json.loads(ended.out)["changes"]] == ["Django", "pillow"]
    for words, shown, others in (
        ("", 2, {"owners": 0, "bytes": 0}),
        ("--top 1", 1, {"owners": 1, "bytes": 2_100_000}),
        ("--min 5MB", 1, {"owners": 1, "bytes": 2_100_000}),
    ):
        cut = json.loads(invoke("image.compare", "multi", "other:1", "--json", *words.split()).out)
        assert len(cut["changes"]) == shown
        assert cut["others"] == others


def test_the_baseline_is_written_and_compared_with(
    images: Any, invoke: Invoke, project: Project
) -> None:
    ended = invoke("image.baseline")
    assert (ended.code, ended.out) == (0, "multi: 23.2 MB, 7 owners\n")
    assert ended.err == "Written: images.lock.json; commit it.\n"
    written = (project.root / "images.lock.json").read_bytes()
    assert invoke("image.baseline", "--variant", "multi").err == "images.lock.json is unchanged.\n"
    assert (project.root / "images.lock.json").read_bytes() == written
    ended = invoke("image.compare", "multi")
    assert ended.lines[-1] == "no owner changed in size."
    images["shop:multi"] = CHANGED
    for words in (["multi"], ["baseline", "shop:multi"], ["baseline", "multi"]):
        ended = invoke("image.compare", *words)
        assert ended.lines[0].startswith("multi in images.lock.json → shop:multi: 23.2 MB →")
        assert ended.lines[-1] == "new: pillow 9.80 MB, Django +2.10 MB."
    ended = invoke("image.compare", "multi", "baseline")
    assert ended.lines[-1] == "gone: pillow 9.80 MB, Django -2.10 MB."


def test_a_baseline_of_one_variant_keeps_the_others(
    images: Any, invoke: Invoke, project: Project
) -> None:
    invoke("image.baseline")
    images["shop:single"] = CHANGED
    ended = invoke("image.baseline", "--variant", "single", "--json")
    assert list(json.loads(ended.out)["variants"]) == ["multi", "single"]


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["multi"], 3, "There is no baseline: "),
        (["baseline", "baseline"], 2, "The baseline is the same as itself.\n"),
        (
            ["other:1"],
            2,
            "other:1 is no variant, so the baseline has nothing to compare it with.\n",
        ),
    ],
)
def test_what_compare_cannot_do(
    images: Any, invoke: Invoke, words: list[str], code: int, text: str
) -> None:
    ended = invoke("image.compare", *words)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith(f"error: {text}")


def test_a_variant_that_the_baseline_lacks_is_named(images: Any, invoke: Invoke) -> None:
    invoke("image.baseline")
    images["shop:single"] = CHANGED
    ended = invoke("image.compare", "single")
    assert (ended.code, ended.err) == (
        3,
        "error: The baseline has no single.\n`invoke image.baseline --variant single` adds it.\n",
    )


def test_without_an_image_there_is_no_baseline(images: Any, invoke: Invoke) -> None:
    images.clear()
    ended = invoke("image.baseline")
    assert (ended.code, ended.err) == (
        3,
        "error: No variant is built.\n`invoke build --all` builds them.\n",
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["image.packages"], "Would read shop:multi.\n"),
        (["image.compare", "multi"], "Would compare baseline and multi.\n"),
        (["image.baseline"], "Would write ROOT/images.lock.json.\n"),
    ],
)
def test_a_dry_run_reads_and_writes_nothing(
    images: Any, invoke: Invoke, project: Project, words: list[str], text: str
) -> None:
    images.clear()
    before = project.files()
    ended = invoke("--dry", *words)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.replace(str(project.root), "ROOT") == text
    assert {path for path in project.files() if "__pycache__" not in path} == {
        path for path in before if "__pycache__" not in path
    }


def test_names_that_would_move_the_cursor_are_escaped() -> None:
    assert show.printable("a\x1b[2Jb\n\udcff é") == "a\\x1b[2Jb\\n\\udcff é"


@pytest.mark.parametrize(
    ("size", "shown"), [(0, ""), (1, ""), (500, "████████"), (1000, "█" * 16), (531, "████████▌")]
)
def test_bars_are_in_eighths(size: int, shown: str) -> None:
    assert show.bar(size, 1000) == shown
    assert show.bar(size, 0) == ""
