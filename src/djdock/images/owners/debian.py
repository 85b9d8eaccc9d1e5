"""Debian packages: what dpkg's data base lists (dpkg(1), deb-control(5)).

Distroless images have no data base but one ``status.d/<package>`` each, and its md5sums beside.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from djdock.images.owners.claims import Claims
from djdock.images.owners.owner import Claim, Owner
from djdock.images.owners.pypi import text
from djdock.images.owners.tree import Tree, clean

DPKG = "var/lib/dpkg"

#: Packages that hold the folders which everybody uses: /opt is no part of base-files.
BASE = frozenset({"base-files", "base-passwd", "netbase"})


def stanzas(content: bytes) -> Iterator[dict[str, str]]:
    """The paragraphs of a control file: their fields, all lines of each, by lower-case key."""
    found: dict[str, str] = {}
    last = ""
    for line in [*text(content).split("\n"), ""]:
        if not line.strip():
            if found:
                yield found
            found, last = {}, ""
        elif line[0].isspace():
            if last:
                found[last] += f"\n{line.strip()}"
        else:
            key, colon, value = line.partition(":")
            last = key.strip().lower() if colon else ""
            if last:
                found[last] = value.strip()


def claims(tree: Tree, contents: Mapping[str, bytes]) -> Claims:
    """Every installed package's files; none where there is no dpkg."""
    made = Claims()
    folders: dict[str, set[Owner]] = defaultdict(set)
    moved = diversions(contents.get(f"{DPKG}/diversions", b""))
    for owner, paths in packages(contents):
        made.installed.setdefault(owner.name, owner)
        claim = Claim(owner, "in dpkg's list")
        for path in paths:
            target, by = moved.get(path, ("", ""))
            where = tree.canonical(target if target and by != owner.name else path)
            if tree.is_folder(where):
                folders[where].add(owner)
            else:
                made.files.setdefault(where, claim)
    for folder, owners in folders.items():
        if len(owners) == 1 and not BASE & {owner.name for owner in owners}:
            owner = next(iter(owners))
            made.folders[folder] = Claim(owner, "in a folder that only it has")
    return made


def packages(contents: Mapping[str, bytes]) -> Iterator[tuple[Owner, Iterable[str]]]:
    """Every installed package and the paths that it lists, with a leading slash."""
    for fields in stanzas(contents.get(f"{DPKG}/status", b"")):
        name = fields.get("package")
        # "deinstall ok config-files" is what is left of a removed package: its list still counts.
        if name and not fields.get("status", "").endswith("not-installed"):
            owner = Owner("debian", name, fields.get("version", ""))
            listed = _listed(contents, name, fields.get("architecture", ""))
            yield owner, [*listed, *_settings(fields)]
    prefix = f"{DPKG}/status.d/"
    for path in sorted(contents):
        if path.startswith(prefix) and not path.endswith(".md5sums"):
            for fields in stanzas(contents[path]):
                owner = Owner(
                    "debian",
                    fields.get("package") or posixpath.basename(path),
                    fields.get("version", ""),
                )
                yield owner, [*_sums(contents.get(f"{path}.md5sums", b"")), *_settings(fields)]


def _listed(contents: Mapping[str, bytes], name: str, arch: str) -> list[str]:
    # Packages that can be installed for several architectures have theirs in the file's name.
    for stem in (f"{DPKG}/info/{name}:{arch}", f"{DPKG}/info/{name}"):
        if (content := contents.get(f"{stem}.list")) is not None:
            return [line for line in text(content).split("\n") if line not in ("", "/.")]
        if (content := contents.get(f"{stem}.md5sums")) is not None:
            return _sums(content)
    return []


def _settings(fields: Mapping[str, str]) -> list[str]:
    """The paths of a package's Conffiles, which its md5sums leave out: a path and a sum a line."""
    lines = fields.get("conffiles", "").split("\n")
    return [line.split(" ")[0] for line in lines if line.startswith("/")]


def _sums(content: bytes) -> list[str]:
    """The paths of an md5sums file: 32 digits, two blanks, a path without a leading slash."""
    return ["/" + line[34:] for line in text(content).split("\n") if len(line) > 34]


def diversions(content: bytes) -> dict[str, tuple[str, str]]:
    """Where dpkg-divert leads a path, and the package that asked for it and keeps the path."""
    lines = text(content).split("\n")
    return {
        lines[at]: ("/" + clean(lines[at + 1]), lines[at + 2]) for at in range(0, len(lines) - 2, 3)
    }
