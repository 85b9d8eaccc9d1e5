"""The standard library: all of it but what has no use in a container, as the zip file that every
Python looks into first (sys.path has had it since PEP 273).

Tracing what a site imports would make it smaller and break it on the day it imports something else.
Compressed, the whole library takes less than the traced half of it does uncompressed.
"""

import io
import subprocess
import sys
import sysconfig
import zipfile
from fnmatch import fnmatchcase
from pathlib import Path

from . import bytecode, imports

#: Never used by a program that runs: (top-level names, the reason).
NEVER = (
    (("test", "__phello__", "__hello__"), "Python's own tests"),
    (("ensurepip", "venv"), "nothing is installed here"),
    (("config-*",), "for embedding Python into other programs"),
    (("pydoc_data",), "the topics of help(); help() of objects stays"),
    (("antigravity", "this"), "jokes"),
)

#: Left out unless somebody's source imports one of the names: (names, top-level names, the reason).
UNLESS_IMPORTED = (
    (
        ("tkinter", "turtle", "turtledemo", "idlelib"),
        ("tkinter", "turtle", "turtledemo", "idlelib", "_tkinter"),
        "windows on a screen; nobody imports tkinter",
    ),
    (("lib2to3",), ("lib2to3",), "nobody imports lib2to3"),
    # From 3.13 on dbm and shelve make SQLite files.
    (
        ("dbm.ndbm", "dbm.gnu", *(("dbm", "shelve") if sys.version_info < (3, 13) else ())),
        ("_dbm", "_gdbm"),
        "nobody imports dbm.ndbm or dbm.gnu",
    ),
)

#: Extension modules that exist for Python's own tests.
TEST_EXTENSIONS = ("_test*", "_ctypes_test*", "_xxtest*", "xxlimited*", "xxsubtype*")

#: What must be asked of the project: its imports of these decide.
CANDIDATES = tuple(name for names, _, _ in UNLESS_IMPORTED for name in names)


def folder():
    return Path(sysconfig.get_path("stdlib"))


def extensions_folder():
    """Where the interpreter looks for its extension modules: the only folder of sys.path with any."""
    found = [Path(p) for p in sys.path if Path(p).name == "lib-dynload"]
    return found[0] if found else folder() / "lib-dynload"


def archive():
    """The zip file that this interpreter looks into: on its path, whether it is there or not."""
    name = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    return next((Path(p) for p in sys.path if Path(p).name == name), folder().parent / name)


def rule(name, used):
    """Why a top-level name of the library is left out, or None. ``used`` are names somebody imports."""
    for patterns, reason in NEVER:
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return reason
    for wanted, names, reason in UNLESS_IMPORTED:
        if name in names and not any(
            imports.covers(user, module) for user in used for module in wanted
        ):
            return reason
    return None


def extension_rule(filename, used):
    name = filename.split(".", 1)[0]
    if any(fnmatchcase(name, pattern) for pattern in TEST_EXTENSIONS):
        return "Python's own tests"
    return rule(name, used)


def has_data(package):
    """Whether a package has files that it may open by path, and so cannot live in a zip file."""
    return any(
        path.is_file() and path.suffix not in (".py", ".pyc", ".rst", ".txt", ".md")
        for path in package.rglob("*")
    )


def started():
    """The library's modules that any start imports, before a compressed one can be read."""
    code = "import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def build(tree, used, globs, account, *, sources):
    """Writes the library into ``tree``: the zip file, and what cannot be in it as it is.

    Returns the extension modules that were copied.
    """
    root, dynload = folder(), extensions_folder()
    zipped, loose = [], []
    for entry in sorted(root.iterdir()):
        if entry.name in ("__pycache__", "site-packages", "dist-packages") or entry == dynload:
            continue
        name = entry.name.removesuffix(".py")
        reason = rule(name, used)
        files = sorted(p for p in ([entry] if entry.is_file() else entry.rglob("*")) if p.is_file())
        files = [p for p in files if "__pycache__" not in p.parts]
        unzipped = entry.is_dir() and has_data(entry)
        for path in files:
            why = "drop of the settings" if globs.dropped(path) else reason
            kept = globs.kept(path)
            if why and not kept:
                account.leave("standard library", why, path.stat().st_size)
            elif kept or unzipped or path.suffix != ".py":
                loose.append(path)
            else:
                zipped.append(path)
    data = pack(zipped, root, archive(), sources=sources)
    tree.write(archive(), data)
    account.keep("standard library (zip)", len(data))
    total = sum(path.stat().st_size for path in zipped)
    if not sources:
        account.leave("standard library", "sources; the byte code stays", total)
    # The landmark by which the interpreter finds its prefix.
    loose.append(root / "os.py")
    for path in loose:
        tree.add(path)
    account.keep("standard library", sum(path.stat().st_size for path in set(loose)))
    return _extensions(tree, dynload, used, globs, account)


def _extensions(tree, dynload, used, globs, account):
    tree.add(dynload)
    copied = []
    for path in sorted(dynload.iterdir()):
        reason = "drop of the settings" if globs.dropped(path) else extension_rule(path.name, used)
        if reason and not globs.kept(path):
            account.leave("standard library", reason, path.stat().st_size)
            continue
        tree.add(path)
        account.keep("standard library (extensions)", path.stat().st_size)
        copied.append(path)
    return copied


def pack(files, root, place, *, sources, stored=None):
    """The zip file with the byte code of ``files``, and with their sources if asked for.

    Where zlib is an extension module, what is imported before it can be must not be compressed.
    """
    if stored is None:
        stored = set() if "zlib" in sys.builtin_module_names else started()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for path in files:
            name = path.relative_to(root).as_posix()
            module = imports.module_name(path, root)[0]
            plain = module in stored
            code = bytecode.compiled(path, f"{place}/{name}")
            if code:
                _write(target, f"{name}c", code, plain=plain)
            if sources or not code:
                _write(target, name, path.read_bytes(), plain=plain)
    return buffer.getvalue()


def _write(target, name, data, *, plain):
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o644 << 16
    method = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
    target.writestr(info, data, method, 9)
