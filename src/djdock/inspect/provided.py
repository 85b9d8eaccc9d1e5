"""What the add-ons themselves set in the site's environment: docker/addons/*.yaml says the same."""

from __future__ import annotations

from collections.abc import Iterable

_SERVER = {
    "DATABASE_HOST": "db",
    "DATABASE_NAME": "${DATABASE_NAME}",
    "DATABASE_USERNAME": "${DATABASE_USERNAME}",
    "DATABASE_PASSWORD": "${DATABASE_PASSWORD}",
}

#: By add-on: it wins over what .env says.
ADDONS = {
    "postgres": {**_SERVER, "DATABASE_ENGINE": "postgresql", "DATABASE_PORT": "5432"},
    "mysql": {**_SERVER, "DATABASE_ENGINE": "mysql", "DATABASE_PORT": "3306"},
    "sqlite": {
        "DATABASE_ENGINE": "sqlite3",
        "DATABASE_NAME": "/srv/sqlite/db.sqlite3",
        "DATABASE_HOST": "",
    },
    "redis": {
        "REDIS_HOST": "redis",
        "REDIS_PORT": "6379",
        "REDIS_DB": "0",
        "CACHE_URL": "redis://redis:6379/0",
    },
    "memcached": {"CACHE_URL": "memcached://memcached:11211"},
    "rabbitmq": {
        "CELERY_BROKER_URL": "amqp://${RABBITMQ_USERNAME}:${RABBITMQ_PASSWORD}@rabbitmq:5672//"
    },
}


def variables(addons: Iterable[str]) -> dict[str, str]:
    """The variables of these add-ons; a later one wins."""
    found: dict[str, str] = {}
    for name in addons:
        found.update(ADDONS.get(name, {}))
    return found
