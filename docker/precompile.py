"""Byte code for the part of the standard library that a Django site imports when it starts.

    precompile.py OUT    puts it under OUT, at the paths that it has in the image

Base images bring the standard library without byte code, and a container that may not write compiles it
anew at each start: more than half of what a command of Django's costs. All of it would be 14 MB. What
is compiled is the same for all sites, so that it is made once for each base.
"""

import importlib
import importlib.machinery
import importlib.util
import marshal
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

STDLIB = Path(sysconfig.get_path("stdlib"))

#: PEP 552: valid by its source's hash, which is not compared. Nobody edits it in an image.
UNCHECKED = (0b01).to_bytes(4, "little")

#: With what these import, it is what Django's commands, gunicorn, Celery and redis-py import: the least
#: list that comes to that, but for `cgi`, which Django imports before 4.2.
MODULES = (
    "argparse", "asyncio", "calendar", "cgi", "colorsys", "concurrent.futures.thread", "csv", "ctypes",
    "difflib", "email.generator", "email.mime.message", "email.mime.multipart", "email.mime.text",
    "fileinput", "getpass", "graphlib", "gzip", "html.parser", "http.cookies",
    "importlib.metadata._adapters", "logging.config", "mimetypes", "multiprocessing.util", "pkgutil",
    "platform", "pprint", "py_compile", "secrets", "shelve", "shlex", "sqlite3", "statistics",
    "urllib.request", "uuid", "wsgiref.headers", "wsgiref.util", "xml.dom.expatbuilder", "zoneinfo",
)  # fmt: skip


#: Path -> byte code of what was imported since :func:`watch`, whose sources need not be compiled twice.
BODIES = {}


def watch():
    """Keeps the byte code of each source that is imported from now on."""
    loader = importlib.machinery.SourceFileLoader
    compile_source = loader.source_to_code

    def source_to_code(self, data, path, **more):
        code = compile_source(self, data, path, **more)
        BODIES[str(path)] = marshal.dumps(code)
        return code

    loader.source_to_code = source_to_code


def imported(names):
    """The files of the standard library that are imported with these modules, sorted."""
    for name in names:
        with suppress(ImportError):  # Pythons have not all the same
            importlib.import_module(name)
    found = set()
    for module in list(sys.modules.values()):
        if getattr(getattr(module, "__spec__", None), "origin", "") == "frozen":
            continue  # the interpreter has it in itself
        path = Path(getattr(module, "__file__", None) or "")
        # site-packages of the base's may be in there, too.
        if path.suffix == ".py" and STDLIB in path.parents and "site-packages" not in path.parts:
            found.add(path.relative_to(STDLIB).as_posix())
    return sorted(found)


def compiled(out, names):
    """Compiles those files to under ``out``; the bytes that came to it."""
    total = 0
    for name in names:
        source = STDLIB / name
        data = source.read_bytes()
        body = BODIES.get(str(source)) or marshal.dumps(
            compile(data, str(source), "exec", dont_inherit=True)
        )
        target = out / importlib.util.cache_from_source(str(source)).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(
            importlib.util.MAGIC_NUMBER + UNCHECKED + importlib.util.source_hash(data) + body
        )
        total += target.stat().st_size
    return total


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    import settle  # beside this file

    watch()
    out = Path(sys.argv[1])
    size = compiled(out, imported(MODULES))
    settle.tree(out)
    print(f"precompile: {size / 1e6:6.2f} MB of byte code for the standard library")
