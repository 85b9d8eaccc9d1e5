"""What a person at a terminal sees of a build: its steps, and what djdock's own scripts say."""

from __future__ import annotations

import re
import shutil

_STEP = re.compile(
    r"#\d+ (\[(?!internal)[^\]]+\] .+|CACHED|DONE (?:[1-9]|\d{2,})\d*\.\d+s|ERROR.*)"
)
_SAID = re.compile(r"#\d+ \d+\.\d+ ((?:apt|dependencies|frontend|linked|site): .*)")


def short(line: str) -> str | None:
    """A line of buildx' plain progress as it is shown, cut to the terminal; None for most of them.

    All of it is in the log.
    """
    line = line.rstrip("\n")
    match = _STEP.fullmatch(line) or _SAID.fullmatch(line)
    if not match:
        return None
    words = re.sub(r"--mount=\S+\s*", "", line)
    words = re.sub(r"\s+", " ", words)
    width = max(40, shutil.get_terminal_size().columns - 1)
    return (words if len(words) <= width else f"{words[: width - 1]}…") + "\n"
