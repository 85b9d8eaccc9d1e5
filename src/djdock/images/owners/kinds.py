"""What kind of file a path is, by its name alone."""

from __future__ import annotations

import posixpath
import re

KINDS = (
    "code", "bytecode", "native library", "program", "locale", "documentation", "static",
    "development", "tests", "metadata", "data",
)  # fmt: skip

_LIBRARY = re.compile(r".+\.so(\.[\w.]+)?", re.S)
_SCRIPT = (".py", ".pyi", ".pyx", ".pyw", ".sh", ".pl", ".pm", ".rb", ".lua", ".tcl", ".pth")
_DEVELOPMENT = (
    ".a",
    ".o",
    ".h",
    ".hpp",
    ".hh",
    ".pxd",
    ".pc",
    ".la",
    ".cmake",
    ".m4",
    ".c",
    ".cpp",
)
_STATIC = (
    ".css", ".js", ".mjs", ".map", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif",
    ".ico", ".woff", ".woff2", ".ttf", ".otf", ".br", ".gz",
)  # fmt: skip
_LOCALE = ("usr/share/locale/", "usr/lib/locale/", "usr/share/i18n/")
_PROGRAMS = frozenset({"bin", "sbin", "libexec", "gcc"})
_DOCUMENTS = ("usr/share/doc/", "usr/share/man/", "usr/share/info/", "usr/local/share/man/")
_WORDS = ("readme", "license", "licence", "copying", "changelog", "changes", "authors", "notice")


def kind(path: str, family: str) -> str:
    """The kind of a file whose owner is of a family: the first that fits, in this order."""
    folders, name = path.split("/")[:-1], posixpath.basename(path)
    suffix = posixpath.splitext(name)[1].lower()
    return next(
        word
        for word, fits in (
            ("bytecode", suffix in (".pyc", ".pyo")),
            ("metadata", _metadata(path, folders)),
            ("static", family == "static"),
            ("native library", _LIBRARY.fullmatch(name)),
            ("locale", suffix in (".mo", ".po", ".pot") or path.startswith(_LOCALE)),
            ("documentation", _documentation(path, name, suffix)),
            ("tests", _tests(folders, name, family)),
            ("development", suffix in _DEVELOPMENT or path.startswith("usr/include/")),
            ("code", suffix in _SCRIPT),
            ("program", _PROGRAMS.intersection(folders)),
            ("static", suffix in _STATIC and ("static" in folders or family == "project")),
            ("data", True),
        )
        if fits
    )


def _metadata(path: str, folders: list[str]) -> bool:
    return any(name.endswith((".dist-info", ".egg-info")) for name in folders[-3:]) or (
        path.startswith(
            ("var/lib/dpkg/", "lib/apk/", "var/lib/rpm/", "usr/lib/sysimage/rpm/", "var/lib/apt/")
        )
    )


def _documentation(path: str, name: str, suffix: str) -> bool:
    return (
        path.startswith(_DOCUMENTS)
        or suffix in (".md", ".rst", ".adoc")
        or name.lower().partition(".")[0] in _WORDS
    )


def _tests(folders: list[str], name: str, family: str) -> bool:
    # `test` alone is a package of its own in the standard library only: django.test is no test.
    if family in ("pypi", "project"):
        return "tests" in folders or (name.startswith("test_") and name.endswith(".py"))
    return family == "interpreter" and bool({"test", "tests", "idle_test"} & set(folders))
