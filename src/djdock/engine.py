"""The Docker Engine: is it there, and what can it do; the docker SDK's client with our errors.

The docker SDK takes a third of a second to import, so it is imported only by what needs it.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from djdock.errors import DjdockError, MissingError, UsageError
from djdock.shell import Shell

if TYPE_CHECKING:
    from docker.client import DockerClient

#: Where ``bootstrap`` puts the engine on a Debian that packages one that is too old.
PRIVATE_ENGINE = Path("/opt/djdock/engine/usr/bin")

#: A major and a minor version.
Version = tuple[int, int]

#: What the engine must offer: compose.yaml's start_interval came with these. ``bootstrap``, which runs
#: before there is a Python that could read this, has the same numbers; a test compares them.
LEAST_ENGINE: Version = (25, 0)
LEAST_COMPOSE: Version = (2, 24)

#: `--provenance` of `docker buildx build`.
LEAST_BUILDX: Version = (0, 10)

DEFAULT_HOST = "unix:///var/run/docker.sock"

SYSTEM_PLUGINS = tuple(
    Path(prefix, "docker/cli-plugins")
    for prefix in ("/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec")
)

#: The plugins that the tasks need, and the packages that have them (Docker's own; Debian's).
PLUGINS = {
    "compose": ("docker-compose-plugin", "docker-compose"),
    "buildx": ("docker-buildx-plugin", "docker-buildx"),
}

NO_DOCKER = (
    "Let `./bootstrap` install an engine (Debian, Ubuntu), "
    "or see https://docs.docker.com/engine/install/."
)
NO_ENGINE = "Start it (`systemctl start docker`), or let `./bootstrap` install and start one."


class RefusedError(MissingError):
    """The engine's socket is there, and we may not open it."""


def docker_binary(environ: Mapping[str, str] | None = None) -> str:
    """The ``docker`` to run: the first on PATH that has the compose and buildx plugins.

    Raises MissingError when there is no docker, or when every one of them lacks a plugin.
    """
    env = os.environ if environ is None else environ
    return _docker_binary(env.get("PATH", os.defpath))


def docker_name(*, dry: bool) -> str:
    """The same; a dry run says what would be run, whatever is installed, so it never fails."""
    try:
        return docker_binary()
    except DjdockError:
        if not dry:
            raise
        return "docker"


def binaries(environ: Mapping[str, str] | None = None) -> list[str]:
    """Every ``docker`` there is, in PATH's order, ``bootstrap``'s own last."""
    env = os.environ if environ is None else environ
    return _binaries(env.get("PATH", os.defpath))


def _binaries(search: str) -> list[str]:
    found: list[str] = []
    for folder in [*search.split(os.pathsep), str(PRIVATE_ENGINE)]:
        path = shutil.which("docker", path=folder) if folder else None
        if path and not any(Path(path).samefile(other) for other in found):
            found.append(path)
    return found


@lru_cache(maxsize=8)
def _docker_binary(search: str) -> str:
    found = _binaries(search)
    if not found:
        raise MissingError("There is no `docker` on PATH.", NO_DOCKER)
    for path in found:
        if not missing_plugins(path):
            return _short(path, search)
    name = missing_plugins(found[0])[0]
    package, debian = PLUGINS[name]
    raise MissingError(
        f"`{found[0]}` has no `{name}` plugin.",
        f"Install it (`{package}`; Debian's is `{debian}`), "
        "or put a docker that has it first on PATH.",
    )


def _short(path: str, search: str) -> str:
    """``docker`` when that is what the user's own shell would run, so that echoed lines are short."""
    return "docker" if shutil.which("docker", path=search) == path else path


def plugin_folders(environ: Mapping[str, str] | None = None) -> list[Path]:
    """Where docker clients look for plugins: the user's folders, then the system's.

    As docker/cli's cli-plugins/manager has it.
    """
    env = os.environ if environ is None else environ
    folder = client_config(env).parent
    extra = client_settings(env).get("cliPluginsExtraDirs") or []
    return [*map(Path, extra), folder / "cli-plugins", *SYSTEM_PLUGINS]


def missing_plugins(binary: str) -> list[str]:
    """Which of compose and buildx this docker client lacks.

    A plugin that lies where clients look for it is taken as there; only else the client is asked.
    """
    folders = plugin_folders()
    return [
        name
        for name in PLUGINS
        if not any(os.access(folder / f"docker-{name}", os.X_OK) for folder in folders)
        and Shell().capture([binary, name, "version"], check=False, timeout=10).returncode
    ]


def host(environ: Mapping[str, str] | None = None) -> str:
    """Where the engine listens, as the docker client decides it: DOCKER_HOST, else the context."""
    env = os.environ if environ is None else environ
    if env.get("DOCKER_HOST"):
        return env["DOCKER_HOST"]
    folder = client_config(env).parent
    name = env.get("DOCKER_CONTEXT") or client_settings(env).get("currentContext")
    if name and name != "default":
        for meta in sorted((folder / "contexts" / "meta").glob("*/meta.json")):
            context = _json_object(meta)
            if context.get("Name") == name:
                endpoint = (context.get("Endpoints") or {}).get("docker") or {}
                return str(endpoint.get("Host") or DEFAULT_HOST)
    return DEFAULT_HOST


def client_config(environ: Mapping[str, str] | None = None) -> Path:
    """Where the docker client's ``config.json`` is, or would be."""
    env = os.environ if environ is None else environ
    return Path(env.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"


def client_settings(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the docker client's ``config.json`` says; empty when it cannot be read."""
    return _json_object(client_config(environ))


def _json_object(path: Path) -> dict[str, Any]:
    """What a JSON file of the docker client's says; empty when it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def answers(environ: Mapping[str, str] | None = None) -> MissingError | None:
    """None when something listens where the engine should, else the error to show.

    A look at the socket costs a millisecond, a whole client a third of a second.
    """
    where = host(environ)
    import socket

    if where.startswith("tcp://"):
        address = urlsplit(where)
        try:
            socket.create_connection((address.hostname or "", address.port or 2375), 5).close()
        except OSError:
            return MissingError(f"No Docker Engine answers at {where}.", NO_ENGINE)
        return None
    if not where.startswith("unix://"):
        return None
    path = Path(where.removeprefix("unix://"))
    try:
        if not stat.S_ISSOCK(path.stat().st_mode):
            raise FileNotFoundError(path)
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(str(path))
    except PermissionError:
        return RefusedError(
            f"You may not talk to the Docker Engine at {where}.",
            "Add yourself to its group (`sudo usermod -aG docker $USER`, then log in again), "
            "or run the engine rootless.",
        )
    except OSError:
        return MissingError(f"No Docker Engine answers at {where}.", NO_ENGINE)
    return None


def require() -> None:
    """Raises MissingError unless an engine answers and a docker client is there."""
    docker_binary()
    error = answers()
    if error is not None:
        raise error


@contextmanager
def client(timeout: float = 60) -> Iterator[DockerClient]:
    """The docker SDK's client, closed at the end; its errors come out as djdock's.

    ``timeout`` is in seconds, for one call. Raises MissingError when no engine answers.
    """
    require()
    import docker.errors
    import requests
    from docker.client import DockerClient

    for name in ("docker", "urllib3"):  # nox turns every logger's debugging on
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        sdk = DockerClient(base_url=host(), timeout=timeout, version="auto")
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise MissingError(f"No Docker Engine answers at {host()}.", NO_ENGINE) from error
    try:
        yield sdk
    except docker.errors.APIError as error:
        raise DjdockError(f"The Docker Engine says: {error.explanation or error}.") from error
    except docker.errors.DockerException as error:
        raise DjdockError(f"The docker SDK says: {error}.") from error
    except requests.RequestException as error:
        raise DjdockError(f"The Docker Engine stopped answering: {error}.") from error
    finally:
        sdk.close()


def image_id(sdk: DockerClient, name: str) -> str | None:
    """The id of a local image, or None when it is not there."""
    import docker.errors

    try:
        return str(sdk.images.get(name).id)
    except docker.errors.ImageNotFound:
        return None


def inspect_image(sdk: DockerClient, name: str) -> dict[str, Any]:
    """What ``docker image inspect`` says of a local image; raises MissingError when it is not there."""
    import docker.errors

    try:
        attrs: dict[str, Any] = sdk.images.get(name).attrs
    except docker.errors.ImageNotFound:
        raise MissingError(
            f"There is no image `{name}` here.", "Build it with `invoke build`, or name another."
        ) from None
    except docker.errors.APIError as error:
        if error.status_code != 400:  # a bad request: the name
            raise
        raise UsageError(f"`{name}` is no name of an image.", "Write it like site:1.0.") from None
    return attrs
