"""The two commands, see the package's docstring."""

import os
import sys
from pathlib import Path

from . import __doc__ as usage


def main(words):
    if len(words) != 3 or words[0] not in ("collect", "install"):
        sys.exit(usage)
    first, second = Path(words[1]), Path(words[2])
    # A blank in a path is written as a question mark.
    names = [name.replace("?", " ") for name in os.environ.get("REQUIREMENTS", "").split()]
    if words[0] == "collect":
        from .collect import collect

        collect(first, second, names, os.environ.get("LOCK", ""))
    else:
        from .install import install

        install(first, second, os.environ)


main(sys.argv[1:])
