"""What is asked from this machine, through the port that the site is published at."""

from __future__ import annotations

import hashlib
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from djdock.check.findings import Finding, logs

#: Seconds for one answer. A proxy may keep a request waiting while web restarts.
TIMEOUT = 20.0

#: The host that the stack's own health check asks for. A site that wants https takes the second one's
#: word, where no proxy replaces it.
HEADERS = {"Host": "localhost", "X-Forwarded-Proto": "https"}


class _Direct(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is an answer: the site may send everybody to https."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def get(url: str) -> tuple[int, bytes, float, str]:
    """Status, body, milliseconds and "", or 0 with the reason why there was no answer."""
    # No proxy of the environment stands between us and a port of this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Direct)
    request = urllib.request.Request(url, headers=HEADERS)  # noqa: S310 - http, made by Config
    began = time.perf_counter()
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            status, body, why = answer.status, answer.read(), ""
    except urllib.error.HTTPError as error:
        with error:
            status, body, why = error.code, error.read(), ""
    except OSError as error:
        status, body, why = 0, b"", str(getattr(error, "reason", error))
    return status, body, round(1000 * (time.perf_counter() - began), 1), why


def page(url: str, path: str, service: str, *, lenient: bool = False) -> Finding:
    """Does the site answer its health path with 200? ``service`` is who publishes the port.

    ``lenient`` is for a page that is none of djdock's: every answer below 500 will do.
    """
    status, _, ms, why = get(urljoin(url, path))
    name, said = ("page", f"{path} answered through {service}")
    if service == "web":
        name, said = "page", f"{path} answered"
    if status == 200 or (lenient and 0 < status < 500):
        return Finding(name, service, service, said, ms)
    why = f"{path} got no answer: {why}" if why else f"{path} was answered with {status}"
    return Finding(name, service, service, "", ms, ok=False, why=why, remedy=logs(service))


def hidden(url: str, service: str) -> Finding | None:
    """The complaint when a proxy shows the site's metrics to everybody; None if it does not."""
    status, _, ms, _ = get(urljoin(url, "/metrics"))
    if status != 200:
        return None
    remedy = f"Deny it in the configuration of {service}: Prometheus asks web itself."
    why = "/metrics is public"
    return Finding("metrics", service, service, "", ms, ok=False, why=why, remedy=remedy)


def file(url: str, answer: Mapping[str, Any], service: str) -> Finding:
    """Is a file served as web has it? ``answer`` is the probe's, with ``url`` and ``sha256``."""
    where = str(answer["url"])
    name = answer["probe"]
    if urlsplit(where).netloc:
        return Finding(name, service, urlsplit(where).netloc, "served elsewhere; not asked for")
    status, body, ms, why = get(urljoin(url, where))
    problem = ""
    if why:
        problem = f"{where} got no answer: {why}"
    elif status != 200:
        problem = f"{where} was answered with {status}"
    elif hashlib.sha256(body).hexdigest() != answer["sha256"]:
        problem = f"{where} is another file than web has"
    if not problem:
        return Finding(name, service, service, f"file {answer['said']}", ms)
    remedy = logs(service)
    if name == "static" and service != "web":
        remedy = "`invoke up` brings the volume that it serves from up to date."
    return Finding(name, service, service, "", ms, ok=False, why=problem, remedy=remedy)
