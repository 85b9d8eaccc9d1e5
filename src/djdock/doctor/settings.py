"""Values of ``.env`` (and of the environment, which wins) that cannot be meant, alone or together."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from djdock import env
from djdock.config import OVERRIDES, check_machine, check_name
from djdock.doctor.finding import Finding, fault, note, worst
from djdock.doctor.patient import Patient
from djdock.errors import DjdockError
from djdock.units import docker_limit, human

TRUE = ("true", "1", "yes", "on")
DEBUG = ("DEBUG", "DJANGO_DEBUG")
HOSTS = ("DJANGO_ALLOWED_HOSTS", "ALLOWED_HOSTS")
KEYS = ("DJANGO_SECRET_KEY", "SECRET_KEY")

#: What a worker of gunicorn's takes at rest: docker/gunicorn.conf.py plans with the first; a plain
#: Django needs the second to start.
WORKER, LEAST_WORKER = 96 * 1024**2, 48 * 1024**2


# --- each for itself -------------------------------------------------------------------------------


def look(patient: Patient) -> Finding:
    """Every value that the stack reads; the first that cannot be meant is raised, a UsageError."""
    path = patient.dotenv
    written = env.read(path, lenient=True) if path.is_file() else {}
    name = patient.environ.get("COMPOSE_PROJECT_NAME") or written.get("COMPOSE_PROJECT_NAME")
    check_name(name or patient.config.name)
    check_machine(patient.config.env)
    return judge_sources(written, patient.environ)


def judge_sources(written: Mapping[str, str], environ: Mapping[str, str]) -> Finding:
    """A value that is given twice: NAME and NAME_FILE, or another one in the environment."""
    twice = [name for name in written if written[name] and written.get(f"{name}_FILE")]
    findings = [
        fault(f"{name} and {name}_FILE are both set in .env.", "Leave one of them out.")
        for name in twice
    ]
    findings += [
        note(f"{name} of the environment wins over the one of .env.")
        for name in OVERRIDES
        if environ.get(name) and written.get(name, environ[name]) != environ[name]
    ]
    return worst(findings, "Ports, addresses and limits can be meant.")


# --- together --------------------------------------------------------------------------------------


def is_debug(values: Mapping[str, str]) -> str:
    """The variable that turns DEBUG on, or ""."""
    return next((n for n in DEBUG if values.get(n, "").strip().lower() in TRUE), "")


def look_at_exposure(patient: Patient) -> Finding:
    """Who may see what."""
    example = env.read(patient.example, lenient=True) if patient.example.is_file() else {}
    return judge_exposure(patient.config.env, example)


def judge_exposure(values: Mapping[str, str], defaults: Mapping[str, str]) -> Finding:
    """DEBUG, the address that the site is bound to, the names that it answers to, and its key.

    ``defaults`` are those of ``.env.example``: what ``--fix`` fills in.
    """
    debug = is_debug(values)
    bind = values.get("WEB_BIND") or "127.0.0.1"
    everybody = not ipaddress.ip_address(bind).is_loopback
    findings = []
    if debug and everybody:
        findings.append(
            fault(
                f"{debug} is on and WEB_BIND is {bind}: whoever reaches this machine sees tracebacks "
                "with settings and data.",
                f"Set {debug}=False, or WEB_BIND=127.0.0.1.",
            )
        )
    if not debug:
        findings += _in_production(values, defaults, everybody=everybody)
    return worst(findings, "Nothing is shown to whom it should not be.")


def _in_production(
    values: Mapping[str, str], defaults: Mapping[str, str], *, everybody: bool
) -> list[Finding]:
    found = []
    name = next((n for n in HOSTS if n in values), "")
    hosts = [host.strip() for host in values.get(name, "").split(",") if host.strip()]
    if name and not hosts:
        found.append(
            fault(
                f"{name} is empty while DEBUG is off: the site is told no name that it answers to.",
                f"Name its hosts: {name}=www.example.org,127.0.0.1.",
                fixable=bool(defaults.get(name)),
            )
        )
    elif "*" in hosts:
        words = f"{name} is `*`: links in the site's mails can be made to lead elsewhere."
        found.append(note(words, "Name its hosts."))
    elif name and everybody and all(host in ("127.0.0.1", "localhost", "[::1]") for host in hosts):
        words = f"WEB_BIND lets other machines in, and {name} answers to none of their names."
        found.append(note(words, f"Add the site's name to {name}."))
    for key in KEYS:
        if values.get(key, "").startswith("django-insecure-"):
            words = (
                f"{key} is `startproject`'s own, which is made for development, and DEBUG is off."
            )
            found.append(fault(words, "Give it a long random value."))
    return found


def look_at_memory(patient: Patient) -> Finding:
    """Whether the processes fit into the limits, and the limits into the engine's machine."""
    try:
        total = int(patient.info.said.get("MemTotal") or 0)
    except DjdockError:
        total = 0
    return judge_memory(patient.config.env, total)


def judge_memory(values: Mapping[str, str], total: int) -> Finding:
    """``total`` is the memory of the engine's machine in bytes, 0 when it is not known."""
    findings = []
    limit = docker_limit(values.get("WEB_MEMORY") or "512m", what="WEB_MEMORY", least=0)
    workers = int(values.get("WEB_CONCURRENCY") or 1)
    shown = values.get("WEB_MEMORY") or "512m, the default"
    words = (
        f"WEB_CONCURRENCY is {workers} and WEB_MEMORY is {shown}: {human(limit / workers)} each."
    )
    remedy = f"Give each process 96m, or leave WEB_CONCURRENCY out: {max(1, limit // WORKER)} fit."
    if limit < workers * LEAST_WORKER:
        findings.append(fault(words, remedy))
    elif limit < workers * WORKER:
        findings.append(note(words, remedy))
    for name in sorted(n for n in values if n.endswith("_MEMORY") and values[n]):
        size = docker_limit(values[name], what=name, least=0)
        if total and size > total:
            words = f"{name} is {values[name]}, and the engine's machine has {human(total)}."
            findings.append(
                note(words, "The kernel will end other programs before the limit does.")
            )
    return worst(findings, "Processes fit into their memory.")
