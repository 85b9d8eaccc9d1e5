"""The final file system, in which folders may be symbolic links to others (/bin to /usr/bin)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from djdock.images.model import Entry

#: As many links as Linux follows in one path (path_resolution(7)).
MAX_LINKS = 40


class Tree:
    """The entries of a final file system by path."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        found = {entry.path: entry for entry in entries}
        # An archive need not have the folders of its files: whoever unpacks it makes them.
        for path in list(found):
            for folder in parents(path):
                if folder in found:
                    break
                found[folder] = Entry(folder, "dir")
        # Sorted, so that the answer does not depend on the order in which layers have their files.
        self.entries = dict(sorted(found.items()))
        self._folders: dict[str, str] = {"": ""}

    def __contains__(self, path: str) -> bool:
        return path in self.entries

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there."""
        entry = self.entries.get(path)
        return entry is not None and entry.kind == "dir"

    def canonical(self, path: str) -> str:
        """The path under which the tree has a file that some list calls ``path``.

        Links are followed in its folders, not in its last part: a list that names a link means it.
        """
        folder, name = posixpath.split(clean(path))
        return _join(self.folder(folder), name)

    def target(self, link: str) -> str:
        """What a symbolic link leads to: one step, so that an alternative is dpkg's."""
        return self.canonical(
            posixpath.join("/", posixpath.dirname(link), self.entries[link].target)
        )

    def folder(self, path: str) -> str:
        """Where a folder really is, all links followed."""
        known = self._folders.get(path)
        if known is None:
            known = self._folders[path] = self._follow(path)
        return known

    def _follow(self, path: str) -> str:
        todo, done, links = path.split("/")[::-1], "", 0
        while todo:
            part = todo.pop()
            if part in ("", "."):
                continue
            if part == "..":
                done = posixpath.dirname(done)
                continue
            here = _join(done, part)
            entry = self.entries.get(here)
            if entry is None or entry.kind != "symlink" or links == MAX_LINKS:
                done = here
                continue
            links += 1
            done = "" if entry.target.startswith("/") else done
            todo += entry.target.split("/")[::-1]
        return done


def clean(path: str) -> str:
    """A path without a leading slash, and without . and .. parts."""
    return posixpath.normpath("/" + path).lstrip("/")


def parents(path: str) -> Iterable[str]:
    """The folders of a path, the nearest first, without the root."""
    while path := posixpath.dirname(path):
        yield path


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
