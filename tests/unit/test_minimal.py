"""What makes the variant `minimal`: ELF files, imports, rules, globs, byte code, the zipped library."""

from __future__ import annotations

import importlib
import os
import struct
import subprocess
import sys
import sysconfig
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest
from support import REPOSITORY, Project

from djdock.config import load
from djdock.errors import UsageError
from djdock.images import build, host

sys.path.insert(0, str(REPOSITORY / "docker"))
bytecode, debian, elf, imports, loader, opened, packages, project_, stdlib, symbols, system, tree = (
    importlib.import_module(f"minimal.{name}")
    for name in (
        "bytecode", "debian", "elf", "imports", "loader", "opened", "packages", "project", "stdlib",
        "symbols", "system", "tree",
    )
)  # fmt: skip
sys.path.remove(str(REPOSITORY / "docker"))


# --- ELF -------------------------------------------------------------------------------------------


def made_elf(
    needed: tuple[str, ...] = (),
    soname: str = "",
    runpath: str = "",
    rpath: str = "",
    machine: int = 62,
    *,
    wide: bool = True,
    order: str = "<",
) -> bytes:
    """A file with one PT_LOAD and one PT_DYNAMIC: all that the parser reads."""
    strings, entries = b"\0", []
    texts = [(1, n) for n in needed] + [(14, soname), (29, runpath), (15, rpath)]
    for tag, text in texts:
        if text:
            entries.append((tag, len(strings)))
            strings += text.encode() + b"\0"
    head, step = (64, 56) if wide else (52, 32)
    form = f"{order}{'qQ' if wide else 'iI'}"
    dynamic = head + 2 * step
    at = dynamic + (len(entries) + 2) * struct.calcsize(form)
    entries += [(5, at + 0x1000), (0, 0)]
    body = b"".join(struct.pack(form, *entry) for entry in entries)
    total = at + len(strings)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + b"\0" * 9
    if wide:
        header = ident + struct.pack(
            f"{order}HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0
        )
        load_ = struct.pack(f"{order}IIQQQQQQ", 1, 5, 0, 0x1000, 0x1000, total, total, 1)
        dyn = struct.pack(
            f"{order}IIQQQQQQ", 2, 5, dynamic, dynamic + 0x1000, 0, len(body), len(body), 1
        )
    else:
        header = ident + struct.pack(
            f"{order}HHIIIIIHHHHHH", 3, machine, 1, 0, 52, 0, 0, 52, 32, 2, 0, 0, 0
        )
        load_ = struct.pack(f"{order}IIIIIIII", 1, 0, 0x1000, 0x1000, total, total, 5, 1)
        dyn = struct.pack(
            f"{order}IIIIIIII", 2, dynamic, dynamic + 0x1000, 0, len(body), len(body), 5, 1
        )
    return header + load_ + dyn + body + strings


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("order", ["<", ">"])
def test_what_an_elf_file_says(wide: bool, order: str) -> None:
    data = made_elf(("liba.so", "libb.so.1"), "libx.so.2", "$ORIGIN:/opt", wide=wide, order=order)
    found = elf.parse(data)
    assert found.needed == ("liba.so", "libb.so.1")
    assert (found.soname, found.runpath, found.rpath) == ("libx.so.2", ("$ORIGIN", "/opt"), ())


def test_any_other_file_is_none_and_so_is_a_damaged_one(tmp_path: Path) -> None:
    whole = made_elf(("liba.so",))
    contents = [b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF\x07\x07" + b"\0" * 80]
    contents += [whole[:n] for n in range(5, len(whole) - 1, 7)]
    for content in contents:
        (tmp_path / "x").write_bytes(content)
        elf.read(tmp_path / "x")  # raises nothing
    for content in contents[:4]:
        (tmp_path / "x").write_bytes(content)
        assert elf.read(tmp_path / "x") is None
    assert elf.read(tmp_path / "nothing") is None


def test_the_interpreter_of_this_machine_is_understood() -> None:
    ldd = subprocess.run(
        ["/usr/bin/ldd", sys.executable], capture_output=True, text=True, check=False
    )
    expected = {line.split()[2] for line in ldd.stdout.splitlines() if "=> /" in line}
    found, missing = loader.Loader().closure([Path(sys.executable).resolve()])
    assert missing == {}
    assert {os.path.realpath(p) for p in expected} <= {os.path.realpath(p) for p in found}


def files(tmp_path: Path, **made: bytes) -> dict[str, str]:
    for name, data in made.items():
        path = tmp_path / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return {name: str(tmp_path / name.replace("__", "/")) for name in made}


def test_a_runpath_wins_over_the_cache_which_wins_over_the_defaults(tmp_path: Path) -> None:
    made = files(
        tmp_path, app=made_elf(("x",), runpath="$ORIGIN/own"), other=made_elf(("x",)),
        own__x=made_elf(), cache__x=made_elf(), default__x=made_elf(), default__y=made_elf(),
    )  # fmt: skip
    at = loader.Loader({"x": [made["cache__x"]]}, [str(tmp_path / "default")])
    assert at.find("x", made["app"]) == made["own__x"]
    assert at.find("x", made["other"]) == made["cache__x"]
    assert at.find("y", made["other"]) == made["default__y"]
    assert at.find("z", made["other"]) is None


def test_an_rpath_is_handed_on_and_a_runpath_is_not(tmp_path: Path) -> None:
    def closure(**how: str) -> tuple[dict[str, str], dict[str, str]]:
        made = files(
            tmp_path, app=made_elf(("a",), **how), own__a=made_elf(("b",)), own__b=made_elf()
        )
        found: tuple[dict[str, str], dict[str, str]] = loader.Loader({}, []).closure([made["app"]])
        return found

    own = f"{tmp_path}/own"
    found, missing = closure(rpath=own)
    assert (set(found), missing) == ({f"{own}/a", f"{own}/b"}, {})
    found, missing = closure(runpath=own)
    assert (set(found), missing) == ({f"{own}/a"}, {"b": f"{own}/a"})


def test_a_library_for_another_machine_is_passed_over(tmp_path: Path) -> None:
    made = files(tmp_path, app=made_elf(("x",)), arm__x=made_elf(machine=183), amd__x=made_elf())
    at = loader.Loader({"x": [made["arm__x"], made["amd__x"]]}, [])
    assert at.find("x", made["app"]) == made["amd__x"]


def test_libraries_that_need_each_other_end(tmp_path: Path) -> None:
    made = files(tmp_path, a=made_elf(("b",)), b=made_elf(("a",)))
    found, _ = loader.Loader({}, [str(tmp_path)]).closure([made["a"]])
    assert set(found) == {made["a"], made["b"]}


def test_what_ldconfig_prints() -> None:
    text = (
        "2 libs found in cache `/etc/ld.so.cache'\n"
        "\tlibz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1\n"
        "\tlibz.so.1 (libc6) => /lib/i386-linux-gnu/libz.so.1\nCache generated by: ldconfig\n"
    )
    assert loader.cached(text) == {
        "libz.so.1": ["/lib/x86_64-linux-gnu/libz.so.1", "/lib/i386-linux-gnu/libz.so.1"]
    }


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("libssl-8bd944e8.so.3", "libssl.so.3"),
        ("libpq-a17e3caa.so.5.17", "libpq.so.5.17"),
        ("libgcc_s-12345678.so", "libgcc_s.so"),
        ("libssl.so.3", None),
        ("lib-short.so", None),
    ],
)
def test_the_name_that_auditwheel_changed(name: str, before: str | None) -> None:
    assert symbols.original(name) == before


def fake_symbols(monkeypatch: pytest.MonkeyPatch, **by: Any) -> None:
    made = {f"/{name}": symbols.Symbols(frozenset(d), frozenset()) for name, d in by.items()}
    monkeypatch.setattr(symbols, "read", lambda path: made.get(str(path)))


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (("f", "V1", "theirs"), True),
        (("g", "V2", "theirs"), False),  # a version that ours does not have
        (("g", "V2", "libc.so.6"), True),  # somebody else's business
        (("f", "", ""), True),
        (("g", "", ""), False),
        (("h", "", ""), True),  # was not theirs before
    ],
)
def test_a_library_stands_in_when_all_that_is_asked_is_there(
    monkeypatch: pytest.MonkeyPatch, wanted: tuple[str, str, str], fits: bool
) -> None:
    fake_symbols(monkeypatch, theirs={("f", "V1"), ("g", "V2")}, ours={("f", "V1")})
    user = symbols.Symbols(frozenset(), frozenset({wanted}))
    assert symbols.stands_in("/theirs", "/ours", [user]) is fits
    assert not symbols.stands_in("/theirs", "/ours", [user, None])
    assert not symbols.stands_in("/theirs", "/unknown", [user])


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("libzstd-40ad5e7e.so.1.5.7", b"", (1, 5)),
        ("liblzma.so.5.8.1", b"", (5, 8)),
        ("libcrypto.so.3", b"x OpenSSL 3.5.7 9 Jun 2026 y", (3, 5)),
        ("libcrypto.so.3", b"OpenSSL 3.5.7 and OpenSSL 1.1.1", None),
        ("libssl.so.3", b"", None),
    ],
)
def test_the_release_series_of_a_library(
    tmp_path: Path, name: str, text: bytes, expected: tuple[int, int] | None
) -> None:
    (tmp_path / name).write_bytes(text)
    assert symbols.series(tmp_path / name) == expected


def test_a_pair_whose_partner_stays_is_not_replaced() -> None:
    def lib(*needed: str) -> types.SimpleNamespace:
        return types.SimpleNamespace(needed=needed)

    ssl, crypto = Path("/w/libssl-12345678.so.3"), Path("/w/libcrypto-12345678.so.3")
    elfs = {ssl: lib(crypto.name, "libc.so.6"), crypto: lib("libc.so.6")}
    both = [(ssl, "/s"), (crypto, "/c")]
    assert system.together(both, elfs) == both
    assert system.together(both[:1], elfs) == []
    assert system.together(both[1:], elfs) == both[1:]
    assert system.together(both, elfs, {ssl}) == both
    assert system.together(both, elfs, {crypto}) == []


def test_the_symbols_of_this_machines_c_library() -> None:
    found, _ = loader.Loader().closure([Path(sys.executable).resolve()])
    libc = next(path for path in found if Path(path).name.startswith("libc.so"))
    read = symbols.read(libc)
    assert any(name == "malloc" and version for name, version in read.defined)
    python = symbols.read(Path(sys.executable).resolve())
    assert any(file.startswith("libc.so") for _, version, file in python.wanted if version)


# --- imports ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "package", "expected"),
    [
        ("import a.b, c", "", {"a.b", "c"}),
        ("from a import b", "", {"a", "a.b"}),
        ("def f():\n    try:\n        import late\n    except ImportError: pass", "", {"late"}),
        ("from . import x", "p.q", {"p.q", "p.q.x"}),
        ("from ..r import x", "p.q", {"p.r", "p.r.x"}),
        ("from .m import x", "", {"m", "m.x"}),
        ("ENGINE = 'django.contrib.gis.db'", "", {"django.contrib.gis.db"}),
        ("text = 'no name. at all'; one = 'word'", "", set()),
        ("this is no python", "", set()),
    ],
)
def test_what_a_source_imports(source: str, package: str, expected: set[str]) -> None:
    assert imports.names(source.encode(), package) == expected


def test_who_imports_a_module_from_outside() -> None:
    table = {"a.gis": {"a.gis.x"}, "a.gis.x": {"a"}, "b": {"a.gis.y"}, "c": {"a.gistfile"}}
    assert imports.importers(table, "a.gis") == ["b"]


def test_the_texts_handed_to_a_function() -> None:
    source = b"find_library('magic')\nctypes.CDLL('libx.so.1', 1)\nCDLL(name)\nother('y')\n"
    assert imports.arguments(source, ("find_library", "CDLL")) == {"magic", "libx.so.1"}


# --- rules -----------------------------------------------------------------------------------------


def rules(
    keep: tuple[str, ...] = (), drop: tuple[str, ...] = (), locales: Any = ("en", "zh_Hans")
) -> Any:
    facts = {"locales": locales, "static": ["/v/s/admin/static"]}
    return packages.Rules(facts, {"/v/s/gis": "nobody"}, tree.Globs(keep, drop))


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/v/s/a/locale/zh_Hans/LC_MESSAGES/django.mo", None),
        ("/v/s/a/locale/de/LC_MESSAGES/django.mo", "LANGUAGES"),
        ("/v/s/a/locale/de/LC_MESSAGES/djangojs.mo", "LANGUAGES"),
        ("/v/s/a/locale/de/LC_MESSAGES/holidays.mo", None),
        ("/v/s/a/locale/en/LC_MESSAGES/django.po", "gettext"),
        ("/v/s/django/conf/locale/de/formats.py", None),
        ("/v/s/a/LC_MESSAGES/x.mo", None),
        ("/v/s/a/x.pyi", "type"),
        ("/v/s/a/x.h", "compilers"),
        ("/v/s/a/templates/x.html", None),
        ("/v/s/gis/x.py", "nobody"),
        ("/v/s/gist/x.py", None),
        ("/v/s/admin/static/x.css", "collected"),
        ("/v/s/admin/staticfiles/x.css", None),
    ],
)
def test_the_rules_for_packages(path: str, word: str | None) -> None:
    reason = rules().reason(path)
    assert (reason is None) if word is None else (word in reason)
    assert rules(keep=("*",)).reason(path) is None
    assert rules(drop=("/v/*",)).reason(path) is not None
    assert rules(keep=("/v/*",), drop=("/v/*",)).reason(path) is None


def test_without_languages_of_its_own_a_site_keeps_all() -> None:
    assert rules(locales=None).reason("/v/s/a/locale/de/LC_MESSAGES/django.mo") is None


def test_globs_say_which_of_them_matched_nothing() -> None:
    globs = tree.Globs(["/a/*", "/b"], ["*.x"])
    assert globs.kept("/a/b/c")
    assert globs.dropped("/q/z.x")
    assert not globs.dropped("/a/z.x")  # keep wins
    assert globs.unused() == ["/b"]


def package(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")


def test_tests_go_when_nobody_outside_imports_them(tmp_path: Path) -> None:
    package(tmp_path, "a/__init__.py", "a/tests/__init__.py", "a/tests/t.py", "b/__init__.py")
    package(tmp_path, "b/test/__init__.py", "data/tests/__init__.py", "tests/__init__.py")
    table = {"a.tests.t": {"b.test"}, "b": {"b.test.helpers"}}
    assert set(packages.unimported(tmp_path, table, [])) == {str(tmp_path / "a/tests")}
    assert packages.unimported(tmp_path, table, ["a.tests.factories"]) == {}


def test_gis_goes_unless_it_is_named(tmp_path: Path) -> None:
    package(tmp_path, "django/__init__.py", "django/contrib/gis/__init__.py")
    gone = {str(tmp_path / "django/contrib/gis")}
    assert set(packages.unimported(tmp_path, {"django.contrib.gis": {"x"}}, [])) == gone
    assert packages.unimported(tmp_path, {}, ["django.contrib.gis.db.backends.postgis"]) == {}
    assert packages.unimported(tmp_path, {"other": {"django.contrib.gis.forms"}}, []) == {}


def test_a_record_names_what_is_there(tmp_path: Path) -> None:
    text = "a/x.py,sha256=1,3\na/y.po,sha256=2,4\na/z.py,sha256=3,5\na/d.txt,sha256=4,6\n"
    there = {str(tmp_path / name): 1 for name in ("a/x.pyc", "a/z.py", "a/d.txt")}
    cache = str(bytecode.cache_name(tmp_path / "a/z.py"))
    found = packages.true_record(text, tmp_path, {**there, cache: 1}).splitlines()
    relative = str(Path(cache).relative_to(tmp_path))
    assert found == ["a/x.pyc,,", "a/z.py,sha256=3,5", f"{relative},,", "a/d.txt,sha256=4,6"]


@pytest.mark.parametrize(
    ("name", "used", "goes"),
    [
        ("test", (), True),
        ("ensurepip", (), True),
        ("config-3.13-x86_64-linux-gnu", (), True),
        ("turtle", (), True),
        ("tkinter", ("tkinter.ttk",), False),
        ("_dbm", (), True),
        ("_dbm", ("shelve",), sys.version_info >= (3, 13)),
        ("_dbm", ("dbm.ndbm",), False),
        ("asyncio", (), False),
        ("unittest", (), False),
        ("dbm", (), False),
    ],
)
def test_the_rules_for_the_standard_library(name: str, used: tuple[str, ...], goes: bool) -> None:
    assert (stdlib.rule(name, used) is not None) is goes


def test_the_extensions_for_pythons_own_tests_go() -> None:
    assert stdlib.extension_rule("_testcapi.cpython-313-x86_64-linux-gnu.so", ())
    assert stdlib.extension_rule("xxlimited_35.cpython-313.so", ())
    assert stdlib.extension_rule("_ssl.cpython-313-x86_64-linux-gnu.so", ()) is None


# --- byte code and the zip file --------------------------------------------------------------------


def test_byte_code_is_valid_whatever_the_times_are(tmp_path: Path) -> None:
    source = tmp_path / "m.py"
    source.write_text("x = 1\n", encoding="utf-8")
    place = bytecode.cache_name(source)
    place.parent.mkdir()
    place.write_bytes(bytecode.compiled(source))
    os.utime(source, (1, 1))
    code = "import m, sys; print(m.x, m.__cached__)"
    done = subprocess.run(
        [sys.executable, "-B", "-v", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"matches {source}" in done.stderr
    assert done.stdout == f"1 {place}\n"
    source.write_text("this is no python", encoding="utf-8")
    assert bytecode.compiled(source) is None


def test_the_installers_byte_code_is_taken_over_if_it_is_current(tmp_path: Path) -> None:
    import py_compile

    source = tmp_path / "m.py"
    source.write_text("x = 1\n", encoding="utf-8")
    compiled = Path(py_compile.compile(str(source), doraise=True))
    marked = compiled.read_bytes() + b"mark"
    compiled.write_bytes(marked)
    assert bytecode.compiled(source).endswith(b"mark")
    os.utime(source, (1, 1))
    assert not bytecode.compiled(source).endswith(b"mark")


@pytest.mark.parametrize("sources", [True, False])
def test_the_zipped_library_works_on_the_official_layout(tmp_path: Path, sources: bool) -> None:
    """Where zlib is no built-in module, what is imported before it is not compressed."""
    root, place = tmp_path / "lib/python3.99", tmp_path / "lib/python399.zip"
    package(root, "early.py", "pack/__init__.py")
    (root / "pack/late.py").write_text(
        "def f():\n    raise KeyError('here')\n" * 40, encoding="utf-8"
    )
    (root / "bad.py").write_text("this is no python", encoding="utf-8")
    data = stdlib.pack(sorted(root.rglob("*.py")), root, place, sources=sources, stored={"early"})
    assert data == stdlib.pack(
        sorted(root.rglob("*.py")), root, place, sources=sources, stored={"early"}
    )
    place.write_bytes(data)
    with zipfile.ZipFile(place) as archive:
        kinds = {info.filename: info.compress_type for info in archive.infolist()}
    assert kinds["early.pyc"] == zipfile.ZIP_STORED
    assert kinds["pack/late.pyc"] == zipfile.ZIP_DEFLATED
    assert ("pack/late.py" in kinds, "bad.py" in kinds) == (sources, True)
    code = f"import sys; sys.path.insert(0, {str(place)!r}); import pack.late as m"
    code += "\ntry: m.f()\nexcept KeyError: import traceback; traceback.print_exc()"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert f'File "{place}/pack/late.py", line' in done.stderr
    assert ("raise KeyError" in done.stderr) is sources


def test_this_interpreter_says_where_its_library_is() -> None:
    assert (stdlib.folder() / "os.py").is_file()
    assert str(stdlib.archive()) in sys.path
    assert stdlib.extensions_folder().is_dir()
    assert str(stdlib.folder()) == sysconfig.get_path("stdlib")


# --- roots -----------------------------------------------------------------------------------------


def test_a_file_is_copied_with_every_link_that_leads_to_it(tmp_path: Path) -> None:
    here, root = tmp_path / "here", tmp_path / "root"
    package(here, "usr/lib/libx.so.1.2")
    (here / "usr/lib/libx.so.1.2").chmod(0o4777)
    (here / "lib").symlink_to("usr/lib")
    (here / "usr/lib/libx.so.1").symlink_to("libx.so.1.2")
    (here / "usr/bin").mkdir()
    (here / "usr/bin/x").symlink_to("/lib/libx.so.1")
    (here / "usr/bin/round").symlink_to("round")
    made = tree.Tree(root, here)
    assert made.add("/usr/bin/x") == Path("/usr/lib/libx.so.1.2")
    assert str((root / "usr/bin/x").readlink()) == "/lib/libx.so.1"
    assert str((root / "lib").readlink()) == "usr/lib"
    assert (root / "usr/lib/libx.so.1.2").stat().st_mode & 0o7777 == 0o755
    assert list(made.files) == ["/usr/lib/libx.so.1.2"]
    with pytest.raises(OSError, match="too many links"):
        made.add("/usr/bin/round")


def test_the_account_adds_up() -> None:
    account = tree.Account()
    account.keep("django", 5_000_000)
    account.keep("small", 10)
    account.leave("django", "a rule", 2_000_000)
    assert list(account.lines()) == [
        "left out 2.00 MB:",
        "    2.000 MB  django: a rule",
        "kept 5.00 MB:",
        "    5.000 MB  django",
        "    0.000 MB  1 more",
    ]


def test_installed_packages_of_dpkgs_status() -> None:
    text = (
        "Package: a\nStatus: install ok installed\nVersion: 1\n\n"
        "Package: b\nStatus: deinstall ok config-files\n\n"
    )
    assert list(debian.stanzas(text)) == ["a"]


# --- the project -----------------------------------------------------------------------------------


def test_tests_of_the_project_that_nothing_else_imports_are_taken_apart(tmp_path: Path) -> None:
    app, out = tmp_path / "app", tmp_path / "out"
    package(app, "polls/__init__.py", "polls/tests/__init__.py", "polls/tests/test_x.py")
    package(app, "shop/__init__.py", "shop/tests.py", "test/__init__.py", "conftest.py")
    package(app, "lib/test_helpers.py", "more/tests/test_y.py", "more/tests/data.txt")
    (app / "polls/views.py").write_text("from lib.test_helpers import x\n", encoding="utf-8")
    moved = project_.take_apart(app, out, ["test"], tree.Globs())
    assert {str(path.relative_to(app)) for path in moved} == {
        "polls/tests",
        "shop/tests.py",
        "more/tests",
        "conftest.py",
    }
    assert (out / str(app).lstrip("/") / "polls/tests/test_x.py").is_file()
    assert (app / "test/__init__.py").is_file()
    assert (app / "lib/test_helpers.py").is_file()


def test_the_facts_are_few(tmp_path: Path) -> None:
    package(tmp_path, "polls/__init__.py")
    (tmp_path / "polls/x.py").write_text(
        "import os, json, tkinter.ttk\nfrom polls.tests import y\nfrom lib.tests import z\n",
        encoding="utf-8",
    )
    assert project_.used(tmp_path, ["django.contrib.gis", "django.contrib.admin"]) == [
        "django.contrib.gis", "lib.tests", "lib.tests.z", "tkinter.ttk"
    ]  # fmt: skip


# --- the settings ----------------------------------------------------------------------------------


def test_keep_and_drop_become_arguments_of_this_variant_only(project: Project) -> None:
    project.table('[tool.djdock.minimal]\nkeep = ["/sbin/x", "*/pkg/*.py"]\ndrop = []\n')
    config = project.load()
    assert build.minimal_args(config) == {"KEEP": "/sbin/x */pkg/*.py"}
    for variant, there in (("minimal", True), ("multi", False)):
        argv = build.command("docker", config, variant, build.Build("x"), host.Secrets())
        assert ("KEEP=/sbin/x */pkg/*.py" in argv) is there


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ("keeep = []", "keep"),
        ("keep = 'x'", "list of strings"),
        ("drop = [1]", "list of strings"),
        ("drop = ['a b']", "match no file"),
        ("keep = ['usr/lib']", "match no file"),
    ],
)
def test_keep_and_drop_that_cannot_be_meant(project: Project, table: str, word: str) -> None:
    project.table(f"[tool.djdock.minimal]\n{table}\n")
    with pytest.raises(UsageError) as caught:
        load(project.root, {})
    assert word in str(caught.value)


def test_only_an_image_without_tests_has_a_stage_for_them(project: Project) -> None:
    config = project.load()
    assert [build.test_stage(config, name) for name in config.variants] == ["test", "", ""]


def test_what_a_module_beside_opens_by_name_stays(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text(
        "with open(os.path.join(os.path.dirname(__file__), '_validator.c')) as file: ...\n"
    )
    for name, stays in (("_validator.c", True), ("other.c", False), ("__init__.pyi", False)):
        (tmp_path / name).write_text("")
        assert opened.beside(tmp_path / name) is stays
    (tmp_path / "lazy").mkdir()
    (tmp_path / "lazy/__init__.py").write_text("x = lazy.attach_stub(__name__, __file__)\n")
    assert opened.beside(tmp_path / "lazy/__init__.pyi")
