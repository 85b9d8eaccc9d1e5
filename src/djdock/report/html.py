"""The report as one HTML page that needs no network: ``page/`` and ``vendor/`` around the data.

Names of files and packages come from strangers' images. They are in the page as JSON alone, in which
no ``<`` is left, and ``page/*.js`` shows them as text. What runs is pinned by its hash in the page's
policy.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

#: The scripts in the order in which they need one another; one script in the page.
SCRIPTS = (
    "vendor/d3.js", "page/dom.js", "page/format.js", "page/table.js", "page/summary.js",
    "page/figures.js", "page/budget.js", "page/measurements.js", "page/nodes.js", "page/treemap.js",
    "page/explorer.js", "page/layers.js", "page/findings.js", "page/changes.js", "page/tabs.js",
    "page/images.js", "page/notes.js", "page/main.js",
)  # fmt: skip
STYLES = ("page/theme.css", "page/style.css", "page/charts.css", "page/print.css")

_SLOT = re.compile(r"\{\{ (\w+) \}\}")


def page(data: Mapping[str, Any]) -> str:
    """The page of a report's data (version 2): the same data give the same text, to be kept as UTF-8.

    Raises ValueError for a number that JSON has no word for (infinity).
    """
    script, style = _joined(SCRIPTS), _joined(STYLES)
    slots = {
        "policy": "; ".join(
            (
                "default-src 'none'",
                f"script-src '{_hash(script)}'",
                f"style-src '{_hash(style)}'",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'",
            )
        ),
        "style": style,
        "data": _embedded(data),
        "script": script,
    }
    return _SLOT.sub(lambda slot: slots[slot[1]], _text("page/template.html"))


def _embedded(data: Mapping[str, Any]) -> str:
    """JSON that ends no script element and opens no comment, whatever is in it: plain ASCII, no <."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _joined(names: tuple[str, ...]) -> str:
    return "\n".join(_text(name) for name in names)


@cache
def _text(name: str) -> str:
    return files("djdock.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a content security policy calls a script or a style by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
