"""The site's images: older than the source, replaced while they run, left without a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from djdock.config import Config
from djdock.doctor.finding import Finding, fault, note, ok
from djdock.doctor.patient import Patient
from djdock.images import freshness
from djdock.images.build import LABEL
from djdock.stack import compose, record
from djdock.stack.state import Container


def web(found: Sequence[Container]) -> Container | None:
    """The web that serves."""
    ours = (c for c in found if c.service == compose.WEB and c.running and not c.oneoff)
    return next(ours, None)


def variant(config: Config, serving: Container | None) -> str:
    """The variant that runs, else the one that would."""
    if serving is not None:
        for name in config.variants:
            if serving.image == config.image(name):
                return name
    return config.variant()


def judge(
    image: str,
    source: str,
    serving: Container | None,
    *,
    built: bool,
    stale: bool,
    again: str = "`invoke up --build`",
) -> Finding:
    """An image is a copy of the source: what was edited since is not in it.

    Of a stack that runs from the source itself, ``source`` are the requirements.
    """
    if not built:
        return ok(f"{image} is not built yet.")
    if stale:
        return fault(f"{image} is older than {source}.", f"{again} takes it in.")
    # A container keeps its image; `docker ps` shows its id once the name belongs to another one.
    if serving is not None and is_id(serving.image):
        return fault(
            f"{serving.name} runs an older image than {image}.", "`invoke up` replaces it."
        )
    return ok(f"{image} is not older than {source}.")


def is_id(image: str) -> bool:
    """Whether ``docker ps`` shows an image's id in place of a name."""
    text = image.removeprefix("sha256:")
    return len(text) >= 12 and set(text) <= set("0123456789abcdef")


def look(patient: Patient) -> Finding:
    """The image of the variant that runs, or would."""
    config = record.in_effect(patient.config, patient.containers)
    serving = web(patient.containers)
    name = variant(config, serving)
    built = any(one.name == config.image(name) for one in patient.images)
    stale = freshness.is_stale(config, name)
    folder = config.source.relative_to(config.root).as_posix()
    source = "the requirements" if config.dev else folder
    again = "`invoke up --dev --build`" if config.dev else "`invoke up --build`"
    return judge(config.image(name), source, serving, built=built, stale=stale, again=again)


# --- images without a name -------------------------------------------------------------------------


def unnamed(images: Sequence[str], used: Collection[str]) -> list[str]:
    """Those ``images`` (ids) that no container was made of; ``used`` is what containers show."""
    short = tuple(one.removeprefix("sha256:") for one in used if is_id(one))
    return [one for one in images if not any(_same(one, other) for other in short)]


def _same(image: str, other: str) -> bool:
    bare = image.removeprefix("sha256:")
    return bare.startswith(other) or other.startswith(bare)


def look_at_unnamed(patient: Patient) -> Finding:
    """Images of this stack that lost their name to a newer build."""
    images = list(dict.fromkeys(one.id for one in patient.images if not one.name))
    return judge_unnamed(unnamed(images, [one.image for one in patient.containers]))


def judge_unnamed(found: Sequence[str]) -> Finding:
    """They take room, and nobody can start them by name."""
    if not found:
        return ok("No image has lost its name.")
    few = "1 older image has" if len(found) == 1 else f"{len(found)} older images have"
    return note(
        f"{few} no name any more and no container.",
        "`invoke doctor --fix` removes what of it is this stack's.",
        fixable=True,
    )


def fix_unnamed(patient: Patient) -> list[str]:
    """Removes them; the engine keeps those that a container was made of."""
    label = f"label={LABEL}={patient.config.name}"
    argv = [patient.docker, "image", "prune", "--force", "--filter", label]
    done = patient.shell.capture(argv, timeout=120)
    freed = next((x for x in done.stdout.splitlines() if x.startswith("Total reclaimed")), "")
    return [f"Images without a name are removed. {freed}".strip()]
