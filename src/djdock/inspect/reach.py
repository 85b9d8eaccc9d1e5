"""Whether git dependencies, archives and other indexes answer from here: asked at once, for seconds."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from djdock.inspect.model import Decision, Evidence, Problem
from djdock.inspect.requirement import Needed

#: Gives the status of a GET of an address; raises OSError when nothing answers.
Status = Callable[[str], int]

#: Seconds for one answer, and for all.
ALL = 4.0
MOST = 12


def address(one: Needed) -> str:
    """What is asked for first, of a repository by git or of an archive; "" of one not had by http."""
    if re.match(r"https?://", one.url):
        return one.url.partition("#")[0]
    # These two serve the same by https, and builds ask for it so; ?rev= is uv's.
    url = re.sub(
        r"^git\+(?:ssh|git)://(?:git@)?(github|gitlab)\.com[/:]", r"git+https://\1.com/", one.url
    )
    match = re.match(r"git\+(https?://[^#@?]*(?:@[^/#@?]+/[^#@?]*)?)", url)
    if not match:
        return ""
    return f"{match[1].removesuffix('/')}/info/refs?service=git-upload-pack"


def look(needed: Iterable[Needed], status: Status) -> list[Problem]:
    """The dependencies by git or by address that cannot be had, each as a fatal problem."""
    wanted = [one for one in needed if re.match(r"git\+|https?://", one.url)][:MOST]
    if not wanted:
        return []
    found = statuses([address(one) for one in wanted], status)
    problems = []
    for one in wanted:
        shown = re.sub(r"//[^/@]*@", "//", one.url).partition("#")[0]
        why = _why(one, found.get(address(one)))
        if why:
            problems.append(
                Problem(
                    f"{one.name} comes from {shown}, {why}.",
                    f"Require a released {one.name}, or a copy of it that builds can reach.",
                    (one.where,),
                    fatal=True,
                )
            )
    return problems


def _why(one: Needed, answer: int | None) -> str:
    if not address(one):
        return "which needs a key that builds do not have"
    if answer is None:
        return "which does not answer from here"
    if answer in (401, 403):
        return "which wants a password"
    return "which is not there" if answer in (404, 410) else ""


def statuses(addresses: Iterable[str], status: Status) -> dict[str, int | None]:
    """The status of each address; None for what did not answer in time."""
    unique = list(dict.fromkeys(one for one in addresses if one))
    pool = ThreadPoolExecutor(max(1, len(unique)))
    futures = {one: pool.submit(status, one) for one in unique}
    found: dict[str, int | None] = dict.fromkeys(unique)
    for one, future in futures.items():
        with contextlib.suppress(OSError, TimeoutError):
            found[one] = future.result(timeout=ALL)
    pool.shutdown(wait=False, cancel_futures=True)
    return found


def indexes(
    named: Iterable[tuple[str, str, Evidence]], status: Status, usual: str
) -> tuple[list[Decision], list[Problem]]:
    """The decision ``index`` where one that the requirements name does not answer: the usual one."""
    wanted = [(url, where) for option, url, where in named if option not in ("-f", "--find-links")]
    found = statuses([url for url, _ in wanted], status)
    for url, where in wanted:
        answer = found.get(url)
        # An index need not list all of its projects at its root: 404 there is an answer.
        if answer is not None and answer not in (401, 403, 407) and answer < 500:
            continue
        shown = re.sub(r"//[^/@]*@", "//", url)
        why = f"{shown} {'does not answer' if answer is None else f'answers {answer}'}"
        problem = Problem(
            f"{why}; the usual index takes its place.",
            "What only that index has cannot be installed: have it answer, or require something else.",
            (where,),
        )
        return [Decision("index", usual, why, (where,))], [problem]
    return [], []
