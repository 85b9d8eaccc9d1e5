"""Redis, memcached, RabbitMQ: what caches, brokers, channels and queues of the settings want."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from djdock.inspect.dependencies import Dependencies
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.interpret.value import NOTHING, Value
from djdock.inspect.model import Decision, Evidence, Problem
from djdock.inspect.tree import Tree

#: Settings that name a service, by what it is for.
SETTINGS = {
    "CACHES": "cache", "CELERY_BROKER_URL": "broker", "BROKER_URL": "broker",
    "CELERY_RESULT_BACKEND": "broker",
    "CHANNEL_LAYERS": "channels", "RQ_QUEUES": "queue", "HUEY": "queue", "Q_CLUSTER": "queue",
    "DRAMATIQ_BROKER": "broker", "CONSTANCE_REDIS_CONNECTION": "cache", "REDIS_URL": "cache",
    "CACHEOPS_REDIS": "cache", "REDIS_HOST": "cache", "THUMBNAIL_REDIS_URL": "cache",
}  # fmt: skip

#: What names a service in a value.
SERVICES = (
    ("redis", re.compile(r"(?i)redis|valkey")),
    ("rabbitmq", re.compile(r"(?i)^(py)?amqps?://|rabbitmq")),
    ("memcached", re.compile(r"(?i)(?<!loc)memcache|pylibmc")),
)

#: Distributions that talk to an add-on.
CLIENTS = {
    "redis": ("redis", "django-redis", "channels-redis", "valkey", "django-rq", "huey"),
    "memcached": ("pymemcache", "pylibmc", "python-memcached"),
    "rabbitmq": ("pika", "kombu", "celery"),
}

#: Services that no add-on is for; their settings, and the distributions that talk to them.
LACKING = {
    "MongoDB": ("djongo", "mongoengine", "pymongo-inmemory", "django-mongodb-backend"),
    "Oracle": ("cx-oracle",),
}
SEARCH = re.compile(r"(?i)elasticsearch|opensearch|solr")


@dataclass(frozen=True)
class Service:
    """An add-on that a setting wants; ``fixed`` when it names a machine itself, by no variable."""

    addon: str
    use: str
    setting: str
    where: Evidence
    names: frozenset[str]
    fixed: bool = False


def find(settings: Settings) -> list[Service]:
    """Every service that a setting wants."""
    found = []
    for name, use in SETTINGS.items():
        value = settings.get(name)
        texts = list(_texts(value))
        for addon, pattern in SERVICES:
            hits = [text for text in texts if pattern.search(text)]
            names = value.every_name()
            named = addon in ("redis", "memcached") and not texts and any(
                pattern.search(one) for one in names)  # fmt: skip
            if hits or named:
                local = any(re.search(r"localhost|127\.0\.0\.1", text) for text in texts)
                where = value.where or Evidence(settings.path, 0, "")
                found.append(Service(addon, use, name, where, names, local and not names))
                break
        else:
            found += [replace(one, use=use) for one in _addressed(settings, name, value)]
    for name, value in settings.values.items():
        if name.isupper() and name not in SETTINGS:
            found += _addressed(settings, name, value)
    return found


#: The ports that add-ons answer on, and addresses that say which one they are of.
PORTS = {"6379": "redis", "11211": "memcached"}
_ADDRESS = re.compile(r"^(?P<redis>(redis|rediss|valkey)://)|:(?P<port>6379|11211)\b")
_HERE = re.compile(r"^(\w+://)?([^/@\s]*@)?(localhost|127\.0\.0\.1|\[?::1\]?)([:/?,]|$)")


def _addressed(settings: Settings, name: str, value: Value) -> list[Service]:
    """The services that a setting of any name has the addresses of: Redis's URL, a host and its port."""
    found: dict[str, tuple[Value, str]] = {}
    for one, addon, host in _addresses(value):
        if addon not in found or _HERE.match(host):
            found[addon] = (one, host)
    return [
        Service(
            addon,
            "services",
            name,
            one.where or value.where or Evidence(settings.path, 0, ""),
            value.every_name(),
            bool(_HERE.match(host)) and not one.every_name(),
        )
        for addon, (one, host) in found.items()
    ]


def _addresses(value: Value, depth: int = 5) -> Iterator[tuple[Value, str, str]]:
    """Each address in a value, its add-on, and the host or URL."""
    if isinstance(value.data, str):
        hit = _ADDRESS.search(value.data[:300])
        if hit:
            yield value, "redis" if hit["redis"] else PORTS[hit["port"]], value.data
    if depth == 0:
        return
    table = {str(key).lower(): one for key, one in value.table.items()}
    host, port = table.get("host", NOTHING), str(table.get("port", NOTHING).data)
    if isinstance(host.data, str) and port in PORTS:
        yield host, PORTS[port], host.data
    items = value.items
    if len(items) == 2 and isinstance(items[0].data, str) and str(items[1].data) in PORTS:
        yield items[0], PORTS[str(items[1].data)], items[0].data
    for inner in (*items, *value.table.values()):
        yield from _addresses(inner, depth - 1)


def _texts(value: Value, depth: int = 6) -> list[str]:
    if isinstance(value.data, (str, PurePosixPath)):
        return [str(value.data)]
    if depth == 0:
        return []
    return [
        text for one in (*value.items, *value.table.values()) for text in _texts(one, depth - 1)
    ]


def required(settings: Settings) -> list[Service]:
    """Services whose variables the settings cannot do without."""
    found = []
    for read in settings.reads:
        for addon, pattern in SERVICES:
            default = read.default.text if read.default is not None else None
            if (read.required and pattern.search(read.name)) or (
                default and pattern.search(default)
            ):
                found.append(Service(addon, "other", read.name, read.where, frozenset({read.name})))
    return found


def _brokers(
    settings: Settings, dependencies: Dependencies, known: Iterable[Service]
) -> list[Service]:
    """The broker whose whole address is a variable without a default: one that has its client there."""
    addressed = {name for one in known for name in one.names}
    addon = "redis" if dependencies.has(*CLIENTS["redis"]) else "rabbitmq"
    found = []
    for setting in ("CELERY_BROKER_URL", "BROKER_URL", "CELERY_RESULT_BACKEND"):
        value = settings.get(setting)
        if not value.known and len(value.names) == 1 and not value.names & addressed:
            where = value.where or Evidence(settings.path, 0, "")
            found.append(Service(addon, "broker", setting, where, value.names))
    return found if dependencies.has("celery") else []


def _composed(images: Iterable[tuple[str, Evidence]], dependencies: Dependencies) -> list[Decision]:
    """Add-ons that the project's own Compose file has, and a client of which is required: code that no
    setting tells of may talk to them.
    """
    found = []
    for image, where in images:
        name = image.rpartition("/")[2].partition(":")[0]
        for addon, clients in CLIENTS.items():
            if re.match(addon if addon != "redis" else "redis|valkey", name) and any(
                map(dependencies.has, clients)
            ):
                found.append(
                    Decision("addons", (addon,), "the project's Compose file has it", (where,))
                )
    return found


def decide(
    settings: Settings,
    dependencies: Dependencies,
    images: Iterable[tuple[str, Evidence]] = (),
) -> tuple[list[Decision], list[Problem], list[Service]]:
    """The add-ons beside the database, and what has none."""
    services = [*find(settings), *required(settings)]
    services += _brokers(settings, dependencies, services)
    decisions: dict[str, Decision] = {}
    for one in services:
        decisions.setdefault(
            one.addon, Decision("addons", (one.addon,), f"{one.setting} wants it", (one.where,))
        )
    for made in _composed(images, dependencies):
        decisions.setdefault(str(next(iter(made.value))), made)
    problems = []
    for what, names in LACKING.items():
        hit = next((found for name in names if (found := dependencies.get(name))), None)
        if hit is not None:
            problems.append(
                Problem(
                    f"The site needs {what} ({hit.name}), and djdock has no add-on for it.",
                    "An add-on of your own goes into docker/addons (docs/addons.md).",
                    (hit.where,),
                    fatal=False,
                )
            )
    for name in (
        "HAYSTACK_CONNECTIONS",
        "ELASTICSEARCH_DSL",
        "ELASTICSEARCH_URL",
        "WAGTAILSEARCH_BACKENDS",
    ):
        value = settings.get(name)
        if any(SEARCH.search(text) for text in _texts(value)):
            problems.append(
                Problem(
                    f"{name} names a search server, which no add-on is for: searching will fail.",
                    "An add-on of your own goes into docker/addons (docs/addons.md).",
                    (value.where,) if value.where else (),
                )
            )
    problems += [
        Problem(
            f"{one.setting} names a server on this very machine, which a container does not reach.",
            f"Read it from the environment, with {one.addon} as its host.",
            (one.where,),
        )
        for one in services
        if one.fixed and one.use == "queue" and one.addon not in PORTS.values()
    ]
    return list(decisions.values()), problems, services


def celery(tree: Tree, source: str) -> list[Decision]:
    """The decision ``celery``: the module of the Celery application."""
    for path in tree.named("celery.py") + tree.named("celery_app.py"):
        hit = tree.search(path, re.compile(r"(?m)^\s*(\w+)\s*=\s*(?:\w+\.)*Celery\("))
        inside = path.startswith(f"{source}/") if source else True
        if hit and inside:
            inner = path.removeprefix(f"{source}/") if source else path
            module = inner.removesuffix(".py").replace("/", ".")
            return [
                Decision(
                    "celery", module, f"it makes the Celery application `{hit[0][1]}`", (hit[1],)
                )
            ]
    return []
