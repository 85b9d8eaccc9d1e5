"""Waiting for child processes, and ending them: Ctrl-C and SIGTERM stop a command once and cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from djdock.errors import Interrupted

#: How long an interrupted command may take to stop before it is killed, in seconds. Longer than the
#: stop grace period in compose.yaml, because Compose stops the services before it exits.
INTERRUPT_TIMEOUT = 60.0

#: How long a command that only asks something may take to stop, in seconds.
STOP_TIMEOUT = 10.0


@contextmanager
def terminable() -> Iterator[None]:
    """Lets SIGTERM (a cancelled CI job) unwind like Ctrl-C, so that clean-up code runs."""

    def unwind(signum: int, _frame: FrameType | None) -> None:
        raise Interrupted(signum)

    try:
        before = signal.signal(signal.SIGTERM, unwind)
    except ValueError:  # not the main thread: the main one has it
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def held_back() -> Iterator[list[int]]:
    """Holds SIGINT and SIGTERM back while a child is started; gives the list of those that came.

    They are caught, not blocked, as a child inherits a mask; and one that is ignored stays so, as a
    child inherits that, too, and is meant to.
    """
    came: list[int] = []
    before = {}
    if threading.current_thread() is threading.main_thread():  # which alone gets them
        for signum in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(signum) not in (signal.SIG_IGN, None):
                before[signum] = signal.signal(signum, lambda got, _frame: came.append(got))
    try:
        yield came
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def wait(process: subprocess.Popen[bytes]) -> int:
    """Waits for a command that shares our terminal; Ctrl-C stops it once and cleanly."""
    try:
        with terminable():
            return process.wait()
    except KeyboardInterrupt:
        # A second SIGINT would make Compose kill; without a terminal nobody but us tells the child.
        if not _in_foreground():
            process.send_signal(signal.SIGINT)
        _settle(process)
        raise Interrupted from None
    except Interrupted:
        process.terminate()
        _settle(process)
        raise


def _in_foreground() -> bool:
    """Whether Ctrl-C reaches our children, too: a terminal sends it to its whole foreground group.

    stdin says nothing about that: `invoke up </dev/null` may well be in the foreground.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _settle(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=INTERRUPT_TIMEOUT)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a command whose output nobody reads any more.

    Politely at first: a docker that is killed leaves its build to the engine, which ends it, and names
    the image, after we have cleaned up.
    """
    process.terminate()
    try:
        process.communicate(timeout=STOP_TIMEOUT)
    except (subprocess.TimeoutExpired, KeyboardInterrupt, Interrupted):
        process.kill()
        process.wait()
