"""A variant as something to measure: its image, and how the image is run and asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from djdock import env
from djdock.config import Config
from djdock.images import build


@dataclass(frozen=True)
class Subject:
    """One variant. ``bases`` are the images of its Dockerfile that a stand-in may have to replace."""

    variant: str
    image: str
    dockerfile: str
    bases: tuple[str, ...] = ()
    port: int = 8000
    health_path: str = "/healthz"
    load_path: str = "/healthz"
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def subject(config: Config, variant: str) -> Subject:
    """The variant of this project.

    Its container gets what every Django site needs, an empty SQLite database, and what the project
    says of a variant that it names, which wins.
    """
    table, named = config.table, config.named(variant)
    health_path = named.health_path if named else table.health_path
    return Subject(
        variant,
        config.image(variant),
        dockerfile=config.dockerfile(variant),
        bases=build.bases(config, variant),
        port=named.port if named else 8000,
        health_path=health_path,
        load_path=table.load_path or health_path,
        environment={
            **ENVIRONMENT,
            "DJANGO_SECRET_KEY": env.generate(),
            **(named.environment if named else {}),
        },
    )


#: Two processes for all, whatever the machine has: more cpus must not make images look larger.
ENVIRONMENT = {
    "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
    "DATABASE_ENGINE": "sqlite3",
    "DATABASE_NAME": "/tmp/db.sqlite3",  # noqa: S108 - in the container
    "WEB_CONCURRENCY": "2",
}
