"""PyPI distributions: which files pip, uv and their kin installed.

The RECORD of a ``.dist-info`` folder lists them all (PEP 376, PEP 627). Without one, as Debian and
some slimmed images leave it, the names in ``top_level.txt``, ``SOURCES.txt`` and
``entry_points.txt`` have to do, and at last the distribution's own name.
"""

from __future__ import annotations

import configparser
import csv
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from djdock.images.owners.claims import Claims, sole
from djdock.images.owners.owner import Claim, Owner
from djdock.images.owners.tree import Tree

_INFO = re.compile(r"(?P<site>(?:.*/)?)(?P<stem>[^/]+)\.(?P<suffix>dist-info|egg-info)", re.S)
_EGG = re.compile(r"(?P<site>(?:.*/)?)(?P<stem>[^/]+)\.egg/EGG-INFO", re.S)
_VERSIONED = re.compile(r"(?P<name>.+?)-(?P<version>\d[^-]*)(-py[\d.]+.*)?", re.S)
_EXTENSION = re.compile(r"\.(py|pyi|pth|so|abi3\.so|cpython-[^/]*\.so)")


@dataclass(frozen=True)
class Distribution:
    """One installed distribution: ``info`` is its metadata's path, ``site`` the folder it is in."""

    owner: Owner
    info: str
    site: str


def normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def claims(tree: Tree, contents: Mapping[str, bytes]) -> Claims:
    """Every installed distribution's files."""
    made = Claims()
    listed: dict[str, list[tuple[str, Owner]]] = {}
    for found in distributions(tree, contents):
        why, paths = _paths(found, tree, contents)
        claim = Claim(found.owner, why)
        for path in paths:
            where = tree.canonical(path)
            made.files.setdefault(where, claim)
            listed.setdefault(found.site, []).append((where, found.owner))
        made.files.setdefault(found.info, claim)  # old .egg-info are files
        made.folders[found.info] = claim
    for site, pairs in listed.items():
        for folder, owner in sole(pairs, below=site).items():
            made.folders.setdefault(folder, Claim(owner, "in a folder that only it has"))
    return made


def distributions(tree: Tree, contents: Mapping[str, bytes]) -> Iterator[Distribution]:
    """The distributions whose metadata is there, by path."""
    for path in tree.entries:
        # A .dist-info that holds nothing is what an overlay's whiteouts leave of a removed one.
        if not path.endswith((".dist-info", ".egg-info", ".egg/EGG-INFO")):
            continue
        match = _INFO.fullmatch(path) or _EGG.fullmatch(path)
        if match is None or tree.entries[path].kind not in ("dir", "file"):
            continue
        site = match["site"].rstrip("/")
        metadata = next(
            (
                contents[name]
                for name in (f"{path}/METADATA", f"{path}/PKG-INFO", path)
                if name in contents
            ),
            b"",
        )
        fields = headers(metadata)
        stem = _VERSIONED.fullmatch(match["stem"])
        owner = Owner(
            "pypi",
            fields.get("name") or (stem["name"] if stem else match["stem"]),
            fields.get("version") or (stem["version"] if stem else ""),
        )
        yield Distribution(owner, path, site)


def headers(metadata: bytes) -> dict[str, str]:
    """The Name and Version of a METADATA file, by lower-case key; what is mangled is left out."""
    found: dict[str, str] = {}
    for line in text(metadata).splitlines():
        if not line.strip():
            break  # the description follows, which may hold anything
        key, colon, value = line.partition(":")
        if colon and key.lower() in ("name", "version") and value.strip().isprintable():
            found.setdefault(key.lower(), value.strip())
    return found


def record(content: bytes) -> Iterator[str]:
    """The paths in a RECORD, as they stand there; lines that are no CSV are passed over."""
    rows = csv.reader(text(content).replace("\0", "").splitlines(keepends=True))
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            continue
        if row and row[0]:
            yield row[0]


def _paths(
    found: Distribution, tree: Tree, contents: Mapping[str, bytes]
) -> tuple[str, Iterator[str]]:
    if (content := contents.get(f"{found.info}/RECORD")) is not None:
        return "in its RECORD", (_absolute(found.site, path) for path in record(content))
    if (content := contents.get(f"{found.info}/installed-files.txt")) is not None:
        lines = text(content).splitlines()
        return "in its installed-files.txt", (_absolute(found.info, line) for line in lines if line)
    return "named after it", _guessed(found, tree, contents)


def _guessed(found: Distribution, tree: Tree, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Without a list: the modules that it says it has, or else those that are called like it."""
    if found.info.endswith("/EGG-INFO"):
        root = posixpath.dirname(found.info)
        yield from (path for path in tree.entries if path.startswith(f"{root}/"))
        return
    tops = set(text(contents.get(f"{found.info}/top_level.txt", b"")).split())
    if not tops:
        name = normal(found.owner.name).replace("-", "_")
        # Wheels keep the libraries that auditwheel found in a folder of their own, NAME.libs.
        tops = {name, name.removeprefix("python_"), f"{name}.libs", f"{found.owner.name}.libs"}
    prefix = f"{found.site}/" if found.site else ""
    for path in tree.entries:
        if path.startswith(prefix):
            top, _, rest = path[len(prefix) :].partition("/")
            module, dot, suffix = top.partition(".")
            if top in tops or (not rest and module in tops and _EXTENSION.fullmatch(dot + suffix)):
                yield path
    yield from _scripts(found, contents)


def _scripts(found: Distribution, contents: Mapping[str, bytes]) -> Iterator[str]:
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    try:
        parser.read_string(text(contents.get(f"{found.info}/entry_points.txt", b"")))
    except configparser.Error:
        return
    # lib/python3.13/site-packages is three folders below the prefix, as bin is one.
    prefix = posixpath.dirname(posixpath.dirname(posixpath.dirname(found.site)))
    for section in ("console_scripts", "gui_scripts"):
        if parser.has_section(section):
            yield from (f"{prefix}/bin/{name}" for name in parser.options(section))


def _absolute(folder: str, path: str) -> str:
    return posixpath.join("/" + folder, path)


def text(content: bytes) -> str:
    """A metadata file's text; bytes that are no UTF-8 as surrogates, as paths have them."""
    return content.decode("utf-8", "surrogateescape")
