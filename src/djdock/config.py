"""What ``pyproject.toml``, ``.env`` and the environment say, as one frozen, validated Config.

``[tool.djdock]`` says what is true of the project wherever it runs; ``.env`` says what differs
between machines, and the environment wins over it, as in Compose; flags win over all.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from djdock import env as env_files
from djdock import project
from djdock.errors import UsageError, one_of
from djdock.shell import LEAST_SECRET, secret_values
from djdock.units import docker_limit

BASES = ("auto", "official", "debian")

#: What an image may cost: how many times smaller than `single` the default variant must be.
BUDGET = ("min_ratio",)

#: What decides about files of the variant `minimal`: patterns on absolute paths.
MINIMAL = ("keep", "drop")

#: The least that Django under gunicorn starts with, and the least /tmp that holds an upload.
LEAST_MEMORY, LEAST_TMP = 64 * 1024**2, 1024**2


@dataclass(frozen=True)
class Table:
    """``[tool.djdock]``: the keys, their types and their defaults."""

    #: The folder that holds manage.py, relative to the root; found when not given.
    source: str = ""
    #: The file that the image's packages are installed from.
    requirements: str = "requirements.txt"
    #: The Python that the image runs.
    python: str = "3.13"
    #: DJANGO_SETTINGS_MODULE; taken from manage.py when not given.
    settings: str = ""
    #: The WSGI application; looked for beside the settings when not given.
    wsgi: str = ""
    #: How the image is built: docker/<variant>.Dockerfile.
    variant: str = "multi"
    #: The backing services: docker/addons/<name>.yaml.
    addons: tuple[str, ...] = ("postgres",)
    #: Where base images come from: auto, official or debian.
    bases: str = "auto"
    #: The certificate authorities that builds trust; found when not given.
    ca_bundle: str = ""
    #: How long `up` waits for every service to be healthy, in seconds.
    wait_timeout: int = 120
    #: What answers 200 as soon as the site's process is up.
    health_path: str = "/healthz"
    #: What the images may cost.
    budget: dict[str, Any] = field(default_factory=dict)
    #: What the variant `minimal` keeps and drops, whatever its rules say.
    minimal: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """Everything that a task needs to know, validated. ``env`` holds ``.env``'s variables."""

    root: Path
    table: Table
    env: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def name(self) -> str:
        """The Compose project's name: as set, else the directory's name and a digest of its path.

        The digest keeps two checkouts of the same name from sharing containers and volumes.
        """
        return self.env.get("COMPOSE_PROJECT_NAME") or default_name(self.root)

    @cached_property
    def source(self) -> Path:
        """The folder of ``manage.py``. Raises MissingError when it is not there."""
        folder = self.root / (self.table.source or project.find_source(self.root))
        if not (folder / "manage.py").is_file():
            raise project.no_manage(folder)
        return folder

    @cached_property
    def settings(self) -> str:
        """The settings module. Raises UsageError when it is neither set nor in ``manage.py``."""
        found = self.table.settings or project.find_settings(self.source / "manage.py")
        if not found:
            raise UsageError(
                f"{self.source / 'manage.py'} names no settings module.",
                'Name it in pyproject.toml: [tool.djdock] settings = "package.settings".',
            )
        return found

    @cached_property
    def wsgi(self) -> str:
        """The WSGI application, ``module:name``."""
        return self.table.wsgi or project.find_wsgi(self.source, self.settings)

    @property
    def docker_dir(self) -> Path:
        """Where the Dockerfiles and Compose files are."""
        return self.root / "docker"

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """The variants that can be built: one Dockerfile each."""
        suffix = ".Dockerfile"
        return tuple(
            sorted(p.name.removesuffix(suffix) for p in self.docker_dir.glob(f"*{suffix}"))
        )

    @cached_property
    def known_addons(self) -> tuple[str, ...]:
        """The add-ons that can be chosen: one Compose file each."""
        return tuple(sorted(p.stem for p in (self.docker_dir / "addons").glob("*.yaml")))

    @property
    def scratch(self) -> Path:
        """The folder for what djdock keeps between runs; it may not be there yet."""
        return self.root / ".djdock"

    def make_scratch(self) -> Path:
        """Makes that folder, ignored by git whatever the project's own .gitignore says."""
        self.scratch.mkdir(exist_ok=True)
        (self.scratch / ".gitignore").write_text("*\n", encoding="utf-8")
        return self.scratch

    @property
    def port(self) -> int:
        """Where the site is published on this machine."""
        return int(self.env.get("WEB_PORT") or 8000)

    @property
    def bind(self) -> str:
        """The address that the port is bound to."""
        return self.env.get("WEB_BIND") or "127.0.0.1"

    @property
    def url(self) -> str:
        """The site, as one types it into a browser on this machine."""
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)  # noqa: S104
        return f"http://{bracketed(shown)}:{self.port}/"

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The values that must never be printed: secrets, and the passwords in URLs."""
        urls = (_URL_PASSWORD.search(value) for value in self.env.values())
        return secret_values(self.env, filter(env_files.is_secret, self.env)) | {
            match[1] for match in urls if match and len(match[1]) >= LEAST_SECRET
        }

    def variant(self, name: str | None = None) -> str:
        """The variant asked for, or the default; raises UsageError when there is no such."""
        chosen = name or self.table.variant
        if chosen not in self.variants:
            raise one_of("variant", chosen, self.variants)
        return chosen

    def image(self, variant: str) -> str:
        """The tag of a variant's image: one repository per stack, so that checkouts do not share."""
        return f"{self.name}:{variant}"


#: The password in ``redis://:password@host/0``, in full (it may hold an @ of its own).
_URL_PASSWORD = re.compile(r"://[^/\s:@]*:([^/\s]+)@")


def bracketed(address: str) -> str:
    """An address as it stands before a port: IPv6 in brackets."""
    return f"[{address}]" if ":" in address else address


def default_name(root: Path) -> str:
    """A Compose project name for a directory: its name, made valid, and six digits of its path's hash.

    Compose allows lower-case letters, digits, dashes and underscores, and a letter or digit first.
    """
    stem = re.sub(r"[^a-z0-9_-]+", "-", root.name.lower()).strip("-_") or "djdock"
    return f"{stem}-{hashlib.sha256(str(root).encode()).hexdigest()[:6]}"


def load(start: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """The Config of the project that ``start`` (the current directory by default) belongs to.

    A missing ``.env`` is no error here: ``up`` makes one. Raises UsageError for an unknown key, a
    wrong type or a value that makes no sense, naming the key and the file.
    """
    environ = os.environ if environ is None else environ
    root = project.find_root((start or Path.cwd()).resolve())
    table = read_table(root / "pyproject.toml")
    path = root / env_files.FILE
    values = env_files.read(path) if path.is_file() else {}
    values |= {name: environ[name] for name in OVERRIDES if environ.get(name)}
    config = Config(root, table, values)
    check(config)
    return config


#: What Compose files and djdock read besides ``.env``: the environment wins, as in Compose.
OVERRIDES = (
    "COMPOSE_PROJECT_NAME", "WEB_PORT", "WEB_BIND", "WEB_MEMORY", "WEB_CPUS", "WEB_TMP",
)  # fmt: skip


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


def _typed(key: str, value: Any, wanted: Any, path: Path) -> Any:
    kinds = {
        "str": (str, "a string"),
        "int": (int, "a whole number"),
        "tuple[str, ...]": (list, "a list of strings"),
        "dict[str, Any]": (dict, "a table"),
    }
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


def check(config: Config) -> None:
    """Raises UsageError for the first value that cannot be meant."""
    _check_table(config)
    _check_machine(config.env)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", config.name):
        raise UsageError(
            f"COMPOSE_PROJECT_NAME is `{config.name}`, which Compose does not allow.",
            "Use lower-case letters, digits, dashes and underscores.",
        )


def _check_table(config: Config) -> None:
    table, where = config.table, "[tool.djdock]"
    _check_budget(table.budget)
    _check_minimal(table.minimal)
    if table.bases not in BASES:
        raise one_of("choice of bases", table.bases, BASES, where=where)
    if not re.fullmatch(r"3\.\d+", table.python):
        raise UsageError(
            f'`python` in {where} is "{table.python}", which is no version of Python.',
            'Write it like "3.13".',
        )
    if table.wait_timeout < 1:
        raise UsageError(
            f"`wait_timeout` in {where} is {table.wait_timeout}.",
            "Give a number of seconds above 0.",
        )
    if config.docker_dir.is_dir():
        if table.variant not in config.variants:
            raise one_of("variant", table.variant, config.variants, where=where)
        for addon in table.addons:
            if addon not in config.known_addons:
                raise one_of("add-on", addon, config.known_addons, where=where)


def _check_budget(budget: Mapping[str, Any]) -> None:
    for key, value in budget.items():
        if key not in BUDGET:
            raise one_of("key", key, BUDGET, where="[tool.djdock.budget]")
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise UsageError(
                f"`{key}` in [tool.djdock.budget] must be a number above 0, not {value!r}.",
                "Correct it there.",
            )


def _check_minimal(minimal: Mapping[str, Any]) -> None:
    where = "[tool.djdock.minimal]"
    for key, value in minimal.items():
        if key not in MINIMAL:
            raise one_of("key", key, MINIMAL, where=where)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UsageError(
                f"`{key}` in {where} must be a list of strings, not {value!r}.", "Correct it there."
            )
        for pattern in value:
            if not pattern.startswith(("/", "*")) or re.search(r"\s", pattern):
                raise UsageError(
                    f"`{key}` in {where} has the pattern {pattern!r}, which can match no file.",
                    "Patterns are matched with absolute paths: begin with / or *, and use ? for a "
                    "blank.",
                )


def _check_machine(env: Mapping[str, str]) -> None:
    port = env.get("WEB_PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"WEB_PORT is `{port}`, which is no port.", "Give one from 1 to 65535.")
    bind = env.get("WEB_BIND") or "127.0.0.1"
    try:
        ipaddress.ip_address(bind)
    except ValueError:
        raise UsageError(
            f"WEB_BIND is `{bind}`, which is no address.", "Use 127.0.0.1, or 0.0.0.0 for all."
        ) from None
    cpus = env.get("WEB_CPUS") or "0"
    if not re.fullmatch(r"\d+(\.\d+)?", cpus) or 0 < float(cpus) < 0.01:
        raise UsageError(f"WEB_CPUS is `{cpus}`, which is no number of cpus.", "Write it like 1.5.")
    docker_limit(env.get("WEB_MEMORY") or "512m", what="WEB_MEMORY", least=LEAST_MEMORY)
    docker_limit(env.get("WEB_TMP") or "64m", what="WEB_TMP", least=LEAST_TMP)
