"""Reads the site's settings, as a management command would, and tells what djdock_told.py is for."""

import sys
from pathlib import Path

import djdock_told


def main():
    # Of a script it is the script's own folder.
    sys.path[0] = str(Path.cwd())
    from django.conf import settings

    if settings.INSTALLED_APPS is not None:
        djdock_told.tell()


main()
