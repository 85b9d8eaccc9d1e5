"""From CACHE_URL, or REDIS_HOST, REDIS_PORT and REDIS_DB, to Django's cache settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from config.env import Env

REDIS = ("redis", "rediss", "valkey", "valkeys", "unix")
TIMEOUT = 0.5  # seconds; a cache that takes longer is slower than doing without


def caches(env: Env) -> dict[str, dict[str, Any]]:
    """One cache. Without any of the variables it is Django's own, in each process's memory."""
    url = env.secret("CACHE_URL").strip() or _from_parts(env)
    if not url:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    scheme = urlsplit(url).scheme
    if scheme in REDIS:
        return {"default": _redis(url)}
    if scheme == "memcached":
        return {"default": _memcached(url)}
    raise ImproperlyConfigured(
        f"CACHE_URL begins with {scheme!r}; use redis://host:6379/0 or memcached://host:11211."
    )


def shared(settings: dict[str, dict[str, Any]]) -> bool:
    """Whether all processes of the site see the same cache."""
    return "locmem" not in settings["default"]["BACKEND"]


def _from_parts(env: Env) -> str:
    host = env.text("REDIS_HOST")
    if not host:
        return ""
    port = env.integer("REDIS_PORT", 6379, 1, 65535)
    return f"redis://{host}:{port}/{env.integer('REDIS_DB', 0, 0, 1_000_000)}"


def _redis(url: str) -> dict[str, Any]:
    # Valkey speaks the same protocol; redis-py does not know its name.
    return {
        "BACKEND": "config.forgiving.ForgivingRedisCache",
        "LOCATION": url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        "OPTIONS": {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT},
    }


def _memcached(url: str) -> dict[str, Any]:
    server = urlsplit(url).netloc
    if not server or "," in server:
        raise ImproperlyConfigured("CACHE_URL names no one server; write memcached://host:11211.")
    return {
        "BACKEND": "config.forgiving.ForgivingMemcache",
        "LOCATION": server if ":" in server else f"{server}:11211",
        "OPTIONS": {"connect_timeout": TIMEOUT, "timeout": TIMEOUT},
    }
