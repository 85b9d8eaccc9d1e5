from __future__ import annotations

import io
import random
import tarfile

import pytest
from archives import error_of, pack

from djdock.images import tar
from djdock.images.stream import Damaged, Stream

LONG = "a/" + "very-long-folder-name/" * 12 + "file.txt"


def chunked(content: bytes, size: int = 777) -> Stream:
    return Stream(content[at : at + size] for at in range(0, len(content), size))


def read(content: bytes) -> list[tuple[tar.Member, bytes]]:
    stream = chunked(content)
    return [(member, b"".join(stream.exactly(member.stored))) for member in tar.members(stream)]


@pytest.mark.parametrize(
    "form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=str
)
def test_every_format_is_read_as_tarfile_wrote_it(form: int) -> None:
    long = LONG if form != tarfile.USTAR_FORMAT else LONG[:240]
    content = pack(
        {"a/": None, long: b"x" * 1000, "empty": b"", "link": f"-> {long[:90]}", "hard": "= empty"},
        form=form,
        uid=1234,
        gid=5678,
        mode=0o4755,
    )
    found = [member for member, _ in read(content)]
    assert [(m.name.rstrip("/"), m.kind, m.size, m.target) for m in found] == [
        ("a", "dir", 0, ""),
        (long, "file", 1000, ""),
        ("empty", "file", 0, ""),
        ("link", "symlink", 0, long[:90]),
        ("hard", "hardlink", 0, "empty"),
    ]
    assert {(m.mode, m.uid, m.gid) for m in found} == {(0o4755, 1234, 5678)}
    assert read(content)[1][1] == b"x" * 1000


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=str)
def test_long_link_targets(form: int) -> None:
    content = pack({"link": f"-> {LONG}", "after": b"1"}, form=form)
    assert [(m.name, m.target) for m, _ in read(content)] == [("link", LONG), ("after", "")]


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=str)
def test_names_that_are_no_utf8_and_names_with_newlines(form: int) -> None:
    names = [b"caf\xe9".decode("utf-8", "surrogateescape"), "two\nlines", "\u4e2d\u6587"]
    found = [m.name for m, _ in read(pack(dict.fromkeys(names, b"1"), form=form))]
    assert found == names


def test_a_binary_name_in_pax_records() -> None:
    """As GNU tar and bsdtar write it: hdrcharset=BINARY, then the bytes."""
    records = fit(b"0 hdrcharset=BINARY\n") + fit(b"0 path=a\xffb\n")
    content = special(b"x", records) + pack({"other": b"1"})
    assert [m.name for m, _ in read(content)] == ["a\udcffb"]


def special(kind: bytes, content: bytes) -> bytes:
    info = tarfile.TarInfo("././@special")
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512)


def test_extended_attributes_and_global_records_are_passed_over() -> None:
    xattr = fit(b"0 SCHILY.xattr.security.capability=\x01\x00\n\x02=\n")
    content = special(b"g", fit(b"0 comment=0123\n")) + special(b"x", xattr)
    assert [m.name for m, _ in read(content + pack({"ping": b"1"}))] == ["ping"]


def fit(record: bytes) -> bytes:
    """A PAX record with its right length in front."""
    text = record.split(b" ", 1)[1]
    size = next(n for n in range(len(text), len(text) + 9) if n == len(text) + 1 + len(str(n)))
    return f"{size} ".encode() + text


def test_numbers_in_base_256() -> None:
    content = pack({"big": b"1"}, form=tarfile.GNU_FORMAT, uid=2**31 + 5, gid=2**40)
    assert [(m.uid, m.gid) for m, _ in read(content)] == [(2**31 + 5, 2**40)]


def test_sizes_from_pax_records_win() -> None:
    record = fit(b"0 size=5\n")
    info = tarfile.TarInfo("a")  # says 0
    content = special(b"x", record) + info.tobuf() + b"12345" + bytes(507) + pack({"b": b"1"})
    assert [(m.name, m.size, c) for m, c in read(content)] == [
        ("a", 5, b"12345"),
        ("b", 1, b"1"),
    ]


def test_sparse_files_have_their_real_size() -> None:
    """Three ways in which GNU tar writes a file of 1 MB with 3 bytes in it."""
    old = bytearray(tarfile.TarInfo("old").tobuf(tarfile.GNU_FORMAT))
    old[156:157] = b"S"
    old[124:136] = b"%011o\0" % 3
    old[482] = 1  # the map goes on in another block
    old[483:495] = b"%011o\0" % 1_000_000
    checksum(old)
    pax = special(b"x", fit(b"0 GNU.sparse.name=new\n") + fit(b"0 GNU.sparse.realsize=1000000\n"))
    body = tarfile.TarInfo("GNUSparseFile.0/new")
    body.size = 3
    content = (
        bytes(old) + bytes(512) + b"abc" + bytes(509)
        + pax + body.tobuf(tarfile.USTAR_FORMAT) + b"abc" + bytes(509) + pack({"after": b"1"})
    )  # fmt: skip
    assert [(m.name, m.size, m.stored, m.sparse) for m, _ in read(content)] == [
        ("old", 1_000_000, 3, True),
        ("new", 1_000_000, 3, True),
        ("after", 1, 1, False),
    ]


def checksum(block: bytearray) -> None:
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)


def test_devices_and_v7_folders() -> None:
    folder = bytearray(tarfile.TarInfo("old/").tobuf(tarfile.USTAR_FORMAT))
    folder[156:157], folder[257:265] = b"\0", bytes(8)
    checksum(folder)
    device = tarfile.TarInfo("null")
    device.type = tarfile.CHRTYPE
    assert [m.kind for m, _ in read(bytes(folder) + device.tobuf())] == ["dir", "char"]


def test_contents_need_not_be_read() -> None:
    content = pack({"a": b"1" * 5000, "b": b"2" * 512, "c": b""})
    assert [m.name for m in tar.members(chunked(content))] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"hello " * 200, "there is no tar header at byte 0"),
        (pack({"a": b"1" * 2000})[:1000], "it ends in the middle, after 1000 bytes"),
        (pack({"a": b"1"})[:300], "it ends in the middle, after 300 bytes"),
        (special(b"x", b"nonsense") + pack({"a": b"1"}), "it has PAX records that cannot be read"),
        (
            special(b"x", b"99 path=a\n") + pack({"a": b"1"}),
            "it has PAX records that cannot be read",
        ),
        (
            special(b"x", fit(b"0 size=-1\n")) + pack({"a": b"1"}),
            "it has a PAX record `size` that is no number",
        ),
        (special(b"M", b""), "it has a member of an unknown type, b'M'"),
    ],
)
def test_what_is_no_tar_archive(content: bytes, why: str) -> None:
    with pytest.raises(Damaged) as error:
        read(content)
    assert str(error.value) == why


def test_an_archive_may_end_without_a_mark() -> None:
    content = pack({"a": b"1"})[:1024]
    assert [m.name for m, _ in read(content)] == ["a"]
    assert read(b"") == []


def test_damage_never_ends_in_anything_but_damaged() -> None:
    content = pack({LONG: b"x" * 700, "b/": None, "c": "-> d"}, form=tarfile.GNU_FORMAT)
    dice = random.Random(1)
    for _ in range(3000):
        mangled = bytearray(content)
        for _ in range(dice.randint(1, 4)):
            mangled[dice.randrange(len(mangled))] = dice.randrange(256)
        cut = bytes(mangled[: dice.randint(0, 6000)])
        error = error_of(lambda cut=cut: read(cut))
        assert error is None or str(error)


def test_a_real_archive_of_this_repository_is_read_as_tarfile_reads_it() -> None:
    from support import REPOSITORY

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as made:
        made.add(REPOSITORY / "src/djdock", arcname="djdock")
    with tarfile.open(fileobj=io.BytesIO(target.getvalue())) as other:
        expected = [(m.name, m.size, m.mode, m.uid) for m in other]
    assert [
        (m.name.rstrip("/"), m.size, m.mode, m.uid) for m, _ in read(target.getvalue())
    ] == expected
