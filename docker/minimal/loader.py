"""Which file a library's name leads to, found as ld.so(8) finds it, and all that files need."""

import platform
import re
import subprocess
from pathlib import Path

from . import elf

#: What glibc opens by name at run time, so that no file says it needs it.
DLOPENED = {"libgcc_s.so.1": "pthread_cancel and backtraces need it"}

CACHE_LINE = re.compile(r"^\s+(\S+) \([^)]*\) => (\S+)$", re.MULTILINE)


def cached(text):
    """Name -> paths, from what ``ldconfig --print-cache`` prints."""
    found = {}
    for name, path in CACHE_LINE.findall(text):
        found.setdefault(name, []).append(path)
    return found


def system_cache():
    for program in ("/sbin/ldconfig", "/usr/sbin/ldconfig"):
        if Path(program).exists():
            done = subprocess.run([program, "-p"], check=True, capture_output=True, text=True)
            return cached(done.stdout)
    return {}


class Loader:
    """Resolves names to paths. ``defaults`` are the folders that are searched last."""

    def __init__(self, cache=None, defaults=("/lib", "/usr/lib", "/lib64", "/usr/lib64")):
        self.cache = system_cache() if cache is None else cache
        self.defaults = defaults
        self.elfs = {}

    def elf(self, path):
        """The Elf of a path, read once."""
        if path not in self.elfs:
            self.elfs[path] = elf.read(path)
        return self.elfs[path]

    def find(self, name, path, inherited=()):
        """The path that ``name`` leads to for the file ``path``, or None.

        ``inherited`` is the DT_RPATH of those that loaded it, which counts for a file without
        DT_RUNPATH only.
        """
        file = self.elf(path)
        if "/" in name:
            candidates = [expand(name, path, file)]
        else:
            folders = file.runpath or (*file.rpath, *inherited)
            candidates = [f"{expand(folder, path, file)}/{name}" for folder in folders]
            candidates += self.cache.get(name, [])
            candidates += [f"{folder}/{name}" for folder in self.defaults]
        for candidate in candidates:
            found = self.elf(candidate) if Path(candidate).is_file() else None
            if found and found.kind == file.kind:
                return candidate
        return None

    def closure(self, paths):
        """All that ``paths`` need: a dict from path to who needs it first, and what was not found.

        The second is a dict from a name to the first file that needs it. A library that is
        already there under the name asked for is taken, wherever it came from, as ld.so does.
        """
        found, missing, loaded = {}, {}, {}
        todo = [(str(path), ()) for path in paths]
        while todo:
            path, inherited = todo.pop(0)
            file = self.elf(path)
            if file is None:
                continue
            rpath = tuple(expand(folder, path, file) for folder in file.rpath)
            # A DT_RUNPATH makes ld.so pass over the DT_RPATH of all who loaded the file.
            handed = () if file.runpath else (*rpath, *inherited)
            names = [*file.needed, *([file.interpreter] if file.interpreter else [])]
            for name in names:
                library = self.find(name, path, inherited) or loaded.get(name)
                if library is None:
                    missing.setdefault(name, path)
                    continue
                loaded.setdefault(name, library)
                if library not in found:
                    found[library] = path
                    todo.append((library, handed))
        for name in [name for name in missing if name in loaded]:
            del missing[name]
        return found, missing


def expand(folder, path, file):
    """A path of an ELF file with its tokens replaced."""
    lib = "lib64" if file.kind[0] == 2 else "lib"
    values = {
        "ORIGIN": str(Path(path).resolve().parent),
        "LIB": lib,
        "PLATFORM": platform.machine(),
    }
    for token, value in values.items():
        folder = folder.replace("${" + token + "}", value).replace(f"${token}", value)
    return folder
