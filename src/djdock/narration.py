"""Narration: what djdock says to people while it works. It goes to stderr; stdout carries data."""

from __future__ import annotations

import sys


def note(text: str) -> None:
    """Says one thing, at once."""
    print(text, file=sys.stderr, flush=True)
