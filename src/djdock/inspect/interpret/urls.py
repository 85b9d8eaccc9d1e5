"""DATABASE_URL and CACHE_URL, as dj-database-url, django-environ and django-cache-url read them."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

#: Schemes, and the engines that they stand for: https://github.com/jazzband/dj-database-url
ENGINES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "psql": "django.db.backends.postgresql",
    "pgsql": "django.db.backends.postgresql",
    "postgis": "django.contrib.gis.db.backends.postgis",
    "mysql": "django.db.backends.mysql",
    "mysql2": "django.db.backends.mysql",
    "mysqlgis": "django.contrib.gis.db.backends.mysql",
    "mysql-connector": "mysql.connector.django",
    "sqlite": "django.db.backends.sqlite3",
    "sqlite3": "django.db.backends.sqlite3",
    "spatialite": "django.contrib.gis.db.backends.spatialite",
    "oracle": "django.db.backends.oracle",
    "oraclegis": "django.contrib.gis.db.backends.oracle",
    "mssql": "mssql",
    "mssqlms": "mssql",
    "redshift": "django_redshift_backend",
    "cockroach": "django_cockroachdb",
    "timescale": "timescale.db.backends.postgresql",
}

_CACHES = {
    "redis": "django.core.cache.backends.redis.RedisCache",
    "rediss": "django.core.cache.backends.redis.RedisCache",
    "rediscache": "django.core.cache.backends.redis.RedisCache",
    "memcached": "django.core.cache.backends.memcached.PyMemcacheCache",
    "pymemcache": "django.core.cache.backends.memcached.PyMemcacheCache",
    "pymemcached": "django.core.cache.backends.memcached.PyMemcacheCache",
    "pylibmc": "django.core.cache.backends.memcached.PyLibMCCache",
    "locmem": "django.core.cache.backends.locmem.LocMemCache",
    "locmemcache": "django.core.cache.backends.locmem.LocMemCache",
    "dummy": "django.core.cache.backends.dummy.DummyCache",
    "dummycache": "django.core.cache.backends.dummy.DummyCache",
    "db": "django.core.cache.backends.db.DatabaseCache",
    "dbcache": "django.core.cache.backends.db.DatabaseCache",
    "file": "django.core.cache.backends.filebased.FileBasedCache",
    "filecache": "django.core.cache.backends.filebased.FileBasedCache",
}


def database(url: str) -> dict[str, object]:
    """An entry of DATABASES. Raises ValueError when it is no URL."""
    if not url:
        return {}
    parts = urlsplit(url)
    engine = ENGINES.get(parts.scheme.partition("+")[0], parts.scheme)
    if engine.endswith(("sqlite3", "spatialite")):
        # sqlite:///db.sqlite3 is relative, sqlite:////data/db.sqlite3 is not.
        name = url.partition("://")[2].partition("?")[0]
        return {"ENGINE": engine, "NAME": unquote(name.removeprefix("/")) or ":memory:"}
    return {
        "ENGINE": engine,
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
    }


def cache(url: str) -> dict[str, object]:
    """An entry of CACHES. Raises ValueError when it is no URL."""
    parts = urlsplit(url)
    backend = _CACHES.get(parts.scheme.partition("+")[0], parts.scheme)
    location = url if parts.scheme.startswith("redis") else parts.netloc or parts.path
    return {"BACKEND": backend, "LOCATION": location}
