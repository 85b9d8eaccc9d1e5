"""Caches that are missed when their server is away: a page takes longer then, and fails no request.

Django's own backends let the connection's error through, and so every page that reads a session would
be a 500. After a failure the server is left alone for a while: else each request would wait for it.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from django.core.cache.backends.memcached import PyMemcacheCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


PAUSE = 5.0  # seconds


class Circuit:
    """Whether the server may be asked; shared by a process's threads. Each change is logged once."""

    def __init__(self) -> None:
        self.closed_until = 0.0
        self.failures = 0
        self.is_away = False

    def may_ask(self) -> bool:
        return time.monotonic() >= self.closed_until

    def failed(self, error: Exception) -> None:
        self.closed_until = time.monotonic() + PAUSE
        self.failures += 1
        if not self.is_away:
            self.is_away = True
            logger.warning("the cache is away, the site goes on without: %s", error)

    def answered(self) -> None:
        if self.is_away:
            self.is_away = False
            logger.info("the cache is back")


class Forgiving:
    """Mixed into a backend: what it cannot do for want of its server is answered as a miss."""

    circuit: Circuit
    errors: tuple[type[Exception], ...]

    def forgive(self, ask: Callable[[], Any], otherwise: Any) -> Any:
        if not self.circuit.may_ask():
            return otherwise
        before = self.circuit.failures
        try:
            answer = ask()
        except self.errors as error:
            self.circuit.failed(error)
            return otherwise
        if (
            self.circuit.failures == before
        ):  # some ask by way of another, which has forgiven already
            self.circuit.answered()
        return answer

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self.forgive(lambda: super(Forgiving, self).add(*args, **kwargs), False)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self.forgive(lambda: super(Forgiving, self).get(key, default, version), default)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self.forgive(lambda: super(Forgiving, self).set(*args, **kwargs), None)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self.forgive(lambda: super(Forgiving, self).touch(*args, **kwargs), False)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self.forgive(lambda: super(Forgiving, self).delete(*args, **kwargs), False)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return self.forgive(lambda: super(Forgiving, self).get_many(*args, **kwargs), {})

    def set_many(self, data: dict[str, Any], *args: Any, **kwargs: Any) -> list[str]:
        return self.forgive(
            lambda: super(Forgiving, self).set_many(data, *args, **kwargs), list(data)
        )

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self.forgive(lambda: super(Forgiving, self).delete_many(*args, **kwargs), None)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return self.forgive(lambda: super(Forgiving, self).has_key(*args, **kwargs), False)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        missing = object()
        found = self.forgive(lambda: super(Forgiving, self).incr(key, delta, version), missing)
        if found is missing:  # as Django has it for a key that is not there
            raise ValueError(f"Key '{key}' not found.")
        return found

    def clear(self) -> Any:
        return self.forgive(super().clear, None)


class _OneTry(RedisCacheClient):
    """redis-py by itself tries again for seconds; a pool's stale connection is worth one try more."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        super().__init__(servers, retry=Retry(NoBackoff(), 1), **options)


class ForgivingRedisCache(Forgiving, RedisCache):
    circuit = Circuit()

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        from redis.exceptions import RedisError

        super().__init__(server, params)
        self._class = _OneTry
        # With RedisError: it may also say that it is loading, read-only, or out of memory.
        self.errors = (RedisError, OSError)


class ForgivingMemcache(Forgiving, PyMemcacheCache):
    circuit = Circuit()

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        from pymemcache import Client
        from pymemcache.exceptions import MemcacheError

        super().__init__(server, params)
        # Django's choice spreads keys over several servers, and keeps its own account of those that are
        # away, by which a miss cannot be told from a failure.
        self._class = lambda servers, **options: Client(servers[0], **options)
        self.errors = (MemcacheError, OSError)
