"""Variables that the project's own Compose file sets, for settings that a package has the source of.

``from company_settings.base import *`` reads variables that are not seen here; what the project gives
its own container is what they need.
"""

from __future__ import annotations

import re

from djdock.inspect.containers import Containers
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.interpret.state import Read
from djdock.inspect.interpret.value import Value
from djdock.inspect.model import Evidence
from djdock.inspect.tree import Tree

#: More characters than a Compose file that somebody wrote.
MOST = 200_000

#: What the site's service is called, where none names the settings.
_SITE = re.compile(r"^(web|app|django|backend|server|site|api)$")


def reads(tree: Tree, own: Containers, settings: Settings) -> tuple[Read, ...]:
    """Those variables, their values as defaults; none where all of the settings are in sight."""
    if not settings.starred:
        return ()
    for path in own.compose:
        given = {name: _environment(one) for name, one in _services(tree.text(path) or "").items()}
        named = [one for one in given.values() if "DJANGO_SETTINGS_MODULE" in one]
        called = [one for name, one in given.items() if _SITE.match(str(name)) and one]
        for found in (*named, *called)[:1]:
            return tuple(
                Read(name, Value(value), "", required=False, where=_line(tree, path, name))
                for name, value in found.items()
            )
    return ()


def _services(text: str) -> dict[str, dict[str, object]]:
    """The services of a Compose file; none where it is none."""
    import yaml

    try:
        # The base loader makes texts of all scalars, as a container's environment has them.
        found = yaml.load(text[:MOST], yaml.BaseLoader)  # noqa: S506 - it makes plain values only
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    services = found.get("services") if isinstance(found, dict) else None
    if not isinstance(services, dict):
        return {}
    return {str(name): one for name, one in services.items() if isinstance(one, dict)}


def _environment(service: dict[str, object]) -> dict[str, str]:
    """The variables of a service whose values are known: ``${NAME:-value}`` is its default."""
    given = service.get("environment")
    if isinstance(given, list):
        given = dict(str(one).partition("=")[::2] for one in given)
    found = {}
    for name, value in (given if isinstance(given, dict) else {}).items():
        text = value if isinstance(value, str) else ""
        text = re.sub(r"\$\{\w+:?-([^${}]*)\}", r"\1", text)
        if text and "$" not in text and re.fullmatch(r"[A-Z_][A-Z0-9_]*", str(name)):
            found[str(name)] = text
    return found


def _line(tree: Tree, path: str, name: str) -> Evidence:
    hit = tree.search(path, re.compile(rf"\b{name}\b"))
    return hit[1] if hit else Evidence(path, 0, "")
