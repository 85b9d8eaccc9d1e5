"""Are the engine, Compose and buildx new enough?"""

from __future__ import annotations

import re

from djdock.doctor.finding import Finding, fault, ok
from djdock.doctor.patient import Patient
from djdock.engine import LEAST_BUILDX, LEAST_COMPOSE, LEAST_ENGINE, PLUGINS, Version


def parse(text: str) -> Version | None:
    """The major and minor version in ``26.1.5+dfsg1``, ``v2.21.0`` or buildx's whole line."""
    found = re.search(r"(?:^|[\sv])(\d+)\.(\d+)", text.strip())
    return (int(found[1]), int(found[2])) if found else None


def judge(what: str, said: str, least: Version, remedy: str) -> Finding:
    """``said`` is what the program says of its version; one that says none is let pass."""
    version = parse(said)
    shown = said.strip() or "unknown"
    wanted = ".".join(map(str, least))
    if version is not None and version < least:
        return fault(f"{what} is {shown}, and {wanted} or newer is needed.", remedy)
    return ok(f"{what} {shown}.")


def look_at_engine(patient: Patient) -> Finding:
    """The engine's version; a fault (DjdockError) when it does not say."""
    said = str(patient.info.said["ServerVersion"])
    remedy = "Upgrade it, or name a newer one in DOCKER_HOST."
    return judge("The Docker Engine", said, LEAST_ENGINE, remedy)


def look_at_compose(patient: Patient) -> Finding:
    """Compose's version, asked for as ``bootstrap`` does."""
    done = patient.shell.capture([patient.docker, "compose", "version", "--short"])
    return judge("Compose", done.stdout, LEAST_COMPOSE, _upgrade("compose"))


def look_at_buildx(patient: Patient) -> Finding:
    """buildx's version: ``github.com/docker/buildx v0.13.1 <commit>``."""
    words = patient.shell.capture([patient.docker, "buildx", "version"]).stdout.split()
    return judge("buildx", words[1] if len(words) > 1 else "", LEAST_BUILDX, _upgrade("buildx"))


def _upgrade(plugin: str) -> str:
    package, debian = PLUGINS[plugin]
    return f"Upgrade it (`{package}`; Debian's is `{debian}`)."
