"""``--scale web=3``: how many containers a service gets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from djdock.config import Config
from djdock.errors import UsageError
from djdock.stack import addons, compose
from djdock.stack.choice import words


def parse(given: Sequence[str]) -> dict[str, int]:
    """The services and their numbers. Raises UsageError for what is not ``SERVICE=NUMBER``."""
    found: dict[str, int] = {}
    for word in words(given):
        match = re.fullmatch(r"([\w.-]+)=(\d{1,4})", word)
        if not match:
            raise UsageError(
                f"--scale `{word}` is not SERVICE=NUMBER.", "Write it like --scale web=3."
            )
        found[match[1]] = int(match[2])
    return found


def require(config: Config, wanted: Mapping[str, int]) -> None:
    """Raises UsageError for a service that cannot be several, or web without a proxy in front of it.

    Two databases on one volume would destroy it, so only services whose file says so may be several.
    """
    if not wanted:
        return
    chosen = addons.read_all(config.addons_dir, config.addons)
    known = addons.read_all(config.addons_dir, config.known_addons)
    allowed = addons.scalable(config.docker_dir / "compose.yaml", chosen)
    for service, number in wanted.items():
        if bringing := [one.name for one in known if service in one.scales and one not in chosen]:
            raise UsageError(
                f"The service {service} is not in this stack.",
                f"Bring it up: {' or '.join(f'`--with {name}`' for name in bringing)}.",
            )
        if service not in allowed:
            raise UsageError(
                f"The service {service} cannot be scaled.",
                f"These can: {', '.join(allowed) or 'none'}.",
            )
        if service == compose.WEB and number < 1:
            raise UsageError("--scale web=0 leaves no site.", "Stop it with `invoke down`.")
    behind = any(addon.role == addons.PROXY for addon in chosen)
    if wanted.get(compose.WEB, 1) > 1 and not behind:
        proxies = [f"`--with {addon.name}`" for addon in known if addon.role == addons.PROXY]
        raise UsageError(
            "web publishes the site's port itself, so there can be only one.",
            f"Put a web server in front of it: {' or '.join(reversed(proxies)) or 'an add-on'}.",
        )
