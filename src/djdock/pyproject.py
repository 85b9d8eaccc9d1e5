"""``[tool.djdock]`` of a ``pyproject.toml``: its keys, their types and their defaults."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from djdock.errors import UsageError, one_of


@dataclass(frozen=True)
class Table:
    """``[tool.djdock]``: the keys, their types and their defaults."""

    #: The folder that holds manage.py, relative to the root; found when not given.
    source: str = ""
    #: The project's folder that the image gets as /app; that of manage.py when not given.
    tree: str = ""
    #: Folders, relative to the root, that Python looks into for modules besides that of manage.py.
    python_path: tuple[str, ...] = ()
    #: The files that the image's packages are installed from.
    requirements: str | tuple[str, ...] = "requirements.txt"
    #: What they are installed from in the place of requirements: uv.lock, poetry.lock, …
    lock: str = ""
    #: Extras and dependency groups of that.
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    #: What the site needs and the project does not name: requirements.
    packages: tuple[str, ...] = ()
    #: The index that takes the place of those that the project's files name.
    index: str = ""
    #: Debian packages in the finished image, and in the builder only.
    system_packages: tuple[str, ...] = ()
    build_packages: tuple[str, ...] = ()
    #: The folder of package.json, where a front end has to be built; its script, and Node's version.
    frontend: str = ""
    frontend_build: str = "build"
    node: str = "22"
    #: When static files are collected: build, start, none; and which commands follow at build.
    static: str = "build"
    build_steps: tuple[str, ...] = ()
    #: Management commands, with their arguments, that follow migrations at each start.
    after_migrate: tuple[str, ...] = ()
    #: Variables of the commands at build.
    build_environment: dict[str, Any] = field(default_factory=dict)
    #: What of the settings the stack's environment changes, in containers.
    overrides: tuple[str, ...] = ()
    #: Files that the image gets besides, by the ones that they are copied from.
    copies: dict[str, Any] = field(default_factory=dict)
    #: Files and folders of the project that the running site writes.
    writable: tuple[str, ...] = ()
    #: What is installed besides for `up --dev`; nothing when not given.
    dev_requirements: str = ""
    #: The Python that the image runs.
    python: str = "3.13"
    #: DJANGO_SETTINGS_MODULE; taken from manage.py when not given.
    settings: str = ""
    #: The WSGI application; looked for beside the settings when not given.
    wsgi: str = ""
    #: The ASGI application, where that is what is served.
    asgi: str = ""
    #: The module of the Celery application.
    celery: str = ""
    #: Where djdock's Dockerfiles and Compose files are.
    folder: str = "docker"
    #: How the image is built: docker/<variant>.Dockerfile, or one of `variants`.
    variant: str = "multi"
    #: Dockerfiles of the project's own, by the names of their variants.
    variants: dict[str, Any] = field(default_factory=dict)
    #: The backing services: docker/addons/<name>.yaml.
    addons: tuple[str, ...] = ("postgres",)
    #: The add-on that takes the place of the database among them.
    database: str = ""
    #: How containers get secrets: in their environment ("env"), or as files ("files").
    secrets: str = "env"
    #: Where base images come from: auto, official or debian.
    bases: str = "auto"
    #: The certificate authorities that builds trust; found when not given.
    ca_bundle: str = ""
    #: How long `up` waits for every service to be healthy, in seconds.
    wait_timeout: int = 120
    #: What answers as soon as the site's process is up; "tcp" asks for a connection only.
    health_path: str = "/healthz"
    #: What `nox -s images` asks for when it measures requests per second; else the health path.
    load_path: str = ""
    #: What the images may cost.
    budget: dict[str, Any] = field(default_factory=dict)
    #: What the variant `minimal` keeps and drops, whatever its rules say.
    minimal: dict[str, Any] = field(default_factory=dict)


def read_table(path: Path) -> Table:
    """``[tool.djdock]`` of a ``pyproject.toml``; the defaults when there is none."""
    if not path.is_file():
        return Table()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.", "Correct it there.") from error
    tool = data.get("tool")
    given = tool.get("djdock", {}) if isinstance(tool, dict) else {}
    if not isinstance(given, dict):
        raise UsageError(
            f"`djdock` in [tool] of {path} must be a table, not {given!r}.", "Correct it there."
        )
    known = {item.name: item for item in fields(Table)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            raise one_of("key", key, known, where=f"[tool.djdock] of {path}")
        values[key] = _typed(key, value, known[key].type, path)
    return Table(**values)


def requires_python(folder: Path) -> str:
    """What a folder's pyproject.toml says of the Python that it is for; "" when it says nothing."""
    try:
        data = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ""
    found: Any = data
    for key in ("project", "requires-python"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _typed(key: str, value: Any, wanted: Any, path: Path) -> Any:
    kinds = {
        "str": (str, "a string"),
        "int": (int, "a whole number"),
        "tuple[str, ...]": (list, "a list of strings"),
        "dict[str, Any]": (dict, "a table"),
    }
    if wanted == "str | tuple[str, ...]":
        if not isinstance(value, (str, list)):
            value, wanted = [value], "tuple[str, ...]"  # which says what is wrong
        wanted = "str" if isinstance(value, str) else "tuple[str, ...]"
    kind, words = kinds[str(wanted)]
    right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if right and kind is list:
        right = all(isinstance(item, str) for item in value)
    if not right:
        raise UsageError(
            f"`{key}` in [tool.djdock] of {path} must be {words}, not {value!r}.",
            "Correct it there.",
        )
    return tuple(value) if kind is list else value
