"""Asks everything of the stack that is up: inside of web, then from this machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from djdock.check import findings, outside, probes
from djdock.check.findings import Finding
from djdock.config import Config
from djdock.errors import CheckFailed
from djdock.shell import Completed, Shell
from djdock.stack import compose, state
from djdock.stack.state import Container

#: Seconds for all probes inside of web together.
TIMEOUT = 120.0


def check(
    config: Config, shell: Shell, docker: str, containers: Sequence[Container]
) -> list[Finding]:
    """One finding per service or use of it, in the order in which a site needs them.

    ``containers`` are the stack's; web is one that runs. Raises CheckFailed when the probes cannot be
    run inside of it.
    """
    up, lost = findings.running(containers), state.down(containers)
    front = next((name for name in findings.PROXIES if name in up), compose.WEB)
    options = {
        "settings": config.settings,
        "celery": config.env.get("CELERY_APP") or config.table.celery,
        "services": up,
        "media": front != compose.WEB,
    }
    path = config.table.health_path
    lenient = path != "/healthz"
    found = [outside.page(config.url, "/" if path == "tcp" else path, front, lenient=lenient)]
    done = inside(config, shell, docker, options)
    answers = findings.answers(probes.MARK, done.stdout)
    if done.returncode:
        said = shell.mask((done.stderr.strip() or "no answer").splitlines()[-1])
        raise CheckFailed(
            f"The probes could not be run inside of web: {said}", "`invoke logs web` may say why."
        )
    for answer in answers:
        if answer["ok"] and "url" in answer:
            found.append(outside.file(config.url, answer, front))
        else:
            found.append(findings.of_probe(answer, lost))
    for answer in answers:
        if answer.get("remove"):
            inside(config, shell, docker, {**options, "remove": answer["remove"]})
    if front != compose.WEB and (shown := outside.hidden(config.url, front)):
        found.append(shown)
    asked = {compose.WEB, front}
    rest = [name for name in up if name not in asked]
    return [*found, *findings.the_rest(found, rest, lost)]


def command(docker: str, config: Config, options: dict[str, Any]) -> list[str]:
    """The command line that feeds the probes to web's Python: there may be no shell in the image."""
    words = ["exec", "-T", compose.WEB, "python", "-", json.dumps(options)]
    return compose.running(docker, config, *words)


def inside(config: Config, shell: Shell, docker: str, options: dict[str, Any]) -> Completed:
    """Runs the probes in web and returns what they printed."""
    argv = command(docker, config, options)
    with Path(probes.__file__).open("rb") as script:
        return shell.capture(argv, cwd=Path("/"), check=False, timeout=TIMEOUT, stdin=script)
