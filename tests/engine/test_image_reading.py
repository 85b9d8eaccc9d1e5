"""Images of a real engine, read as it saves them: the traps that other tools fall into, one by one."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from archives import Archive, pack
from registry import registry

from djdock import engine as engines
from djdock.images import archive, dive, filesystem, layers
from djdock.images.layers import Figures
from djdock.images.model import Entry, Image

if TYPE_CHECKING:
    from conftest import Engine

FULL, SLIM = "djdock/python:3.13", "djdock/python:3.13-slim"

#: What the engine puts into every container, whatever its image says.
ENGINES = (
    "dev",
    "proc",
    "sys",
    ".dockerenv",
    "etc/hostname",
    "etc/hosts",
    "etc/mtab",
    "etc/resolv.conf",
)

MB = 1_000_000


def below(engine: Engine, steps: str) -> tuple[Image, Figures, int]:
    """An image of these steps on the slim base; its figures; how many layers are the base's."""
    name = engine.build(f"FROM {SLIM}\n{steps}")
    image = archive.read(name)
    base = json.loads(
        engine.docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", SLIM)
    )
    return image, layers.figures(image), len(base)


def listed(engine: Engine, name: str, tmp_path: Path) -> dict[str, tuple[str, int, int, int, str]]:
    """What a container of that image has, as the engine exports it."""
    container = engine.docker("create", name, "true")
    try:
        engine.docker("export", "--output", str(tmp_path / "export.tar"), container)
    finally:
        engine.docker("rm", container)
    kinds = {tarfile.DIRTYPE: "dir", tarfile.SYMTYPE: "symlink", tarfile.CHRTYPE: "char"}
    with tarfile.open(tmp_path / "export.tar", errors="surrogateescape") as tar:
        found = {m.name.rstrip("/"): m for m in tar}
    hard = {name: found[m.linkname] if m.islnk() else m for name, m in found.items()}
    return {
        name: (kinds.get(m.type, "file"), m.size, m.mode, m.uid, m.linkname if m.issym() else "")
        for name, m in hard.items()
        if name.split("/")[0] not in ENGINES and name not in ENGINES
    }


def merged(image: Image) -> dict[str, tuple[str, int, int, int, str]]:
    entries = {e.path: e for e in filesystem.final(image)}

    def content(entry: Entry) -> Entry:
        return entries[entry.target] if entry.kind == "hardlink" else entry

    return {
        path: (content(e).kind, content(e).size, e.mode, e.uid, e.target if e.kind == "symlink" else "")
        for path, e in entries.items()
        if path.split("/")[0] not in ENGINES and path not in ENGINES
    }  # fmt: skip


def history(engine: Engine, name: str) -> list[int]:
    """The sizes of the layers as the engine says them, in bytes, the lowest first."""
    with engines.client() as sdk:
        said = list(reversed(sdk.api.history(name)))
        config = sdk.images.get(name).attrs
    image = archive.read(name)
    assert config["Id"] == image.id
    assert config["RootFS"]["Layers"] == [layer.digest for layer in image.layers]
    entries = [dict(item) for item in image.config["history"]]
    return [s["Size"] for s, e in zip(said, entries, strict=True) if not e.get("empty_layer")]


# --- the traps -------------------------------------------------------------------------------------


def test_chown_r_doubles_a_folder_and_half_of_that_can_be_reclaimed(engine: Engine) -> None:
    image, found, base = below(
        engine,
        "RUN mkdir /t && head -c 3000000 /dev/urandom > /t/a\nRUN chown -R 1000:1000 /t\n",
    )
    first, second = found.layers[base:]
    assert (first.layer.size, second.layer.size) == (3 * MB, 3 * MB)
    assert (second.changes.changed, first.waste, second.waste) == (1, 3 * MB, 0)
    wasted = {w.path: (w.size, w.replaced) for w in found.wasted}
    assert wasted["t/a"] == (3 * MB, True)
    # dive: all copies.
    before = dive.figures(archive.read(SLIM))
    assert dive.figures(image).wasted - before.wasted == 6 * MB


def test_a_folder_that_a_later_layer_deletes_is_waste(engine: Engine) -> None:
    image, found, base = below(
        engine,
        "RUN mkdir -p /t/s && head -c 2000000 /dev/urandom > /t/s/a && cp /t/s/a /t/b\nRUN rm -rf /t\n",
    )
    first, second = found.layers[base:]
    assert (first.waste, second.layer.size, second.changes.removed) == (4 * MB, 0, 2)
    assert list(second.layer.whiteouts) == ["t"]
    assert layers.folders(found.wasted, most=1) == [("t", 4 * MB)]
    # dive: nothing at all.
    assert dive.figures(image).wasted == dive.figures(archive.read(SLIM)).wasted


def test_an_opaque_folder_hides_what_was_in_it(engine: Engine, tmp_path: Path) -> None:
    image, found, base = below(
        engine,
        "RUN mkdir /t && head -c 1000000 /dev/urandom > /t/a\n"
        "RUN rm -rf /t && mkdir /t && echo new > /t/b\n",
    )
    assert found.layers[base].waste == MB
    assert [w.path for w in found.wasted if w.path.startswith("t/")] == ["t/a"]
    assert "t" in found.layers[base + 1].layer.opaque
    assert merged(image) == listed(engine, image.name, tmp_path)


def test_hard_links_count_once_and_the_one_that_is_left_is_the_file(
    engine: Engine, tmp_path: Path
) -> None:
    image, found, base = below(
        engine,
        "RUN mkdir /t && head -c 1000000 /dev/urandom > /t/a && ln /t/a /t/b && ln /t/a /t/c\n"
        "RUN rm /t/a\n",
    )
    assert (found.layers[base].layer.size, found.layers[base].waste) == (MB, 0)
    final = {e.path: (e.kind, e.size, e.target) for e in found.final if e.path.startswith("t/")}
    assert final == {"t/b": ("file", MB, ""), "t/c": ("hardlink", 0, "t/b")}
    assert merged(image) == listed(engine, image.name, tmp_path)


def test_a_file_becomes_a_folder_and_a_folder_a_file(engine: Engine, tmp_path: Path) -> None:
    image, found, base = below(
        engine,
        "RUN mkdir /t /t/d && echo 1 > /t/d/in && echo 1 > /t/f && ln -s d /t/l\n"
        "RUN rm -r /t/d && echo 2 > /t/d && rm /t/f /t/l && mkdir /t/f /t/l && echo 3 > /t/f/in\n",
    )
    assert merged(image) == listed(engine, image.name, tmp_path)
    changes = found.layers[base + 1].changes
    assert (changes.added, changes.changed, changes.removed) == (2, 0, 3)


def test_an_image_of_one_layer(engine: Engine) -> None:
    name = engine.image()
    target = pack({"a": b"x" * 1000, "b": b"x" * 1000, "c": "-> a"})
    engine_import(engine, name, target)
    image = archive.read(name)
    found = layers.figures(image)
    assert [item.layer.size for item in found.layers] == [2000]
    assert (found.waste, found.efficiency) == (0, 1.0)
    assert dive.figures(image) == dive.Dive(1.0, 0, None)
    assert [layer.instruction for layer in image.layers] == ["Imported from -"]


def engine_import(engine: Engine, name: str, content: bytes) -> None:
    subprocess.run(
        [engine.binary, "import", "-", name], input=content, check=True, capture_output=True
    )


def load(engine: Engine, site: Archive, tmp_path: Path) -> Path:
    """Gives an archive made by hand to the engine; returns its path."""
    site.names = [engine.image()]
    path = tmp_path / "made.tar"
    path.write_bytes(pack(site.classic()))
    engine.docker("load", "--input", str(path))
    return path


def test_a_dangling_whiteout(engine: Engine, tmp_path: Path) -> None:
    site = Archive(
        [
            pack({"a": b"1" * 100, "d/": None}),
            pack({".wh.nothing": b"", "d/.wh.x": b"", "z": b"22"}),
        ]
    )
    path = load(engine, site, tmp_path)
    for image in (archive.read(path), archive.read(site.names[0])):
        found = layers.figures(image)
        assert list(image.layers[1].whiteouts) == ["nothing", "d/x"]
        assert (found.waste, found.final_size) == (0, 102)
        assert [(c.changes.added, c.changes.removed) for c in found.layers] == [(1, 0), (1, 0)]


def test_120_layers_and_one_of_no_bytes_with_names_that_are_no_utf8(
    engine: Engine, tmp_path: Path
) -> None:
    names = [b"caf\xe9".decode("utf-8", "surrogateescape"), "two\nlines", " ", "\u4e2d\u6587"]
    site = Archive(
        [
            *(pack({f"f{n}": b"x" * n}) for n in range(118)),
            pack({}),
            pack(dict.fromkeys(names, b"1")),
        ]
    )
    path = load(engine, site, tmp_path)
    saved, made = archive.read(site.names[0]), archive.read(path)
    assert saved.layers == made.layers
    assert [layer.size for layer in saved.layers] == [*range(118), 0, 4]
    assert [e.path for e in saved.layers[-1].entries] == names
    there = listed(engine, site.names[0], tmp_path)
    assert there.pop("etc")  # the engine's own, for its hosts and hostname
    assert merged(saved) == there


# --- whole images ----------------------------------------------------------------------------------


def test_the_final_file_system_is_what_a_container_has(engine: Engine, tmp_path: Path) -> None:
    assert merged(archive.read(SLIM)) == listed(engine, SLIM, tmp_path)


def test_layers_have_the_sizes_that_the_engine_says(engine: Engine) -> None:
    """But for imported ones, in which the engine counts the lengths of symbolic links, too."""
    for name in (SLIM, FULL):
        image = archive.read(name)
        links = [
            sum(len(e.target.encode()) for e in layer.entries if e.kind == "symlink")
            if layer.instruction.startswith("Imported")
            else 0
            for layer in image.layers
        ]
        ours = [layer.size + extra for layer, extra in zip(image.layers, links, strict=True)]
        assert ours == history(engine, name)


def test_an_archive_is_the_image_that_it_was_saved_from(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    engine.docker("save", "--output", str(path), SLIM)
    saved, live = archive.read(path), archive.read(SLIM)
    assert (saved.id, saved.layers, saved.config) == (live.id, live.layers, live.config)
    assert saved.name == live.name == SLIM
    cut = tmp_path / "cut.tar"
    cut.write_bytes(path.read_bytes()[: 50 * MB])
    ended = invoke("image.layers", "--archive", str(cut))
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: {cut} is no whole image archive: ")
    assert "Traceback" not in ended.stderr
    assert invoke("image.files", "--archive", str(tmp_path / "none.tar")).returncode == 3
    assert invoke("image.files", "djdock-test/none:1").returncode == 3
    assert invoke("image.files", "no such name!").returncode == 2


def invoke(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", [("image.layers", SLIM), ("image.files", SLIM, "--top", "5")])
def test_two_runs_say_the_same(engine: Engine, words: tuple[str, ...]) -> None:
    for flags in ((), ("--json",)):
        first, second = invoke(*words, *flags), invoke(*words, *flags)
        assert (first.returncode, first.stderr) == (0, "")
        assert first.stdout == second.stdout
    data: dict[str, Any] = json.loads(first.stdout)
    assert (data["version"], data["image"], data["platform"].split("/")[0]) == (1, SLIM, "linux")


def test_packed_sizes_are_what_a_registry_holds_after_a_push(engine: Engine) -> None:
    with registry() as server:
        name = f"{server.name}/packed:1"
        engine.images.append(name)
        engine.docker("tag", SLIM, name)
        engine.docker("push", name)
        held = [server.blobs[item["digest"]] for item in server.manifests["packed"]["layers"]]
    measured = [layer.compressed_size or 0 for layer in archive.read(SLIM, compressed=True).layers]
    assert measured == [pytest.approx(size, rel=0.03, abs=32) for size in held]
    assert sum(measured) == pytest.approx(sum(held), rel=0.01)


MEASURE = """
import sys
from pathlib import Path
from djdock.images import archive, layers
figures = layers.figures(archive.read(sys.argv[1]))
# Not getrusage: what it says may be of the process that started this one.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
"""


def test_reading_a_gigabyte_takes_150_mb_at_most(engine: Engine) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, FULL], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) <= 150
