"""Which files could go: one function for each thing that images have no use for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

from djdock.images.owners import Owned
from djdock.images.owners.bytecode import source, tag
from djdock.images.owners.pypi import normal

SYSTEM = frozenset({"debian", "alpine", "rpm"})

#: Duplicates smaller than this are not worth a line: empty __init__.py files are all the same.
DUPLICATE = 4096

_INSTALLERS = frozenset(
    {"pip", "setuptools", "wheel", "uv", "poetry", "poetry-core", "pipenv", "virtualenv", "pdm"}
)
_SYSTEM_INSTALLERS = frozenset({"python3-pip", "python3-pip-whl", "py3-pip", "python3-setuptools"})

#: Packages that compile: GCC, LLVM, binutils, make and their kin, by Debian's, Alpine's and RPM's names.
_COMPILER = re.compile(
    r"(gcc|g\+\+|cpp|clang|llvm|rustc|cargo|golang|binutils|make|cmake|ninja-build|autoconf|automake"
    r"|libtool|build-essential|build-base|dpkg-dev|patch|pkgconf|m4|gfortran|nasm|bison|flex)"
    r"([-:.\d].*)?(?<!-base)"  # gcc-14-base holds a changelog, and everything depends on it
)
_COMPILER_LIBRARY = re.compile(
    r"lib(gcc|stdc\+\+)-\d+-dev|lib(asan|tsan|ubsan|lsan|hwasan|cc1)-?\d.*"
)
_DEV = re.compile(r".+-(dev|devel|headers)(-bin|-common)?|linux-libc-dev")
_HEADER = (".h", ".hpp", ".hh", ".a", ".o", ".la", ".pc")

_LISTS = (
    "var/lib/apt/lists/", "var/cache/apt/", "var/cache/apk/", "var/cache/dnf/", "var/cache/yum/",
    "var/cache/libdnf5/", "var/lib/dnf/repos/",
)  # fmt: skip
_CACHE = re.compile(r"(.*/)?(\.cache|\.npm|\.cargo/registry|\.pnpm-store)/.*", re.S)
_DOCUMENTS = ("usr/share/doc/", "usr/share/man/", "usr/share/info/", "usr/share/gtk-doc/")
_NOTICE = re.compile(r"(.*/)?(copyright|(licen[cs]e|copying|notice)[^/]*)", re.I | re.S)
_LOCALE = re.compile(r"(?:.*/)?locale/(?P<language>[A-Za-z]{2,3}([_@][\w@]+)?)/.+", re.S)


class Files:
    """An image's files, and what the rules look up in them."""

    def __init__(self, files: Sequence[Owned], offered: frozenset[str] | None = None) -> None:
        self.all = files
        self._offered = offered

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every path."""
        return frozenset(file.path for file in self.all)

    @cached_property
    def tags(self) -> frozenset[str]:
        """The interpreters that are there, as bytecode names them: ``cpython-313``.

        Where none is found nothing is foreign, as it cannot be told.
        """
        binaries = (re.fullmatch(r"(?:.*/)?bin/python3\.(\d+)", path) for path in self.paths)
        return frozenset(f"cpython-3{match[1]}" for match in binaries if match)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that the project's settings offer, and English, lower-case.

        Where LANGUAGES does not say, those that the project has translations of. With pt_BR comes
        pt: Django and gettext fall back from the one to the other.
        """
        if self._offered is not None:
            return self._offered | {_base(language) for language in self._offered}
        own = (
            _LOCALE.fullmatch(file.path)
            for file in self.all
            if file.owner.family == "project" and file.path.endswith((".mo", ".po"))
        )
        found = {match["language"].lower() for match in own if match}
        return frozenset({"en"} | found | {_base(language) for language in found})

    def of(self, *families: str) -> Iterator[Owned]:
        """The files of these families."""
        return (file for file in self.all if file.owner.family in families)


def compilers(files: Files) -> Iterator[Owned]:
    """Packages that compile."""
    for file in files.of(*SYSTEM):
        name = file.owner.name
        if (_COMPILER.fullmatch(name) or _COMPILER_LIBRARY.fullmatch(name)) and not _notice(file):
            yield file


def headers(files: Files) -> Iterator[Owned]:
    """Development packages, and headers and static libraries of anybody."""
    chosen = {file.path for file in compilers(files)}
    for file in files.all:
        if file.path in chosen or _notice(file):
            continue
        developing = file.owner.family in SYSTEM and _DEV.fullmatch(file.owner.name)
        shape = file.path.endswith(_HEADER) or file.path.startswith("usr/include/")
        # Python asks pyconfig.h how it was built, whenever sysconfig is imported on some layouts.
        needed = file.path.endswith("/pyconfig.h")
        if (developing or (shape and file.owner.family != "pypi")) and not needed:
            yield file


def documentation(files: Files) -> Iterator[Owned]:
    """Manuals, but no copyright notices: licences ask for these to be handed on."""
    return (f for f in files.all if f.path.startswith(_DOCUMENTS) and not _notice(f))


def translation_sources(files: Files) -> Iterator[Owned]:
    """Translations as their translators edit them."""
    return (file for file in files.all if file.path.endswith((".po", ".pot")))


def locales(files: Files) -> Iterator[Owned]:
    """Compiled translations into languages that the site does not offer."""
    for file in files.all:
        match = _LOCALE.fullmatch(file.path)
        if match and not file.path.endswith((".po", ".pot")) and file.owner.family != "project":
            language = match["language"].lower()
            if not {language, _base(language)} & files.languages:
                yield file


def tests(files: Files) -> Iterator[Owned]:
    """Tests of packages and of the standard library, not the project's own."""
    return (file for file in files.of("pypi", "interpreter") if _is_test(file))


def _is_test(file: Owned) -> bool:
    folders = file.path.split("/")[:-1]
    # django.test is what a project's tests import; "tests" is what a package calls its own.
    names = {"tests"} if file.owner.family == "pypi" else {"test", "tests", "idle_test"}
    return bool(names.intersection(folders))


def installers(files: Files) -> Iterator[Owned]:
    """pip and its kin."""
    for file in files.of("pypi", *SYSTEM):
        known = _INSTALLERS if file.owner.family == "pypi" else _SYSTEM_INSTALLERS
        if normal(file.owner.name) in known:
            yield file


def ensurepip(files: Files) -> Iterator[Owned]:
    """The standard library's copy of pip."""
    return (file for file in files.all if re.search(r"lib/python3[^/]*/ensurepip/", file.path))


def package_lists(files: Files) -> Iterator[Owned]:
    """What package managers have downloaded."""
    return (file for file in files.all if file.path.startswith(_LISTS))


def caches(files: Files) -> Iterator[Owned]:
    """What installers and tools keep for the next time."""
    return (file for file in files.all if _CACHE.fullmatch(file.path))


def debug_symbols(files: Files) -> Iterator[Owned]:
    """Symbols in files of their own; those inside of libraries cannot be seen by name."""
    for file in files.all:
        if file.path.startswith("usr/lib/debug/") or file.path.endswith((".debug", ".dwo", ".dwp")):
            yield file


def c_sources(files: Files) -> Iterator[Owned]:
    """What compiled modules were made of."""
    suffixes = (".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".pyx", ".pxd", ".pxi")
    return (file for file in files.of("pypi") if file.path.endswith(suffixes))


def orphans(files: Files) -> Iterator[Owned]:
    """Cached bytecode whose source is gone; module.pyc in the module's own place is loaded."""
    for file in files.all:
        cached = file.kind == "bytecode" and "/__pycache__/" in file.path
        if cached and source(file.path) not in files.paths:
            yield file


def foreign_bytecode(files: Files) -> Iterator[Owned]:
    """Bytecode that is for no interpreter of this image."""
    if not files.tags:
        return
    for file in files.all:
        if file.kind == "bytecode" and (found := tag(file.path)) and found not in files.tags:
            yield file


def bytecode_beside_source(files: Files) -> Iterator[Owned]:
    """Bytecode that Python could make again."""
    for file in files.all:
        loaded = file.kind == "bytecode" and tag(file.path) in files.tags
        if loaded and source(file.path) in files.paths:
            yield file


def version_control(files: Files) -> Iterator[Owned]:
    """Histories."""
    return (f for f in files.all if {".git", ".hg", ".svn"}.intersection(f.path.split("/")[:-1]))


def node_modules(files: Files) -> Iterator[Owned]:
    """Node's packages."""
    return (file for file in files.all if "node_modules" in file.path.split("/")[:-1])


def duplicates(files: Files) -> Iterator[Owned]:
    """All files but the first of those whose contents are the same."""
    seen: Counter[bytes] = Counter()
    for file in files.all:
        if file.digest and file.size >= DUPLICATE:
            seen[file.digest] += 1
            if seen[file.digest] > 1:
                yield file


def _base(language: str) -> str:
    return re.split("[_@]", language)[0]


def _notice(file: Owned) -> bool:
    return file.path.startswith(_DOCUMENTS) and _NOTICE.fullmatch(file.path) is not None
