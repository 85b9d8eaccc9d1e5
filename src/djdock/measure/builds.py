"""Builds, timed: without a cache, after a change of the code, after a new dependency.

They run in a copy of the project, so that changes can be made to it.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from djdock.config import Config
from djdock.errors import MissingError
from djdock.images import build, generic
from djdock.measure import dependency
from djdock.measure.subject import Subject
from djdock.shell import Shell

#: What is never part of a build, and large: beside pyproject.toml, and anywhere.
AT_ROOT = frozenset({".git", ".venv", ".nox", ".djdock", "reports"})
ANYWHERE = frozenset({"node_modules", ".env", "__pycache__"})


@contextmanager
def copy(config: Config) -> Iterator[Config]:
    """The same project in a temporary folder, with the same names of images.

    Raises MissingError for a file that cannot be read, and for a full disk.
    """
    with tempfile.TemporaryDirectory(prefix="djdock-images-") as folder:
        root = Path(folder, config.root.name)
        try:
            shutil.copytree(config.root, root, ignore=_left_out(config.root), symlinks=True)
        except shutil.Error as error:  # all that went wrong; one will do
            path, _, said = error.args[0][0]
            why = re.sub(r"^\[Errno \d+\] |: '.*", "", said)
            raise MissingError(
                f"{path} cannot be copied: {why}.", "Mend that and try again."
            ) from error
        yield replace(config, root=root, env={**config.env, "COMPOSE_PROJECT_NAME": config.name})


def _left_out(root: Path) -> Callable[[str, list[str]], set[str]]:
    def left_out(folder: str, names: list[str]) -> set[str]:
        # An app of the site may well be called reports.
        unwanted = ANYWHERE | AT_ROOT if Path(folder) == root else ANYWHERE
        return {name for name in names if name in unwanted or _special(Path(folder, name))}

    return left_out


def _special(path: Path) -> bool:
    """Whether it is a socket, a pipe or a device: no build sends those, and none can be copied."""
    return not (path.is_symlink() or path.is_dir() or path.is_file())


def changed_tag(image: str) -> str:
    """The tag of the image that is built after a change, which is removed in the end."""
    return f"{image}-changed"


@dataclass(frozen=True)
class Builder:
    """Builds subjects of a copied project; ``contexts`` are the stand-ins of official bases.

    Each method takes a subject and gives the seconds that its build took. All raise CommandFailed
    when it fails.
    """

    config: Config
    shell: Shell
    docker: str
    contexts: Mapping[str, str]

    def base(self, subject: Subject) -> str:
        """The images that its Dockerfile starts FROM, as far as djdock knows them; maybe none."""
        return ", ".join(self.contexts.get(name, name) for name in subject.bases)

    def cold(self, subject: Subject) -> float:
        """Every instruction runs; what a Dockerfile keeps in cache mounts is there."""
        return self._build(subject, subject.image, no_cache=True)

    def cached(self, subject: Subject) -> float:
        """As `invoke build` does."""
        return self._build(subject, subject.image)

    def after_code(self, subject: Subject) -> float:
        """After a one-line change of the settings module, which every Django project has."""
        with changed(settings_file(self.config), f"\n# changed at {time.time_ns()}\n"):
            return self._build(subject, changed_tag(subject.image))

    def after_dependency(self, subject: Subject) -> float:
        """After a package was added to the requirements."""
        path = generic.requirements(self.config)[0]
        with changed(path, dependency.line(path, f"changed at {time.time_ns()}")):
            return self._build(subject, changed_tag(subject.image))

    def _build(self, subject: Subject, tag: str, *, no_cache: bool = False) -> float:
        used = {name: image for name, image in self.contexts.items() if name in subject.bases}
        asked = build.Build(tag, no_cache=no_cache, contexts=used, quiet=True)
        return build.run(self.config, self.shell, self.docker, subject.variant, asked)


@contextmanager
def changed(path: Path, added: str) -> Iterator[None]:
    """A file with something added to its end, for as long as it takes."""
    before = path.read_bytes()
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(added)
        yield
    finally:
        path.write_bytes(before)


def settings_file(config: Config) -> Path:
    """The file of the settings module."""
    module = config.source.joinpath(*config.settings.split("."))
    plain = module.with_suffix(".py")
    return plain if plain.is_file() else module / "__init__.py"
