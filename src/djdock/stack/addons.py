"""Add-ons: what their Compose files say of themselves, in the block ``x-djdock``.

Everything that djdock knows of an add-on stands there, so that one that a project drops into its
``docker/addons`` takes part like any other; docs/addons.md explains the keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from djdock import env as env_files
from djdock.errors import UsageError, one_of

#: The roles that djdock has words for: `--db` chooses a database, `--scale web=3` needs a proxy.
DATABASE, PROXY = "database", "proxy"

#: ``image: ${POSTGRES_IMAGE:-postgres:17}``: the variable, and the official image it replaces.
_IMAGE = re.compile(r"image:\s*[\"']?\$\{(?P<variable>\w+):-(?P<image>[^}\s$]+)\}")

#: What a Compose file cannot do without: ``${NAME:?is missing}``.
_NEEDED = re.compile(r"\$\{(\w+):\?")


@dataclass(frozen=True)
class Addon:
    """One add-on, as its file describes it."""

    name: str
    #: What it is for the site: database, cache, broker, proxy, … Any word will do.
    role: str = ""
    #: Whether a stack has one add-on of this role only.
    alone: bool = False
    #: The service that does the work; default: of the add-on's name.
    service: str = ""
    #: What `--publish` publishes; 0: nothing.
    port: int = 0
    #: How web reaches it, with Compose's variables.
    connection: str = ""
    #: The command of `dbshell`, in the service's container, with Compose's variables.
    client: tuple[str, ...] = ()
    #: The add-ons that it does not work without.
    needs: tuple[str, ...] = ()
    #: Whether a stack comes up without it where its image cannot be had.
    optional: bool = False
    #: The services that may be several.
    scales: tuple[str, ...] = ()
    #: The volumes that the file declares.
    volumes: tuple[str, ...] = ()
    #: The variables that the file cannot do without.
    required: tuple[str, ...] = ()


#: The keys of the block, with their types and how these are called.
_KEYS: Mapping[str, tuple[type, str]] = {
    "role": (str, "a word"),
    "alone": (bool, "true or false"),
    "service": (str, "a service's name"),
    "port": (int, "a port"),
    "connection": (str, "a URL"),
    "client": (list, "a list of words"),
    "needs": (list, "a list of add-ons"),
    "optional": (bool, "true or false"),
    "scales": (list, "a list of services"),
}


def read(folder: Path, name: str) -> Addon:
    """The add-on of a file. Raises UsageError when it is not there, no YAML, or has a wrong key."""
    path = folder / f"{name}.yaml"
    if not path.is_file():
        raise one_of("add-on", name, (p.stem for p in folder.glob("*.yaml")))
    return _parse(path, name)


def read_all(folder: Path, names: Iterable[str]) -> list[Addon]:
    """The add-ons of these names, in their order."""
    return [read(folder, name) for name in names]


def scalable(compose_file: Path, chosen: Iterable[Addon]) -> tuple[str, ...]:
    """The services that may be several: the site's own, as compose.yaml says, and the add-ons'."""
    own = _parse(compose_file, "").scales if compose_file.is_file() else ()
    return tuple(dict.fromkeys([*own, *(name for addon in chosen for name in addon.scales)]))


def block(path: Path) -> dict[str, Any]:
    """What a Compose file says in ``x-djdock``; nothing where it has none."""
    found = _yaml(path, path.read_text(encoding="utf-8")).get("x-djdock")
    return found if isinstance(found, dict) else {}


def _parse(path: Path, name: str) -> Addon:
    text = path.read_text(encoding="utf-8")
    document = _yaml(path, text)
    block = document.get("x-djdock") or {}
    where = f"x-djdock of {path.parent.name}/{path.name}"
    if not isinstance(block, dict):
        raise UsageError(f"{where} must be a table.", "docs/addons.md explains its keys.")
    values: dict[str, Any] = {}
    for key, value in block.items():
        if key not in _KEYS:
            raise one_of("key", str(key), _KEYS, where=where)
        kind, words = _KEYS[key]
        fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not fits or (kind is list and not all(isinstance(item, str) for item in value)):
            raise UsageError(f"`{key}` in {where} must be {words}, not {value!r}.", "Correct it.")
        values[key] = tuple(value) if kind is list else value
    values.setdefault("service", name)
    volumes = document.get("volumes")
    return Addon(
        name,
        **values,
        volumes=tuple(volumes) if isinstance(volumes, dict) else (),
        required=needed(text),
    )


def _yaml(path: Path, text: str) -> dict[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Compose's own tags (!reset, !override) say nothing that is of use here."""

    Loader.add_multi_constructor("!", lambda _loader, _tag, _node: None)
    try:
        found = yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"Line {mark.line + 1} of {path}" if mark else str(path)
        raise UsageError(f"{line} is not valid YAML.", "Correct it there.") from error
    return found if isinstance(found, dict) else {}


def needed(text: str) -> tuple[str, ...]:
    """The variables that the text of a Compose file cannot do without, sorted."""
    return tuple(sorted(set(_NEEDED.findall(text))))


def together(folder: Path, addons: Sequence[str]) -> list[Path]:
    """What add-ons bring for each other: ``folder/ONE/OTHER.yaml`` where both are chosen."""
    paths = (folder / one / f"{other}.yaml" for one in addons for other in addons)
    return [path for path in paths if path.is_file()]


def images(addons_dir: Path, addons: Sequence[str]) -> dict[str, str]:
    """The official image behind each variable that the chosen add-ons' files name."""
    found: dict[str, str] = {}
    for path in [
        *(addons_dir / f"{addon}.yaml" for addon in addons),
        *together(addons_dir, addons),
    ]:
        text = path.read_text(encoding="utf-8")
        found |= {match["variable"]: match["image"] for match in _IMAGE.finditer(text)}
    return found


def require_database(folder: Path, name: str, known: Iterable[str], *, where: str = "") -> None:
    """Raises UsageError, with the nearest that is one, for what is no add-on with a database."""
    known = list(known)
    if name in known and read(folder, name).role == DATABASE:
        return
    databases = [other for other in known if read(folder, other).role == DATABASE]
    raise one_of("database", name, databases, where=where)


def with_database(folder: Path, names: Sequence[str], database: str) -> tuple[str, ...]:
    """``names`` with ``database`` in the place of the database among them, else before all."""
    roles = [read(folder, name).role for name in names]
    place = roles.index(DATABASE) if DATABASE in roles else 0
    rest = [name for name, role in zip(names, roles, strict=True) if role != DATABASE]
    return (*rest[:place], database, *rest[place:])


def database_client(
    folder: Path, addons: Sequence[str], env: Mapping[str, str]
) -> tuple[str, list[str]] | None:
    """The service to run a database client in and its command line; None without a database."""
    for addon in read_all(folder, addons):
        if addon.role == DATABASE and addon.client:
            return addon.service, [filled(word, env) for word in addon.client]
    return None


def connection(addon: Addon, env: Mapping[str, str]) -> str:
    """How web reaches an add-on, with secrets masked; empty when it has nothing to be reached at."""
    masked = {name: "***" for name in addon.required if env_files.is_secret(name)}
    masked |= {name: "***" for name in env if env_files.is_secret(name)}
    return filled(addon.connection, {**env, **masked})


def filled(text: str, env: Mapping[str, str]) -> str:
    """``text`` with its variables replaced, as Compose does it. Raises UsageError where it cannot."""
    from djdock.envfile.compose_template import TemplateError, substitute

    try:
        return substitute(text, env.get)
    except TemplateError as error:
        raise UsageError(
            f"`{text}` in x-djdock cannot be filled in: {error}.", "Write a $ of its own as $$."
        ) from None
