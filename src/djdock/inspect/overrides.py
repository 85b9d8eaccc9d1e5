"""What settings fix that cannot be so in a container: each with the reason and the line."""

from __future__ import annotations

from collections.abc import Iterator

from djdock.inspect import assets
from djdock.inspect.database import Database
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.interpret.value import Value
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.services import PORTS, Service
from djdock.inspect.variables import FILES, SQLITE

LOCAL = ("", "localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - hosts that settings name
#: Settings that an override by their own kind changes; others have addresses that are looked for.
CHANGED = {"CACHES", "CHANNEL_LAYERS", "CELERY_BROKER_URL", "BROKER_URL", "CELERY_RESULT_BACKEND"}
#: Where the add-ons' volumes are.
VOLUMES = "/srv/"
OPEN = {"*", "localhost", ".localhost", "127.0.0.1"}

Found = tuple[str, str, Evidence | None]


def decide(settings: Settings, database: Database, services: list[Service]) -> list[Decision]:
    """The decision ``overrides``; none when the settings can be had as they are.

    ``settings`` are worked out in the environment that the stack gives them.
    """
    found = [
        *_database(settings, database),
        *_static(settings),
        *_debug(settings),
        *_hosts(settings),
        *_secret_key(settings),
        *_media(settings),
        *_https(settings),
        *_services(services),
        *_logging(settings),
        *_compress(settings),
    ]
    if not found:
        return []
    reason = "; ".join(f"{key}: {why}" for key, why, _ in found)
    where = tuple(dict.fromkeys(line for _, _, line in found if line is not None))
    return [Decision("overrides", tuple(dict.fromkeys(key for key, _, _ in found)), reason, where)]


def _database(settings: Settings, database: Database) -> Iterator[Found]:
    entry = settings.get("DATABASES").get("default")
    where = entry.where or settings.get("DATABASES").where
    if database.addon == "":
        return
    engine = entry.get("ENGINE").text or ""
    if not engine:
        yield "database", "what DATABASES comes to is not known", where
        return
    if "." not in engine:
        yield "database", f"the add-on's DATABASE_ENGINE makes the engine {engine!r}", where
        return
    if database.addon == "sqlite":
        name = entry.get("NAME").text
        if name not in (SQLITE, ":memory:"):
            yield (
                "database",
                "the SQLite file is in the image, which is read-only",
                entry.get("NAME").where or where,
            )
        return
    if entry.get("OPTIONS").get("sslmode").text in ("require", "verify-ca", "verify-full"):
        yield "database", "it wants TLS, which the stack's database does not speak", where
        return
    host = entry.get("HOST").text
    if host != "db":
        said = f"it is at {host!r}" if host is not None else "it has no host that is known"
        yield (
            "database",
            f"{said}, where the container has no database",
            entry.get("HOST").where or where,
        )


def _static(settings: Settings) -> Iterator[Found]:
    apps = settings.get("INSTALLED_APPS")
    if apps.known and "django.contrib.staticfiles" not in apps.texts:
        return
    root = settings.get("STATIC_ROOT")
    text = root.text
    if not settings.has("STATIC_ROOT") or (root.known and not text):
        yield "static_root", "there is no STATIC_ROOT to collect into", root.where or apps.where
    elif text is not None and not assets.in_image(text):
        yield "static_root", f"STATIC_ROOT is {text}, outside of the project", root.where


def _debug(settings: Settings) -> Iterator[Found]:
    debug = settings.get("DEBUG")
    if debug.truth:
        yield "debug", "DEBUG is on, whatever the environment says", debug.where


def _hosts(settings: Settings) -> Iterator[Found]:
    hosts = settings.get("ALLOWED_HOSTS")
    if not {"*", "127.0.0.1"} & set(hosts.texts):
        # `localhost` alone will not do: the address that is printed has the number.
        said = "is empty" if hosts.known and not hosts.items else "does not name this machine"
        said = said if settings.has("ALLOWED_HOSTS") else "is not there"
        yield "allowed_hosts", f"ALLOWED_HOSTS {said}, and DEBUG is off", hosts.where


def _secret_key(settings: Settings) -> Iterator[Found]:
    key: Value = settings.get("SECRET_KEY")
    if not settings.has("SECRET_KEY") or (key.known and not key.data):
        yield "secret_key", "there is no SECRET_KEY", key.where
    elif key.known and not key.names:
        yield "secret_key", "the key is in the source, for all who have that", key.where
    elif not key.known and not key.names:
        yield "secret_key", "a key that is made anew at each start logs everybody out", key.where


def _media(settings: Settings) -> Iterator[Found]:
    root = settings.get("MEDIA_ROOT")
    text = root.text
    if text and assets.in_image(text):
        yield "media_root", "uploads would go into the image, which is read-only", root.where
    elif text and not text.startswith(VOLUMES):
        yield "media_root", f"uploads would go to {text}, where no volume is", root.where
    elif text and f"{text}/".startswith(f"{FILES}/"):
        yield "media_root", "uploads go to the volume of what the site writes", root.where


def _https(settings: Settings) -> Iterator[Found]:
    """A redirect to where nobody answers: nothing in the stack ends TLS, until DJANGO_HTTPS says so."""
    redirect = settings.get("SECURE_SSL_REDIRECT")
    if redirect.truth:
        yield (
            "https",
            "every page redirects to https, and nothing in the stack ends TLS",
            redirect.where,
        )


def _services(services: list[Service]) -> Iterator[Found]:
    for one in services:
        key = {"CACHES": "cache", "CHANNEL_LAYERS": "channel_layers"}.get(one.setting, one.use)
        if key not in ("cache", "broker", "channel_layers") or one.setting not in CHANGED:
            key = "services"
        if one.fixed and (key != "services" or one.addon in PORTS.values()):
            yield key, f"{one.setting} names a server on this very machine", one.where


def _compress(settings: Settings) -> Iterator[Found]:
    """django-compressor that makes its files for each page anew: the image is read-only."""
    enabled, offline = settings.get("COMPRESS_ENABLED"), settings.get("COMPRESS_OFFLINE")
    off = settings.has("COMPRESS_ENABLED") and enabled.known and not enabled.truth
    asked = settings.has("COMPRESS_OFFLINE") and (offline.truth or not offline.known)
    if "compressor" in settings.get("INSTALLED_APPS").texts and not off and not asked:
        yield (
            "compress",
            "django-compressor would write into the image, which is read-only, as pages are asked for",
            enabled.where or offline.where or settings.get("INSTALLED_APPS").where,
        )


def _logging(settings: Settings) -> Iterator[Found]:
    """Handlers that write to files: the image is read-only."""
    logging = settings.get("LOGGING")
    if settings.starred and not logging.table:
        why = f"LOGGING may be that of {settings.starred[0]}, and files would be in the image"
        yield "logging", why, logging.where
        return
    for handler in logging.get("handlers").table.values():
        name = handler.get("filename")
        file = (handler.get("class").text or "").endswith("FileHandler")
        if file and (name.text or "") not in ("/dev/stdout", "/dev/stderr", "/dev/null"):
            yield (
                "logging",
                "LOGGING writes to a file in the image, which is read-only",
                handler.where or logging.where,
            )
            return
