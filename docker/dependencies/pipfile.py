"""Pipfile.lock, exactly; and a Pipfile without one, by its own constraints."""

import json
import os
import re

from . import versions
from .poetry import is_true
from .tidy import USUAL


def sections(default, lock, groups):
    """The names of the sections that count: the packages', and those of pipenv's categories."""
    return [default, *(name for name in groups if name in lock)]


def indexes(sources):
    """Addresses of indexes other than PyPI, with the variables of the environment filled in."""
    found = []
    for source in sources:
        url = re.sub(
            r"\$\{?(\w+)\}?",
            lambda m: os.environ.get(m.group(1), m.group(0)),
            source.get("url", ""),
        )
        if url and not USUAL.match(url):
            found.append(url)
    return found


def locked(text, groups=()):
    """Requirement lines for ``uv pip install --no-deps``, and the addresses of more indexes."""
    data = json.loads(text)
    lines = []
    for section in sections("default", data, groups):
        for name, value in sorted(data.get(section, {}).items()):
            line = one(name, value)
            if line and line not in lines:
                lines.append(line)
    return lines, indexes(data.get("_meta", {}).get("sources", []))


def one(name, value):
    """One requirement with its hashes; None where it is for another Python, or the project itself."""
    if not is_true(value.get("markers")):
        return None
    where = versions.source(value)
    if where is None:
        return None
    if where:
        return where if where.startswith("./") else f"{name} @ {where}"
    return " ".join(
        [name + value.get("version", ""), *("--hash=" + h for h in value.get("hashes", []))]
    )


def unlocked(data, groups=()):
    """The requirements of a Pipfile, and the addresses of more indexes."""
    lines = []
    for section in sections("packages", data, groups):
        for name, value in data.get(section, {}).items():
            lines += versions.requirement(name, value)
    return lines, indexes(data.get("source", []))
