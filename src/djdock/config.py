"""What ``pyproject.toml``, ``.env`` and the environment say, as one frozen, validated Config.

``[tool.djdock]`` says what is true of the project wherever it runs; ``.env`` says what differs
between machines, and the environment wins over it, as in Compose; flags win over all.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from djdock import env as env_files
from djdock import project
from djdock.errors import UsageError, one_of
from djdock.images import generic, limits, pruning
from djdock.images import variants as named_variants
from djdock.images.variants import NamedVariant
from djdock.pyproject import Table, read_table
from djdock.shell import LEAST_SECRET, secret_values
from djdock.stack import addons as addon_files
from djdock.units import docker_limit

BASES = ("auto", "official", "debian")
SECRETS = ("env", "files")

#: Where nobody but this machine gets at.
LOCAL = "127.0.0.1"

#: The add-on with the volume of what the site writes.
FILES = "files"

#: The least that Django under gunicorn starts with, and the least /tmp that holds an upload.
LEAST_MEMORY, LEAST_TMP = 64 * 1024**2, 1024**2


@dataclass(frozen=True)
class Config:
    """Everything that a task needs to know, validated. ``env`` holds ``.env``'s variables."""

    root: Path
    table: Table
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: The add-ons of one run, when they are others than ``[tool.djdock]`` has.
    chosen: tuple[str, ...] | None = None
    #: More Compose files of one run, relative to the root.
    overlays: tuple[Path, ...] = ()
    #: Whether the site runs from this machine's source: `up --dev`.
    dev: bool = False

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
        return self.root / self.table.folder

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """The variants that can be built, one Dockerfile each: docker's, then those that are named."""
        return (*self._own_variants, *self._named_variants)

    @cached_property
    def _own_variants(self) -> tuple[str, ...]:
        suffix = ".Dockerfile"
        return tuple(
            sorted(p.name.removesuffix(suffix) for p in self.docker_dir.glob(f"*{suffix}"))
        )

    @cached_property
    def _named_variants(self) -> Mapping[str, NamedVariant]:
        return named_variants.read(
            self.table.variants,
            self.root,
            own=self._own_variants,
            health_path=self.table.health_path,
        )

    def named(self, variant: str) -> NamedVariant | None:
        """What ``[tool.djdock.variants]`` says of a variant; None of one of docker/*.Dockerfile."""
        return self._named_variants.get(variant)

    def dockerfile(self, variant: str) -> str:
        """A variant's Dockerfile, relative to the root, with slashes.

        Raises MissingError when one that the project names, or its context, is not there.
        """
        named = self.named(variant)
        if named is None:
            return f"{self.table.folder}/{variant}.Dockerfile"
        named_variants.require(named, self.root)
        return named.dockerfile

    @cached_property
    def known_addons(self) -> tuple[str, ...]:
        """The add-ons that can be chosen: one Compose file each."""
        return tuple(sorted(p.stem for p in self.addons_dir.glob("*.yaml")))

    @property
    def addons_dir(self) -> Path:
        """Where the add-ons' files are."""
        return self.docker_dir / "addons"

    @cached_property
    def addons(self) -> tuple[str, ...]:
        """The add-ons of the stack, in the order in which their files are given to Compose."""
        if self.chosen is not None:
            return self.chosen
        names = self.table.addons
        if self.table.database:
            names = addon_files.with_database(self.addons_dir, names, self.table.database)
        if generic.needs_files(self.table) and FILES in self.known_addons and FILES not in names:
            names = (*names, FILES)
        return names

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
        """The address that the port is bound to; this machine's own where DEBUG is on."""
        given = self.env.get("WEB_BIND") or LOCAL
        return LOCAL if self.dev and not ipaddress.ip_address(given).is_loopback else given

    @property
    def url(self) -> str:
        """The site, as one types it into a browser on this machine."""
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)  # noqa: S104
        return f"http://{bracketed(shown)}:{self.port}/"

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The values that must never be printed: secrets, and the passwords in URLs."""
        urls = (env_files.URL_PASSWORD.search(value) for value in self.env.values())
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
        return f"{self.name}:{variant}{'-dev' if self.dev else ''}"


def bracketed(address: str) -> str:
    """An address as it stands before a port: IPv6 in brackets."""
    return f"[{address}]" if ":" in address else address


def default_name(root: Path) -> str:
    """A Compose project name for a directory: its name, made valid, and six digits of its path's hash.

    Compose allows lower-case letters, digits, dashes and underscores, and a letter or digit first.
    """
    stem = re.sub(r"[^a-z0-9_-]+", "-", root.name.lower()).strip("-_") or "djdock"
    return f"{stem}-{hashlib.sha256(str(root).encode()).hexdigest()[:6]}"


def load(
    start: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    lenient: bool = False,
) -> Config:
    """The Config of the project that ``start`` (the current directory by default) belongs to.

    A missing ``.env`` is no error here: ``up`` makes one. Raises UsageError for an unknown key, a
    wrong type or a value that makes no sense, naming the key and the file; ``lenient`` takes what can
    be read instead, for tasks that need no more than the stack's name.
    """
    environ = os.environ if environ is None else environ
    root = project.find_root((start or Path.cwd()).resolve())
    table = _table(root, lenient=lenient)
    path = root / env_files.FILE
    values = env_files.read(path, environ, lenient=lenient) if path.is_file() else {}
    config = Config(root, table, _overridden(values, environ))
    if not lenient:
        check(config)
    check_name(config.name)
    return config


def salvage(start: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """What can be read of a project's Config, whatever is broken: to say what is.

    A ``.env`` that cannot be read counts as empty, and a name that Compose does not allow as not
    given; so nothing may be changed in a stack of this name.
    """
    environ = os.environ if environ is None else environ
    root = project.find_root((start or Path.cwd()).resolve())
    path = root / env_files.FILE
    try:
        values = env_files.read(path, lenient=True) if path.is_file() else {}
    except UsageError:
        values = {}
    values = _overridden(values, environ)
    try:
        check_name(values.get("COMPOSE_PROJECT_NAME") or default_name(root))
    except UsageError:
        values.pop("COMPOSE_PROJECT_NAME")
    return Config(root, _table(root, lenient=True), values)


def _table(root: Path, *, lenient: bool) -> Table:
    try:
        return read_table(root / "pyproject.toml")
    except UsageError:
        if not lenient:
            raise
        return Table()


def _overridden(values: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of ``.env``, with those of the environment that win over them."""
    return {
        **values,
        **{
            name: value
            for name, value in environ.items()
            if value and (name in OVERRIDES or name.endswith(("_IMAGE", "_MEMORY")))
        },
    }


#: What the Compose files read (besides images and memory limits): there the environment wins over
#: ``.env``, as in Compose.
OVERRIDES = (
    "COMPOSE_PROJECT_NAME", "WEB_PORT", "WEB_BIND", "WEB_CPUS", "WEB_TMP",
    "DATABASE_NAME", "DATABASE_USERNAME", "DATABASE_PASSWORD",
)  # fmt: skip


def check(config: Config) -> None:
    """Raises UsageError for the first value that cannot be meant."""
    check_table(config)
    check_machine(config.env)


def check_name(name: str) -> None:
    """Raises UsageError for a name that Compose or a repository of images cannot have."""
    if not re.fullmatch(r"[a-z0-9]+([_-]+[a-z0-9]+)*", name):
        raise UsageError(
            f"COMPOSE_PROJECT_NAME is `{name}`, which Compose does not allow.",
            "Use lower-case letters, digits, and dashes and underscores between them.",
        )


def check_table(config: Config) -> None:
    """Raises UsageError for the first key of ``[tool.djdock]`` that cannot be meant."""
    table, where = config.table, "[tool.djdock]"
    every = config.variants  # read, and so checked, wherever the Dockerfiles are
    variants = every if config.docker_dir.is_dir() else None
    limits.check(table.budget, variants, config.root / "pyproject.toml")
    pruning.check(table.minimal)
    generic.check(table)
    if table.bases not in BASES:
        raise one_of("choice of bases", table.bases, BASES, where=where)
    if table.secrets not in SECRETS:
        raise one_of("choice of secrets", table.secrets, SECRETS, where=where)
    if not re.fullmatch(r"3\.\d+", table.python):
        raise UsageError(
            f'`python` in {where} is "{table.python}", which is no version of Python.',
            'Write it like "3.13".',
        )
    if not re.fullmatch(r"[\w-]+", table.folder):
        raise UsageError(
            f'`folder` in {where} is "{table.folder}", which is no name of a folder in the root.',
            'Write it like "docker".',
        )
    if table.load_path and not table.load_path.startswith("/"):
        raise UsageError(
            f'`load_path` in {where} is "{table.load_path}", which is no path.',
            'Begin it with a slash: "/polls/".',
        )
    if table.wait_timeout < 1:
        raise UsageError(
            f"`wait_timeout` in {where} is {table.wait_timeout}.",
            "Give a number of seconds above 0.",
        )
    if config.docker_dir.is_dir():
        if table.variant not in config.variants:
            raise one_of("variant", table.variant, config.variants, where=where)
        _check_addons(config, where)


def _check_addons(config: Config, where: str) -> None:
    for addon in config.table.addons:
        if addon not in config.known_addons:
            raise one_of("add-on", addon, config.known_addons, where=where)
    if config.table.database:
        addon_files.require_database(
            config.addons_dir, config.table.database, config.known_addons, where=where
        )


def check_machine(env: Mapping[str, str]) -> None:
    """Raises UsageError for the first variable that cannot be meant."""
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
    if float(cpus) > (os.cpu_count() or float(cpus)) and not os.environ.get("DOCKER_HOST"):
        raise UsageError(
            f"WEB_CPUS is {cpus}, and this machine has {os.cpu_count()}.",
            "Give it no more than that.",
        )
    workers = env.get("WEB_CONCURRENCY") or "1"
    if not workers.isdecimal() or int(workers) < 1:
        raise UsageError(
            f"WEB_CONCURRENCY is `{workers}`, which is no number of processes.", "Write it like 2."
        )
    for name in sorted(name for name in env if name.endswith("_MEMORY") and env[name]):
        docker_limit(env[name], what=name, least=LEAST_MEMORY)
    tmp = env.get("WEB_TMP") or "64m"
    if docker_limit(tmp, what="WEB_TMP", least=LEAST_TMP) and not re.fullmatch(r"\d+[kmg]?", tmp):
        raise UsageError(
            f"WEB_TMP is `{tmp}`, which the kernel's tmpfs does not understand.",
            "Write a whole number and k, m or g: 64m.",
        )
