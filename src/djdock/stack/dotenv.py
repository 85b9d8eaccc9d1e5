"""The stack's ``.env``: made on a fresh clone, and complete before anything is started."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from djdock import env
from djdock.config import Config, default_name, load
from djdock.errors import UsageError
from djdock.shell import Shell
from djdock.stack import addons, secret_files
from djdock.stack.addons import Addon


def prepare_env(config: Config, note: Callable[[str], None], *, https: bool = False) -> bool:
    """Makes ``.env`` on a fresh clone and says so; returns whether it did.

    ``https`` is for a site behind a proxy that ends TLS.
    """
    made = env.init(config.root, initial(config) | ({"DJANGO_HTTPS": "True"} if https else {}))
    if made:
        note(f"Made {made.name} from {env.EXAMPLE}, with generated secrets (mode 0600).")
        secret_files.write(load(config.root))
    return made is not None


def ensure_env(config: Config, shell: Shell, note: Callable[[str], None]) -> tuple[Config, Shell]:
    """Makes ``.env`` if need be; what was known before it was there is read, and masked, anew."""
    if not prepare_env(config, note):
        return config, shell
    config = load(config.root)
    return config, replace(shell, secrets=config.secrets)


def initial(config: Config) -> dict[str, str]:
    """What a new ``.env`` gets besides secrets: a name that no other checkout has."""
    return {
        "COMPOSE_PROJECT_NAME": config.env.get("COMPOSE_PROJECT_NAME") or default_name(config.root)
    }


def add_secrets(
    config: Config,
    shell: Shell,
    note: Callable[[str], None],
    volumes: Callable[[], Collection[str]] = tuple,
) -> tuple[Config, Shell]:
    """Adds to an existing ``.env`` the secrets that the stack's add-ons cannot do without, generated.

    What stands there stays as it is. ``volumes`` are those of the stack, by the names that the Compose
    files have for them: raises UsageError when the add-on's is there already, since it keeps the secret
    that it was created with.
    """
    path = config.root / env.FILE
    wanted = _lacking(config, config.env)
    if not wanted or not path.is_file() or _lacks_more(config, wanted):
        return config, shell
    with _alone(config):
        text = env.text_of(path)
        wanted = _lacking(config, env.read(path))  # another run may have been faster
        there = {*volumes()} if wanted else set()
        for name, addon in wanted.items():
            kept = sorted(there.intersection(addon.volumes))
            if kept:
                raise UsageError(
                    f"{name} is missing from .env, and the volume {config.name}_{kept[0]} was made "
                    "with one.",
                    "Put that one back, or delete the volume with its data: "
                    f"`docker volume rm {config.name}_{kept[0]}`.",
                )
        if wanted:
            lines = [f"{name}={env.generate()}\n" for name in wanted]
            names = ", ".join(dict.fromkeys(addon.name for addon in wanted.values()))
            begin = text if not text or text.endswith("\n") else f"{text}\n"
            added = f"{begin}\n# Generated for {names}.\n{''.join(lines)}"
            env.rewrite(path, added.encode())
            note(f"Added to .env, generated: {', '.join(wanted)} (for {names}).")
    config = replace(config, env=load(config.root).env)
    return config, replace(shell, secrets=config.secrets)


def _lacking(config: Config, values: Mapping[str, str]) -> dict[str, Addon]:
    """The secrets that an add-on needs and that are not set at all, with the add-on."""
    return {
        name: addon
        for addon in addons.read_all(config.addons_dir, config.addons)
        for name in addon.required
        if env.is_secret(name) and name not in values and not os.environ.get(name)
    }


def _lacks_more(config: Config, wanted: Collection[str]) -> bool:
    """Whether ``up`` will refuse this ``.env`` anyway: then it stays as it is."""
    if not (config.root / env.EXAMPLE).is_file():
        return False
    return not {*compare(config, env.read(config.root / env.FILE)).missing} <= {*wanted}


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """Two runs at once would each add a secret, and one of them would start with the wrong one."""
    descriptor = os.open(config.make_scratch() / "env.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


#: A variable that a Compose file reads: ``${NAME}``, ``${NAME:-default}``.
_READ = re.compile(r"\$\{?(\w+)")


def compare(config: Config, values: Mapping[str, str]) -> env.Findings:
    """``.env`` against its example, less what only add-ons read that the project has not chosen.

    So a ``.env`` goes on being whole when djdock learns of another add-on.
    """
    found = env.compare(values, config.root / env.EXAMPLE)
    if not found.missing:
        return found
    files = {name: config.addons_dir / f"{name}.yaml" for name in config.known_addons}
    chosen = [path for name, path in files.items() if name in config.addons]
    others = _read(path for name, path in files.items() if name not in config.addons)
    chosen += addons.together(config.addons_dir, config.addons)
    others |= _read(config.addons_dir.glob("*/*.yaml"))
    others -= _read([config.docker_dir / "compose.yaml", *chosen])
    return replace(found, missing=tuple(name for name in found.missing if name not in others))


def _read(files: Iterable[Path]) -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in files if path.is_file())
    return {name for text in texts for name in _READ.findall(text)}


def require_env(config: Config) -> None:
    """Raises UsageError when ``.env`` cannot be what is meant.

    It lacks a variable that its example has, has a placeholder, or a line that djdock and Compose do not
    read alike. What only ``docker run --env-file`` reads otherwise stops no stack.
    """
    _require_one_meaning(config)
    example = config.root / env.EXAMPLE
    if not example.is_file():
        return
    found = compare(config, env.read(config.root / env.FILE))
    if found.missing:
        raise UsageError(
            f"{found.missing[0]} is missing from .env"
            + (f", and {len(found.missing) - 1} more" if len(found.missing) > 1 else "")
            + ".",
            "Add it as .env.example has it, or let `invoke doctor --fix` do so; "
            "`invoke env.check` lists all that differs.",
        )
    if found.default:
        raise UsageError(
            f"{found.default[0]} in .env still has its placeholder `{env.PLACEHOLDER}…`.",
            "Give it a value of your own, or move .env away and let `invoke env.init` make one.",
        )


def _require_one_meaning(config: Config) -> None:
    from djdock.envfile import compose_dotenv
    from djdock.envfile.differences import differences

    text = env.text_of(config.root / env.FILE)
    refused = {one.line for one in compose_dotenv.read(text, os.environ).refusals}
    settled = _settled(config)
    for found in differences(text, os.environ):
        meant = found.line not in refused and found.name in settled
        if found.stops_up and not meant:
            raise UsageError(
                f"Line {found.line} of .env is not read alike by python-dotenv and Compose: "
                f"{found.why}.",
                "`invoke env.check` shows what each makes of it.",
            )


def _settled(config: Config) -> frozenset[str]:
    """What ``stack.env`` gives to the containers, less what a Compose file reads itself."""
    from djdock.init import stackenv

    path = config.docker_dir / stackenv.NAME
    if not path.is_file():
        return frozenset()
    files = [config.docker_dir / "compose.yaml", *config.addons_dir.glob("*.yaml")]
    return stackenv.settled(env.text_of(path), os.environ) - _read(files)
