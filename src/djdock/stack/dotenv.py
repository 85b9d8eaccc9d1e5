"""The stack's ``.env``: made on a fresh clone, and complete before anything is started."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from djdock import env
from djdock.config import Config, default_name, load
from djdock.errors import UsageError
from djdock.shell import Shell
from djdock.stack import secret_files


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


#: A variable that a Compose file reads: ``${NAME}``, ``${NAME:-default}``.
_READ = re.compile(r"\$\{?(\w+)")


def compare(config: Config, values: Mapping[str, str]) -> env.Findings:
    """``.env`` against its example, less what only add-ons read that the project has not chosen.

    So a ``.env`` goes on being whole when djdock learns of another add-on.
    """
    found = env.compare(values, config.root / env.EXAMPLE)
    if not found.missing:
        return found
    addons = {name: config.docker_dir / "addons" / f"{name}.yaml" for name in config.known_addons}
    chosen = [path for name, path in addons.items() if name in config.table.addons]
    others = _read(path for name, path in addons.items() if name not in config.table.addons)
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
    from djdock.envfile.differences import differences

    for found in differences(env.text_of(config.root / env.FILE), os.environ):
        if found.stops_up:
            raise UsageError(
                f"Line {found.line} of .env is not read alike by python-dotenv and Compose: "
                f"{found.why}.",
                "`invoke env.check` shows what each makes of it.",
            )
