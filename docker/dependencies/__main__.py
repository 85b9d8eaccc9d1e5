"""The two commands, see the package's docstring."""

import os
import sys
from pathlib import Path

from . import __doc__ as usage
from . import tidy


def main(words):
    if len(words) != 3 or words[0] not in ("collect", "install"):
        sys.exit(usage)
    first, second = Path(words[1]), Path(words[2])
    if words[0] == "collect":
        from .collect import collect

        collect(first, second, tidy.paths(os.environ, "REQUIREMENTS"), os.environ.get("LOCK", ""))
    else:
        from .install import install

        install(first, second, os.environ)


main(sys.argv[1:])
