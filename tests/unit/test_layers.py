"""Layers on top of each other, waste and efficiency, each computed by hand in the example's comment."""

from __future__ import annotations

from typing import Any

import pytest
from docker.errors import ImageNotFound

from djdock.images import dive, files, files_view, filesystem, layers, layers_view, orders, show
from djdock.images.filesystem import Changes
from djdock.images.layers import Figures
from djdock.images.model import Entry, Image, Layer
from djdock.images.origin import Base, base
from djdock.images.wording import instruction, printable, share, shortened


def entry(path: str, value: int | str | None, **more: Any) -> Entry:
    """A file of so many bytes; None is a folder, "-> x" a symbolic link, "= x" a hard link."""
    if value is None:
        return Entry(path, "dir", mode=0o755)
    if isinstance(value, int):
        digest = more.pop("digest", f"{path}{value}".encode())
        return Entry(path, "file", value, digest=digest, **more)
    kind, target = ("symlink", value[3:]) if value.startswith("->") else ("hardlink", value[2:])
    return Entry(path, kind, target=target, **more)


def image(*contents: dict[str, int | str | None]) -> Image:
    """Layers from paths; ``-x`` is a whiteout of x, ``!x`` makes the folder x opaque."""
    made = []
    for index, paths in enumerate(contents):
        entries = [entry(path, value) for path, value in paths.items() if path[0] not in "-!"]
        made.append(
            Layer(
                index,
                f"sha256:{index}",
                f"RUN step {index + 1}",
                sum(e.size for e in entries),
                0,
                entries,
                [path[1:] for path in paths if path[0] == "-"],
                [path[1:] for path in paths if path[0] == "!"],
            )
        )
    return Image("site:1", "sha256:abc", {"os": "linux", "architecture": "amd64"}, made)


def final(made: Image) -> dict[str, int]:
    return {e.path: e.size for e in filesystem.final(made) if e.kind != "dir"}


def changes(made: Image) -> list[tuple[int, int, int]]:
    return [(c.added, c.changed, c.removed) for c in filesystem.merge(made.layers)[1]]


def figures(made: Image) -> Figures:
    found = layers.figures(made)
    assert found.size == found.final_size + found.waste
    assert found.waste == sum(item.size for item in found.wasted)
    return found


def wasted(made: Image) -> list[tuple[str, int, int, str]]:
    return [
        (w.path, w.size, w.copies, "replaced" if w.replaced else "deleted")
        for w in figures(made).wasted
    ]


# --- the final file system -------------------------------------------------------------------------


def test_the_last_one_of_a_name_is_seen() -> None:
    made = image({"a": 1, "b": 2}, {"b": 20, "c": 3})
    assert final(made) == {"a": 1, "b": 20, "c": 3}
    assert changes(made) == [(2, 0, 0), (1, 1, 0)]


def test_whiteouts_take_away_files_and_whole_folders() -> None:
    made = image({"d": None, "d/a": 1, "d/e": None, "d/e/b": 2, "c": 3}, {"-d": 0, "-c": 0})
    assert final(made) == {}
    assert changes(made) == [(3, 0, 0), (0, 0, 3)]
    assert [e.path for e in filesystem.final(made)] == []


def test_a_whiteout_concerns_the_layers_below_only() -> None:
    for paths in ({"-d": 0, "d": None, "d/b": 2}, {"d": None, "d/b": 2, "-d": 0}):
        made = image({"d": None, "d/a": 1}, paths)
        assert final(made) == {"d/b": 2}
        assert changes(made)[1] == (1, 0, 1)


def test_a_file_that_is_deleted_and_made_anew_is_changed() -> None:
    assert changes(image({"a": 1}, {"-a": 0, "a": 2}))[1] == (0, 1, 0)


def test_a_dangling_whiteout_is_nobodys_loss() -> None:
    made = image({"a": 1}, {"-b": 0, "-a/c": 0, "-x/y/z": 0, "!nowhere": 0, "d": 4})
    assert final(made) == {"a": 1, "d": 4}
    assert changes(made)[1] == (1, 0, 0)


def test_an_opaque_folder_hides_what_is_below_and_nothing_of_its_own_layer() -> None:
    made = image(
        {"d": None, "d/a": 1, "d/e/b": 2, "c": 3}, {"d": None, "!d": 0, "d/a": 10, "d/n": 5}
    )
    assert final(made) == {"d/a": 10, "d/n": 5, "c": 3}
    assert changes(made)[1] == (1, 1, 1)
    assert final(image({"a": 1, "d/b": 2}, {"!": 0, "c": 3})) == {"c": 3}


def test_a_file_in_place_of_a_folder_and_a_folder_in_place_of_a_file() -> None:
    made = image({"d": None, "d/a": 1, "d/b": 2, "f": 4}, {"d": 8, "f": None, "f/x": 16})
    assert final(made) == {"d": 8, "f/x": 16}
    assert changes(made)[1] == (2, 0, 3)
    assert wasted(made) == [
        ("f", 4, 1, "deleted"), ("d/b", 2, 1, "deleted"), ("d/a", 1, 1, "deleted"),
    ]  # fmt: skip


def test_a_link_in_place_of_a_folder_and_a_folder_that_only_a_path_implies() -> None:
    made = image({"usr/bin/a": 1, "bin": "-> usr/bin"}, {"bin/b": 2})
    # overlayfs: the layer's folder stands in front of the link.
    assert final(made) == {"usr/bin/a": 1, "bin/b": 2}
    assert changes(made)[1] == (1, 0, 1)
    assert final(image({"usr/bin/a": 1}, {"usr/bin": "-> ../x"})) == {"usr/bin": 0}


def test_a_folder_again_keeps_what_is_in_it() -> None:
    made = image({"d": None, "d/a": 1}, {"d": None})
    assert final(made) == {"d/a": 1}
    assert changes(made)[1] == (0, 0, 0)


def test_hard_links_have_their_bytes_once() -> None:
    made = image({"a": 100, "b": "= a", "c": "= b"})
    assert figures(made).size == 100
    assert [(e.path, e.kind, e.size, e.target) for e in filesystem.final(made)] == [
        ("a", "file", 100, ""), ("b", "hardlink", 0, "a"), ("c", "hardlink", 0, "a"),
    ]  # fmt: skip
    assert changes(made) == [(3, 0, 0)]


def test_a_hard_link_that_is_left_alone_is_the_file() -> None:
    made = image({"z": 100, "b": "= z", "c": "= z"}, {"-z": 0})
    assert [(e.path, e.kind, e.size, e.target) for e in filesystem.final(made)] == [
        ("b", "file", 100, ""), ("c", "hardlink", 0, "b"),
    ]  # fmt: skip
    assert filesystem.final(made)[0].digest == b"z100"
    assert wasted(made) == []
    assert wasted(image({"z": 100, "b": "= z"}, {"-z": 0}, {"-b": 0})) == [("z", 100, 1, "deleted")]


def test_links_to_nothing_to_folders_and_to_themselves() -> None:
    made = image({"a": "= nowhere", "d": None, "b": "= d", "c": "= c"}, {"c": "= c"})
    assert final(made) == {"a": 0, "b": 0, "c": 0}
    assert figures(image({"a": 5}, {"a": "= a"})).waste == 0


def test_a_path_of_two_thousand_parts() -> None:
    deep = "/".join("d" * 2000)
    made = image({deep: 7}, {"-d": 0}, {deep: 8})
    assert final(made) == {deep: 8}
    # dive: the deepest has 7 and 8, and "d", which no layer has an entry for, no bytes at all.
    assert dive.figures(made).efficiency == 7 / 15


def test_many_layers_of_many_files_take_no_time() -> None:
    first: dict[str, int | str | None] = {f"d{n % 100}/f{n}": n for n in range(20_000)}
    made = image(first, *({f"-d{n}": 0} for n in range(100)))
    assert figures(made).final_size == 0


# --- waste -----------------------------------------------------------------------------------------


def test_waste_is_all_copies_but_the_last_and_what_is_deleted() -> None:
    """a: 10 + 20 of 60 bytes are replaced. d: 5 deleted. All 70 + 5 + 7 = 82, final 30 + 7 = 37."""
    made = image({"a": 10, "d/x": 5, "k": 7}, {"a": 20}, {"a": 30, "-d": 0}, {"k": 8, "-k": 0})
    found = figures(made)
    assert (found.size, found.final_size, found.waste) == (80, 38, 42)
    assert wasted(made) == [
        ("a", 30, 2, "replaced"), ("k", 7, 1, "replaced"), ("d/x", 5, 1, "deleted"),
    ]  # fmt: skip
    assert [item.waste for item in found.layers] == [22, 20, 0, 0]
    assert found.efficiency == 38 / 80
    assert [w.last for w in found.wasted] == [2, 3, 2]


@pytest.mark.parametrize("made", [image(), image({}), image({"d": None}), image({"a": 0})])
def test_an_image_without_bytes_is_efficient(made: Image) -> None:
    assert (figures(made).efficiency, figures(made).waste) == (1.0, 0)


def test_where_the_waste_is() -> None:
    made = image({"var/lib/apt/lists/a": 90, "var/lib/apt/lists/b": 60, "usr/x": 50, "usr/y": 40})
    gone = figures(image({e.path: e.size for e in made.layers[0].entries}, {"-var": 0, "-usr": 0}))
    assert layers.folders(gone.wasted, most=3) == [("var/lib/apt/lists", 150), ("usr", 90)]
    assert layers.folders(gone.wasted, most=1) == [("var/lib/apt/lists", 150)]
    assert layers.folders([], most=3) == []


# --- dive ------------------------------------------------------------------------------------------


def test_dive_counts_all_copies() -> None:
    """chown of 100 bytes: dive sees 200 of 250 wasted; 100 can be reclaimed. (50 + 100) / 250."""
    made = image({"a": 100, "b": 50}, {"a": 100})
    assert dive.figures(made) == dive.Dive(150 / 250, 200, 200 / 100)
    assert (figures(made).waste, figures(made).efficiency) == (100, 150 / 250)


def test_dive_sees_no_waste_in_a_deleted_folder() -> None:
    """The folder is a leaf once, in the whiteout's layer: 100 bytes there, its files 100 below."""
    made = image({"d": None, "d/a": 60, "d/b": 40, "k": 1}, {"-d": 0, "n": 10})
    assert dive.figures(made) == dive.Dive(1.0, 0, 0.0)
    assert (figures(made).waste, figures(made).efficiency) == (100, 11 / 111)


def test_dive_counts_a_deleted_file_as_wasted() -> None:
    """a: 30 bytes and a whiteout of 0: least 0, total 30. (0 + 70) / 100."""
    made = image({"a": 30}, {"b": 70, "-a": 0})
    assert dive.figures(made) == dive.Dive(70 / 100, 30, 30 / 70)
    assert (figures(made).waste, figures(made).efficiency) == (30, 70 / 100)


def test_dive_knows_no_share_for_one_layer() -> None:
    assert dive.figures(image({"a": 30})) == dive.Dive(1.0, 0, None)
    assert dive.figures(image()) == dive.Dive(1.0, 0, None)


def test_a_dangling_whiteout_ends_dives_look_at_a_layer() -> None:
    """By name b (40, again) comes before .wh.x? No: "." sorts before letters, so b is never seen."""
    made = image({"b": 40}, {"-x": 0, "b": 40})
    assert dive.figures(made) == dive.Dive(1.0, 0, 0.0)
    assert figures(made).waste == 40


def test_dive_ignores_opaque_folders() -> None:
    made = image({"d/a": 40}, {"d": None, "!d": 0, "d/b": 10})
    assert dive.figures(made) == dive.Dive(1.0, 0, 0.0)
    assert figures(made).waste == 40


def test_a_folder_that_dive_has_twice_as_a_leaf_is_a_path_of_no_bytes() -> None:
    assert dive.figures(image({"d": None, "a": 9}, {"d": None})).wasted == 0


# --- files -----------------------------------------------------------------------------------------


def test_the_largest_files_duplicates_and_setuid_files() -> None:
    below = Layer(
        0, "", "", 0, 0,
        [
            entry("bin/su", 50, mode=0o4755),
            entry("bin/wall", 9, mode=0o2755),
            entry("bin/su2", "= bin/su", mode=0o4755),
            entry("a", 100, digest=b"same"),
            entry("old", 900),
            entry("tmp", None),
        ],
    )  # fmt: skip
    above = Layer(
        1, "", "", 0, 0,
        [entry("b", 100, digest=b"same"), entry("c", 100, digest=b"same"), entry("e", 0, digest=b""),
         entry("f", 0, digest=b"")],
        ["old"],
    )  # fmt: skip
    found = files.find(Image("x", "y", {}, [below, above]))
    assert (found.count, found.size) == (8, 359)
    assert [(i.entry.path, i.layer) for i in found.largest][:4] == [
        ("a", 1), ("b", 2), ("c", 2), ("bin/su", 1),
    ]  # fmt: skip
    assert [(d.size, list(d.paths), d.reclaimable) for d in found.duplicates] == [
        (100, ["a", "b", "c"], 200)
    ]
    assert [e.path for e in found.privileged] == ["bin/su", "bin/su2", "bin/wall"]


# --- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("RUN /bin/sh -c pip install  x\n  y", "RUN pip install x y"),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ("RUN |2 A=b C=d e /bin/sh -c make", "RUN make"),
        ("|1 A=b /bin/sh -c make", "RUN make"),
        ('/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'),
        ("/bin/sh -c #(nop) ADD file:1 in / ", "ADD file:1 in /"),
        ("RUN /bin/bash -o pipefail -c set -x", "RUN set -x"),
        ("COPY a b", "COPY a b"),
        ("", ""),
    ],
)
def test_instructions_are_shown_as_they_were_written(text: str, shown: str) -> None:
    assert instruction(text) == shown


def test_the_tables_of_files_keep_to_the_width() -> None:
    folder = "opt/venv/lib/python3.13/site-packages/" * 3
    entries = [entry(f"{folder}{name}.js", 5, digest=b"same") for name in ("one", "two")]
    made = Image(
        "site:1", "", {}, [Layer(0, "", "", 10, 0, [*entries, entry("s", 1, mode=0o6755)])]
    )
    text = files_view.text(made, files.find(made), top=9, least=0, width=100)
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "site-packages/one.js" in text
    assert "…" in text
    assert text.splitlines()[-3:] == [
        "Duplicates: 5 B could be reclaimed in 1 group of equal files.",
        "Setuid files (1): /s.",
        "Setgid files (1): /s.",
    ]
    data = files_view.data(made, files.find(made), top=1, least=0)
    assert [item["size"] for item in data["largest"]] == [5]
    assert data["setuid"] == [{"path": "s", "mode": "6755", "uid": 0, "gid": 0}]


def test_what_cannot_be_printed_is_escaped() -> None:
    assert printable("a\nb\udcff\x1b[31m\u4e2d") == "a\\nb\\xff\\x1b[31m\u4e2d"
    assert shortened("abcdef", 4) == "abc…"
    assert share(0.9999) == "99.9 %"
    assert share(1.0) == "100.0 %"


def test_the_table_of_layers() -> None:
    made = image({"d": None, "d/a": 60_000_000, "k": 1_000_000}, {"-d": 0, "n": 500}, {"k": 2})
    found = layers.figures(made)
    shown = layers_view.chosen(found, sort="waste", least=100)
    text = layers_view.text(made, found, shown, base=Base("base:1", 1), width=80)
    assert text == (
        "site:1  linux/amd64\n"
        "\n"
        "  #     size    share    added    changed    removed    waste  instruction\n"
        "---  -------  -------  -------  ---------  ---------  -------  ---------------------\n"
        "  1  61.0 MB  100.0 %        2                        61.0 MB  RUN step 1\n"
        "  2    500 B    0.0 %        1                     1           RUN step 2\n"
        "---  -------  -------  -------  ---------  ---------  -------  ---------------------\n"
        "all  61.0 MB    100 %        3          1          1  61.0 MB  3 layers, 1 not shown\n"
        "\n"
        "Layer 1 is base:1 (61.0 MB); 502 B are the image's own.\n"
        "Waste: 61.0 MB (100.0 %) are replaced or deleted by later layers, most of it in "
        "/d/a (60.0 MB), /k (1.00 MB).\n"
        "Efficiency: 0.0 %. dive would say 99.1 %, 1.00 MB wasted, 199203.5 % of user bytes."
    )


def test_the_table_of_an_image_without_layers_and_of_one_with_none_to_show() -> None:
    made = image()
    text = layers_view.text(made, layers.figures(made), [])
    assert text.splitlines()[4].split() == ["all", "0", "B", "0", "layers"]
    made = image({"a": 5})
    text = layers_view.text(made, layers.figures(made), [])
    assert text.splitlines()[4].split() == [
        "all",
        "5",
        "B",
        "100",
        "%",
        "1",
        "1",
        "layer,",
        "1",
        "not",
        "shown",
    ]


def test_the_json_of_layers_has_every_figure() -> None:
    made = image({"a": 10}, {"a": 20})
    found = layers.figures(made)
    data = layers_view.data(made, found, layers_view.chosen(found))
    assert data == layers_view.data(made, found, layers_view.chosen(found))
    assert data["version"] == 1
    assert data["layers"][0] == {
        "number": 1, "digest": "sha256:0", "instruction": "RUN step 1", "size": 10,
        "archive_size": 0, "compressed_size": None, "added": 1, "changed": 0, "removed": 0,
        "waste": 10, "base": None,
    }  # fmt: skip
    assert data["waste"] == {
        "size": 10,
        "paths": [{"path": "a", "size": 10, "copies": 1, "layer": 2, "how": "replaced"}],
    }


def test_the_base_is_the_local_image_that_has_the_most_of_the_layers() -> None:
    local = {
        "one:1": ["a"],
        "two:1": ["a", "b"],
        "also:1": ["a", "b"],
        "other:1": ["b"],
        "<none>:<none>": ["a", "b", "c"],
        "itself:1": ["a", "b", "c", "d"],
        "none:1": None,
        "gone:1": ["a", "b", "c"],
    }

    class Sdk:
        class api:
            @staticmethod
            def images() -> list[dict[str, Any]]:
                return [{"Id": tag, "RepoTags": [tag]} for tag in local] + [
                    {"Id": "x", "RepoTags": None}
                ]

            @staticmethod
            def inspect_image(name: str) -> dict[str, Any]:
                if name == "gone:1":
                    raise ImageNotFound(name)
                return {"RootFS": {"Layers": local[name]}}

    assert base(Sdk, ["a", "b", "c", "d"]) == Base("also:1", 2)  # type: ignore[arg-type]
    assert base(Sdk, ["x"]) is None  # type: ignore[arg-type]


def test_changes_are_counted_by_paths() -> None:
    assert filesystem.merge([])[1] == []
    assert Changes(1, 2, 3).removed == 3


def test_the_orders_that_are_offered_are_the_ones_there_are() -> None:
    assert tuple(layers_view.ORDERS) == orders.LAYERS
    assert tuple(files_view.ORDERS) == orders.FILES
    assert tuple(show.CHANGES) == orders.CHANGES


def test_the_largest_files_in_each_order() -> None:
    found = files.find(image({"b": 5, "d": 1}, {"a": 3, "c": 9}))

    def paths(sort: str) -> list[str]:
        chosen = files_view.largest(found, sort=sort, top=3, least=2)
        return [item.entry.path for item in chosen]

    assert paths("size") == ["c", "b", "a"]
    assert paths("path") == ["a", "b", "c"]
    assert paths("layer") == ["b", "a", "c"]


def test_the_first_layers_in_an_order() -> None:
    found = layers.figures(image({"a": 5}, {"b": 50}, {"c": 500}))
    numbers = [
        [
            item.layer.index + 1
            for item in layers_view.chosen(found, sort=sort, least=least, top=top)
        ]
        for sort, least, top in (("size", 0, 2), ("order", 0, 2), ("order", 10, 1), ("order", 0, 0))
    ]
    assert numbers == [[3, 2], [1, 2], [2], [1, 2, 3]]
