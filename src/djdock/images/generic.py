"""``[tool.djdock]``'s keys for how a project is installed and made: checked, and as build arguments.

docs/projects.md explains each key. The Dockerfiles' own defaults are those of the site that they stand
beside; :func:`with_defaults` writes a project's into a copy, so that plain ``docker build`` works.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from djdock.errors import MissingError, UsageError, one_of
from djdock.pyproject import Table

if TYPE_CHECKING:
    from djdock.config import Config

STATIC = ("build", "start", "none")

LOCKS = (
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "pylock.toml",
    "Pipfile",
    "pyproject.toml",
)

#: What docker/djdock_settings.py can change.
OVERRIDES = (
    "allowed_hosts", "broker", "cache", "channel_layers", "compress", "csrf_trusted_origins", "database",
    "debug", "email", "https", "logging", "media_root", "secret_key", "services", "static_root",
    "whitenoise",
)  # fmt: skip

WHERE = "[tool.djdock]"

#: The folder of djdock_settings.py in an image that has one.
SETTINGS_FOLDER = "/opt/djdock/settings"

_DEBIAN = re.compile(r"[a-z0-9][a-z0-9+.-]+(=\S+)?")
#: What in a requirements file leads to another file or folder.
_NAMES_MORE = re.compile(
    rb"(?m)^\s*(-[rce]\b|--requirement|--constraint|--editable|\.|file:|[\w.-]+/)"
)
_COMMAND = re.compile(r"[a-z_][\w-]*")


def check(table: Table) -> None:  # noqa: C901 - one question after the other
    """Raises UsageError for the first of these keys that cannot be meant."""
    if table.static not in STATIC:
        raise one_of("choice of static", table.static, STATIC, where=WHERE)
    if table.lock and not re.fullmatch(r"pylock\..+\.toml", PurePosixPath(table.lock).name):
        name = PurePosixPath(table.lock).name
        if name not in LOCKS:
            raise one_of("kind of lock", name, LOCKS, where=WHERE)
    for name in table.overrides:
        if name not in OVERRIDES:
            raise one_of("override", name, OVERRIDES, where=WHERE)
    if table.wsgi and table.asgi:
        raise UsageError(f"{WHERE} has both `wsgi` and `asgi`.", "Leave one of them out.")
    for key, names, pattern, words in (
        ("system_packages", table.system_packages, _DEBIAN, "Debian package"),
        ("build_packages", table.build_packages, _DEBIAN, "Debian package"),
        ("build_steps", table.build_steps, _COMMAND, "management command"),
    ):
        for name in names:
            if not pattern.fullmatch(name):
                raise UsageError(
                    f"`{key}` in {WHERE} names {name!r}, which is no name of a {words}.",
                    "Correct it there.",
                )
    for line in table.after_migrate:
        _check_line(line)
    for key in ("requirements", "writable", "python_path", "extras", "groups", "frontend"):
        value = getattr(table, key)
        # A blank is written as ? where names of files are separated by blanks.
        never = r"\s" if key in ("extras", "groups", "frontend") else r"[^\S ]|\?"
        for name in [value] if isinstance(value, str) else value:
            if re.search(never, name):
                raise UsageError(
                    f"`{key}` in {WHERE} names {name!r}, which a build cannot be told: it has a "
                    "blank or a question mark.",
                    "Rename it.",
                )
    for name, value in table.copies.items():
        if not isinstance(value, str) or re.search(r"[^\S ]|[=?]", f"{name}{value}"):
            raise UsageError(
                f"`copies` in {WHERE} must be a table of paths by path, and {name} is {value!r}.",
                'Write it so: copies = { "site/local.py" = "site/local.example.py" }.',
            )
    for name, value in table.build_environment.items():
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            raise UsageError(
                f"`build_environment` in {WHERE} must be a table of strings by name, and "
                f"{name} is {value!r}.",
                'Write it so: build_environment = { API_KEY = "unused" }.',
            )
    if not re.fullmatch(r"\d+", table.node):
        raise UsageError(f'`node` in {WHERE} is "{table.node}".', 'Write it like "22".')
    if table.health_path != "tcp" and not table.health_path.startswith("/"):
        raise UsageError(
            f'`health_path` in {WHERE} is "{table.health_path}", which is no path.',
            'Begin it with a slash, or write "tcp".',
        )


def _check_line(line: str) -> None:
    """Raises UsageError for an entry of `after_migrate` that is no management command."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    if not words or not _COMMAND.fullmatch(words[0]) or "\n" in line or ";" in words:
        raise UsageError(
            f"`after_migrate` in {WHERE} has {line!r}, which is no management command.",
            'Write it so: after_migrate = ["loaddata initial"].',
        )


def requirements(config: Config) -> tuple[Path, ...]:
    """The requirements files, or the lock; raises MissingError for one that is not there.

    There is none where `packages` says all of it: a project may have no list of its own.
    """
    table = config.table
    given = table.requirements
    default = given == Table().requirements and not table.lock
    if default and table.packages and not (config.root / str(given)).is_file():
        return ()
    names = [table.lock] if table.lock else [given] if isinstance(given, str) else list(given)
    for name in names:
        if not (config.root / name).is_file():
            kind = "lock" if table.lock else "requirements file"
            key = "lock" if table.lock else "requirements"
            raise MissingError(
                f"There is no {kind} {config.root / name}.",
                f'Name it in pyproject.toml: {WHERE} {key} = "…".',
            )
    return tuple(config.root / name for name in names)


def dev_requirements(config: Config) -> Path:
    """What is installed besides for `up --dev`; raises MissingError when it is not there."""
    path = config.root / config.table.dev_requirements
    if not path.is_file():
        raise MissingError(
            f"There is no requirements file {path}.",
            f'Name it in pyproject.toml: {WHERE} dev_requirements = "…".',
        )
    return path


def is_simple(paths: tuple[Path, ...]) -> bool:
    """Whether this is one requirements file that names no other: then no stage has to look for more."""
    if len(paths) != 1 or paths[0].suffix not in (".txt", ".in") or " " in str(paths[0]):
        return False
    data = paths[0].read_bytes()
    return b"\0" not in data and not _NAMES_MORE.search(data)


def arguments(config: Config) -> dict[str, str]:
    """The build arguments of these keys; those of keys that say nothing are left out."""
    table = config.table
    paths = requirements(config)
    tree = inside(config, config.root / table.tree, "tree") if table.tree else ""
    source = inside(config, config.source, "source")
    work = work_folder(tree, source)
    python_path = [
        str(
            PurePosixPath(
                "/app", _relative(inside(config, config.root / name, "python_path"), tree or source)
            )
        )
        for name in table.python_path
    ]
    build = list(table.build_packages)
    if "compilemessages" in table.build_steps and "gettext" not in build:
        build.append("gettext")
    ready = "/readyz" if table.health_path == "/healthz" else table.health_path
    found = {
        "DEPENDENCIES": "" if is_simple(paths) else "chain",
        "LOCK": inside(config, paths[0], "lock") if table.lock else "",
        "EXTRAS": " ".join(table.extras),
        "LOCK_GROUPS": " ".join(table.groups),
        "PACKAGES": "\n".join(table.packages),
        "INDEX": table.index,
        "SYSTEM_PACKAGES": " ".join(table.system_packages),
        "BUILD_PACKAGES": " ".join(build),
        "WORK": "" if work == "/app" else work,
        "SERVER": "asgi" if table.asgi else "",
        "STATIC": "" if table.static == "build" else table.static,
        "BUILD_STEPS": " ".join(table.build_steps),
        "AFTER_MIGRATE": " ; ".join(shlex.join(shlex.split(one)) for one in table.after_migrate),
        "BUILD_ENV": " ".join(
            f"{name}={shlex.quote(value)}" for name, value in table.build_environment.items()
        ),
        "COPIES": " ".join(
            words([f"{_relative(name, tree or source)}={_relative(value, tree or source)}"])
            for name, value in table.copies.items()
        ),
        "WRITABLE": words(_relative(name, tree or source) for name in writable(config)),
        "PROJECT_SETTINGS": config.settings if table.overrides else "",
        "OVERRIDES": " ".join(table.overrides),
        "PYTHON_PATH": ":".join([*([SETTINGS_FOLDER] if table.overrides else []), *python_path]),
        "HEALTH_PATH": "" if table.health_path == "/healthz" else table.health_path,
        "READY_PATH": "" if ready == "/readyz" else ready,
    }
    if table.frontend:
        found |= {
            "FRONTEND_STAGE": "node",
            "NODE_VERSION": table.node,
            "FRONTEND": inside(config, config.root / table.frontend, "frontend"),
            "FRONTEND_BUILD": table.frontend_build,
        }
    return {name: value for name, value in found.items() if value}


def words(names: Iterable[str]) -> str:
    """Paths in one build argument: separated by blanks, with a ? for those that they have themselves.

    It is also what COPY takes for any one character.
    """
    return " ".join(name.replace(" ", "?") for name in names)


def writable(config: Config) -> tuple[str, ...]:
    """The files and folders that the running site writes, relative to the root."""
    return config.table.writable


def needs_files(table: Table) -> bool:
    """Whether the site writes into a volume of its own: the add-on `files`."""
    return bool(table.writable) or table.static == "start" or "media_root" in table.overrides


def work_folder(tree: str, source: str) -> str:
    """The folder of manage.py in the image."""
    return str(PurePosixPath("/app", _relative(source, tree or source)))


def _relative(path: str, folder: str) -> str:
    """A path of the project as it is relative to one of its folders."""
    import posixpath

    found = posixpath.relpath(path, folder)
    if found == ".." or found.startswith("../"):
        raise UsageError(
            f"{path} is outside of {folder}, which is all that the image gets of the project.",
            f'Give it more: tree = "." in {WHERE}.',
        )
    return found


def inside(config: Config, path: Path, key: str) -> str:
    """A path as the build sees it, relative to the root; raises UsageError for one outside of it."""
    try:
        return path.resolve().relative_to(config.root).as_posix()
    except ValueError:
        raise UsageError(
            f"`{key}` in [tool.djdock] leads to {path.resolve()}, outside of {config.root}.",
            "A build sees what is inside of the project only: move it there.",
        ) from None


def with_defaults(dockerfile: str, values: Mapping[str, str]) -> str:
    """A Dockerfile's text whose ``ARG``s have these values for defaults, wherever they stand."""

    def written(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in values:
            return match[0]
        value = values[name].replace("\n", " ")
        quoted = f'"{value}"' if re.search(r"\s", value) else value
        return f"ARG {name}={quoted}"

    return re.sub(r"(?m)^ARG (?P<name>\w+)=.*$", written, dockerfile)
