"""The project's files: found once, within bounds, and read as text whatever they are."""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from djdock.errors import MissingError
from djdock.inspect.model import Evidence
from djdock.inspect.syntax import Parsed, parse

#: Folders that hold no source of the project: what tools make, and what packages bring.
SKIPPED = frozenset(
    {
        "node_modules", "bower_components", "__pycache__", "site-packages", "dist-packages", "venv",
        "env", "virtualenv", "htmlcov", "dist", "build", "staticfiles", "media",
    }
)  # fmt: skip

#: More files than any project that somebody wrote; and a file that nobody wrote.
MOST_FILES, MOST_BYTES, DEEPEST = 60_000, 2_000_000, 14
#: Files that a question about the source looks through, at most.
SAMPLE = 1_500

_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.M)


class Tree:
    """The files below a root, by their paths relative to it, with ``/`` between the parts."""

    def __init__(self, root: Path, copies: Mapping[str, str] | None = None) -> None:
        if not root.is_dir():
            raise MissingError(f"There is no folder {root}.", "Name the project's own folder.")
        self.root = root
        #: Files that an image gets besides: their paths, and those that they are copied from.
        self.copies = dict(copies or {})
        self._texts: dict[str, str | None] = {}
        self._lines: dict[str, list[str]] = {}
        self._parsed: dict[str, Parsed] = {}
        self._evidence: dict[tuple[str, int], Evidence] = {}
        self._tables: dict[str, dict[str, Any] | None] = {}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every path, the shallowest first, then by name."""
        found: list[str] = []
        level = [""]
        found += self.copies
        for _ in range(DEEPEST):
            deeper: list[str] = []
            for folder in level:
                files, folders = self._entries(folder)
                found += files
                deeper += folders
                if len(found) > MOST_FILES:
                    return tuple(found)
            level = deeper
        return tuple(found)

    def folder(self, path: str) -> tuple[str, ...]:
        """The files of a folder, not those of folders in it."""
        return self._of_folders.get(path, ())

    @cached_property
    def _of_folders(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(parent(path), []).append(path)
        return {folder: tuple(paths) for folder, paths in found.items()}

    def copied(self, copies: Mapping[str, str]) -> Tree:
        """The same tree with more files, each like another one."""
        return Tree(self.root, {**self.copies, **copies})

    def _entries(self, folder: str) -> tuple[list[str], list[str]]:
        files, folders = [], []
        try:
            with os.scandir(self.root / folder) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    # A link to itself is an error to look at.
                    with contextlib.suppress(OSError):
                        if entry.is_dir(follow_symlinks=False):
                            if not self._skipped(entry):
                                folders.append(path)
                        elif entry.is_file() and path.isprintable():
                            files.append(path)
        except OSError:
            return [], []
        return sorted(files), sorted(folders)

    @staticmethod
    def _skipped(entry: os.DirEntry[str]) -> bool:
        name = entry.name
        if name in SKIPPED or name.endswith((".egg-info", ".dist-info")):
            # A package of the project may be called env or build, too.
            return not Path(entry.path, "__init__.py").is_file()
        # The tools' own folders; a .envs (cookiecutter) has the names of variables.
        hidden = name.startswith(".") and name not in {
            ".envs",
            ".github",
            ".docker",
            ".devcontainer",
        }
        return hidden or Path(entry.path, "pyvenv.cfg").is_file()

    @cached_property
    def known(self) -> frozenset[str]:
        """The paths, to look one up."""
        return frozenset(self.files)

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The paths by their last part."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that has a file somewhere below it; "" is the root."""
        found = {""}
        for path in self.files:
            for parent in PurePosixPath(path).parents:
                name = str(parent)
                if name in found:
                    break
                found.add("" if name == "." else name)
        return frozenset(found)

    def named(self, name: str) -> tuple[str, ...]:
        """The paths whose last part is ``name``, the shallowest first."""
        return self.names.get(name, ())

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self.known

    def under(self, folder: str, suffix: str = "") -> tuple[str, ...]:
        """The paths below a folder, with a suffix."""
        start = f"{folder}/" if folder else ""
        return tuple(p for p in self.files if p.startswith(start) and p.endswith(suffix))

    def text(self, path: str) -> str | None:
        """A file's text, or None when it is not there, cannot be read, is too long or is not text.

        A byte order mark is left out; line ends become ``\\n``; what is not UTF-8 is read as it declares
        itself, else as Latin-1.
        """
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        target = self.root / self.copies.get(path, path)
        try:
            # Not a pipe, a device or a link to one: reading those may never end.
            if not target.is_file():
                return None
            with target.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except (OSError, ValueError):
            return None
        return decode(data) if len(data) <= MOST_BYTES else None

    def toml(self, path: str) -> dict[str, Any] | None:
        """A TOML file as a table; None when it is none."""
        if path not in self._tables:
            self._tables[path] = self._toml(path)
        return self._tables[path]

    def _toml(self, path: str) -> dict[str, Any] | None:
        try:
            return tomllib.loads(self.text(path) or "") if self.has(path) else None
        except (tomllib.TOMLDecodeError, RecursionError, ValueError):
            return None

    def lines(self, path: str) -> list[str]:
        """A file's lines; none when there is no such text."""
        if path not in self._lines:
            self._lines[path] = (self.text(path) or "").split("\n")
        return self._lines[path]

    def parsed(self, path: str) -> Parsed:
        """A Python file's statements."""
        if path not in self._parsed:
            self._parsed[path] = parse(self.text(path) or "")
        return self._parsed[path]

    def evidence(self, path: str, line: int = 0, text: str = "") -> Evidence:
        """The evidence that a line is, with its text."""
        if text or line <= 0:
            return Evidence(path, line, _short(text))
        key = (path, line)
        if key not in self._evidence:
            lines = self.lines(path)
            found = lines[line - 1].strip() if line <= len(lines) else ""
            self._evidence[key] = Evidence(path, line, _short(found))
        return self._evidence[key]

    def search(self, path: str, pattern: re.Pattern[str]) -> tuple[re.Match[str], Evidence] | None:
        """The first match of a pattern in a file, and the line on which it begins."""
        text = self.text(path)
        match = pattern.search(text) if text else None
        if match is None or text is None:
            return None
        return match, self.evidence(path, text.count("\n", 0, match.start()) + 1)


def _short(text: str) -> str:
    # Cut before it is searched: a line may have a million characters.
    text = masked(text[:400])
    return text if len(text) <= 160 else f"{text[:159]}…"


_PASSWORD = re.compile(r"(://[^/@:\s]*:)[^/@\s]+@")
_SECRET = re.compile(
    r"""(?i)((?:secret|passw(?:or)?d|pwd|token|api_?key|private_?key|salt)\w*["']?\]?"""
    r"""\s*[:=,]\s*(?:default\s*=\s*)?[bfru]*)"""
    r"""(["'])(?!\s*\2)[^"']+\2"""
)


def masked(text: str) -> str:
    """A line without the passwords and keys that are written into it."""
    return _SECRET.sub(r"\1\2…\2", _PASSWORD.sub(r"\1…@", text))


def decode(data: bytes) -> str | None:
    """Text of bytes: UTF-8 or 16 by their mark, else as declared, else Latin-1; None when binary."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        # PowerShell's `pip freeze > requirements.txt`.
        text = data.decode("utf-16", errors="replace")
    elif b"\0" in data:
        return None
    else:
        text = _eight_bit(data)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _eight_bit(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        declared = _CODING.search(b"\n".join(data.split(b"\n", 2)[:2]))
    try:
        return data.decode(declared[1].decode("ascii") if declared else "latin-1")
    except (LookupError, ValueError):
        return data.decode("latin-1")


def parent(path: str) -> str:
    """The folder of a path; "" for one at the root."""
    return path.rpartition("/")[0]


def join(*parts: str) -> str:
    """A path of parts, without empty ones and ``.``; ``..`` is resolved, ``../`` is above the root."""
    found: list[str] = []
    for part in "/".join(parts).split("/"):
        if part == "..":
            if not found:
                return "../"
            found.pop()
        elif part not in ("", "."):
            found.append(part)
    return "/".join(found)
