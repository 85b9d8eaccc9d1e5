"""Files that look as if nobody read them at run time, and that a module beside them opens by name."""

from functools import cache
from pathlib import Path


def beside(path):
    """Whether a module in a file's own folder names it: autobahn compiles its C source when it is
    imported; lazy_loader finds in a stub what a package has.
    """
    path = Path(path)
    word = "attach_stub" if path.suffix == ".pyi" else path.name
    return word.encode() in modules(path.parent)


@cache  # Python 3.8 has no cache
def modules(folder):
    """The modules of a folder, as one."""
    return b"\n".join(one.read_bytes() for one in sorted(folder.glob("*.py")))
