"""What a build needs from this machine: certificate authorities, an index and its credentials, proxies.

They are handed over as BuildKit secrets, which are mounted for one instruction and never become part of
a layer or of the build's history.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from djdock.config import Config
from djdock.errors import MissingError

SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")

#: Who names the certificate authorities of this machine, the most specific first.
CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")

PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True)
class Secrets:
    """Build secrets: files by path, texts by the environment variable that carries them."""

    files: Mapping[str, Path] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Variables of ours that the build gets, by name only: the proxies, which may hold a password.
    #: BuildKit keeps these predefined arguments out of the image's history.
    proxies: tuple[str, ...] = ()

    def flags(self) -> list[str]:
        """The ``--secret`` flags."""
        words: list[str] = []
        for name, path in self.files.items():
            words += ["--secret", f"id={name},src={path}"]
        for name in self.proxies:
            words += ["--build-arg", name]
        for name in self.texts:
            words += ["--secret", f"id={name},env={_variable(name)}"]
        return words

    def environment(self) -> dict[str, str]:
        """The variables that the ``env=`` secrets are read from."""
        return {_variable(name): text for name, text in self.texts.items()}


def _variable(name: str) -> str:
    return f"DJDOCK_SECRET_{name.upper()}"


def host_secrets(config: Config, environ: Mapping[str, str] | None = None) -> Secrets:
    """What this machine's builds need to reach an index: certificate authorities, pip's settings.

    Raises MissingError when a certificate bundle is named that is not there.
    """
    env = os.environ if environ is None else environ
    bundle = ca_bundle(config, env)
    texts = {}
    if pip := pip_conf(env):
        texts["pip"] = pip
    if uv := uv_toml(env):
        texts["uv"] = uv
    proxies = tuple(name for name in PROXIES if env.get(name))
    return Secrets({"ca": bundle} if bundle else {}, texts, proxies)


def ca_bundle(config: Config, environ: Mapping[str, str]) -> Path | None:
    """The file with the certificate authorities that this machine trusts, or None.

    The configuration wins over the environment, which wins over the system's own bundle: behind a
    proxy that intercepts TLS, that is where its administrator put the proxy's certificate.
    """
    if config.table.ca_bundle:
        path = config.root / Path(config.table.ca_bundle).expanduser()
        if not path.is_file():
            raise MissingError(
                f"`ca_bundle` in [tool.djdock] names {path}, which is not there.",
                "Correct the path.",
            )
        return path
    for name in CA_VARIABLES:
        if environ.get(name) and Path(environ[name]).is_file():
            return Path(environ[name])
    return SYSTEM_BUNDLE if SYSTEM_BUNDLE.is_file() else None


def _indexes(environ: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    main = (
        environ.get("UV_DEFAULT_INDEX")
        or environ.get("UV_INDEX_URL")
        or environ.get("PIP_INDEX_URL")
    )
    extra = (
        environ.get("UV_INDEX")
        or environ.get("UV_EXTRA_INDEX_URL")
        or environ.get("PIP_EXTRA_INDEX_URL")
    )
    # uv allows a name before an address (`company=https://…`), pip does not.
    bare = [re.sub(r"^[\w-]+=(?=\w+://)", "", url) for url in [main or "", *(extra or "").split()]]
    return bare[0], bare[1:]


def pip_conf(environ: Mapping[str, str]) -> str:
    """A ``pip.conf`` that says what the environment says of package indexes; empty if nothing."""
    main, extra = _indexes(environ)
    lines = [f"index-url = {main}"] if main else []
    lines += [f"extra-index-url = {' '.join(extra)}"] if extra else []
    lines += [f"trusted-host = {hosts}"] if (hosts := environ.get("PIP_TRUSTED_HOST")) else []
    return "\n".join(["[global]", *lines, ""]) if lines else ""


def uv_toml(environ: Mapping[str, str]) -> str:
    """The same for uv, as its ``uv.toml``."""
    main, extra = _indexes(environ)
    lines = [f'index-url = "{main}"'] if main else []
    lines += [f"extra-index-url = [{', '.join(f'{url!r}' for url in extra)}]"] if extra else []
    hosts = (environ.get("PIP_TRUSTED_HOST") or "").split()
    lines += (
        [f"allow-insecure-host = [{', '.join(f'{host!r}' for host in hosts)}]"] if hosts else []
    )
    return "\n".join([*lines, ""]) if lines else ""
