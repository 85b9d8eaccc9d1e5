"""Visitors who vote until they are answered, whatever happens to the stack meanwhile."""

from __future__ import annotations

import http.client
import re
import threading
import time
import urllib.parse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from project import Project

#: How long a visitor tries, in seconds.
PATIENCE = 120.0


@dataclass
class Poll:
    """The first poll, and what its visitors have been answered."""

    project: Project
    answered: int = 0
    #: Requests that were not answered, or with an error; each was sent again.
    failed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def request(self, method: str, cookie: str = "", body: str = "") -> tuple[int, str, str]:
        """One request, on a connection of its own: its status, its cookie and its text."""
        to = http.client.HTTPConnection("127.0.0.1", self.project.port, timeout=30)
        headers = {"Cookie": cookie} if cookie else {}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            to.request(method, "/polls/1/", body or None, headers)
            answer = to.getresponse()
            text = answer.read().decode()
            return answer.status, (answer.getheader("Set-Cookie") or "").split(";")[0], text
        finally:
            to.close()

    def insist(self, method: str, cookie: str = "", body: str = "") -> tuple[str, str]:
        """The same request again until it is answered; fails the test when nobody does."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                status, set_cookie, text = self.request(method, cookie, body)
            except (OSError, http.client.HTTPException) as error:
                said = repr(error)
            else:
                if status < 400:
                    return set_cookie, text
                assert status >= 500, f"{method}: {status}\n{text}"
                said = str(status)
            with self.lock:
                self.failed.append(said)
            assert time.monotonic() < until, f"{method}: {said}"
            time.sleep(0.2)

    def vote(self) -> None:
        """Asks for the form, as a browser does, and sends it until it is taken."""
        cookie, page = self.insist("GET")
        fields = {
            name: found[1]
            for name in ("csrfmiddlewaretoken", "ballot", "choice")
            if (found := re.search(rf'name="{name}"[^>]*value="([\w-]+)"', page))
        }
        assert len(fields) == 3, page
        self.insist("POST", cookie, urllib.parse.urlencode(fields))
        with self.lock:
            self.answered += 1

    def counted(self) -> tuple[int, int]:
        """All votes, and all ballots, in the database."""
        code = (
            "from django.db.models import Sum; from polls.models import Ballot, Choice; "
            "print(Choice.objects.aggregate(n=Sum('votes'))['n'], Ballot.objects.count())"
        )
        words = ("exec", "web", "--", "python", "manage.py", "shell", "-c", code)
        votes, ballots = self.project.invoke(*words).ok().out.split()[-2:]
        return int(votes), int(ballots)


def everybody_votes(
    project: Project, number: int, fault: Callable[[], None], *, visitors: int = 40
) -> Poll:
    """``number`` votes, so many visitors at a time; ``fault`` happens when a third is answered.

    Every vote has been answered when this returns, and is in the database, once.
    """
    poll = Poll(project)
    before = poll.counted()
    with ThreadPoolExecutor(visitors) as pool:
        votes = [pool.submit(poll.vote) for _ in range(number)]
        while poll.answered < number // 3 and not all(vote.done() for vote in votes):
            time.sleep(0.01)
        fault()
        for vote in votes:
            vote.result()
    assert poll.answered == number
    after = poll.counted()
    assert (after[0] - before[0], after[1] - before[1]) == (number, number), poll.failed
    return poll
