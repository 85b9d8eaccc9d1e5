from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from archives import Archive, Members, error_of, index, pack, sha

from djdock.errors import MissingError, UsageError
from djdock.images import archive, gzipped, layout
from djdock.images.model import Image
from djdock.images.stream import Stream

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BOTTOM = pack({"etc/": None, "etc/os-release": b"ID=debian\n", "bin/sh": b"#!" * 50})
TOP = pack({"app/": None, "app/manage.py": b"import os\n", "app/run": "= app/manage.py"})
HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["bash"]', "empty_layer": True},
    {"created_by": "COPY . /app # buildkit", "comment": "buildkit.dockerfile.v0"},
]
SITE = Archive([BOTTOM, TOP], {"history": HISTORY})


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return tmp_path / "image.tar"


def classic(site: Archive = SITE) -> Members:
    return site.classic()


def oci(site: Archive = SITE, **how: Any) -> Members:
    files, said = site.oci(**how)
    return {**files, "index.json": index(said), "oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}


def both(site: Archive = SITE) -> Members:
    """As `docker save` writes since Engine 25."""
    files, said = site.oci()
    config = f"blobs/sha256/{sha(site.configuration())}"
    layers = [f"blobs/sha256/{sha(layer)}" for layer in site.layers]
    manifest = [{"Config": config, "RepoTags": site.names, "Layers": layers}]
    return {**files, "index.json": index(said), "manifest.json": json.dumps(manifest).encode()}


def read(at: Path, members: Members, **how: Any) -> Image:
    at.write_bytes(pack(members))
    return archive.read(at, **how)


def same(image: Image) -> None:
    assert (image.name, image.id) == ("site:1", f"sha256:{sha(SITE.configuration())}")
    assert [layer.index for layer in image.layers] == [0, 1]
    assert [layer.digest for layer in image.layers] == [f"sha256:{sha(x)}" for x in SITE.layers]
    assert [layer.size for layer in image.layers] == [110, 10]
    assert [layer.archive_size for layer in image.layers] == [len(BOTTOM), len(TOP)]
    assert [layer.instruction for layer in image.layers] == [
        "/bin/sh -c #(nop) ADD file:1 in /",
        "COPY . /app",
    ]
    assert [(e.path, e.kind, e.target) for e in image.layers[1].entries] == [
        ("app", "dir", ""),
        ("app/manage.py", "file", ""),
        ("app/run", "hardlink", "app/manage.py"),
    ]
    assert image.layers[1].entries[1].digest.hex() == sha(b"import os\n")


@pytest.mark.parametrize("made", [classic, oci, both])
@pytest.mark.parametrize("order", ["as written", "reversed", "shuffled"])
def test_every_layout_is_the_same_image_in_any_order(at: Path, made: Any, order: str) -> None:
    members = list(made().items())
    if order == "reversed":
        members.reverse()
    elif order == "shuffled":
        random.Random(3).shuffle(members)
    same(read(at, dict(members)))


@pytest.mark.parametrize(
    "packed",
    [gzip.compress, zstd.compress, bz2.compress, lzma.compress],
    ids=lambda p: p.__module__,
)
def test_packed_layers_and_packed_archives(at: Path, packed: Any) -> None:
    same(read(at, oci(packed=packed)))
    at.write_bytes(packed(pack(classic())))
    same(archive.read(at))


def test_layers_in_many_frames(at: Path) -> None:
    """As pigz, estargz and zstd:chunked make them; the last ends with a skippable frame."""

    def gzips(content: bytes) -> bytes:
        return b"".join(gzip.compress(content[i : i + 700]) for i in range(0, len(content), 700))

    def zstds(content: bytes) -> bytes:
        skipped = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
        parts = [zstd.compress(content[i : i + 700]) for i in range(0, len(content), 700)]
        return skipped + b"".join(parts) + skipped

    same(read(at, oci(packed=gzips)))
    same(read(at, oci(packed=zstds)))


def test_a_layer_that_is_there_twice(at: Path) -> None:
    site = Archive([BOTTOM, TOP, BOTTOM])
    for made in (classic, oci, both):
        assert [x.size for x in read(at, made(site)).layers] == [110, 10, 110]


def test_names_with_a_leading_dot_or_slash(at: Path) -> None:
    same(read(at, {f"./{name}": value for name, value in classic().items()}))
    layer = pack(
        {"./": None, "./a/": None, "./a/b": b"1", "/c": b"2", "x/../../d": b"3", "e//f": b""}
    )
    image = read(at, classic(Archive([layer])))
    assert [e.path for e in image.layers[0].entries] == ["a", "a/b", "c", "d", "e/f"]


@pytest.mark.parametrize("layer", [b"", bytes(1024), bytes(10240), pack({})])
def test_a_layer_without_anything(at: Path, layer: bytes) -> None:
    image = read(at, classic(Archive([BOTTOM, layer, TOP])))
    assert [x.size for x in image.layers] == [110, 0, 10]
    assert image.layers[1].archive_size == len(layer)


def test_an_image_without_layers(at: Path) -> None:
    assert read(at, classic(Archive([]))).layers == []


def test_127_layers(at: Path) -> None:
    site = Archive([pack({f"f{n}": b"x" * n}) for n in range(127)])
    for made in (classic, oci):
        assert [x.size for x in read(at, made(site)).layers] == list(range(127))


def test_names_that_are_no_utf8_and_names_with_newlines(at: Path) -> None:
    names = [b"caf\xe9".decode("utf-8", "surrogateescape"), "two\nlines", "{brace"]
    image = read(at, classic(Archive([pack(dict.fromkeys(names, b"1"))])))
    assert [e.path for e in image.layers[0].entries] == names
    first = {"{brace": b"1"}  # a layer that begins as JSON does
    assert read(at, classic(Archive([pack(first)]))).layers[0].size == 1


def test_whiteouts(at: Path) -> None:
    layer = pack(
        {
            "a/.wh.b": b"",
            "a/.wh..wh..opq": b"",
            ".wh.c": b"",
            ".wh..wh..opq": b"",
            ".wh..wh.aufs": b"",
            ".wh..wh.plnk/": None,
            ".wh.": b"",
        }
    )
    found = read(at, classic(Archive([layer]))).layers[0]
    assert (list(found.whiteouts), list(found.opaque)) == (["a/b", "c"], ["a", ""])
    assert list(found.entries) == []


def test_a_member_that_is_there_twice_counts_once_as_it_is_last(at: Path) -> None:
    twice = pack({"a": b"12345"})[:1024] + pack({"b": b"1"})[:1024] + pack({"a": b"123"})
    image = read(at, classic(Archive([twice])), keep=lambda path, size: True)
    assert image.layers[0].size == 4
    assert image.contents == {"a": b"123", "b": b"1"}


def test_contents_are_those_of_the_final_file_system(at: Path) -> None:
    below = pack({"d/": None, "d/a": b"old", "d/b": b"b", "d/c": b"c", "e": b"e"})
    above = pack({"d/a": b"new", "d/.wh.b": b"", "f": "= d/a"})
    asked: list[tuple[str, int]] = []

    def keep(path: str, size: int) -> bool:
        asked.append((path, size))
        return path.startswith("d/")

    image = read(at, classic(Archive([below, above])), keep=keep)
    assert dict(image.contents) == {"d/a": b"new", "d/c": b"c", "f": b"new"}
    assert ("e", 1) in asked


# --- which image -----------------------------------------------------------------------------------


def platforms(*names: str, packed: Any = bytes) -> Members:
    files: Members = {}
    said = []
    for name in names:
        system, architecture = name.split("/")
        site = Archive([pack({architecture: b"1"})], {"architecture": architecture})
        blobs, descriptor = site.oci(packed=packed)
        files |= blobs
        said.append({**descriptor, "platform": {"os": system, "architecture": architecture}})
        note = {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": f"sha256:{'0' * 64}",
            "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
            "platform": {"os": "unknown", "architecture": "unknown"},
        }
        said.append(note)
    inner = index(*said)
    files[f"blobs/sha256/{sha(inner)}"] = inner
    outer = {
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "digest": f"sha256:{sha(inner)}",
        "annotations": {"io.containerd.image.name": "docker.io/library/site:1"},
    }
    return {**files, "index.json": index(outer)}


def test_of_many_platforms_the_machines_own_is_read(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = platforms("linux/amd64", "linux/arm64", "linux/s390x")
    for machine, own in (("x86_64", "amd64"), ("aarch64", "arm64"), ("s390x", "s390x")):
        monkeypatch.setattr(layout.platform, "machine", lambda said=machine: said)
        assert [e.path for e in read(at, members).layers[0].entries] == [own]
    monkeypatch.setattr(layout.platform, "machine", lambda: "riscv64")
    with pytest.raises(MissingError) as error:
        read(at, members)
    assert str(error.value) == (
        f"{at} holds no image for linux/riscv64.\nIt has linux/amd64, linux/arm64, linux/s390x."
    )
    assert [e.path for e in read(at, platforms("linux/arm64")).layers[0].entries] == ["arm64"]


def test_a_platform_that_was_not_pulled_is_missed_on_its_machine_only(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = platforms("linux/amd64", "linux/arm64")
    site = Archive([pack({"arm64": b"1"})], {"architecture": "arm64"})
    arm = f"blobs/sha256/{site.oci()[1]['digest'].removeprefix('sha256:')}"
    del members[arm]
    monkeypatch.setattr(layout.platform, "machine", lambda: "x86_64")
    assert [e.path for e in read(at, members).layers[0].entries] == ["amd64"]
    monkeypatch.setattr(layout.platform, "machine", lambda: "aarch64")
    with pytest.raises(UsageError) as error:
        read(at, members)
    assert str(error.value) == f"{at} is no whole image archive: {arm} is not in it.{REMEDY}"


def test_of_many_images_one_is_named(at: Path) -> None:
    one, two = Archive([BOTTOM], names=["a:1", "b:latest"]), Archive([TOP], names=["team/c:2"])
    manifest = [
        *json.loads(one.classic()["manifest.json"] or "[]"),
        *json.loads(two.classic()["manifest.json"] or "[]"),
    ]
    manifest[1]["Layers"] = ["top.tar"]
    members = {**two.classic(), **one.classic(), "top.tar": TOP}
    members["manifest.json"] = json.dumps(manifest).encode()
    assert read(at, members, wanted="b").layers[0].size == 110
    assert read(at, members, wanted="docker.io/team/c:2").layers[0].size == 10
    with pytest.raises(UsageError) as error:
        read(at, members)
    assert str(error.value) == f"{at} holds 2 images.\nName one of them: a:1, b:latest, team/c:2."
    with pytest.raises(MissingError) as missing:
        read(at, members, wanted="d")
    assert str(missing.value) == f"{at} holds no image `d`.\nIt has a:1, b:latest, team/c:2."


def test_a_history_that_does_not_fit_tells_nothing(at: Path) -> None:
    for history in ([], HISTORY[:1], [{}, "x", 5], "none", None):
        site = Archive([BOTTOM, TOP], {"history": history})
        assert [x.instruction for x in read(at, classic(site)).layers] == ["", ""]
    site = Archive([BOTTOM], {"history": [{"comment": "Imported from -"}]})
    assert read(at, classic(site)).layers[0].instruction == "Imported from -"


# --- what is no image ------------------------------------------------------------------------------

REMEDY = "\nWrite it again with `docker save IMAGE --output image.tar`."


def without(members: Members, *ends: str) -> Members:
    return {name: value for name, value in members.items() if not name.endswith(ends)}


def changed(members: Members, end: str, value: bytes | str) -> Members:
    return {name: value if name.endswith(end) else old for name, old in members.items()}


LAYER, CONFIG = sha(TOP), sha(SITE.configuration())
SECOND, FORM = f"{1:064x}/layer.tar", "does not have the form it should"


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({}, "it has neither manifest.json nor index.json, nor any other file"),
        ({"etc/passwd": b"root"}, "it has neither manifest.json nor index.json"),
        (without(both(), LAYER), f"layer 2, blobs/sha256/{LAYER} is not in it"),
        (without(both(), CONFIG), f"blobs/sha256/{CONFIG} is not in it"),
        (changed(classic(), "manifest.json", b"{}"), f"manifest.json {FORM}"),
        (changed(classic(), "manifest.json", b"[{"), "manifest.json is not JSON"),
        (changed(classic(), "manifest.json", b"[[1]]"), f"manifest.json {FORM}"),
        (changed(classic(), "manifest.json", b"[" * 99999), "manifest.json is not JSON"),
        (changed(classic(), "manifest.json", b"[]"), "it holds no image"),
        (
            changed(oci(), "index.json", b'{"manifests": [{"digest": "../x"}]}'),
            "it names a blob `../x`, which is no digest",
        ),
        (changed(oci(), "index.json", b'{"manifests": [{}]}'), f"a manifest {FORM}"),
        (changed(oci(), "index.json", b'{"manifests": []}'), "it holds no image"),
        (
            changed(both(), LAYER, b"neither"),
            f"layer 2, blobs/sha256/{LAYER} is not what its name says: its bytes were changed",
        ),
        (
            changed(classic(), SECOND, b"neither"),
            f"layer 2, {SECOND} is neither a tar archive nor JSON",
        ),
        (changed(classic(), SECOND, b"{}"), f"layer 2, {SECOND} is JSON where a layer should be"),
        (
            changed(classic(), SECOND, BOTTOM),
            "layer 2 is not the one that its configuration names",
        ),
        (changed(classic(), SECOND, "-> layer.tar"), f"layer 2, {SECOND} is not in it"),
        (changed(classic(), f"{CONFIG}.json", b"[1]"), f"its configuration {FORM}"),
        (
            classic(Archive([BOTTOM], {"rootfs": {"diff_ids": ["sha256:1", "sha256:2"]}})),
            "its manifest has 1 layer, its configuration 2",
        ),
        (
            {"a.tar": gzip.compress(BOTTOM)[:-20], **both()},
            "in a.tar, its gzip data ends in the middle",
        ),
        ({"a.tar": b"\x28\xb5\x2f\xfdrubbish", **both()}, None),
    ],
)
def test_what_is_no_whole_image_is_said_in_one_sentence(
    at: Path, members: Members, why: str | None
) -> None:
    with pytest.raises(UsageError) as error:
        read(at, members)
    if why is not None:
        assert str(error.value) == f"{at} is no whole image archive: {why}.{REMEDY}"


@pytest.mark.parametrize("content", [b"", b"\0" * 10240, b"no tar" * 1000, b"\x1f\x8b\x08rubbish"])
def test_what_is_no_archive(at: Path, content: bytes) -> None:
    at.write_bytes(content)
    with pytest.raises(UsageError) as error:
        archive.read(at)
    assert str(error.value).startswith(f"{at} is no whole image archive: ")


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as error:
        archive.read(tmp_path / "none.tar")
    assert str(error.value).startswith(f"There is no file {tmp_path / 'none.tar'}.")
    with pytest.raises(UsageError):
        archive.read(tmp_path)


@pytest.mark.parametrize("made", [classic, oci, both])
def test_wherever_it_is_cut_off_an_archive_is_read_right_or_refused(at: Path, made: Any) -> None:
    whole = pack(made())
    read_right = 0
    for end in [*range(0, len(whole), 97), *range(0, len(whole), 512)]:
        at.write_bytes(whole[:end])
        error = error_of(lambda: same(archive.read(at)))
        assert error is None or str(error).startswith(f"{at} is no whole image archive: ")
        read_right += error is None
    # Nothing but the end mark, the padding and files that nobody needs may be missing.
    assert 0 < read_right < 60


@pytest.mark.parametrize("made", [classic, oci, both])
@pytest.mark.parametrize("packed", [bytes, gzip.compress, zstd.compress], ids=["", "gzip", "zstd"])
def test_damage_ends_in_a_sentence_never_in_a_traceback(at: Path, made: Any, packed: Any) -> None:
    files = made() if made is not oci else oci(packed=packed)
    whole = pack(files) if made is oci else packed(pack(files))
    dice = random.Random(7)
    for _ in range(300):
        mangled = bytearray(whole)
        for _ in range(dice.randint(1, 5)):
            mangled[dice.randrange(len(mangled))] = dice.randrange(256)
        at.write_bytes(mangled)
        error = error_of(lambda: archive.read(at, keep=lambda path, size: size < 1000))
        if error is not None:
            assert isinstance(error, UsageError | MissingError)
            assert str(error).replace("\n", "").isprintable()


def test_mangled_json_never_ends_in_a_traceback(at: Path) -> None:
    dice = random.Random(11)
    junk: list[Any] = [None, 1, "x", [], {}, [None], {"a": 1}, True, "sha256:", -1]

    def mangle(value: Any) -> Any:
        if dice.random() < 0.15:
            return dice.choice(junk)
        if isinstance(value, dict):
            return {key: mangle(item) for key, item in value.items() if dice.random() > 0.05}
        return [mangle(item) for item in value] if isinstance(value, list) else value

    for made in (classic, oci, lambda: platforms("linux/amd64", "linux/arm64")):
        members = made()
        for _ in range(300):
            files = {
                name: json.dumps(mangle(json.loads(value))).encode()
                if isinstance(value, bytes) and value[:1] in (b"{", b"[")
                else value
                for name, value in members.items()
            }
            at.write_bytes(pack(files))
            # As the engine's, whose digests nobody compares: so that all of it is looked at.
            stream = Stream([at.read_bytes()])
            found = archive._collect(stream, archive.Options(archive.nothing))
            error = error_of(lambda found=found: found.image("", "It"))
            assert error is None or str(error)


# --- packed sizes ----------------------------------------------------------------------------------


def test_packed_sizes_are_those_of_gzip_within_a_hundredth(at: Path) -> None:
    dice = random.Random(5)
    words = [dice.randbytes(dice.randint(3, 9)) for _ in range(4000)]
    text = b" ".join(dice.choice(words) for _ in range(600_000))
    layer = pack({"text": text})
    image = read(at, classic(Archive([layer, TOP, b""])), compressed=True)
    for found, content in zip(image.layers, (layer, TOP, b""), strict=True):
        exact = len(gzip.compress(content, compresslevel=gzipped.LEVEL))
        assert found.compressed_size == pytest.approx(exact, rel=0.01, abs=4)
    again = read(at, classic(Archive([layer, TOP, b""])), compressed=True)
    assert again.layers == image.layers


def test_a_layer_that_is_packed_is_taken_as_it_is(at: Path) -> None:
    image = read(at, oci(packed=zstd.compress), compressed=True)
    assert [x.compressed_size for x in image.layers] == [
        len(zstd.compress(BOTTOM)),
        len(zstd.compress(TOP)),
    ]
    assert all(x.compressed_size is None for x in read(at, classic()).layers)


def test_blocks_follow_each_other() -> None:
    meter = gzipped.Meter()
    for _ in range(300):
        meter.feed(bytes(10_000))
    assert gzipped.FRAME < meter.close() < 6000


def test_sparse_members_have_no_digest(at: Path) -> None:
    info = tarfile.TarInfo("big")
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[156:157], block[483:495] = b"S", b"%011o\0" % 5000
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    entry = read(at, classic(Archive([bytes(block) + pack({"a": b"1"})]))).layers[0].entries[0]
    assert (entry.path, entry.size, entry.digest) == ("big", 5000, b"")
