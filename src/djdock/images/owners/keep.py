"""Which files' contents the reader must keep, for owners to be told."""

from __future__ import annotations

import posixpath
import re

from djdock.images.owners.languages import SETTINGS

#: No file of more bytes is kept, but for the kinds below: a reader's memory is bounded.
LIMIT = 4 * 1024**2

#: RPM keeps every package's header in one file: 10 to 20 MB in the usual base images.
RPM_LIMIT = 32 * 1024**2

_NEEDED = re.compile(
    r".*\.dist-info/(RECORD|METADATA|top_level\.txt|entry_points\.txt)"
    r"|.*(\.egg-info|\.egg/EGG-INFO)"
    r"(/(PKG-INFO|SOURCES\.txt|installed-files\.txt|top_level\.txt|entry_points\.txt))?"
    r"|var/lib/dpkg/(status|diversions|status\.d/[^/]+|info/[^/]+\.(list|md5sums))"
    r"|(usr/)?lib/apk/db/installed"
    r"|(usr/lib|etc)/os-release"
    r"|(.*/)?staticfiles\.json",
    re.S,
)
_RPM = re.compile(r"(usr/lib/sysimage|var/lib|usr/share)/rpm/rpmdb\.sqlite")


def keep(path: str, size: int) -> bool:
    """Whether the content of a regular file of ``size`` bytes is needed."""
    if posixpath.basename(path) == "rpmdb.sqlite":
        return size <= RPM_LIMIT and _RPM.fullmatch(path) is not None
    if size > LIMIT:
        return False
    return _NEEDED.fullmatch(path) is not None or SETTINGS.fullmatch(path) is not None
