"""The official images that have stand-ins, the stand-ins' recipes, and which images are here.

Adding one takes a folder in ``docker/bases``, a target in ``docker-bake.hcl`` there, and a line in
:data:`BASES`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import djdock
from djdock import engine
from djdock.errors import DjdockError, one_of
from djdock.images.registry import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from djdock.shell import Shell

#: The label that carries the digest of the recipe that an image was built from.
LABEL = "io.djdock.recipe"

#: Raised when the code here changes what comes out of the same recipes.
RECIPE_VERSION = "1"

#: The Python of an image that names none: `python:3-slim`, `python:latest`.
DEFAULT = "3.13"


@dataclass(frozen=True)
class Base:
    """An official image that has a stand-in."""

    name: str
    official: str
    standin: str
    #: The name of the base that it is built on; a root has none, and is made by mmdebstrap.
    parent: str = ""
    #: Other names of the same official image.
    also: tuple[str, ...] = ()
    #: The folders of docker/bases that make up its recipe.
    recipe: tuple[str, ...] = ()
    #: Repositories with the versions that it stands for as well: redis:8 is also redis:8.2-trixie.
    versions: tuple[str, ...] = ()
    #: The same, of images that hold something else; ``instead`` says what one gets.
    others: tuple[str, ...] = ()
    instead: str = ""
    #: Built by `invoke bases` in every project; an add-on's only where it is one of the stack's.
    core: bool = False

    @property
    def suite(self) -> str:
        """The Debian release that a root is made of: trixie of debian:trixie-slim."""
        return self.official.partition(":")[2].removesuffix("-slim")

    def difference(self, official: str) -> str:
        """What one gets in the place of an official image that holds something else; else empty."""
        exact = canonical(official) in (self.official, *self.also)
        if exact or _covers(self.versions, official):
            return ""
        if self.name.startswith("python") and _covers(self.versions, _of_python(official)):
            named = re.match(r"python:3\.", canonical(official))
            return (
                f"{self.instead.partition(',')[0]}, "
                + ("in the patch release that Debian has" if named else "djdock's default")
            )  # fmt: skip
        return self.instead

    def stands_for(self, official: str) -> bool:
        """Whether this is used where that image is named and cannot be had."""
        exact = canonical(official) in (self.official, *self.also)
        # What a Dockerfile installs in Alpine's way, Debian cannot; and slim stays slim.
        other = self.name.startswith("python") and (
            "alpine" in official or ("slim" in official) != ("slim" in self.official)
        )
        if self.name.startswith("python"):
            official = _of_python(official)
        return exact or (not other and _covers((*self.versions, *self.others), official))


def _covers(versions: Iterable[str], official: str) -> bool:
    """Whether an image is one of these versions, or a closer description of one."""
    image = canonical(official)
    return any(
        image == version or image.startswith((f"{version}.", f"{version}-")) for version in versions
    )


def _of_python(official: str) -> str:
    """A Python's image by its minor version: without patch release and digest."""
    image = canonical(official).partition("@")[0]
    image = re.sub(r"^(python:3\.\d+)\.\d+(?=-|$)", r"\1", image)
    return re.sub(r"^python:(?:3-|3$|latest$|(?=slim))", f"python:{DEFAULT}-", image).rstrip("-")


def _server(
    name: str,
    official: str,
    standin: str,
    versions: tuple[str, ...],
    others: tuple[str, ...] = (),
    instead: str = "",
    recipe: tuple[str, ...] = (),
) -> Base:
    return Base(
        name,
        official,
        standin,
        "debian-slim",
        recipe=("common", *(recipe or (name,))),
        versions=versions,
        others=others,
        instead=instead,
    )


def _python(
    name: str,
    version: str,
    parent: str,
    others: tuple[str, ...],
    instead: str = "the nearest that Debian has",
) -> Base:
    """A Python, slim where its parent is; ``others`` are the versions that it replaces."""
    slim = "-slim" if name.endswith("-slim") else ""
    official = f"python:{version}{slim}"
    return Base(
        name,
        official,
        f"djdock/{official}",
        parent,
        recipe=("python-slim",) if slim else ("python", "python-slim"),
        versions=(official,),
        others=tuple(f"python:{other}{slim}" for other in others),
        instead=f"Python {version}, {instead}",
        core=version == DEFAULT,
    )


BASES: Mapping[str, Base] = {
    base.name: base
    for base in (
        Base("debian-slim", "debian:trixie-slim", "djdock/debian:trixie-slim", recipe=("debian",),
             core=True),
        Base("debian", "debian:trixie", "djdock/debian:trixie", recipe=("debian",), core=True),
        # To be released in 2027: for what runs on nothing older.
        Base("debian14-slim", "debian:forky-slim", "djdock/debian:forky-slim", recipe=("debian",)),
        Base("debian12-slim", "debian:bookworm-slim", "djdock/debian:bookworm-slim",
             recipe=("debian",)),
        Base("debian11-slim", "debian:bullseye-slim", "djdock/debian:bullseye-slim",
             recipe=("debian",)),
        _python("python-slim", "3.13", "debian-slim", ("3.12",)),
        _python("python314-slim", "3.14", "debian14-slim", ()),
        _python("python311-slim", "3.11", "debian12-slim", ("3.10",)),
        _python("python39-slim", "3.9", "debian11-slim", ("3.8",)),
        # Of the elder ones a gigabyte each would be built for the variant `single` only.
        _python("python", "3.13", "debian", ("3.8", "3.9", "3.10", "3.11", "3.12", "3.14"),
                "the only one that has a full stand-in"),
        Base("postgres", "postgres:17", "djdock/postgres:17", "debian-slim",
             ("postgres:17-trixie",), ("postgres",), core=True),
        _server("postgis", "postgis/postgis:17-3.5", "djdock/postgis:17-3.5",
                ("postgis/postgis:17-3.5",), ("postgis/postgis:17",),
                "PostgreSQL 17 with PostGIS 3.5", ("postgis", "postgres")),
        _server("pgvector", "pgvector/pgvector:pg17", "djdock/pgvector:pg17",
                ("pgvector/pgvector:pg17",), recipe=("pgvector", "postgres")),
        _server("mariadb", "mariadb:11", "djdock/mariadb:11", ("mariadb:11.8", "mariadb:lts"),
                ("mysql:8", "mysql:lts", "mariadb:11"),
                "MariaDB 11.8, which speaks MySQL's protocol and is another server: its SQL, its "
                "collations and its data files differ"),
        # Debian's releases have none, so it is MariaDB that stands in where no version is asked for.
        replace(_server("mysql", "mysql:9", "djdock/mysql:9", ("mysql:9",),
                        recipe=("mysql", "mariadb")), parent="debian14-slim"),
        _server("redis", "redis:8", "djdock/redis:8", ("redis:8",),
                ("redis:7",), "Redis 8.0"),
        _server("valkey", "valkey/valkey:8", "djdock/valkey:8", ("valkey/valkey:8.1",),
                ("valkey/valkey:8", "valkey/valkey:9"), "Valkey 8.1", ("valkey", "redis")),
        _server("memcached", "memcached:1.6", "djdock/memcached:1.6", ("memcached:1",)),
        _server("nginx", "nginx:1.26", "djdock/nginx:1.26", ("nginx:1.26",),
                ("nginx:1", "nginx:stable", "nginx:mainline"), "nginx 1.26"),
        _server("rabbitmq", "rabbitmq:4", "djdock/rabbitmq:4", ("rabbitmq:4.0",),
                ("rabbitmq:4",), "RabbitMQ 4.0"),
        _server("httpd", "httpd:2.4", "djdock/httpd:2.4", ("httpd:2",)),
        _server("node", "node:20-slim", "djdock/node:20-slim", ("node:20-slim",),
                ("node:16-slim", "node:18-slim", "node:22-slim", "node:24-slim"),
                "Node.js 20 and Debian's npm 9"),
        _server("prometheus", "prom/prometheus:v2.53", "djdock/prometheus:2.53",
                ("prom/prometheus:v2.53",), ("prom/prometheus:v2", "prom/prometheus:v3"),
                "Prometheus 2.53"),
        _server("postgres-exporter", "prometheuscommunity/postgres-exporter:v0.17",
                "djdock/postgres-exporter:0.17", ("prometheuscommunity/postgres-exporter:v0.17",),
                ("prometheuscommunity/postgres-exporter:v0",), "version 0.17", ("exporter",)),
        _server("redis-exporter", "oliver006/redis_exporter:v1.69", "djdock/redis_exporter:1.69",
                ("oliver006/redis_exporter:v1.69",), ("oliver006/redis_exporter:v1",),
                "version 1.69", ("exporter",)),
        _server("nginx-exporter", "nginx/nginx-prometheus-exporter:1.4",
                "djdock/nginx-prometheus-exporter:1.4",
                ("nginx/nginx-prometheus-exporter:1.4",), ("nginx/nginx-prometheus-exporter:1",),
                "version 1.4", ("exporter",)),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Image:
    """What the engine knows of a local image."""

    id: str
    size: int
    created: datetime
    recipe: str = ""


def recipes() -> Path:
    """The folder of the recipes: inside the installed package, or beside ``src`` in a checkout."""
    package = Path(djdock.__file__).resolve().parent
    inside = package / "docker" / "bases"
    return inside if inside.is_dir() else package.parents[1] / "docker" / "bases"


def find(official: str) -> Base | None:
    """The base whose official image this is, under any of its names; None without a stand-in."""
    return next((base for base in BASES.values() if base.stands_for(official)), None)


def choose(names: Iterable[str]) -> list[Base]:
    """The bases with these names (of djdock's, or official ones); raises UsageError for another."""
    chosen = []
    for name in names:
        base = BASES.get(name) or find(name)
        if base is None:
            raise one_of("base", name, BASES)
        chosen.append(base)
    return chosen


def usual(images: Iterable[str]) -> list[Base]:
    """The bases that every project may need, and those of the images that this one starts from."""
    found = [find(image) for image in images]
    asked = {base.name for base in found if base}
    return [base for base in BASES.values() if base.core or base.name in asked]


def no_standin(official: str) -> str:
    """Why there is no stand-in for an image, and which there are of its kind, as a sentence."""
    repository = canonical(official).split(":")[0]
    near = [b.official for b in BASES.values() if b.official.split(":")[0] == repository]
    if near:
        return (
            f"The stand-ins of `{repository}` are those that Debian has packages of: "
            f"{', '.join(near)}."
        )
    return f"There is no stand-in for `{official}`."


def digest(base: Base, folder: Path | None = None) -> str:
    """The digest of a base's recipe, its parents' included: names, executable bits and contents."""
    root = folder or recipes()
    found = hashlib.sha256(f"{RECIPE_VERSION} {base.name}".encode())
    for name in base.recipe:
        for path in sorted(p for p in (root / name).rglob("*") if p.is_file()):
            kind = "x" if path.stat().st_mode & 0o100 else "-"
            found.update(f"\0{path.relative_to(root).as_posix()} {kind}\0".encode())
            found.update(path.read_bytes())
    if base.parent:
        found.update(digest(BASES[base.parent], root).encode())
    return found.hexdigest()[:16]


def local(shell: Shell, names: Sequence[str]) -> dict[str, Image]:
    """Those of the images that are here, by the name that was asked for."""
    if not names:
        return {}
    # The client, not the SDK: importing that would take ten times as long as this question.
    argv = [engine.docker_binary(), "image", "inspect", *names]
    try:
        found = json.loads(shell.capture(argv, check=False).stdout or "[]")
    except ValueError as error:
        raise DjdockError("The Docker Engine's list of images is not JSON.") from error
    tags = {canonical(tag): _image(data) for data in found for tag in data.get("RepoTags") or ()}
    return {name: tags[canonical(name)] for name in names if canonical(name) in tags}


def _image(data: Mapping[str, Any]) -> Image:
    labels = (data.get("Config") or {}).get("Labels") or {}
    created = datetime.fromisoformat(data.get("Created") or "1970-01-01T00:00:00Z")
    return Image(data["Id"], int(data["Size"]), created, labels.get(LABEL, ""))
