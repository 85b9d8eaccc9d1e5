"""A Dockerfile of the project's own on a machine whose proxy intercepts TLS: its text with mounts.

Such a Dockerfile knows nothing of the authorities that this machine trusts, nor of its index, and
would fail at the first `pip install`. Each ``RUN`` gets them as BuildKit secrets, and variables that
name them as build arguments: both are for the build only, so the image is the one that the
Dockerfile describes. The project's file is not touched.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from djdock.images import dockerfile

if TYPE_CHECKING:
    from djdock.config import Config
    from djdock.images.host import Secrets

#: Who reads which file: pip, uv and OpenSSL, requests, curl, npm, git.
VARIABLES = {
    "ca": (
        "PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
        "GIT_SSL_CAINFO",
    ),
    "pip": ("PIP_CONFIG_FILE",),
    "uv": ("UV_CONFIG_FILE",),
}  # fmt: skip

_RUN = re.compile(r"(?i)^(\s*RUN)(?=\s)")
_SYNTAX = re.compile(r"#\s*syntax\s*=\s*(docker\.io/)?docker/dockerfile[:@]")


def secrets(config: Config, given: Secrets, environ: Mapping[str, str] | None = None) -> list[str]:
    """The build secrets that a stranger's Dockerfile is in need of on this machine.

    The authorities count where somebody has named them; the system's own are those of every image.
    """
    from djdock.images.host import CA_VARIABLES

    env = os.environ if environ is None else environ
    named = config.table.ca_bundle or any(env.get(name) for name in CA_VARIABLES)
    return [*(["ca"] if named and "ca" in given.files else []), *given.texts]


def text(before: str, names: list[str], *, builtin: bool) -> str:
    """The Dockerfile's text with these secrets mounted in each ``RUN``.

    ``builtin`` leaves out the line that has the builder fetch another version of its own parser, which
    it cannot where no registry answers.
    """
    lines = before.removeprefix("\ufeff").splitlines()
    mounts = " ".join(f"--mount=type=secret,id={name},mode=0444" for name in names)
    arguments = [
        f"ARG {variable}=/run/secrets/{name}" for name in names for variable in VARIABLES[name]
    ]
    after: dict[int, list[str]] = {}
    for item in dockerfile.located(before.removeprefix("\ufeff")):
        if item.word == "RUN":
            lines[item.first] = _RUN.sub(rf"\1 {mounts}", lines[item.first])
        elif item.word == "FROM":
            after[item.last] = arguments
    if builtin:
        lines = [
            "#" if _SYNTAX.match(line) and all(one.startswith("#") for one in lines[:at]) else line
            for at, line in enumerate(lines)
        ]
    return "".join(
        f"{one}\n" for at, line in enumerate(lines) for one in (line, *after.get(at, ()))
    )


@contextmanager
def written(config: Config, variant: str, names: list[str], *, builtin: bool) -> Iterator[Path]:
    """That text in a file, for as long as it takes, with its own ignore file beside it as BuildKit
    looks for it. Outside of the project, all of which may be what the build copies.
    """
    path = config.root / config.dockerfile(variant)
    ignore = path.with_name(f"{path.name}.dockerignore")
    before = path.read_text(encoding="utf-8", errors="surrogateescape")
    made = text(before, names, builtin=builtin)
    with tempfile.TemporaryDirectory(prefix="djdock-dockerfile-") as folder:
        target = Path(folder, path.name)
        target.write_text(made, encoding="utf-8", errors="surrogateescape")
        if ignore.is_file():
            shutil.copyfile(ignore, target.with_name(ignore.name))
        yield target
