"""Does a registry answer for an image? Asked through the engine, in three seconds at most.

The engine's own mirrors, proxies and credentials count, as it is the engine that will pull.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum
from pathlib import Path

from djdock.errors import DjdockError

#: All look-ups together take no longer, in seconds, even when name resolution hangs.
LIMIT = 3.0


class Answer(Enum):
    """What became of the question whether a registry has an image."""

    HAS = "the registry answers"
    HAS_NOT = "the registry has no such image, or does not show it without a login"
    SILENT = "no registry answers"
    UNKNOWN = "whether its registry answers could not be found out"


Ask = Callable[[str], Answer]

#: For how long an answer is good enough for the next run, in seconds. Silence may end at any time (a
#: cable, a VPN), but a build after every saved file need not ask each time; `build --pull` does.
MEMORY = {Answer.HAS: 600.0, Answer.HAS_NOT: 60.0, Answer.SILENT: 300.0}

#: What was found out in this run: a registry is asked once.
_known: dict[str, Answer] = {}

#: What registries and the engine say when somebody did answer, whatever the engine's status code.
_REFUSALS = (
    "not found", "manifest unknown", "name unknown", "unauthorized", "denied", "toomanyrequests",
    "authentication required",
)  # fmt: skip


def canonical(image: str) -> str:
    """The short form of an image's name: ``docker.io/library/postgres:17`` is ``postgres:17``."""
    for prefix in ("index.docker.io/", "docker.io/", "library/"):
        image = image.removeprefix(prefix)
    return image if ":" in image.rsplit("/", 1)[-1] or "@" in image else f"{image}:latest"


def host(image: str) -> str:
    """The registry that an image's name leads to."""
    first, slash, _ = canonical(image).partition("/")
    return first if slash and (set(".:") & set(first) or first == "localhost") else "docker.io"


def look_up(
    images: Iterable[str],
    ask: Ask | None = None,
    *,
    limit: float = LIMIT,
    known: dict[str, Answer] | None = None,
) -> Mapping[str, Answer]:
    """What the registries say of each image, within ``limit`` seconds in all.

    Each registry is first asked for one image, all registries at once. One that is silent is not
    asked again; one that answers is then asked for its other images, all at once.
    """
    memory = _known if known is None else known
    question = ask_engine if ask is None else ask
    wanted = list(dict.fromkeys(images))
    deadline = time.monotonic() + limit
    silent = {host(image) for image, answer in memory.items() if answer is Answer.SILENT}
    speaking = {host(image) for image, answer in memory.items() if answer is not Answer.SILENT}
    open_ = [image for image in wanted if image not in memory and host(image) not in silent]
    first = {host(image): image for image in reversed(open_) if host(image) not in speaking}
    answers = _ask_all(first.values(), question, deadline)
    for image in first.values():
        answer = memory[image] = answers.get(image, Answer.SILENT)
        (silent if answer is Answer.SILENT else speaking).add(host(image))
    rest = [image for image in open_ if image not in memory and host(image) in speaking]
    answers = _ask_all(rest, question, deadline)
    for image in rest:
        # The registry is there; that it was slow this time is not for us to judge.
        answer = answers.get(image, Answer.HAS)
        memory[image] = Answer.HAS if answer is Answer.SILENT else answer
    return {image: memory.get(image, Answer.SILENT) for image in wanted}


def recall(path: Path, now: float) -> None:
    """Takes up what earlier runs were told, if that is not too old."""
    try:
        answers = json.loads(path.read_text(encoding="utf-8"))
        fresh = {
            image: Answer[told["answer"]]
            for image, told in answers.items()
            if 0 <= now - float(told["at"]) < MEMORY[Answer[told["answer"]]]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return  # no memory, or one that nobody can read: the registry is asked
    _known.update({image: answer for image, answer in fresh.items() if image not in _known})


def remember(path: Path, now: float, before: Collection[str]) -> None:
    """Writes down what this run was told, besides what it knew ``before``."""
    told = {
        image: answer
        for image, answer in _known.items()
        if image not in before and answer in MEMORY
    }
    if not told:
        return
    try:
        answers = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        answers = {}
    new = {image: {"answer": answer.name, "at": now} for image, answer in told.items()}
    answers = {**answers, **new} if isinstance(answers, dict) else new
    path.write_text(json.dumps(answers, indent=1), encoding="utf-8")


def known() -> frozenset[str]:
    """The images that a registry has been asked for in this run, or that were recalled."""
    return frozenset(_known)


def _ask_all(images: Iterable[str], ask: Ask, deadline: float) -> dict[str, Answer]:
    """Asks for all images at once; those without an answer at the deadline are left out."""
    heard: queue.SimpleQueue[tuple[str, Answer]] = queue.SimpleQueue()

    def one(image: str) -> None:
        heard.put((image, ask(image)))

    waiting = list(images)
    for image in waiting:
        # A daemon: Python's exit must not wait for a question that nobody answers.
        threading.Thread(target=one, args=(image,), daemon=True).start()
    answers: dict[str, Answer] = {}
    while len(answers) < len(waiting):
        try:
            image, answer = heard.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        answers[image] = answer
    return answers


def ask_engine(image: str) -> Answer:
    """Has the engine look for the image's manifest in its registry, without pulling anything.

    UNKNOWN when that cannot be asked from here: the docker SDK speaks to fewer engines than the
    client does (no ssh, no TLS of a context), and runs the user's credential helper.
    """
    import docker.errors
    import requests

    from djdock import engine

    try:
        with engine.client(timeout=LIMIT) as sdk:
            try:
                sdk.api.inspect_distribution(image)
            except docker.errors.APIError as error:
                return judge(error.status_code, str(error.explanation or error))
            except requests.RequestException:
                return Answer.SILENT
    except (DjdockError, docker.errors.DockerException):
        return Answer.UNKNOWN
    return Answer.HAS


def judge(status: int | None, text: str) -> Answer:
    """What an error of the engine's means: did the registry say no, or did nobody answer?

    The engine passes a registry's refusal on as 401, 403 or 404, by age also as 500 with a text.
    """
    said = text.lower()
    if status in (401, 403, 404, 429) or any(word in said for word in _REFUSALS):
        return Answer.HAS_NOT
    return Answer.SILENT
