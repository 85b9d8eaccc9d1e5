"""The command lines of ``docker compose`` for this project's stack. Pure functions, no processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from djdock.config import Config
from djdock.errors import MissingError, one_of
from djdock.stack import addons as addon_files
from djdock.stack import dev, secret_files

#: The services that run the project's own image.
WEB, MIGRATE = "web", "migrate"


def files(config: Config, addons: Sequence[str]) -> list[Path]:
    """The Compose files of a stack, relative to the root: the site's, one per add-on, secrets',
    those for development, and those of this run.

    Raises UsageError for an unknown add-on and MissingError when there is no compose.yaml.
    """
    main = config.docker_dir / "compose.yaml"
    if not main.is_file():
        raise MissingError(
            f"There is no {main.relative_to(config.root)} in {config.root}.",
            "Run the task in the project's folder, or take the file from version control.",
        )
    paths = [main.relative_to(config.root)]
    for addon in addons:
        if addon not in config.known_addons:
            raise one_of("add-on", addon, config.known_addons)
        paths.append(Path(config.table.folder, "addons", f"{addon}.yaml"))
    paths += [p.relative_to(config.root) for p in addon_files.together(config.addons_dir, addons)]
    paths += [*secret_files.overlays(config, addons), *dev.overlays(config, addons)]
    return [*paths, *config.overlays]


def compose(docker: str, config: Config, *words: str) -> list[str]:
    """``docker compose …`` on this project's stack, with the files that Config chooses."""
    argv = [docker, "compose", "--project-name", config.name]
    # Compose looks for .env beside the first Compose file; ours is in the root.
    # (A fresh clone has none yet: `up` makes it from the example first.)
    there = any((config.root / name).is_file() for name in (".env", ".env.example"))
    argv += ["--env-file", ".env"] if there else []
    for path in files(config, config.addons):
        argv += ["--file", path.as_posix()]
    return [*argv, *words]


def running(docker: str, config: Config, *words: str) -> list[str]:
    """``docker compose …`` on the stack that is up, whatever files it was started with.

    Compose finds its containers by their labels, so neither the files nor ``.env`` are needed.
    """
    return [docker, "compose", "--project-name", config.name, *words]


def up(
    *,
    foreground: bool,
    wait_timeout: int,
    scale: Mapping[str, int] | None = None,
    orphans: bool = False,
) -> list[str]:
    """The words of ``up``: images are built before, and what is gone from the files is removed.

    ``scale`` is how many containers a service gets; ``orphans``: what is gone stays for now.
    """
    words = ["up", "--no-build", *([] if orphans else ["--remove-orphans"])]
    for service, number in (scale or {}).items():
        words += ["--scale", f"{service}={number}"]
    if foreground:
        return words
    return [*words, "--detach", "--wait", "--wait-timeout", str(wait_timeout)]


def down(*, volumes: bool) -> list[str]:
    """The words of ``down``."""
    return ["down", "--remove-orphans", *(["--volumes"] if volumes else [])]


def logs(services: Sequence[str], *, follow: bool, tail: str) -> list[str]:
    """The words of ``logs``."""
    words = ["logs", *(["--follow"] if follow else []), *(["--tail", tail] if tail else [])]
    return [*words, *services]


def execute(service: str, command: Sequence[str], *, tty: bool) -> list[str]:
    """The words of ``exec``: ``-T`` when there is no terminal, else Compose refuses to run."""
    return ["exec", *([] if tty else ["-T"]), service, *command]


def run_once(service: str, command: Sequence[str], *, tty: bool, deps: bool = True) -> list[str]:
    """The words of ``run``: a container of its own for one command, removed afterwards."""
    words = ["run", "--rm", *([] if tty else ["-T"]), *([] if deps else ["--no-deps"])]
    return [*words, service, *command]


def manage(*words: str) -> list[str]:
    """A management command, as it is run inside the site's image."""
    return ["python", "manage.py", *words]
