from __future__ import annotations

import random
import sqlite3
import struct
from contextlib import closing, suppress

import pytest
from images import OFFICIAL, dpkg, entries, image, lines, own, owners, wheel

from djdock.images.owners import alpine, attribute, debian, pypi, rpm
from djdock.images.owners.tree import Tree

SITE = "opt/venv/lib/python3.13/site-packages"


# --- PyPI ------------------------------------------------------------------------------------------


def test_a_record_names_files_everywhere_and_quotes_commas() -> None:
    record = lines(
        "a/__init__.py,sha256=x,1",
        '"a/b,c.py",sha256=x,1',
        "../../../bin/a,,",
        "../../../share/man/man1/a.1,,",
        "/etc/a.conf,,",
        "",
        ",,",
    )
    files = {
        f"{SITE}/a-1.dist-info/RECORD": record,
        f"{SITE}/a-1.dist-info/METADATA": "Name: A\nVersion: 1.5\n\nName: not this\n",
        f"{SITE}/a/__init__.py": 1,
        f"{SITE}/a/b,c.py": 1,
        f"{SITE}/a/made-later.db": 1,
        f"{SITE}/a-1.dist-info/direct_url.json": 1,
        "opt/venv/bin/a": 1,
        "opt/venv/share/man/man1/a.1": 1,
        "etc/a.conf": 1,
        f"{SITE}/stray.py": 1,
        "opt/venv/pyvenv.cfg": 1,
        "opt/venv/bin/activate": 1,
    }
    found = owners(files)
    assert {path for path, owner in found.items() if owner == "pypi:A 1.5"} == files.keys() - {
        f"{SITE}/stray.py",
        "opt/venv/pyvenv.cfg",
        "opt/venv/bin/activate",
    }
    assert found[f"{SITE}/stray.py"] == "unowned:unowned"
    assert found["opt/venv/bin/activate"] == "interpreter:virtual environment"


def test_a_folder_that_two_distributions_share_is_neither_s() -> None:
    files = {
        **wheel(SITE, "one", "1", "shared/one.py"),
        **wheel(SITE, "two", "2", "shared/two.py"),
        f"{SITE}/shared/new.db": 1,
    }
    found = owners(files)
    assert found[f"{SITE}/shared/new.db"] == "unowned:unowned"
    assert found[f"{SITE}/shared/two.py"] == "pypi:two 2"


def test_site_packages_that_are_a_link_are_where_it_leads() -> None:
    site = "usr/local/lib/python3.13/dist-packages"
    files = {
        **wheel(site, "one", "1", "one.py", "../../../bin/one"),
        "usr/local/lib/python3.13/site-packages": "-> dist-packages",
        "usr/local/lib64": "-> lib",
        "usr/local/bin/one": 3,
    }
    assert owners(files)["usr/local/bin/one"] == "pypi:one 1"


@pytest.mark.parametrize(
    ("info", "more", "name"),
    [
        # A .dist-info whose RECORD was deleted, as Debian and slimmed images have it.
        ("Py_YAML-6.0.dist-info", {"METADATA": "Name: Py-YAML\nVersion: 6.0\n"}, "Py-YAML 6.0"),
        ("whatever-6.0.dist-info", {"top_level.txt": "py_yaml\n_pyyaml\n"}, "whatever 6.0"),
        ("py_yaml-6.0-py3.13.egg-info", {"PKG-INFO": "Name: Py-YAML\n"}, "Py-YAML 6.0"),
        ("py_yaml.egg-info", {"top_level.txt": "py_yaml"}, "py_yaml"),
        (
            "py_yaml-6.0.egg-info",
            {"installed-files.txt": lines("../py_yaml/a.py", "../py_yaml/b.so", "PKG-INFO")},
            "py_yaml 6.0",
        ),
    ],
)
def test_a_distribution_without_a_record_has_what_is_called_like_it(
    info: str, more: dict[str, str], name: str
) -> None:
    files: dict[str, object] = {f"{SITE}/{info}/{key}": value for key, value in more.items()}
    files |= {f"{SITE}/py_yaml/a.py": 1, f"{SITE}/py_yaml/b.so": 1, f"{SITE}/other.py": 1}
    found = owners(files)
    assert found[f"{SITE}/py_yaml/a.py"] == found[f"{SITE}/py_yaml/b.so"] == f"pypi:{name}"
    assert {found[f"{SITE}/{info}/{key}"] for key in more} == {f"pypi:{name}"}
    assert found[f"{SITE}/other.py"] == "unowned:unowned"


def test_without_a_record_scripts_and_bundled_libraries_are_found_too() -> None:
    files = {
        f"{SITE}/tool-1.dist-info/entry_points.txt": "[console_scripts]\ntool = tool:main\nb=c:d\n",
        f"{SITE}/tool.py": 1,
        f"{SITE}/tool.cpython-313-x86_64-linux-gnu.so": 1,
        f"{SITE}/tool.libs/libz-1.so": 1,
        "opt/venv/bin/tool": 1,
        "opt/venv/bin/b": 1,
    }
    assert set(owners(files).values()) == {"pypi:tool 1"}


def test_an_egg_and_an_egg_info_file_are_distributions() -> None:
    files = {
        f"{SITE}/old-2.1-py3.9.egg/EGG-INFO/PKG-INFO": "Name: old\nVersion: 2.1\n",
        f"{SITE}/old-2.1-py3.9.egg/old/x.py": 1,
        f"{SITE}/older-1.0.egg-info": "Name: older\nVersion: 1.0\n",
        f"{SITE}/older.py": 1,
    }
    found = owners(files)
    assert found[f"{SITE}/old-2.1-py3.9.egg/old/x.py"] == "pypi:old 2.1"
    assert found[f"{SITE}/older.py"] == found[f"{SITE}/older-1.0.egg-info"] == "pypi:older 1.0"


def test_what_debian_installed_is_debian_s_although_it_has_a_dist_info() -> None:
    site = "usr/lib/python3/dist-packages"
    files = {
        **wheel(site, "six", "1", "six.py"),
        **dpkg(
            {"python3-six": ["/usr/lib/python3", f"/{site}/six.py", f"/{site}/six-1.dist-info"]}
        ),
        f"{site}/__pycache__/six.cpython-313.pyc": 5,
    }
    found = owners(files)
    assert found[f"{site}/six.py"] == "debian:python3-six 1.0"
    assert found[f"{site}/__pycache__/six.cpython-313.pyc"] == "debian:python3-six 1.0"


def test_records_are_read_line_by_line() -> None:
    assert list(pypi.record(b'a,b,c\n\xff.py,,\nq"x.py,,\n\0z.py,,\n')) == [
        "a",
        "\udcff.py",
        'q"x.py',
        "z.py",
    ]
    huge = b'"' + b"x" * 200_000 + b'",,\nafter.py,,\n'
    assert "after.py" in list(pypi.record(huge))


# --- Debian ----------------------------------------------------------------------------------------


def test_dpkg_s_lists_have_the_architecture_in_their_names_or_not() -> None:
    for arch in ("", "amd64"):
        files = {**dpkg({"zlib1g": ["/usr/lib/libz.so"]}, arch=arch), "usr/lib/libz.so": 5}
        assert owners(files)["usr/lib/libz.so"] == "debian:zlib1g 1.0"


def test_lists_from_before_the_usr_merge_lead_to_the_files() -> None:
    files = {**dpkg({"bash": ["/bin/bash"]}), "bin": "-> usr/bin", "usr/bin/bash": 5}
    assert owners(files)["usr/bin/bash"] == "debian:bash 1.0"


def test_a_diverted_file_is_where_dpkg_divert_put_it() -> None:
    files = {
        **dpkg({"dash": ["/bin/sh"], "bash": ["/bin/sh"]}),
        "var/lib/dpkg/diversions": lines("/bin/sh", "/bin/sh.distrib", "bash"),
        "bin/sh": 1,
        "bin/sh.distrib": 2,
    }
    found = owners(files)
    assert (found["bin/sh"], found["bin/sh.distrib"]) == ("debian:bash 1.0", "debian:dash 1.0")


def test_distroless_images_have_status_d() -> None:
    files = {
        "var/lib/dpkg/status.d/libc6": (
            "Package: libc6\nConffiles:\n /etc/ld.so.conf 0123 obsolete\n odd\nVersion: 2.41\n"
        ),
        "etc/ld.so.conf": 3,
        "usr/share/doc/gcc-14-base/copyright": 4,
        "var/lib/dpkg/status.d/libc6.md5sums": f"{'0' * 32}  usr/lib/libc.so.6\n",
        "usr/lib/libc.so.6": 5,
        "var/lib/dpkg/status.d/odd": "no field\n",
    }
    found = owners(files)
    assert found["usr/lib/libc.so.6"] == found["etc/ld.so.conf"] == "debian:libc6 2.41"
    assert found["usr/share/doc/gcc-14-base/copyright"] == "system:gcc-14-base"
    assert found["var/lib/dpkg/status.d/odd"] == "system:dpkg"


def test_a_folder_of_one_package_is_its_own_but_those_of_base_files_are_everybody_s() -> None:
    files = {
        **dpkg(
            {
                "base-files": ["/opt", "/var/lib"],
                "mysql": ["/var/lib", "/var/lib/mysql"],
                "gone": ["/usr/share/gone"],
            }
        ),
        "opt/tool": 1,
        "var/lib/mysql/ibdata": 2,
        "var/lib/other": 3,
        "usr/share/gone/new": 4,
    }
    files["var/lib/dpkg/status"] += (
        "\nPackage: never\nStatus: deinstall ok not-installed\nVersion: 1\n"
    )
    found = owners(files)
    assert found["var/lib/mysql/ibdata"] == "debian:mysql 1.0"
    assert found["opt/tool"] == found["var/lib/other"] == "unowned:unowned"
    assert found["usr/share/gone/new"] == "debian:gone 1.0"


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("etc/ssl/certs/ca-certificates.crt", "ca-certificates"),
        ("etc/ld.so.cache", "libc-bin"),
        ("usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache", "libc-bin"),
        ("usr/lib/locale/locale-archive", "locales"),
        ("usr/lib/locale/C.utf8/LC_CTYPE", "locales"),
        ("etc/alternatives/awk", "dpkg"),
        ("var/lib/dpkg/info/a.postinst", "dpkg"),
        ("var/cache/debconf/config.dat", "debconf"),
        ("boot/initrd.img-6.1", "initramfs-tools"),
        ("etc/passwd-", "base-passwd"),
        ("var/lib/apt/lists/x", "apt"),
        (".dockerenv", "container engine"),
    ],
)
def test_what_maintainer_scripts_write_has_an_owner_by_rule(path: str, owner: str) -> None:
    assert owners({path: 1})[path] == f"system:{owner}"
    if owner != "container engine":
        assert owners({path: 1, **dpkg({owner: []})})[path] == f"debian:{owner} 1.0"


# --- Alpine ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", alpine.DATABASES)
def test_apk_s_data_base_is_read(database: str) -> None:
    files = {
        database: (
            "C:Q1x=\nP:musl\nV:1.2.5-r9\nA:x86_64\nF:lib\nR:ld-musl.so.1\na:0:0:755\nZ:Q1y=\n\n"
            "P:busybox\nV:1.37\nF:\nF:bin\nR:busybox\nF:etc/x\n\n"
        ),
        "lib/ld-musl.so.1": 5,
        "bin/busybox": 6,
        "bin/sh": "-> /bin/busybox",
        "etc/apk/world": 1,
    }
    found = owners(files)
    assert found["lib/ld-musl.so.1"] == "alpine:musl 1.2.5-r9"
    assert found["bin/busybox"] == found["bin/sh"] == "alpine:busybox 1.37"
    assert found[database] == found["etc/apk/world"] == "system:apk-tools"


# --- RPM -------------------------------------------------------------------------------------------


def rpm_header(name: str, folders: list[str], files: list[tuple[int, str]]) -> bytes:
    """A package's header with the few tags that are read, and one that is not."""
    data, index = b"", b""
    for tag, kind, values in (
        (rpm.NAME, 6, [name]),
        (rpm.VERSION, 6, ["5.2"]),
        (rpm.RELEASE, 6, ["3.el9"]),
        (1004, 9, ["a summary"]),
        (rpm.DIR_INDEXES, 4, [number for number, _ in files]),
        (rpm.BASE_NAMES, 8, [base for _, base in files]),
        (rpm.DIR_NAMES, 8, folders),
    ):
        data += b"\0" * (-len(data) % 4)
        index += struct.pack(">IIiI", tag, kind, len(data), len(values))
        for value in values:
            packed = isinstance(value, int)
            data += struct.pack(">I", value) if packed else value.encode() + b"\0"
    return struct.pack(">II", len(index) // 16, len(data)) + index + data


def rpmdb(*blobs: object, wal: bool = False) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
        database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
        database.commit()
        content = database.serialize()
    return content[:18] + b"\2\2" + content[20:] if wal else content


BASH = rpm_header("bash", ["/usr/bin/", "/etc/skel/"], [(0, "bash"), (1, ".bashrc"), (9, "lost")])


@pytest.mark.parametrize("wal", [False, True])
@pytest.mark.parametrize("path", rpm.DATABASES)
def test_rpm_s_data_base_is_read(path: str, wal: bool) -> None:
    key = rpm_header("gpg-pubkey", ["/"], [(0, "x")])
    files = {
        path: rpmdb(BASH, key, "text", b"\0\0", wal=wal),
        "usr/bin/bash": 5,
        "etc/skel/.bashrc": 6,
        "usr/bin/mine": 7,
    }
    found = own(files)
    by_path = {file.path: f"{file.owner.family}:{file.owner}" for file in found.files}
    assert by_path["usr/bin/bash"] == by_path["etc/skel/.bashrc"] == "rpm:bash 5.2-3.el9"
    assert by_path["usr/bin/mine"] == "unowned:unowned"
    assert found.problems == ("One of RPM's packages has a header that cannot be read.",)


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("var/lib/rpm/Packages", b"\0", "it is in an old format, Berkeley DB or ndb"),
        ("usr/lib/sysimage/rpm/Packages.db", b"\0", "it is in an old format, Berkeley DB or ndb"),
        ("var/lib/rpm/rpmdb.sqlite", b"no data base at all" * 99, "file is not a database"),
        ("var/lib/rpm/rpmdb.sqlite", b"", "file is not a database"),
        ("var/lib/rpm/rpmdb.sqlite", 300_000_000, "it is larger than what is kept"),
    ],
)
def test_a_data_base_that_cannot_be_read_is_named(path: str, content: object, why: str) -> None:
    found = own({path: content, "usr/bin/bash": 5, "app/x.py": 1}, WorkingDir="/app")
    assert found.problems == (f"RPM's data base /{path} cannot be read: {why}.",)
    by_path = {file.path: str(file.owner) for file in found.files}
    assert by_path["usr/bin/bash"] == "RPM packages whose data base cannot be read"
    assert by_path["app/x.py"] == "project"


# --- anything --------------------------------------------------------------------------------------


def test_mangled_metadata_is_never_a_traceback_and_loses_no_byte() -> None:
    whole: dict[str, object] = {
        **OFFICIAL,
        **wheel(SITE, "Django", "5.2", "django/a.py"),
        f"{SITE}/Django-5.2.dist-info/entry_points.txt": "[console_scripts]\na=b\n",
        **dpkg({"libc6": ["/usr/lib/libc.so.6"], "bash": ["/bin/bash"]}),
        "var/lib/dpkg/diversions": "/a\n/b\nc\n",
        "var/lib/dpkg/status.d/x": "Package: x\n",
        "lib/apk/db/installed": "P:musl\nV:1\nF:lib\nR:ld\n\n",
        "var/lib/rpm/rpmdb.sqlite": rpmdb(BASH),
        "app/static/staticfiles.json": '{"paths": {"a": "b"}}',
        f"{SITE}/old.egg-info/PKG-INFO": "Name: old\n",
        f"{SITE}/old.egg-info/installed-files.txt": "../old.py\n",
        "usr/lib/libc.so.6": 5,
    }  # fmt: skip
    made = image(whole, WorkingDir="/app")
    kept = sorted(made.contents)
    rng = random.Random(3)
    for _ in range(400):
        path = rng.choice(kept)
        content = bytearray(made.contents[path])
        for _ in range(rng.randint(1, 12)):
            at = rng.randrange(len(content) + 1)
            what = rng.randrange(4)
            if what == 0:
                del content[at:]
            elif what == 1:
                content[at:at] = rng.randbytes(rng.randint(1, 9))
            elif what == 2:
                content[at : at + 3] = rng.choice([b"\0", b'"', b"\n", b":", b"\xff", b",", b"/.."])
            else:
                content[at:at] = content[:40]
        broken = type(made)(
            made.name, made.id, made.config, made.layers, {**made.contents, path: bytes(content)}
        )
        found = attribute(broken, entries(whole))
        assert found.total == sum(entry.size for entry in entries(whole))


def test_mangled_headers_raise_what_the_reader_of_rpm_expects() -> None:
    rng = random.Random(4)
    for _ in range(2000):
        blob = bytearray(BASH)
        for _ in range(rng.randint(1, 6)):
            blob[rng.randrange(len(blob))] = rng.randrange(256)
        del blob[rng.randint(0, len(blob)) :]
        with suppress(struct.error, ValueError, IndexError):
            list(rpm.files(rpm.header(bytes(blob))))


@pytest.mark.parametrize(
    "config",
    [
        {"WorkingDir": None},
        {"WorkingDir": 5, "Cmd": "text", "Entrypoint": [1, None]},
        {"Healthcheck": "no table"},
        {"Healthcheck": {"Test": None}},
        {"Cmd": ["sh", "-c", "exec /../../x \udcff /"]},
    ],
)
def test_odd_configurations_are_no_traceback(config: dict[str, object]) -> None:
    assert own({"srv/x": 1}, **config).total == 1


def test_stanzas_are_paragraphs() -> None:
    assert list(debian.stanzas(b"\n\nA: 1\nB:2\n more\nno colon\n\n\n\nA: 3")) == [
        {"a": "1", "b": "2\nmore"},
        {"a": "3"},
    ]


def test_no_data_base_claims_nothing() -> None:
    tree = Tree([])
    for family in (debian.claims, alpine.claims, rpm.claims, pypi.claims):
        found = family(tree, {})
        assert (found.files, found.folders, found.problems) == ({}, {}, [])
