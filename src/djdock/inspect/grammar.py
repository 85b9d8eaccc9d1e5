"""The oldest Python that takes the source, by what stands in it that elder ones do not read."""

from __future__ import annotations

import re

from djdock.inspect.model import Evidence
from djdock.inspect.tree import SAMPLE, Tree

_CLASS = r"(?:\w+\.)*[A-Z]\w*"

#: What came with a Python, the newest first: https://docs.python.org/3/whatsnew/.
_SYNTAX = (
    # PEP 758. Of Python 2 is `except Error, e:`, which gives a name that is no class's.
    ("3.14", re.compile(rf"(?m)^[ \t]*except {_CLASS}(?:, {_CLASS})+:")),
    # PEP 695
    ("3.12", re.compile(r"(?m)^[ \t]*(?:async )?(?:def|class) \w+\[[A-Z]|^type [A-Z]\w*(?:\[.*\])? = ")),
    # PEP 654
    ("3.11", re.compile(rf"(?m)^[ \t]*except\* ?\(?{_CLASS}")),
    # PEP 634
    ("3.10", re.compile(r"(?m)^[ \t]*match [^\n=]+:\n+[ \t]+case [^\n]+:")),
)  # fmt: skip

#: What a running site does not load.
_ASIDE = re.compile(
    r"(^|/)(tests?|migrations|docs|scripts|tools)/|(^|/)(test_\w+|conftest|\w+_test)\.py$"
)


def oldest(tree: Tree, source: str) -> tuple[str, Evidence] | None:
    """The Python that the site's source needs at least, and the line; None where any will do."""
    paths = [path for path in tree.under(source, ".py") if not _ASIDE.search(path)][:SAMPLE]
    for version, pattern in _SYNTAX:
        for path in paths:
            hit = tree.search(path, pattern)
            if hit:
                return version, hit[1]
    return None
