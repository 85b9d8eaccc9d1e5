"""Waits until a database answers."""

from __future__ import annotations

import time
from collections.abc import Callable

from djdock.backup.database import Database
from djdock.errors import CheckFailed, DjdockError

#: Seconds between two tries.
PAUSE = 0.5


def wait(find: Callable[[], Database], timeout: float) -> float:
    """Waits until the database that ``find`` finds answers a query; returns after how many seconds.

    What is not there yet may still come, a container included. Raises CheckFailed, with what was last
    said, after ``timeout`` seconds.
    """
    started = time.monotonic()
    while True:
        try:
            find().ping()
        except DjdockError as error:
            if time.monotonic() - started >= timeout:
                raise CheckFailed(
                    f"The database did not answer a query within {timeout:g} s: {error.problem}",
                    "`invoke ps` and `invoke logs db` show what it does.",
                ) from None
            time.sleep(PAUSE)
        else:
            return time.monotonic() - started
