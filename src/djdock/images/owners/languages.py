"""The languages that a site offers: LANGUAGES of its settings, read as text."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping

#: Where Django projects keep their settings: settings.py, settings/base.py.
SETTINGS = re.compile(r"(?!.*-packages/)(.*/)?settings(/[^/]+)?\.py", re.S)


def languages(contents: Mapping[str, bytes]) -> frozenset[str] | None:
    """The codes of all settings that are there, lower-case as locales (``zh_hans``), and English.

    None where no settings say them as a list of texts: then Django offers all that it knows
    (https://docs.djangoproject.com/en/stable/ref/settings/#languages).
    """
    found: set[str] = set()
    said = False
    for path, text in sorted(contents.items()):
        if not SETTINGS.fullmatch(path):
            continue
        values = _assigned(text)
        codes = [_first(item) for item in _items(values.get("LANGUAGES"))]
        said = said or any(codes)
        found.update(filter(None, [*codes, _text(values.get("LANGUAGE_CODE"))]))
    return frozenset({"en"} | {code.lower().replace("-", "_") for code in found}) if said else None


def _assigned(text: bytes) -> dict[str, ast.expr]:
    try:
        with warnings.catch_warnings(action="ignore"):  # of their escape sequences
            module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, ast.expr] = {}
    for step in module.body:
        if isinstance(step, ast.Assign | ast.AnnAssign) and step.value is not None:
            targets = step.targets if isinstance(step, ast.Assign) else [step.target]
            found |= {target.id: step.value for target in targets if isinstance(target, ast.Name)}
    return found


def _items(value: ast.expr | None) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.List | ast.Tuple) else []


def _first(item: ast.expr) -> str:
    return _text(next(iter(_items(item)), None))


def _text(value: ast.expr | None) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
