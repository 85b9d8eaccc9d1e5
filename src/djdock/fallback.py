"""Where a project's ``tasks.py`` imports what is not here, invoke goes on with djdock's own tasks.

``djdock init`` puts ``import djdock.fallback`` at the head of a ``tasks.py`` that cannot be loaded: what
it imports is of the project's environment, or of a git submodule.
"""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType

from djdock.init.texts import OTHER_TASKS
from djdock.narration import note

_before = sys.excepthook


def went_wrong_in(trace: TracebackType | None, name: str = "tasks.py") -> bool:
    """Whether a module of that name was being loaded when an error was raised."""
    frames = traceback.extract_tb(trace)
    return any(
        one.name == "<module>" and os.path.basename(one.filename) == name  # noqa: PTH119 - no path
        for one in frames
    )


def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """As ``excepthook``: starts invoke anew, with djdock's tasks, where tasks.py could not import."""
    program = os.path.basename(sys.argv[0])  # noqa: PTH119 - no path
    if issubclass(kind, ImportError) and went_wrong_in(trace) and program in _PROGRAMS:
        note(f"tasks.py is left out, which cannot be loaded here: {error}.")
        argv = [sys.executable, "-m", "invoke", "--collection", OTHER_TASKS, *sys.argv[1:]]
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, argv)  # noqa: S606 - invoke itself, as it was called
    _before(kind, error, trace)


#: What invoke is called by: its two scripts, and ``python -m invoke``.
_PROGRAMS = ("invoke", "inv", "__main__.py")

sys.excepthook = hook
