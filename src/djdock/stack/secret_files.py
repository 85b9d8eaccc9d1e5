"""Secrets as files: with ``secrets = "files"`` containers get ``/run/secrets/NAME``, and no value of it.

``docker/secrets/site.yaml``, and one file per add-on, say which secrets and for which services. ``.env``
stays where they are kept; what is made of it is ``.djdock/secrets/NAME``.

Outside of Swarm, Compose mounts such a file as it is: uid, gid and mode of the Compose file do nothing.
The files' readers have several users (10001 in the site, the owner of the source in ``makemigrations``,
whoever a database becomes), whose numbers are others again under a rootless engine, and who is not root
cannot give files away. So all may read the files, and only their owner may enter the folder: on this
machine nobody else gets at them, and a container has its own and no more.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from djdock.config import Config
from djdock.env import is_secret
from djdock.errors import UsageError
from djdock.stack import addons as addon_files

_FILE = re.compile(r"^\s*file:\s*[\"']?\.\./\.djdock/secrets/(\w+)", re.M)


def overlays(config: Config, addons: Sequence[str]) -> list[Path]:
    """The Compose files that hand secrets over as files, relative to the root; none by default."""
    if config.table.secrets != "files":
        return []
    folder = config.docker_dir / "secrets"
    paths = [folder / f"{name}.yaml" for name in ("site", *addons)]
    paths = [path for path in paths if path.is_file()] + addon_files.together(folder, addons)
    return [path.relative_to(config.root) for path in paths]


def names(config: Config) -> tuple[str, ...]:
    """The secrets that those files name, sorted."""
    texts = [
        (config.root / path).read_text(encoding="utf-8") for path in overlays(config, config.addons)
    ]
    return tuple(sorted({name for text in texts for name in _FILE.findall(text)}))


def _made(config: Config) -> dict[str, str]:
    """The secrets that are no variables of ``.env`` but are made of some, as those files say."""
    texts: dict[str, str] = {}
    for path in overlays(config, config.addons):
        texts |= addon_files.block(config.root / path).get("secrets") or {}
    return {name: addon_files.filled(text, config.env) for name, text in texts.items()}


def left(config: Config) -> tuple[str, ...]:
    """The secrets of ``.env`` that no such file names, and that stay in the environment, sorted."""
    if config.table.secrets != "files":
        return ()
    others = config.env.keys() - {*names(config)}
    return tuple(sorted(name for name in others if is_secret(name) and config.env[name]))


def write(config: Config) -> dict[str, str]:
    """Writes the secrets' files, where they are not right already; nothing by default.

    Returns Compose's variables: for each secret when its file was last changed, in nanoseconds. Raises
    UsageError when one has no value.
    """
    made = _made(config)
    wanted = {name: made.get(name) or config.env.get(name, "") for name in names(config)}
    for name, value in wanted.items():
        if not value:
            raise UsageError(
                f'{name} has no value in .env, and `secrets = "files"` makes a file of it.',
                "Give it one there, or take it out of docker/secrets.",
            )
    if not wanted:
        return {}
    folder = config.make_scratch() / "secrets"
    folder.mkdir(exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    stamps = {name: _written(folder / name, value.encode()) for name, value in wanted.items()}
    return {f"{name}_CHANGED": str(stamp) for name, stamp in stamps.items()}


def _written(path: Path, value: bytes) -> int:
    if not path.is_file() or path.is_symlink() or path.read_bytes() != value:
        # Under another name first: a kill leaves no half of a secret. A new file, too: containers that
        # run keep what they were started with.
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        partial = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(value)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    path.chmod(0o444)
    return path.stat().st_mtime_ns
