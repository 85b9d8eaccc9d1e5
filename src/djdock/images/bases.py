"""Bases: which image to use where an official one is named, and how its stand-in gets built.

Stand-ins are for when no registry answers. One carries a name of its own and a label with the
digest of its recipe, so that a changed recipe is noticed.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djdock import engine
from djdock.errors import MissingError, UsageError
from djdock.images import registry, rootfs
from djdock.images.catalogue import (
    BASES,
    LABEL,
    Base,
    Image,
    choose,
    digest,
    find,
    local,
    no_standin,
    recipes,
    usual,
)  # fmt: skip
from djdock.images.registry import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from djdock.shell import Shell

    Note = Callable[[str], None]

__all__ = ["BASES", "Base", "Built", "Image", "Resolution", "Row"]
__all__ += ["choose", "ensure", "find", "listing", "resolve", "usual"]


@dataclass(frozen=True)
class Resolution:
    """Which image to use where ``official`` is named, and why."""

    official: str
    image: str
    reason: str
    #: The stand-in's description, when it is used.
    base: Base | None = None
    #: Whether it has to be built first: it is not there, or its recipe has changed.
    build: bool = False

    @property
    def difference(self) -> str:
        """What one gets in the place of ``official``, where that holds something else."""
        return self.base.difference(self.official) if self.base else ""


@dataclass(frozen=True)
class Built:
    """A stand-in that is there now. Images that were built together share the ``seconds``."""

    base: Base
    image: Image
    seconds: float = 0.0
    built: bool = False


@dataclass(frozen=True)
class Row:
    """One line of ``invoke bases --list``."""

    base: Base
    image: Image | None
    current: bool
    resolution: Resolution


def resolve(
    images: Sequence[str],
    mode: str,
    shell: Shell,
    *,
    keep: bool = False,
    ask: registry.Ask | None = None,
) -> dict[str, Resolution]:
    """Which image to use for each official name, within three seconds. ``mode`` is as configured.

    auto: the official image if it is here or its registry has it, else the stand-in. With ``keep``,
    a stand-in that is here is used without asking a registry: a database stays with the build that
    its volume was made with. Raises UsageError when ``mode`` is debian and an image has no
    stand-in, MissingError when one can be had from nowhere.
    """
    wanted = list(dict.fromkeys(images))
    if mode == "official":
        return {name: Resolution(name, name, "as configured") for name in wanted}
    bases = {name: find(name) for name in wanted}
    here = local(shell, [*wanted, *(base.standin for base in bases.values() if base)])
    if mode == "debian":
        return {name: _configured(name, base, here) for name, base in bases.items()}
    found: dict[str, Resolution] = {}
    for name, base in bases.items():
        if name in here:
            found[name] = Resolution(name, name, "local official image")
        elif keep and base and base.standin in here:
            # As it is, also when its recipe has changed: data may depend on it.
            found[name] = Resolution(name, base.standin, "local stand-in", base)
    answers = registry.look_up([name for name in wanted if name not in found], ask)
    for name, answer in answers.items():
        found[name] = _answered(name, bases[name], here, answer)
    return {name: found[name] for name in wanted}


def _configured(name: str, base: Base | None, here: Mapping[str, Image]) -> Resolution:
    if base is None:
        raise UsageError(
            f'`{name}` cannot be replaced as `bases = "debian"` asks. {no_standin(name)}',
            'Set `bases = "auto"` in [tool.djdock], or change the version.',
        )
    return _standin(name, base, here, "as configured")


def _answered(
    name: str, base: Base | None, here: Mapping[str, Image], answer: Answer
) -> Resolution:
    if answer in (Answer.HAS, Answer.UNKNOWN):
        return Resolution(name, name, answer.value)
    if base is None:
        raise MissingError(
            f"`{name}` is not here, and {answer.value}. {no_standin(name)}",
            "Reach a registry (`docker login`), or bring the image along with `docker load`.",
        )
    return _standin(name, base, here, answer.value)


def _standin(name: str, base: Base, here: Mapping[str, Image], reason: str) -> Resolution:
    image = here.get(base.standin)
    current = image is not None and image.recipe == digest(base)
    return Resolution(name, base.standin, reason, base, build=not current)


def to_build(
    wanted: Iterable[Base], here: Mapping[str, Image], *, force: bool = False
) -> list[Base]:
    """The bases to build, parents first: what is not here or has changed, and what it stands on."""
    found: dict[str, Base] = {}

    def add(base: Base) -> None:
        image = here.get(base.standin)
        if image is not None and image.recipe == digest(base) and not force:
            return
        if base.parent:
            add(BASES[base.parent])
        found[base.name] = base

    for base in wanted:
        add(base)
    return list(found.values())


def bake(
    docker: str,
    names: Sequence[str],
    labels: Mapping[str, str],
    *,
    builder: str = "",
    ca: Path | None = None,
    no_cache: bool = False,
) -> list[str]:
    """The command line that builds stand-ins on their roots, all at once, from their folder."""
    words = [docker, "buildx", "bake", "--file", "docker-bake.hcl", "--load", "--provenance=false"]
    words += ["--builder", builder] if builder else []
    words += ["--no-cache"] if no_cache else []
    for name in names:
        words += ["--set", f"{name}.labels.{LABEL}={labels[name]}"]
    words += ["--set", f"*.secrets=id=ca,src={ca}"] if ca else []
    return [*words, *names]


def ensure(
    wanted: Iterable[Base],
    shell: Shell,
    *,
    force: bool = False,
    note: Note = lambda text: print(text, file=sys.stderr),
    ca: Path | None = None,
) -> list[Built]:
    """Builds the stand-ins that are not here or whose recipe has changed; ``force``: all of them.

    ``ca`` is a bundle of certificate authorities, for a mirror that is reached by https. Returns
    what is there now, in the order asked for, preceded by the roots that had to be built. An image
    gets its tag when it is complete, also when this ends with MissingError (nothing to build it
    with), CommandFailed or Interrupted.
    """
    asked = list(dict.fromkeys(wanted))
    family = list(dict.fromkeys([*(BASES[b.parent] for b in asked if b.parent), *asked]))
    names = [base.standin for base in family]
    before = local(shell, names)
    todo = to_build(asked, before, force=force)
    seconds: dict[str, float] = {}
    if todo:
        seconds = _build(todo, shell, note, ca, force=force)
    after = local(shell, names) if todo else before
    _forget(shell, before, after)
    return [
        Built(base, after[base.standin], seconds.get(base.name, 0.0), base.name in seconds)
        for base in family
        if base.standin in after and (base in asked or base.name in seconds)
    ]


def _build(
    todo: Sequence[Base], shell: Shell, note: Note, ca: Path | None, *, force: bool
) -> dict[str, float]:
    docker, folder, seconds = engine.docker_binary(), recipes(), {}
    labels = {base.name: digest(base) for base in todo}
    roots = [base for base in todo if not base.parent]
    if roots:
        rootfs.require(shell, note)
    for base in roots:
        note(f"Building {base.standin} from Debian's packages …")
        start = time.monotonic()
        rootfs.build(
            shell, docker, folder / base.recipe[0], base.standin, base.suite,
            slim=base.official.endswith("-slim"), labels={LABEL: labels[base.name]},
        )  # fmt: skip
        seconds[base.name] = time.monotonic() - start
    rest = [base for base in todo if base.parent]
    if rest:
        note(f"Building {', '.join(base.standin for base in rest)} …")
        # The engine's own builder, whichever is selected: others do not see local images.
        builder = shell.capture([docker, "context", "show"], check=False).stdout.strip()
        argv = bake(
            docker, [base.name for base in rest], labels, builder=builder, ca=ca, no_cache=force
        )
        start = time.monotonic()
        # Newer buildx lets a bake file read nothing outside of its folder, as the CA bundle is.
        shell.run(argv, cwd=folder, env={"BUILDX_BAKE_ENTITLEMENTS_FS": "0"})
        seconds |= dict.fromkeys((base.name for base in rest), time.monotonic() - start)
    return seconds


def _forget(shell: Shell, before: Mapping[str, Image], after: Mapping[str, Image]) -> None:
    """Removes the images whose names have gone to new ones; the engine keeps those in use."""
    for name, image in before.items():
        if name in after and after[name].id != image.id and not _names(shell, image.id):
            shell.capture([engine.docker_binary(), "image", "rm", image.id], check=False)


def _names(shell: Shell, image: str) -> bool:
    """Whether an image has a name, ours or somebody else's; one that is gone has none."""
    argv = [engine.docker_binary(), "image", "inspect", "--format", "{{len .RepoTags}}", image]
    return shell.capture(argv, check=False).stdout.strip() not in ("", "0")


def listing(
    mode: str, shell: Shell, *, only: Iterable[Base] = (), ask: registry.Ask | None = None
) -> list[Row]:
    """Every base (or ``only`` these): is its stand-in here and current, and which image is used?"""
    shown = list(only) or list(BASES.values())
    here = local(shell, [base.standin for base in shown])
    used = resolve([base.official for base in shown], mode, shell, ask=ask)
    return [
        Row(
            base,
            here.get(base.standin),
            base.standin in here and here[base.standin].recipe == digest(base),
            used[base.official],
        )
        for base in shown
    ]
