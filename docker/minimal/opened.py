"""Files that look as if nobody read them at run time, and that a module beside them opens by name."""

from functools import lru_cache
from pathlib import Path


def beside(path):
    """Whether a module in a file's own folder names it: autobahn compiles its C source when it is
    imported; lazy_loader finds in a stub what a package has.
    """
    path = Path(path)
    word = "attach_stub" if path.suffix == ".pyi" else path.name
    return word.encode() in modules(path.parent)


@lru_cache(maxsize=None)  # noqa: UP033 - Python 3.8 has no cache, and the packages' step runs there
def modules(folder):
    """The modules of a folder, as one."""
    return b"\n".join(one.read_bytes() for one in sorted(folder.glob("*.py")))
