"""One `up` of a project at a time: Compose does not stand two that make the same containers."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from djdock.config import Config


@dataclass
class Turn:
    """Whose turn it is; over when this process ends, however it does."""

    file: IO[str] | None = None

    def end(self) -> None:
        """Lets the next one begin."""
        if self.file is not None:
            self.file.close()
            self.file = None


@contextmanager
def turn(config: Config, note: Callable[[str], None], *, dry: bool = False) -> Iterator[Turn]:
    """Waits until no other `up` of this project is at work; ``note`` says that it waits.

    A dry run changes nothing, and waits for nobody.
    """
    if dry:
        yield Turn()
        return
    found = Turn((config.make_scratch() / "turn").open("a", encoding="utf-8"))
    try:
        assert found.file is not None
        try:
            fcntl.flock(found.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note("Another `up` of this project is at work; this one begins when it is done.")
            fcntl.flock(found.file, fcntl.LOCK_EX)
        yield found
    finally:
        found.end()
