"""``[tool.djdock.minimal]``: what the variant `minimal` keeps and drops, whatever its rules say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from djdock.errors import UsageError, one_of

#: The keys: lists of patterns on absolute paths.
KEYS = ("keep", "drop")

WHERE = "[tool.djdock.minimal]"


def check(minimal: Mapping[str, Any]) -> None:
    """Raises UsageError for an unknown key, a wrong type or a pattern that can match no file."""
    for key, value in minimal.items():
        if key not in KEYS:
            raise one_of("key", key, KEYS, where=WHERE)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UsageError(
                f"`{key}` in {WHERE} must be a list of strings, not {value!r}.", "Correct it there."
            )
        for pattern in value:
            if not pattern.startswith(("/", "*")) or re.search(r"\s", pattern):
                raise UsageError(
                    f"`{key}` in {WHERE} has the pattern {pattern!r}, which can match no file.",
                    "Patterns are matched with absolute paths: begin with / or *, and use ? for a "
                    "blank.",
                )
