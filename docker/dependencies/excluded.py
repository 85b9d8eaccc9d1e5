"""What is of no use in the image, whatever names it."""

import re
import sys

from . import remedies, tidy


def found(folder):
    """Name -> reason, for what the files in ``folder`` name: servers that no image starts, whose modules
    are there in their own processes only and that take minutes to compile; what is for other systems;
    backports of what this Python has.
    """
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.stat().st_size < 5_000_000
    ]
    every = "\n".join(texts)
    reasons = dict.fromkeys(remedies.SERVERS, "gunicorn is the image's server")
    reasons.update(tidy.NOT_HERE)
    since = {name: at for name, at in tidy.BACKPORTS.items() if sys.version_info >= at}
    reasons.update(dict.fromkeys(since, "this Python has it"))
    return {
        name: reason
        for name, reason in reasons.items()
        if re.search(rf"(?im)^\W*(?:name = \W)?{pattern(name)}(?![\w.-]*\w)", every)
    }


def pattern(name):
    """A distribution's name as any file may write it."""
    return re.escape(name).replace("\\-", "[-_.]")
