"""Is there a docker client, and is it the right one? Its own settings are readable?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from djdock import engine
from djdock.doctor.finding import Finding, fault, note, ok
from djdock.doctor.patient import Patient
from djdock.shell import Completed


def look(patient: Patient) -> Finding:
    """The client that djdock runs; a fault when there is none with both plugins (MissingError)."""
    chosen = patient.docker
    found = engine.binaries(patient.environ)
    used = found[0] if chosen == "docker" else chosen
    said = patient.shell.capture([used, "--version"], check=False)
    lacking = [] if used == found[0] else engine.missing_plugins(found[0])
    return judge(found[0], used, said, lacking)


def judge(first: str, used: str, said: Completed, lacking: list[str]) -> Finding:
    """``first`` is what PATH leads to, ``used`` what djdock runs, and what that says of its version;
    ``lacking`` are the plugins that the first lacks."""
    if said.returncode:
        why = (said.stderr.strip().splitlines() or [f"exit code {said.returncode}"])[-1]
        return fault(
            f"{used} does not run: {why}", "Install it anew, or put another first on PATH."
        )
    if "podman" in said.stdout.lower():
        return fault(
            f"{used} is Podman under docker's name.", "Put Docker's own client first on PATH."
        )
    if first == used:
        # "Docker version 26.1.5, build a72d7cd"
        version = said.stdout.removeprefix("Docker version").split(",")[0].strip()
        return ok(f"{used} {version}, with compose and buildx.")
    return note(
        f"{first} comes first on PATH and lacks {' and '.join(lacking)}; djdock runs {used}.",
        f"For plain `docker compose`, put {Path(used).parent} before it on PATH.",
    )


def look_at_client(patient: Patient) -> Finding:
    """The client's own ``config.json``."""
    path = engine.client_config(patient.environ)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ok("The docker client has no settings of its own.")
    except (OSError, UnicodeDecodeError) as error:
        return fault(f"{path} cannot be read: {error}.", "Make it readable, or remove it.")
    search = patient.environ.get("PATH")
    return judge_client(path, text, lambda name: shutil.which(name, path=search) is not None)


def judge_client(path: Path, text: str, there: Callable[[str], bool]) -> Finding:
    """Is it JSON, and are the credential helpers that it names ``there``?

    The client asks the helper for every image, public ones too, and fails without it.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        return fault(f"{path} is not JSON: {error}.", "Correct it, or move it away.")
    if not isinstance(data, Mapping):
        return fault(f"{path} is not a JSON object.", "Correct it, or move it away.")
    helpers = data.get("credHelpers")
    named = [data.get("credsStore"), *(helpers.values() if isinstance(helpers, Mapping) else ())]
    for name in dict.fromkeys(one for one in named if isinstance(one, str) and one):
        if not there(f"docker-credential-{name}"):
            return fault(
                f"{path} names the credential helper `{name}`, and docker-credential-{name} is not "
                "on PATH: no image can be pulled.",
                "Install it, or take `credsStore` and `credHelpers` out of that file.",
            )
    return ok(f"{path} can be read.")
