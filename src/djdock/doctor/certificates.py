"""The certificate authorities that builds and downloads trust: are they there, readable, valid?"""

from __future__ import annotations

import ssl
import time
from collections.abc import Sequence
from pathlib import Path

from djdock.doctor.finding import Finding, fault, note, ok, worst
from djdock.doctor.patient import Patient
from djdock.images.host import CA_VARIABLES

#: (whose, the second after which it is not valid)
Certificate = tuple[str, float]


def read(path: Path) -> list[Certificate]:
    """The authorities in a bundle (PEM); raises OSError and ssl.SSLError for what is no such file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=str(path))
    return [
        (_name(found.get("subject")), ssl.cert_time_to_seconds(str(found["notAfter"])))
        for found in context.get_ca_certs()
    ]


def _name(subject: object) -> str:
    # ((("countryName", "NL"),), (("commonName", "Company CA"),)): the last part says most.
    parts = [pair for group in subject for pair in group] if isinstance(subject, tuple) else []
    return str(parts[-1][1]) if parts else "without a name"


def judge(who: str, path: Path, found: Sequence[Certificate], now: float, *, ours: bool) -> Finding:
    """A bundle in which nothing is valid any more is a fault. One old certificate of many is not, as
    the world's own bundles have such; it is a note where the project names the bundle (``ours``)."""
    expired = [(name, until) for name, until in found if until < now]
    if not expired:
        return ok(f"{who}: {len(found)} authorities.")
    day = time.strftime("%Y-%m-%d", time.gmtime(expired[0][1]))
    words = f"{who} names {path}, whose certificate `{expired[0][0]}` expired on {day}."
    if len(expired) == len(found):
        return fault(words, "Get the authority's new certificate from whoever gave you this one.")
    if not ours:
        return ok(f"{who}: {len(found)} authorities.")
    return note(words, "If that is your proxy's, get its new one.")


def look(patient: Patient) -> Finding:
    """``ca_bundle`` of [tool.djdock], and what the environment names."""
    config, named = patient.config, []
    if config.table.ca_bundle:
        named.append(("`ca_bundle` in [tool.djdock]", config.table.ca_bundle))
    named += [(name, patient.environ[name]) for name in CA_VARIABLES if patient.environ.get(name)]
    seen: dict[Path, Finding] = {}
    for who, value in named:
        path = config.root / Path(value).expanduser()
        if path not in seen:
            seen[path] = _one(who, path, ours=who.startswith("`"))
    return worst(seen.values(), "What is named is there and valid." if seen else "None are named.")


def _one(who: str, path: Path, *, ours: bool) -> Finding:
    remedy = "Correct the path." if ours else f"Correct the path, or unset {who}."
    if path.is_dir() and not ours:  # requests and curl take a folder, too
        return ok(f"{who} names a folder.")
    try:
        found = read(path)
    except FileNotFoundError:
        return fault(f"{who} names {path}, which is not there.", remedy)
    except ssl.SSLError:
        return fault(f"{who} names {path}, in which there is no certificate.", remedy)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        return fault(f"{who} names {path}, which cannot be read: {why}.", remedy)
    return judge(who, path, found, time.time(), ours=ours)
