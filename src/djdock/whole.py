"""Files that are written whole or not at all."""

from __future__ import annotations

from pathlib import Path


def write(path: Path, text: str) -> Path:
    """Puts ``text`` into a file, as UTF-8, in the place of what was there; returns its path.

    Raises OSError, and then leaves what was there: the text is written beside it first.
    """
    partial = path.with_name(f".{path.name}.tmp")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        return partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
