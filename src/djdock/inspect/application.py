"""The WSGI or ASGI application, and the server that the project uses already."""

from __future__ import annotations

import re

from djdock.inspect.containers import Containers
from djdock.inspect.dependencies import Dependencies
from djdock.inspect.era import ROUTER
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.layout import Layout, aside
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.requirement import Needed
from djdock.inspect.settings import module_file
from djdock.inspect.tree import Tree

_COMMAND = re.compile(
    r"(?m)\b(gunicorn|uvicorn|daphne|hypercorn|uwsgi|granian|waitress-serve)\b[^\n]*?\s([A-Za-z_][\w.]*:\w+)"
)
_ASYNC = re.compile(r"(?m)^\s*(from|import)\s+channels|ProtocolTypeRouter|websocket")
_HTTP = re.compile(r"""["']http["']|\bhttp=""")
_APPLICATION = re.compile(r"(?m)^\s*(?:from .* import .*\b(application)\b|(application|app)\s*=)")
#: What sets Django up as a module is imported.
_STARTED = re.compile(r"(?m)^\s*django\.setup\(|\bget_asgi_application\(|^from \S+ import \*")
#: What a module of another name assigns Django's application to.
_MADE = r"(?m)^(\w+)\s*=\s*(?:[\w.]+\()*(?:[\w.]+\.)?get_%s_application\(\s*\)"


def decide(
    tree: Tree,
    layout: Layout,
    settings: Settings,
    dependencies: Dependencies,
    containers: Containers,
) -> tuple[Decision, list[Decision]]:
    """The decision ``wsgi`` or ``asgi``, and the fact of the server that is used already."""
    facts = _server(tree, containers)
    wsgi = _find(tree, layout, settings, "wsgi")
    asgi = _find(tree, layout, settings, "asgi")
    if not wsgi and not asgi:
        wsgi, asgi = (_elsewhere(tree, layout, kind) for kind in ("wsgi", "asgi"))
    file = module_file(tree, layout.paths, asgi[0].partition(":")[0]) if asgi else ""
    reason = _why_async(tree, settings, dependencies, asgi, file, facts)
    if wsgi and _for_sockets(tree, dependencies, file):
        why = "the ASGI application answers no http: its websockets are for a server of their own"
        return _decision("wsgi", wsgi, why), facts
    if asgi and (reason or not wsgi):
        return _decision("asgi", asgi, reason or "there is no wsgi.py"), facts
    if wsgi:
        return _decision("wsgi", wsgi, "nothing of it needs ASGI"), facts
    return _django(layout, asynchronous=_channels(settings)), facts


def _decision(key: str, found: tuple[str, Evidence], reason: str) -> Decision:
    return Decision(key, found[0], reason, (found[1],))


def _find(tree: Tree, layout: Layout, settings: Settings, kind: str) -> tuple[str, Evidence] | None:
    """What the settings name; where Django is not set up in that (a router of Channels), but in an
    ``asgi.py``, as its server would import it: that.
    """
    named = _named(tree, layout, settings, kind)
    if named and (kind == "wsgi" or tree.search(named[1], _STARTED)):
        return named[0], named[2]
    beside = _beside(tree, layout, settings, kind)
    if named and not (beside and tree.search(beside[1].path, _STARTED)):
        return named[0], named[2]
    return beside


def _named(
    tree: Tree, layout: Layout, settings: Settings, kind: str
) -> tuple[str, str, Evidence] | None:
    """What the settings name: the application, its file, and the line that does."""
    named = settings.get(f"{kind.upper()}_APPLICATION")
    if named.text and "." in named.text:
        module, _, name = named.text.rpartition(".")
        for folder in layout.paths:
            base = f"{folder}/{module.replace('.', '/')}".lstrip("/")
            for path in (f"{base}.py", f"{base}/__init__.py"):
                if tree.has(path):
                    return f"{module}:{name}", path, named.where or Evidence(path, 0, "")
    return None


def _beside(
    tree: Tree, layout: Layout, settings: Settings, kind: str
) -> tuple[str, Evidence] | None:
    """A ``wsgi.py`` or ``asgi.py``: of the settings' package before others, then the nearest."""
    top = settings.dotted.partition(".")[0]
    found = []
    packages = tuple(
        path for path in tree.named("__init__.py") if path.endswith(f"/{kind}/__init__.py")
    )
    for path in (*tree.named(f"{kind}.py"), *packages):
        start = f"{layout.source}/" if layout.source else ""
        inner = path.removeprefix(start)
        if not path.startswith(start) or inner.count("/") > 3:
            continue
        hit = tree.search(path, _APPLICATION)
        module = inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if hit is None or not all(part.isidentifier() for part in module.split(".")):
            continue
        name = hit[0][1] or hit[0][2]
        found.append((not inner.startswith(top), inner.count("/"), f"{module}:{name}", hit[1]))
    if not found:
        return None
    best = min(found, key=lambda one: one[:3])
    return best[2], best[3]


def _elsewhere(tree: Tree, layout: Layout, kind: str) -> tuple[str, Evidence] | None:
    """A module of any other name that asks Django for its application."""
    made = re.compile(_MADE % kind)
    start = f"{layout.source}/" if layout.source else ""
    for path in tree.under(layout.source, ".py"):
        inner = path.removeprefix(start)
        parts = inner.removesuffix(".py").removesuffix("/__init__").split("/")
        if len(parts) > 4 or any(aside(part) for part in parts):
            continue
        hit = tree.search(path, made) if all(part.isidentifier() for part in parts) else None
        if hit:
            later = tree.search(path, _APPLICATION)
            name = (later[0][1] or later[0][2]) if later else hit[0][1]
            return f"{'.'.join(parts)}:{name}", hit[1]
    return None


def _django(layout: Layout, *, asynchronous: bool) -> Decision:
    """Django's own function, which gunicorn calls: a project needs no module for it."""
    kind = "asgi" if asynchronous else "wsgi"
    name = f"django.core.{kind}:get_{kind}_application()"
    reason = "there is no wsgi.py and no asgi.py; Django makes the application of the settings"
    return Decision(kind, name, reason, layout.decision.evidence)


def _why_async(
    tree: Tree,
    settings: Settings,
    dependencies: Dependencies,
    asgi: tuple[str, Evidence] | None,
    file: str,
    facts: list[Decision],
) -> str:
    if asgi is None:
        return ""
    if _channels(settings) or any(tree.search(path, _ASYNC) for path in (file, asgi[1].path)):
        return "Channels, or a router of protocols, needs ASGI"
    servers = {str(fact.value) for fact in facts}
    for name in ("uvicorn", "daphne", "hypercorn", "granian"):
        if name in servers:
            return f"the project is served by {name} already"
    if not settings.get("WSGI_APPLICATION").text and settings.get("ASGI_APPLICATION").text:
        return "the settings name an ASGI application only"
    if dependencies.has("uvicorn") and not dependencies.has("gunicorn"):
        return "uvicorn is the server among its requirements"
    return ""


def _for_sockets(tree: Tree, dependencies: Dependencies, file: str) -> bool:
    """Whether an ASGI application is a router without http, which Channels 4 does not add."""
    text = tree.text(file) or ""
    channels = dependencies.get("channels")
    if channels is None or channels.url or _elder(channels):
        return False
    return bool(ROUTER.search(text)) and not _HTTP.search(text)


def _elder(channels: Needed) -> bool:
    """Whether a Channels before 4 may be installed."""
    if channels.pin:
        return channels.pin.partition(".")[0] in ("1", "2", "3")
    return any(map(channels.specifier.contains, ("2.4.0", "3.0.5", "3.99")))


def _channels(settings: Settings) -> bool:
    return bool({"channels", "daphne"} & set(settings.get("INSTALLED_APPS").texts))


def _server(tree: Tree, containers: Containers) -> list[Decision]:
    for path in (containers.procfile, *containers.dockerfiles, *containers.compose):
        hit = tree.search(path, _COMMAND) if path else None
        if hit:
            worker = "uvicorn" if "uvicorn" in hit[0][0].lower() else hit[0][1]
            return [Decision("server", worker, f"{path} starts it", (hit[1],))]
    return []
