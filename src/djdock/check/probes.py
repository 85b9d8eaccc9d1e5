"""The part of `invoke check` that runs inside of web, by Django's own connections, caches and storages.

    python - OPTIONS < probes.py

OPTIONS is JSON: ``settings`` (the settings module), ``celery`` (where its application is, or ""),
``services`` (those that run), ``remove`` (a file of an earlier run: then nothing else is done). What is
found is printed as JSON, one object per line behind MARK, because a site may print things of its own.
Needs Python 3.10 and the site, neither djdock nor a shell. Whatever is written is removed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import socket
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

#: What an answer of a probe is made of: the server, what was done, and more.
Said = tuple[str, str, "dict[str, Any]"]

MARK = "djdock-check:"
NONCE = f"djdock-check-{uuid.uuid4().hex}"

#: How long a job may take from web to worker and back, and a metric to be fetched, in seconds.
JOB_TIMEOUT, SCRAPE_TIMEOUT = 15, 25


class Problem(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why, self.remedy = why, remedy


def tell(probe: str, host: str, ask: Callable[[], Said], **more: str) -> None:
    """Runs ``ask``, which returns (server, what it did, more), and prints how it went and how long."""
    began = time.perf_counter()
    found: dict[str, Any] = {"probe": probe, "host": host, "server": "", "ok": True, **more}
    try:
        found["server"], found["said"], extra = ask()
        found.update(extra)
    except Problem as problem:
        found.update(ok=False, why=problem.why, remedy=problem.remedy)
    except Exception as error:  # whatever a driver raises is the answer to the question
        lines = str(error).strip().splitlines() or [type(error).__name__]
        found.update(ok=False, why=lines[0], remedy="")
    found["ms"] = round(1000 * (time.perf_counter() - began), 1)
    print(MARK + json.dumps(found), flush=True)


# --- database --------------------------------------------------------------------------------------

VERSIONS = {
    "postgresql": "SHOW server_version",
    "mysql": "SELECT VERSION()",
    "sqlite": "SELECT sqlite_version()",
}


def databases() -> None:
    """Asks every database of the settings."""
    from django.db import connections

    for alias in connections:
        connection = connections[alias]
        if connection.vendor != "unknown":  # there is none: Django's dummy
            host = str(connection.settings_dict.get("HOST") or "")
            tell("database", host, partial(row, connection), alias=alias)


def row(connection: Any) -> Said:
    """Writes a row, reads it back, and takes both back."""
    from django.db import transaction
    from django.db.migrations.recorder import MigrationRecorder

    recorder = MigrationRecorder(connection)
    said = "answers; it has no table of Django's"
    with connection.cursor() as cursor:
        version = ""
        if connection.vendor in VERSIONS:
            cursor.execute(VERSIONS[connection.vendor])
            version = str(cursor.fetchone()[0])
    if recorder.has_table():
        # A table that every project has. The row is in a transaction that is never committed.
        with transaction.atomic(using=connection.alias):
            rows = recorder.migration_qs
            rows.create(app="djdock_check", name=NONCE)
            found = rows.filter(app="djdock_check", name=NONCE).count()
            rows.filter(app="djdock_check", name=NONCE).delete()
            transaction.set_rollback(True, using=connection.alias)
        if found != 1:
            raise Problem("the row that was written was not read back", "")
        said = "row written and read back"
    name = "mariadb" if "mariadb" in version.lower() else connection.vendor
    return f"{name} {version.split()[0].split('-')[0] if version else ''}".strip(), said, {}


# --- cache -----------------------------------------------------------------------------------------

#: They need no service.
OWN = ("LocMemCache", "DummyCache", "FileBasedCache")


def hosts(location: Any) -> list[tuple[str, int | None]]:
    """The (host, port) pairs in a cache's LOCATION: URLs or host:port, one or several."""
    many = location if isinstance(location, (list, tuple)) else [location]
    found = []
    for one in many:
        text = str(one or "").removeprefix("unix:")
        with contextlib.suppress(ValueError):
            parts = urlsplit(text if "://" in text else f"//{text}")
            if parts.hostname:
                found.append((parts.hostname, parts.port))
    return found


def caches() -> None:
    """Asks every cache of the settings that needs a service."""
    from django.conf import settings
    from django.core.cache import caches as every

    for alias, config in settings.CACHES.items():
        if str(config["BACKEND"]).rsplit(".", 1)[-1] in OWN:
            continue
        found = hosts(config.get("LOCATION"))
        host = found[0][0] if found else ""
        tell("cache", host, partial(key, every[alias], found), alias=alias)


def key(cache: Any, found: list[tuple[str, int | None]]) -> Said:
    """Writes a key, reads it back and deletes it."""
    for host, port in found:
        if port:
            reach(host, port)
    cache.set(NONCE, NONCE, 60)
    try:
        same = cache.get(NONCE) == NONCE
    finally:
        cache.delete(NONCE)
    if not same:
        raise Problem("the key that was written was not read back", "")
    version = ""
    with contextlib.suppress(Exception):  # only Redis has a way to ask, and it is not public
        info = cache._cache.get_client().info("server")
        version = f"valkey {info['valkey_version']}" if "valkey_version" in info else ""
        version = version or f"redis {info['redis_version']}"
    return version, "key written and read back", {}


def reach(host: str, port: int) -> None:
    """A cache that forgives would not say why it misses."""
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError as error:
        why = f"{host}:{port} cannot be reached: {error.strerror or error}"
        raise Problem(why, "") from None


# --- jobs ------------------------------------------------------------------------------------------


def celery_app(name: str, settings: str) -> Any:
    """The Celery application of the site; None if there is none."""
    with contextlib.suppress(Exception):
        from celery.app.utils import find_app

        return find_app(name or os.environ.get("CELERY_APP") or settings.split(".")[0])
    return None


def jobs(options: dict[str, Any]) -> None:
    """Asks the broker and the workers, where the site has a Celery application."""
    app = celery_app(options["celery"], options["settings"])
    broker = str(app.conf.broker_write_url or "") if app else ""
    if broker:
        tell("job", urlsplit(broker).hostname or "", partial(job, app))


def job(app: Any) -> Said:
    """Sends a job through the broker, and waits for what a worker sends back."""
    import kombu

    # Every worker knows celery.accumulate, which returns its arguments. Its result is sent by the
    # worker, as the next job of a chain, into a queue that nobody but this has, and that goes with us.
    exchange = kombu.Exchange("amq.direct", type="direct")
    queue = kombu.Queue(NONCE, exchange, NONCE, durable=False, exclusive=True, auto_delete=True)
    back: list[Any] = []
    try:
        connection = app.connection_for_write(connect_timeout=3)
        connection.ensure_connection(max_retries=1, interval_start=0.1)
    except Exception as error:
        raise Problem(f"the broker does not answer: {error}", "") from None
    with connection:
        channel = connection.default_channel
        with kombu.Consumer(channel, [queue], on_message=back.append, no_ack=True):
            answer = app.signature(
                "celery.accumulate", options={"exchange": exchange.name, "routing_key": NONCE}
            )
            app.signature("celery.accumulate", args=[NONCE]).apply_async(
                link=answer, expires=JOB_TIMEOUT, retry=False, ignore_result=True
            )
            until = time.monotonic() + JOB_TIMEOUT
            while not back and time.monotonic() < until:
                with contextlib.suppress(socket.timeout):
                    connection.drain_events(timeout=1)
        server = urlsplit(connection.as_uri()).scheme
        with contextlib.suppress(Exception):  # AMQP's servers say what they are
            about = connection.connection.server_properties
            server = f"{about['product']} {about['version']}".lower()
    if not back:
        raise Problem(
            f"no worker did the job in {JOB_TIMEOUT} s", "`invoke logs worker` shows what it does."
        )
    if NONCE not in str(back[0].body):
        raise Problem("the worker's answer is to another question", "")
    return server, "job done by a worker, answer read back", {}


# --- files -----------------------------------------------------------------------------------------


def files(options: dict[str, Any]) -> None:
    """Names a static file and writes a media file, for the outside to ask for."""
    from django.apps import apps
    from django.conf import settings

    root = getattr(settings, "STATIC_ROOT", None)
    if apps.is_installed("django.contrib.staticfiles"):
        if settings.DEBUG:
            tell("static", "", source)
        elif root and Path(root).is_dir():
            tell("static", "", static)
    if options["media"]:
        tell("media", "", media)


def static() -> Said:
    """A file that is collected: where it is served, and what it has."""
    from django.contrib.staticfiles.storage import staticfiles_storage as storage

    names = sorted(getattr(storage, "hashed_files", {})) or every_file(storage.location)
    name = next((n for n in names if n.endswith((".css", ".js"))), names[0] if names else "")
    if not name:
        raise Problem("no static file has been collected", "`invoke up --build` collects them.")
    stored = getattr(storage, "stored_name", str)(name)
    with storage.open(stored) as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return "", "served as it was collected", {"url": storage.url(name), "sha256": digest}


def source() -> Said:
    """A file as a site under development serves it: from where it is found, uncollected."""
    from django.contrib.staticfiles import finders
    from django.contrib.staticfiles.storage import staticfiles_storage as storage

    found = {name: where for one in finders.get_finders() for name, where in one.list([])}
    name = next((n for n in sorted(found) if n.endswith((".css", ".js"))), next(iter(found), ""))
    if not name:
        raise Problem("no app has a static file", "")
    with found[name].open(name) as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return "", "served as it is in the source", {"url": storage.url(name), "sha256": digest}


def every_file(root: str) -> list[str]:
    """The files below a folder, as relative names."""
    found = (path for path in Path(root).rglob("*") if path.is_file())
    return sorted(path.relative_to(root).as_posix() for path in found)


def media() -> Said:
    """Writes a file into the site's storage; the caller has it removed."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    content = NONCE.encode()
    try:
        name = default_storage.save(f"{NONCE}.txt", ContentFile(content))
    except OSError as error:
        why = f"MEDIA_ROOT cannot be written: {error.strerror or error}"
        raise Problem(why, "Let the settings take MEDIA_ROOT from DJANGO_MEDIA_ROOT.") from None
    digest = hashlib.sha256(content).hexdigest()
    found = {"url": default_storage.url(name), "sha256": digest, "remove": name}
    return "", "written, and served", found


# --- metrics ---------------------------------------------------------------------------------------


def fetch(url: str) -> str:
    """A page of the stack's own network, without the environment's proxies."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        return str(answer.read().decode())


def metric(port: str) -> Said:
    """Makes a request, and looks whether web counts it and Prometheus fetches that."""
    # gunicorn listens for Prometheus at a port that is not published.
    url = f"http://127.0.0.1:{os.environ.get('METRICS_PORT') or port}/metrics"
    try:
        before = fetch(url)
        with contextlib.suppress(OSError):  # a 404 counts, too
            fetch(f"http://127.0.0.1:{port}/djdock-check")
        after = fetch(url)
    except OSError as error:
        raise Problem(
            f"web does not answer /metrics: {error}", "Add prometheus_client to the site."
        ) from None
    if before == after:
        raise Problem("/metrics did not change with a request", "Count requests in a middleware.")
    until = time.monotonic() + SCRAPE_TIMEOUT
    version = json.loads(fetch("http://prometheus:9090/api/v1/status/buildinfo"))["data"]["version"]
    why = "it does not know web yet"
    while time.monotonic() < until:
        targets = json.loads(fetch("http://prometheus:9090/api/v1/targets?state=active"))
        ours = [t for t in targets["data"]["activeTargets"] if t["labels"].get("job") == "web"]
        if ours and all(target["health"] == "up" for target in ours):
            return f"prometheus {version}", "request counted, and web fetched", {}
        why = next((t["lastError"] for t in ours if t["lastError"]), why)
        time.sleep(0.5)
    raise Problem(f"Prometheus cannot fetch web's metrics: {why}", "")


def main() -> None:
    """Runs the probes, or removes what an earlier run has left on purpose."""
    options = json.loads(sys.argv[1])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", options["settings"])
    sys.path.insert(0, str(Path.cwd()))
    importlib.import_module("django").setup()
    if options.get("remove"):
        from django.core.files.storage import default_storage

        default_storage.delete(options["remove"])
        return
    databases()
    caches()
    jobs(options)
    files(options)
    if "prometheus" in options["services"]:
        port = os.environ.get("PORT") or "8000"
        tell("metric", "prometheus", partial(metric, port))


if __name__ == "__main__":
    main()
