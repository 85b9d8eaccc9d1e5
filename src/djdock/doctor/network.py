"""Are registries reached: do their names resolve here, and does the engine get an answer?"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from djdock.doctor.finding import Finding, fault, listed, note, of_error, ok, worst
from djdock.doctor.patient import Patient
from djdock.errors import DjdockError
from djdock.images import bases, build, catalogue, choose, registry
from djdock.images.registry import Answer
from djdock.stack import addons

#: For how long a name server and a registry are waited for, in seconds: `doctor` is to be quick, and a
#: slower one is named as silent.
NAMES, REGISTRY = 1.0, 1.0

#: Where Docker Hub's registry is.
HUB = "registry-1.docker.io"


@dataclass(frozen=True)
class Wanted:
    """The official images of the stack: what services run, and what the site is built on."""

    services: tuple[str, ...]
    bases: tuple[str, ...]

    @property
    def all(self) -> list[str]:
        """Both, each once."""
        return list(dict.fromkeys([*self.services, *self.bases]))


def wanted(patient: Patient) -> Wanted:
    """What the project's settings ask for; one that ``.env`` names and that has no stand-in is the
    user's own affair."""
    config = patient.config
    usual, named = choose.asked(addons.images(config.addons_dir, config.addons), config.env)
    return Wanted((*usual.values(), *named.values()), tuple(build.bases(config, config.variant())))


def _not_here(patient: Patient) -> list[str]:
    def find() -> list[str]:
        images = wanted(patient).all
        here = catalogue.local(patient.shell, images)
        return [image for image in images if image not in here]

    return patient.fact("not here", find)


# --- names -----------------------------------------------------------------------------------------


def look_at_names(patient: Patient) -> Finding:
    """Whether this machine finds the addresses of the registries."""
    if patient.config.table.bases == "debian":
        return ok('`bases = "debian"` needs no registry.')
    if patient.info.said.get("HttpsProxy"):
        return ok("The engine's proxy looks names up.")
    hosts = dict.fromkeys(registry.host(image) for image in _not_here(patient))
    names = [HUB if host == "docker.io" else host.rsplit(":", 1)[0] for host in hosts]
    return judge_names({name: resolve(name) for name in names})


def resolve(name: str, limit: float = NAMES) -> str:
    """ "" when the name has an address, else why not, within ``limit`` seconds."""
    said: queue.SimpleQueue[str] = queue.SimpleQueue()

    def ask() -> None:
        try:
            socket.getaddrinfo(name, 443)
        except OSError as error:
            said.put((error.strerror or str(error)).lower())
        else:
            said.put("")

    # A daemon: getaddrinfo cannot be told to give up.
    threading.Thread(target=ask, daemon=True).start()
    try:
        return said.get(timeout=limit)
    except queue.Empty:
        return f"no name server answers in {limit:g} s"


def judge_names(found: Mapping[str, str]) -> Finding:
    """``found``: why each name has no address; a note, as stand-ins may be used all the same."""
    lost = {name: why for name, why in found.items() if why}
    if not lost:
        return ok(f"{listed(found)} has an address." if found else "No registry is needed.")
    return note(
        " ".join(f"{name} has no address here: {why}." for name, why in lost.items()),
        "Offline that is as it should be; else look at /etc/resolv.conf and the network.",
    )


# --- registries ------------------------------------------------------------------------------------


def look(patient: Patient) -> Finding:
    """Whether every image that the stack needs can be had, as the engine sees it."""
    return patient.fact("registry", lambda: _look(patient))


def _look(patient: Patient) -> Finding:
    mode, images, missing = patient.config.table.bases, wanted(patient), _not_here(patient)
    if not missing:
        return ok("Every official image is here.")
    if mode == "debian":
        bases.resolve(missing, mode, patient.shell)
        return ok('Stand-ins are used: `bases = "debian"`.')
    # What is answered in time is remembered, so that what follows need not wait.
    answers = registry.look_up(missing, limit=REGISTRY)
    if mode == "official":
        return judge_official(answers)
    is_built = any(
        one.name == patient.config.image(patient.config.variant()) for one in patient.images
    )
    return judge_auto(
        _resolve(patient, images.services, keep=True),
        _resolve(patient, images.bases, keep=False),
        is_built=is_built,
    )


def _resolve(
    patient: Patient, images: Sequence[str], *, keep: bool
) -> dict[str, bases.Resolution | DjdockError]:
    found: dict[str, bases.Resolution | DjdockError] = {}
    try:
        return found | bases.resolve(images, "auto", patient.shell, keep=keep)
    except DjdockError as error:
        if len(images) == 1:
            return {images[0]: error}
    for image in images:  # the error is about one of them
        found |= _resolve(patient, [image], keep=keep)
    return found


def judge_official(answers: Mapping[str, Answer]) -> Finding:
    """Under ``bases = "official"`` there is nothing to stand in."""
    lacking = [
        name for name, answer in answers.items() if answer in (Answer.SILENT, Answer.HAS_NOT)
    ]
    if not lacking:
        return ok("The registry answers.")
    return fault(
        f"{listed(lacking)} cannot be had: {answers[lacking[0]].value}.",
        'Reach a registry (`docker login`), `docker load` an image, or set `bases = "auto"`.',
    )


def judge_auto(
    services: Mapping[str, bases.Resolution | DjdockError],
    below: Mapping[str, bases.Resolution | DjdockError],
    *,
    is_built: bool,
) -> Finding:
    """An image that can be had from nowhere is a fault, unless what is built on it is here already."""
    findings = [of_error(one) for one in services.values() if isinstance(one, DjdockError)]
    for one in below.values():
        if isinstance(one, DjdockError):
            found = of_error(one)
            findings.append(note(found.sentence, found.remedy) if is_built else found)
    used = _standins([*services.values(), *below.values()])
    unreached = next((r.reason for r in used if r.reason in _UNREACHED), "")
    if unreached:
        verb = "stands" if len(used) == 1 else "stand"
        words = f"{unreached[0].upper()}{unreached[1:]}: {listed(r.image for r in used)} {verb} in."
        todo = [r.image for r in used if r.build]
        findings.append(note(words, f"`invoke bases` builds {listed(todo)}." if todo else ""))
    return worst(findings, f"{listed(r.image for r in used)}." if used else "The registry answers.")


#: What a resolution says when a stand-in is used for want of the official image.
_UNREACHED = (Answer.SILENT.value, Answer.HAS_NOT.value)


def _standins(found: Iterable[bases.Resolution | DjdockError]) -> list[bases.Resolution]:
    return [one for one in found if isinstance(one, bases.Resolution) and one.base is not None]
