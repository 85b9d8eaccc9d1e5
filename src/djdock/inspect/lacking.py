"""What the settings import and name, that the chosen requirements lack and the project names elsewhere.

The sandbox of a package has its packages among the extras for tests; production's settings may need what
another file of requirements has. Only what the project itself names is added, nothing is guessed; but
for the backends of caches and channel layers, without which no settings can be used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from djdock.inspect import imported, locks, pathing, requirements
from djdock.inspect.dependencies import Dependencies
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.layout import Layout
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.requirement import Needed
from djdock.inspect.tree import Tree, join

#: Files of requirements that are looked through.
MOST = 12


#: What a backend's name begins with -> its distribution.
BACKENDS = {
    "django_redis.": "django-redis",
    "redis_cache.": "django-redis-cache",
    "channels_redis.": "channels-redis",
    "django.core.cache.backends.redis.": "redis",
    "django.core.cache.backends.memcached.PyMemcacheCache": "pymemcache",
}


def decide(tree: Tree, where: Layout, final: Settings, needed: Dependencies) -> list[Decision]:
    """The decision ``packages`` for them; none where nothing is lacking or required."""
    if not needed.path:
        return []
    offered = _offered(tree, where, needed)
    found: dict[str, Needed] = {}
    for module, _ in _modules(final):
        if module in sys.stdlib_module_names or any(
            pathing.file_of(tree, folder, module) for folder in where.paths
        ):
            continue
        names = _names(module)
        # A server that starts the site is decided on elsewhere.
        if not needed.has(*names) and not {"gunicorn", "uvicorn"} & {*names}:
            one = next((offered[name] for name in names if name in offered), None)
            if one is not None:
                found[one.name] = one
    for name, line in _backends(final):
        if not needed.has(name):
            found.setdefault(name, offered.get(name, Needed(name, where=line)))
    if not found:
        return []
    texts = tuple(_text(one) for one in found.values())
    reason = f"the settings need {', '.join(found)}, which {needed.path} lacks"
    return [Decision("packages", texts, reason, tuple(one.where for one in found.values()))]


def _modules(final: Settings) -> Iterator[tuple[str, Evidence]]:
    """The first names of modules that are loaded with the settings, and where they are named."""
    yield from (final.imported or {}).items()
    for setting in ("INSTALLED_APPS", "MIDDLEWARE"):
        value = final.get(setting)
        for text in value.texts:
            yield str(text).partition(".")[0], value.where or Evidence(final.path, 0, setting)
    for entry in final.get("HAYSTACK_CONNECTIONS").table.values():
        # Haystack's engines need the search engine's own package.
        for word in ("whoosh", "elasticsearch", "pysolr"):
            if word.removeprefix("py") in (entry.get("ENGINE").text or ""):
                yield word, entry.where or Evidence(final.path, 0, word)


def _backends(final: Settings) -> Iterator[tuple[str, Evidence]]:
    """The distributions of the backends that caches and channel layers name, each with its line."""
    for setting in ("CACHES", "CHANNEL_LAYERS"):
        for entry in final.get(setting).table.values():
            backend = entry.get("BACKEND")
            for start, name in BACKENDS.items():
                if (backend.text or "").startswith(start):
                    yield name, backend.where or Evidence(final.path, 0, setting)


def _names(module: str) -> tuple[str, ...]:
    """The distributions that a module may be of."""
    plain = canonicalize_name(module)
    table = imported.TABLE.get(module, "").partition("[")[0]
    names = [table, plain, f"django-{plain}", plain.removeprefix("django-")]
    if module == "psycopg2":
        names.append("psycopg2")
    return tuple(dict.fromkeys(name for name in names if name))


def _offered(tree: Tree, where: Layout, needed: Dependencies) -> dict[str, Needed]:
    """What the project names beside the requirements that were chosen."""
    found: dict[str, Needed] = {}
    for folder in dict.fromkeys((where.source, "")):
        project = locks.pyproject(tree, join(folder, "pyproject.toml"))
        for given in (project.extras or {}, project.groups or {}):
            for several in given.values():
                _add(found, several)
    others = tuple(f"{folder}/" for folder in where.foreign)
    paths = requirements.candidates(tree, where.source)
    for path in [one for one in paths if not one.startswith(others)][:MOST]:
        if path != needed.path:
            _add(found, requirements.read(tree, path).needed)
    return found


def _add(found: dict[str, Needed], several: list[Needed] | tuple[Needed, ...]) -> None:
    for one in several:
        if not one.url:
            found.setdefault(one.name, one)


def _text(one: Needed) -> str:
    extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
    return f"{one.name}{extras}{one.specifier}"
