"""The same requests for every container: how many a second it answers.

urllib3 (which the docker SDK brings) keeps connections alive where the server does and opens new ones
where it closes them, as a reverse proxy would; a pool of threads waits for the answers.
"""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from djdock.errors import CheckFailed

#: How many requests are on their way at the same time.
CONCURRENCY = 4

#: Until the memory is measured. They are the timed load's warm-up, too: every process has then loaded
#: what the page needs.
WARM_UP = 500

#: The timed load: so many requests, or as many as are answered in so many seconds.
REQUESTS, SECONDS = 1500, 10.0

#: How long one answer may take, in seconds.
TIMEOUT = 30.0


@dataclass(frozen=True)
class Answered:
    """What a load came to."""

    requests: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def send(
    port: int,
    path: str,
    requests: int,
    *,
    host: str = "127.0.0.1",
    seconds: float = float("inf"),
    concurrency: int = CONCURRENCY,
) -> Answered:
    """Asks for ``path`` until ``requests`` answers or ``seconds`` have come.

    Raises CheckFailed at the first answer that is no 200.
    """
    import urllib3

    # One more try where a connection that was kept broke, as browsers do: the server may have closed
    # it at that moment. An answer is never asked for again.
    retries = urllib3.Retry(1, redirect=False, status=False)
    stop = threading.Event()
    numbers = itertools.count(1)
    started = time.monotonic()

    def ask() -> None:
        try:
            answer = pool.request("GET", path, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            why = type(getattr(error, "reason", error)).__name__
            raise CheckFailed(f"{path} gave no answer ({why}).") from error
        if answer.status != 200:
            raise CheckFailed(refusal(path, answer.status, answer.headers.get("Location")))

    def work() -> int:
        done = 0
        try:
            while not stop.is_set() and time.monotonic() - started < seconds:
                if next(numbers) > requests:
                    break
                ask()
                done += 1
        except CheckFailed:
            stop.set()
            raise
        return done

    with (
        urllib3.HTTPConnectionPool(
            host, port, maxsize=concurrency, block=True, timeout=TIMEOUT, retries=retries
        ) as pool,
        ThreadPoolExecutor(concurrency) as threads,
    ):
        try:
            workers = [threads.submit(work) for _ in range(concurrency)]
            done = sum(worker.result() for worker in workers)
        finally:  # Ctrl-C, too: the pool waits for its threads
            stop.set()
    return Answered(done, time.monotonic() - started)


def refusal(path: str, status: int, location: str | None = None) -> str:
    """The sentence for an answer that is no 200."""
    leads = f" (to {location})" if location else ""
    return f"{path} is answered with {status}{leads}, not with 200."
