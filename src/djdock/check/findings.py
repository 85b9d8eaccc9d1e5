"""From what the probes say and which services there are to one finding per line. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from djdock.stack.state import Container

#: A web server in front of web.
PROXIES = ("nginx", "apache")

_REMEDY = "`invoke logs {0}` shows what it says; `invoke restart {0}` starts it anew."


@dataclass(frozen=True)
class Finding:
    """One line of `invoke check`. ``ms`` is in milliseconds; None where nothing was measured."""

    name: str
    service: str
    server: str = ""
    said: str = ""
    ms: float | None = None
    ok: bool = True
    why: str = ""
    remedy: str = ""


def answers(mark: str, text: str) -> list[dict[str, Any]]:
    """What the probes printed, in order; the site may have printed other lines."""
    found = [line.partition(mark) for line in text.splitlines()]
    return [json.loads(rest) for _, marked, rest in found if marked]


def running(containers: Iterable[Container]) -> list[str]:
    """The services that run, in the order of their names; one-off containers do not count."""
    return sorted({c.service for c in containers if c.running and not c.oneoff})


def of_probe(answer: Mapping[str, Any], lost: Mapping[str, str]) -> Finding:
    """The finding of one probe's answer. ``lost`` are the services that are down, with their status."""
    host = answer["host"]
    name = answer["probe"]
    if answer.get("alias", "default") != "default":
        name += f" {answer['alias']}"
    server = answer["server"] or host
    if answer["ok"]:
        return Finding(name, host, server, answer["said"], answer["ms"])
    why, remedy = answer["why"], answer["remedy"]
    blamed = host if host in lost else "worker" if name == "job" and "worker" in lost else ""
    if blamed:
        why, remedy = f"{blamed} is down: {lost[blamed]}", restart(blamed)
    remedy = remedy or logs(host or "web")
    return Finding(name, host, server, "", answer["ms"], ok=False, why=why, remedy=remedy)


def logs(service: str) -> str:
    """Where to look when a service is up and does not do its work."""
    return _REMEDY.format(service)


def restart(service: str) -> str:
    """What to do about a service that is down."""
    return f"`invoke up` starts it again; `invoke logs {service}` shows why it ended."


def the_rest(found: Sequence[Finding], up: Iterable[str], lost: Mapping[str, str]) -> list[Finding]:
    """The findings of services that no probe has asked: not used by the site, or down."""
    seen = {finding.service for finding in found}
    if "job" in {finding.name for finding in found}:
        seen |= {"worker"}
    rest = [
        Finding(service, service, said="up, not used by the site")
        if service != "beat"
        else Finding("beat", "beat", said="up, sends jobs when they are due")
        for service in up
        if service not in seen and service not in lost
    ]
    failed = [
        Finding(service, service, ok=False, why=f"is down: {status}", remedy=restart(service))
        for service, status in lost.items()
        if service not in seen
    ]
    return [*rest, *failed]
