"""Roots that files are copied into, the globs that decide, and the account of what went where."""

import fnmatch
import shutil
from collections import defaultdict
from pathlib import Path


class Globs:
    """The user's ``keep`` and ``drop``: shell patterns on absolute paths, where * also spans /."""

    def __init__(self, keep=(), drop=()):
        self.keep, self.drop = tuple(keep), tuple(drop)
        self.used = set()

    def _any(self, patterns, path):
        hits = [pattern for pattern in patterns if fnmatch.fnmatchcase(path, pattern)]
        self.used.update(hits)
        return bool(hits)

    def kept(self, path):
        """Whether ``keep`` names it."""
        return self._any(self.keep, str(path))

    def dropped(self, path):
        """Whether ``drop`` names it; what ``keep`` names, too, stays."""
        return self._any(self.drop, str(path)) and not self.kept(path)

    def unused(self):
        """The patterns that nothing has matched."""
        return [pattern for pattern in (*self.keep, *self.drop) if pattern not in self.used]


class Account:
    """How many bytes of whom were kept, and how many were left out by which rule."""

    def __init__(self):
        self.kept = defaultdict(int)
        self.left = defaultdict(int)

    def keep(self, owner, size):
        """Books bytes that are in the image."""
        self.kept[owner] += size

    def leave(self, owner, rule, size):
        """Books bytes that are not."""
        self.left[owner, rule] += size

    def lines(self, least=1000):
        """The lines to print: the largest first, those below ``least`` bytes in one."""
        yield f"left out {sum(self.left.values()) / 1e6:.2f} MB:"
        yield from _table({f"{o}: {r}": size for (o, r), size in self.left.items()}, least)
        yield f"kept {sum(self.kept.values()) / 1e6:.2f} MB:"
        yield from _table(self.kept, least)


def _table(sizes, least):
    small = [size for size in sizes.values() if size < least]
    for name, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        if size >= least:
            yield f"{size / 1e6:9.3f} MB  {name}"
    if small:
        yield f"{sum(small) / 1e6:9.3f} MB  {len(small)} more"


class Tree:
    """An empty root that is filled with files at the paths they have here, links and all."""

    def __init__(self, root, here="/"):
        self.root, self.here = Path(root), Path(here)
        self.root.mkdir(parents=True, exist_ok=True)
        #: Paths that were copied, as they are here, without links on the way.
        self.files = {}

    def to(self, path):
        """Where ``path`` of the image is while it is made."""
        return self.root / str(path).lstrip("/")

    def add(self, path):
        """Copies what is at ``path``, and every link that leads there; returns the real path.

        Of a folder only the folder itself is made.
        """
        done, todo, hops = Path("/"), list(Path(path).parts[1:]), 0
        while todo:
            part = todo.pop(0)
            if part == "..":
                done = done.parent
                continue
            place = done / part
            source = self.here / str(place).lstrip("/")
            if source.is_symlink():
                target = str(source.readlink())
                hops += 1
                if hops > 40:
                    raise OSError(f"too many links on the way to {path}")
                self.link(place, target)
                todo[:0] = [p for p in target.split("/") if p not in ("", ".")]
                done = Path("/") if target.startswith("/") else done
                continue
            if source.is_dir():
                self.folder(place, source.stat().st_mode & 0o1777)
            else:
                self.copy(source, place)
            done = place
        return done

    def add_all(self, folder, skip=lambda path: False):  # noqa: ARG005
        """Copies a folder with all that is in it but what ``skip`` names; returns the bytes."""
        before = sum(self.files.values())
        real = self.add(folder)
        for place in sorted((self.here / str(real).lstrip("/")).rglob("*")):
            path = Path("/") / place.relative_to(self.here)
            if not skip(path) and (place.is_symlink() or not place.is_dir()):
                self.add(path)
        return sum(self.files.values()) - before

    def folder(self, path, mode=0o755):
        """Makes a folder with all that are above it."""
        target = self.to(path)
        target.mkdir(parents=True, exist_ok=True)
        target.chmod(mode)

    def link(self, path, target):
        """Makes a link; one that is there stays."""
        place = self.to(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_symlink():
            place.symlink_to(target)

    def copy(self, source, path):
        """Copies one file; what may change its user's rights at a run is taken off."""
        target = self.to(path)
        if str(path) in self.files or not Path(source).is_file():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
        target.chmod(target.stat().st_mode & 0o755)
        self.files[str(path)] = target.stat().st_size

    def write(self, path, data, mode=0o644):
        """Makes a file of text or bytes."""
        target = self.to(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
        target.chmod(mode)
        self.files[str(path)] = target.stat().st_size

    def replace(self, path, target):
        """Puts a link to ``target`` in the place of a file; returns the bytes that it had."""
        size = self.files.pop(str(path))
        self.to(path).unlink()
        self.link(Path(path), str(target))
        return size

    def split(self, folder, root):
        """Moves ``folder`` into a root of its own."""
        place = Path(root, str(folder).lstrip("/"))
        place.parent.mkdir(parents=True, exist_ok=True)
        self.to(folder).rename(place)
