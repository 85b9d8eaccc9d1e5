"""Alpine packages: what apk's data base lists.

One line per fact, its key a letter: P name, V version, F a folder, R a file in the last folder
(https://wiki.alpinelinux.org/wiki/Apk_spec).
"""

from __future__ import annotations

from collections.abc import Mapping

from djdock.images.owners.claims import Claims
from djdock.images.owners.owner import Claim, Owner
from djdock.images.owners.pypi import text
from djdock.images.owners.tree import Tree

#: Where the data base is; apk-tools 3 moved it.
DATABASES = ("lib/apk/db/installed", "usr/lib/apk/db/installed")


def claims(tree: Tree, contents: Mapping[str, bytes]) -> Claims:
    """Every installed package's files; none where there is no apk."""
    made = Claims()
    for database in DATABASES:
        for paragraph in text(contents.get(database, b"")).split("\n\n"):
            name = version = folder = ""
            files = []
            for line in paragraph.split("\n"):
                key, _, value = line.partition(":")
                if key == "P":
                    name = value
                elif key == "V":
                    version = value
                elif key == "F":
                    folder = value
                elif key == "R":
                    files.append(f"{folder}/{value}")
            if name:
                owner = made.installed.setdefault(name, Owner("alpine", name, version))
                claim = Claim(owner, "in apk's data base")
                for path in files:
                    made.files.setdefault(tree.canonical(path), claim)
    return made
