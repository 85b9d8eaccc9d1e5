"""``up --dev``: the site's services run from the source on this machine, mounted into them.

The Compose files of docker/dev are added, one for the site and one for each add-on that needs one, and
the image is that of the Dockerfile's stage `dev`. Containers run as the source's owner, so that what
they write into it belongs to whom the rest of it belongs, also where root types the command.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from djdock.config import Config
from djdock.errors import MissingError, UsageError
from djdock.shell import Shell

#: The stage of a Dockerfile, and what its image's tag ends with.
STAGE = "dev"

#: Where the site's file of Compose is, in djdock's folder; add-ons' are beside it.
FILE = Path("dev", "site.yaml")


def overlays(config: Config, addons: Sequence[str]) -> list[Path]:
    """The Compose files of a stack that runs from the source, relative to the root; else none."""
    if not config.dev:
        return []
    first = Path(config.table.folder) / FILE
    paths = [first, *(first.with_stem(name) for name in addons)]
    return [path for path in paths if (config.root / path).is_file()]


def has_stage(config: Config, variant: str) -> bool:
    """Whether a variant's Dockerfile has the stage for this."""
    text = (config.root / config.dockerfile(variant)).read_text(encoding="utf-8", errors="replace")
    return bool(re.search(rf"(?im)^FROM\s.+\sAS\s+{STAGE}\s*$", text))


def require(config: Config, variant: str) -> None:
    """Raises UsageError for a variant without that stage, and MissingError without docker/dev."""
    if not (config.docker_dir / FILE).is_file():
        path = Path(config.table.folder) / FILE
        raise MissingError(f"There is no {path} in {config.root}.", "Take it from version control.")
    if has_stage(config, variant):
        return
    able = [name for name in config.variants if has_stage(config, name)]
    raise UsageError(
        f"The variant {variant} cannot run from the source: {config.dockerfile(variant)} has no stage "
        f"`{STAGE}`.",
        f"Run another one: `--variant {able[0]}`."
        if able
        else "docs/dev.md says what that stage is.",
    )


def variables(config: Config, shell: Shell, docker: str) -> dict[str, str]:
    """What the files of docker/dev, and add-ons' volumes, take from the environment; else nothing."""
    if not config.dev:
        return {}
    user = owner(config, shell, docker)
    return {
        "DEV_SOURCE": str(config.source),
        "DEV_USER": user,
        "WEB_BIND": config.bind,
        "WEB_UID": user.partition(":")[0],
    }


def owner(config: Config, shell: Shell, docker: str) -> str:
    """The source's owner, ``uid:gid``, as containers have it.

    An engine that runs without root's rights has its user as the containers' root. A dry run takes it
    that there is none.
    """
    found = config.source.stat()
    if found.st_uid and not shell.dry:
        said = shell.capture([docker, "info", "--format", "{{.SecurityOptions}}"], check=False)
        if "name=rootless" in said.stdout:
            return "0:0"
    return f"{found.st_uid}:{found.st_gid}"
