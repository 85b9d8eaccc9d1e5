from __future__ import annotations

import pytest
from images import OFFICIAL, dpkg, entries, image, own, owners, wheel

from djdock.images.model import Entry
from djdock.images.owners import UNOWNED, Owner, attribute, by_owner, keep, percentages, totals
from djdock.images.owners.bytecode import source, tag
from djdock.images.owners.kinds import KINDS, kind
from djdock.images.owners.tree import Tree

SITE = "usr/local/lib/python3.13/site-packages"

SHOP = {
    **OFFICIAL,
    **wheel(
        SITE, "Django", "5.2", "django/__init__.py", "django/core.py", "../../../bin/django-admin"
    ),
    "usr/local/bin/django-admin": 20,
    f"{SITE}/django/__pycache__/core.cpython-313.pyc": 30,
    **dpkg({"libc6": ["/lib", "/lib/libc.so.6"], "dpkg": ["/usr/bin/dpkg"]}, arch="amd64"),
    "lib": "-> usr/lib",
    "usr/lib/libc.so.6": 2_000,
    "usr/bin/dpkg": 300,
    "etc/ld.so.cache": 4,
    "app/manage.py": 8,
    "app/shop/views.py": 9,
    "app/shop/__pycache__/views.cpython-313.pyc": 11,
    "app/static/staticfiles.json": '{"paths": {}}',
    "app/static/admin/css/base.css": 12,
    "srv/leftover.bin": 77,
}


def test_every_file_has_one_owner_and_the_sum_is_the_file_system_s() -> None:
    found = own(SHOP, WorkingDir="/app")
    files = [entry for entry in entries(SHOP) if entry.kind != "dir"]
    assert sorted(file.path for file in found.files) == sorted(entry.path for entry in files)
    assert found.total == sum(entry.size for entry in files)
    assert sum(share.size for share in by_owner(found.files)) == found.total
    assert sum(totals(found.files, lambda file: file.kind).values()) == found.total
    assert round(sum(share.percent for share in by_owner(found.files)), 6) == 100
    assert {file.kind for file in found.files} <= set(KINDS)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        (f"{SITE}/django/core.py", "pypi:Django 5.2"),
        (f"{SITE}/django/__pycache__/core.cpython-313.pyc", "pypi:Django 5.2"),
        ("usr/local/bin/django-admin", "pypi:Django 5.2"),
        (f"{SITE}/README.txt", "interpreter:standard library 3.13"),
        ("usr/local/lib/python3.13/os.py", "interpreter:standard library 3.13"),
        ("usr/local/lib/libpython3.13.so.1.0", "interpreter:CPython 3.13"),
        ("usr/local/bin/python", "interpreter:CPython 3.13"),
        ("usr/local/bin/idle3.13", "interpreter:CPython 3.13"),
        ("usr/local/include/python3.13/Python.h", "interpreter:CPython 3.13"),
        ("usr/local/bin/gunicorn", "unowned:unowned"),
        ("usr/lib/libc.so.6", "debian:libc6 1.0"),
        ("etc/ld.so.cache", "system:libc-bin"),
        ("var/lib/dpkg/status", "debian:dpkg 1.0"),
        ("app/manage.py", "project:project"),
        ("app/shop/__pycache__/views.cpython-313.pyc", "project:project"),
        ("app/static/admin/css/base.css", "static:static files"),
        ("srv/leftover.bin", "unowned:unowned"),
    ],
)
def test_whose_a_file_is(path: str, owner: str) -> None:
    assert owners(SHOP, WorkingDir="/app")[path] == owner


def test_hard_links_are_counted_once_and_belong_to_who_claims_any_of_the_names() -> None:
    files = {
        **dpkg({"perl": ["/usr/bin/perl5"]}),
        "usr/bin/perl": 500,
        "usr/bin/perl5": "=> usr/bin/perl",
    }
    found = {file.path: file for file in own(files).files}
    assert (found["usr/bin/perl"].size, found["usr/bin/perl5"].size) == (500, 0)
    assert found["usr/bin/perl"].owner == Owner("debian", "perl", "1.0")


def test_a_link_that_nobody_lists_belongs_to_who_owns_its_target() -> None:
    files = {
        **dpkg({"gawk": ["/usr/bin/gawk"], "dpkg": ["/usr/bin/dpkg"]}),
        "usr/bin/gawk": 5,
        "usr/bin/awk": "-> /etc/alternatives/awk",
        "etc/alternatives/awk": "-> /usr/bin/gawk",
        "usr/bin/loop": "-> loop",
    }
    found = owners(files)
    assert found["usr/bin/awk"] == "debian:dpkg 1.0"
    assert found["usr/bin/loop"] == "unowned:unowned"


def test_the_bytecode_of_a_source_that_was_removed_has_the_source_s_owner() -> None:
    files = {**wheel(SITE, "six", "1.0", "six.py"), f"{SITE}/six.pyc": 4}
    del files[f"{SITE}/six.py"]
    found = {file.path: file for file in own(files).files}[f"{SITE}/six.pyc"]
    assert (found.owner.name, found.kind, found.why) == (
        "six",
        "bytecode",
        "the bytecode of its source",
    )


def test_the_same_image_gives_the_same_answer_in_whatever_order_it_is_read() -> None:
    made = image(SHOP, WorkingDir="/app")
    assert attribute(made, entries(SHOP)) == attribute(made, reversed(entries(SHOP)))


def test_an_empty_image_is_nobody_s() -> None:
    assert (own({}).total, by_owner(own({}).files)) == (0, [])


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([0, 0], [0.0, 0.0]),
        ([5], [100.0]),
        ([1, 1, 1], [33.4, 33.3, 33.3]),
        ([1, 999_999], [0.0, 100.0]),
        ([2, 1], [66.7, 33.3]),
    ],
)
def test_percentages_add_up_to_100(sizes: list[int], expected: list[float]) -> None:
    assert percentages(sizes) == expected


def test_many_percentages_add_up_to_100() -> None:
    for number in range(1, 300):
        assert round(sum(percentages([7 * at % 31 + 1 for at in range(number)])), 6) == 100


@pytest.mark.parametrize(
    ("path", "expected", "found"),
    [
        ("a/__pycache__/b.cpython-313.pyc", "a/b.py", "cpython-313"),
        ("a/__pycache__/b.cpython-313.opt-1.pyc", "a/b.py", "cpython-313"),
        ("a/__pycache__/b.c.pypy310.pyc", "a/b.c.py", "pypy310"),
        ("a/__pycache__/b.pyc", "a/b.py", ""),
        ("a/b.pyc", "a/b.py", ""),
        ("__pycache__/b.cpython-38.pyc", "b.py", "cpython-38"),
        ("a/b.py", "", ""),
    ],
)
def test_the_source_of_bytecode(path: str, expected: str, found: str) -> None:
    assert (source(path), tag(path)) == (expected, found)


def test_links_in_folders_are_followed_and_loops_end() -> None:
    tree = Tree(
        entries(
            {
                "bin": "-> usr/bin",
                "usr/lib64": "-> lib",
                "usr/lib/x": "-> ../../opt/x",
                "opt/x/f": 1,
                "a": "-> b",
                "b": "-> a",
                "up": "-> ../../../etc",
            }
        )
    )
    assert tree.canonical("/bin/sh") == "usr/bin/sh"
    assert tree.canonical("/usr/lib64/x/f") == "opt/x/f"
    assert tree.canonical("bin") == "bin"
    assert tree.canonical("/a/f") in ("a/f", "b/f")
    assert tree.canonical("/up/passwd") == "etc/passwd"
    assert tree.canonical("../../etc/passwd") == "etc/passwd"
    assert tree.canonical("/" + "x/" * 5000 + "f").endswith("x/f")


@pytest.mark.parametrize(
    ("path", "family", "expected"),
    [
        ("opt/v/lib/python3.13/site-packages/a/__pycache__/b.cpython-313.pyc", "pypi", "bytecode"),
        ("opt/v/lib/python3.13/site-packages/a/_x.cpython-313-x86_64.so", "pypi", "native library"),
        ("usr/lib/libc.so.6", "debian", "native library"),
        ("opt/v/a.libs/libssl-81ffa89e.so.3", "pypi", "native library"),
        ("s/django/conf/locale/de/LC_MESSAGES/django.mo", "pypi", "locale"),
        ("s/django/contrib/admin/static/admin/js/a.js", "pypi", "static"),
        ("app/static/a.css", "static", "static"),
        ("s/x/tests/data.bin", "pypi", "tests"),
        ("s/django/test/client.py", "pypi", "code"),
        ("usr/local/lib/python3.13/test/test_os.py", "interpreter", "tests"),
        ("s/x-1.dist-info/licenses/LICENSE", "pypi", "metadata"),
        ("usr/share/man/man1/ls.1.gz", "debian", "documentation"),
        ("usr/include/stdio.h", "debian", "development"),
        ("usr/bin/ls", "debian", "program"),
        ("usr/libexec/gcc/x/14/cc1", "debian", "program"),
        ("etc/passwd", "system", "data"),
        ("odd", "unowned", "data"),
    ],
)
def test_kinds(path: str, family: str, expected: str) -> None:
    assert kind(path, family) == expected


@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        ("a/b-1.dist-info/RECORD", 400_000, True),
        ("a/b-1.dist-info/RECORD", 5_000_000, False),
        ("a/b-1.dist-info/LICENSE", 10, False),
        ("a/b.egg-info", 10, True),
        ("a/b.egg-info/SOURCES.txt", 10, True),
        ("var/lib/dpkg/status", 450_000, True),
        ("var/lib/dpkg/status-old", 450_000, False),
        ("var/lib/dpkg/status.d/base", 10, True),
        ("var/lib/dpkg/info/libc6:amd64.list", 10, True),
        ("var/lib/dpkg/info/libc6:amd64.symbols", 10, False),
        ("var/lib/dpkg/diversions", 0, True),
        ("lib/apk/db/installed", 10, True),
        ("var/lib/rpm/rpmdb.sqlite", 20_000_000, True),
        ("var/lib/rpm/rpmdb.sqlite", 200_000_000, False),
        ("home/me/rpmdb.sqlite", 10, False),
        ("etc/os-release", 10, True),
        ("app/static/staticfiles.json", 10_000, True),
        ("odd\n\udcff.dist-info/RECORD", 1, True),
    ],
)
def test_what_the_reader_must_keep(path: str, size: int, expected: bool) -> None:
    assert keep(path, size) is expected


def test_devices_and_names_that_are_no_text_have_an_owner_too() -> None:
    odd = "srv/new\nline\udcff"
    files = {odd: {"size": 3}, "dev/null": {"kind": "char"}, "srv/p": {"kind": "fifo"}}
    assert owners(files) == {
        odd: "unowned:unowned",
        "dev/null": "system:container engine",
        "srv/p": "unowned:unowned",
    }
    assert own(files).files[0].owner in (UNOWNED, Owner("system", "container engine"))


def test_the_keys_of_owners_leave_versions_out() -> None:
    assert Owner("pypi", "Django", "5.2").key == "pypi:Django"
    assert str(Owner("pypi", "Django", "5.2")) == "Django 5.2"


@pytest.mark.parametrize(
    ("family", "name", "group"),
    [
        ("debian", "python3.13-minimal", "interpreter"),
        ("debian", "libpython3.13-stdlib", "interpreter"),
        ("debian", "libpython3.13t64", "interpreter"),
        ("alpine", "python3", "interpreter"),
        ("alpine", "python3-pycache-pyc0", "interpreter"),
        ("rpm", "python3-libs", "interpreter"),
        ("debian", "python3-pip", "system"),
        ("pypi", "python3", "packages"),
        ("debian", "libc6", "system"),
        ("interpreter", "CPython", "interpreter"),
        ("project", "project", "project"),
    ],
)
def test_groups(family: str, name: str, group: str) -> None:
    assert Owner(family, name).group == group


def test_a_hard_link_into_nowhere_is_a_file_of_no_bytes() -> None:
    files = [Entry("usr/x", "hardlink", target="gone")]
    assert attribute(image({}), files).total == 0


def test_a_second_name_that_nobody_lists_belongs_to_who_owns_the_first() -> None:
    files = {
        **dpkg({"unzip": ["/usr/bin/unzip"]}),
        "usr/bin/unzip": 5,
        "usr/bin/zipinfo": "=> usr/bin/unzip",
    }
    assert owners(files)["usr/bin/zipinfo"] == "debian:unzip 1.0"
