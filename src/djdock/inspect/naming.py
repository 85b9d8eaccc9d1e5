"""The settings modules that a file names: as written, or by the texts that a name is made of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from djdock.inspect.model import Evidence
from djdock.inspect.tree import Tree

_DOTTED = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_NAMED = re.compile(
    r"""DJANGO_SETTINGS_MODULE["']?\s*\]?\s*[,=:]\s*(?:str\()?\s*(?:os\.\w+(?:\.get)?\([^)\n]*,\s*)?"""
    rf"""(?:["'](?P<quoted>{_DOTTED})["']|(?P<bare>{_DOTTED}))"""
)
_OPTION = re.compile(rf"--settings[= ](?P<bare>{_DOTTED})")


def written(tree: Tree, path: str, *, options: bool = True) -> Iterator[tuple[str, Evidence]]:
    """Each module that a file names after DJANGO_SETTINGS_MODULE, or ``--settings``, with its line.

    In Python a name without quotes is that of a variable, and a comment is none of it.
    """
    text = tree.text(path) or ""
    python = path.endswith(".py")
    for pattern in (_NAMED, _OPTION) if options else (_NAMED,):
        for match in pattern.finditer(text):
            found = match.groupdict()
            dotted = found.get("quoted") or ("" if python and pattern is _NAMED else found["bare"])
            begin = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            if dotted and not (python and begin.lstrip().startswith("#")):
                line = text.count("\n", 0, match.end()) + 1
                yield dotted, tree.evidence(path, line)


def texts(tree: Tree, path: str) -> Iterator[tuple[str, Evidence]]:
    """What a name may be made of in a Python file that computes DJANGO_SETTINGS_MODULE.

    Dotted texts (``x = "shop.settings.prod" if … else "shop.settings.dev"``), and with a dot at
    their end those that a module's name is put to (``f"shop.settings.{name}"``).
    """
    text = tree.text(path) or ""
    if "DJANGO_SETTINGS_MODULE" not in text:
        return
    for statement in tree.parsed(path).body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                match = re.match(rf"({_DOTTED}\.)(?:$|%s|\{{)|({_DOTTED})$", node.value)
                if match and "." in node.value:
                    yield match[1] or match[2], tree.evidence(path, node.lineno)
