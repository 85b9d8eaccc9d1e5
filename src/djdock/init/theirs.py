"""Which Dockerfile of the project's own is the site's, and the folder that its build sees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from djdock.images import dockerfile
from djdock.inspect import containers

#: What runs Django; a Dockerfile of a proxy or of a front end alone has none of it.
_PYTHON = re.compile(r"python|\bpip|\buv\b|poetry|pipenv|gunicorn", re.IGNORECASE)


def choose(root: Path, paths: Sequence[str]) -> dict[str, str]:
    """The table of the variant that stands for it; empty where several could be meant, or none.

    One for production is preferred to one that says nothing, and that to one for development; among
    equals what `docker build .` takes.
    """
    texts = {path: (root / path).read_text(encoding="utf-8", errors="replace") for path in paths}
    sites = {path: text for path, text in texts.items() if _PYTHON.search(text)}
    best = min((containers.rank(path) for path in sites), default=0)
    chosen = [path for path in sites if containers.rank(path) == best]
    usual = [path for path in chosen if path.lower() == "dockerfile"]
    chosen = usual if len(usual) == 1 else chosen
    if len(chosen) != 1:
        return {}
    context = _context(root, chosen[0], texts[chosen[0]])
    return {"dockerfile": chosen[0], **({"context": context} if context != "." else {})}


def _context(root: Path, path: str, text: str) -> str:
    """The Dockerfile's own folder where that has more of what is copied than the root, else the root."""
    folder = Path(path).parent
    sources = _sources(text)

    def there(base: Path) -> int:
        return sum((base / name).exists() for name in sources)

    return folder.as_posix() if there(root / folder) > there(root) else "."


def _sources(text: str) -> list[str]:
    """What a Dockerfile copies from the build's context by names that are known beforehand."""
    found = []
    for word, rest in dockerfile.instructions(text):
        words = [one for one in rest.split() if not one.startswith("--")]
        if word in ("COPY", "ADD") and "--from=" not in rest and not rest.startswith("["):
            found += [one.lstrip("/") for one in words[:-1] if not re.search(r"[*$?\[:<]", one)]
    return [name for name in found if name not in ("", ".", "./")]
