"""``--publish redis,postgres:15432``: add-ons' ports on this machine's 127.0.0.1.

Compose gets one more file. A service on an internal network alone can publish nothing, so it joins a
network of its own, which has no masquerading: answers get in and out at 127.0.0.1, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from djdock import whole
from djdock.config import Config
from djdock.errors import UsageError, one_of
from djdock.stack import addons, compose
from djdock.stack.choice import words

#: The Compose file that is made, relative to the root.
FILE = Path(".djdock", "publish.json")

#: Nobody but this machine: add-ons trust whoever reaches them.
BIND = "127.0.0.1"

_NETWORK = "published"


@dataclass(frozen=True)
class Published:
    """A port of an add-on's service, and where it is on this machine."""

    addon: str
    service: str
    target: int
    port: int

    def __str__(self) -> str:
        return f"{self.addon} at {BIND}:{self.port}"


def parse(config: Config, given: Sequence[str]) -> tuple[Published, ...]:
    """What is to be published. Raises UsageError for an add-on without a port, or not chosen."""
    found: list[Published] = []
    taken = {config.port: "the site"}
    for word in words(given):
        name, colon, text = word.partition(":")
        if name not in config.known_addons:
            raise one_of("add-on", name, config.known_addons)
        if name not in config.addons:
            raise UsageError(
                f"The add-on {name} is not chosen, so it cannot be published.",
                f"Choose it: `--with {name}`.",
            )
        addon = addons.read(config.addons_dir, name)
        if not addon.port:
            raise UsageError(
                f"The add-on {name} has no port to publish.",
                f"docker/addons/{name}.yaml would name it: `port` in x-djdock.",
            )
        if colon and not (text.isdecimal() and 0 < int(text) < 65536):
            raise UsageError(f"--publish `{word}` names no port.", "Give one from 1 to 65535.")
        port = int(text) if colon else addon.port
        if port in taken:
            raise UsageError(
                f"Port {port} is asked for by {taken[port]} and by {name}.",
                f"Choose another: `--publish {name}:{port + 1 if port < 65535 else 1024}`.",
            )
        taken[port] = name
        found.append(Published(name, addon.service, addon.port, port))
    return tuple(found)


def overlay(published: Sequence[Published]) -> dict[str, Any]:
    """The Compose file that publishes these."""
    return {
        "services": {
            one.service: {
                "networks": [_NETWORK],
                "ports": [{"target": one.target, "published": str(one.port), "host_ip": BIND}],
            }
            for one in published
        },
        "networks": {
            _NETWORK: {
                "driver_opts": {"com.docker.network.bridge.enable_ip_masquerade": "false"},
            }
        },
    }


def apply(config: Config, published: Sequence[Published], *, dry: bool = False) -> Config:
    """The Config of a stack that publishes these; writes the file unless this is a dry run."""
    if not published:
        return config
    if not dry:
        config.make_scratch()
        whole.write(config.root / FILE, json.dumps(overlay(published), indent=2) + "\n")
    return replace(config, overlays=(FILE,))


def remedy(one: Published) -> str:
    """What to do when the port is taken."""
    port = one.port + 1 if one.port < 65535 else 1024
    return f"Stop it, or choose another port: `--publish {one.addon}:{port}`."


def services(published: Sequence[Published]) -> list[str]:
    """The services that publish something; web is none of them."""
    return [one.service for one in published if one.service != compose.WEB]
