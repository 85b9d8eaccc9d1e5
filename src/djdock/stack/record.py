"""What the stack that is up was started as: ``.djdock/up``, written when it has come up.

Tasks talk to what is up. Flags choose add-ons for one run of ``up``, so it is not ``[tool.djdock]`` that
knows them; nor do the containers' labels, which stay what they were where a container was not replaced.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from djdock import whole
from djdock.config import Config
from djdock.stack import compose, dev, publish
from djdock.stack.state import Container


@dataclass(frozen=True)
class Record:
    """The stack's name, a digest of all that it is made of, its add-ons; does it publish any, and run
    from the source?"""

    name: str
    digest: str
    addons: tuple[str, ...]
    published: bool
    dev: bool = False


def read(config: Config) -> Record | None:
    """What was written down last; None when it is of another stack, or cannot be read."""
    try:
        said = json.loads((config.scratch / "up").read_text(encoding="utf-8"))
        found = Record(
            str(said["name"]),
            str(said["digest"]),
            tuple(said["addons"]),
            bool(said["published"]),
            bool(said.get("dev")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.name == config.name else None


def write(config: Config, digest: str) -> None:
    """Writes down what the stack is that has come up."""
    data = {
        "name": config.name,
        "digest": digest,
        "addons": config.addons,
        "published": publish.FILE in config.overlays,
        "dev": config.dev,
    }
    whole.write(config.make_scratch() / "up", json.dumps(data) + "\n")


def in_effect(config: Config, found: Sequence[Container]) -> Config:
    """The Config of the stack that is up, whose containers ``found`` are; ``config`` when it is down."""
    if not any(container.running for container in found):
        return config
    record = read(config)
    if record is None:
        paths = _by_labels(found)
        if not paths:
            return config
        names = tuple(path.stem for path in paths if path.parent.name == "addons")
        sources = any(path.match(dev.FILE.as_posix()) for path in paths)
        record = Record(config.name, "", names, published=False, dev=sources)
    names = tuple(name for name in record.addons if name in config.known_addons)
    there = record.published and (config.root / publish.FILE).is_file()
    overlays = (publish.FILE,) if there else ()
    return replace(config, chosen=names, overlays=overlays, dev=record.dev)


def _by_labels(found: Sequence[Container]) -> list[Path]:
    """The files that web, else anyone, was started with; none where nobody says."""
    files = [c.files for c in found if c.service == compose.WEB] or [c.files for c in found]
    return [Path(path) for path in next((paths for paths in files if paths), ())]
