"""Does the engine know the proxy that the environment names?"""

from __future__ import annotations

from collections.abc import Mapping

from djdock import engine
from djdock.doctor import network
from djdock.doctor.finding import Finding, Status, fault, ok
from djdock.doctor.patient import Patient

NAMES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")


def judge(environ: Mapping[str, str], engines: str, *, clients: bool, needed: bool) -> Finding:
    """``engines`` is the engine's own proxy; ``clients``: the client's settings have one, which is for
    containers only; ``needed``: an image cannot be had without one.

    Builds get the environment's proxy from djdock, so it is the engine's pulls that may lack it. No
    value is shown: it may hold a password.
    """
    ours = next((name for name in NAMES if environ.get(name)), "")
    if not ours:
        return ok("The environment names none.")
    if engines:
        return ok(f"{ours} is set, and the engine has a proxy, too.")
    if not needed:
        return ok(f"{ours} is set; the engine has none, and needs none.")
    more = (
        " (`proxies` in the client's config.json is for containers, not for it)" if clients else ""
    )
    return fault(
        f"{ours} is set here, and the engine has no proxy, so it reaches no registry{more}.",
        'Name it to the engine: "proxies" in /etc/docker/daemon.json '
        "(https://docs.docker.com/engine/daemon/proxy/), then restart it.",
    )


def look(patient: Patient) -> Finding:
    """The environment's proxies against those of ``docker info``."""
    said = patient.info.said
    engines = str(said.get("HttpsProxy") or said.get("HttpProxy") or "")
    ours = any(patient.environ.get(name) for name in NAMES)
    needed = ours and not engines and network.look(patient).status is Status.FAULT
    clients = bool(engine.client_settings(patient.environ).get("proxies"))
    return judge(patient.environ, engines, clients=clients, needed=needed)
