"""Runs a plan: builds and containers, round by round, with the figures as they come.

The variants take turns in each round, so that what else a machine does meets all of them.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from djdock import engine
from djdock.children import terminable
from djdock.config import Config
from djdock.errors import CheckFailed, CommandFailed
from djdock.images import budgeted, choose, contents, freshness, opened, origin
from djdock.images.budget import Facts
from djdock.measure import builds, load, memory
from djdock.measure import running as runnings
from djdock.measure.plan import Plan, rounds
from djdock.measure.progress import Progress
from djdock.measure.series import Notebook
from djdock.measure.subject import Subject, subject
from djdock.shell import Shell

if TYPE_CHECKING:
    from docker.client import DockerClient

#: Between the first answer and the look at the memory at rest, in seconds: the other processes start.
PAUSE = 2.0

#: What a container that never answers has none of, and what needs the load's page.
OF_RUNNING = ("first_200", "memory_rest", "memory_loaded", "requests_per_second")
OF_LOAD = ("memory_loaded", "requests_per_second")


@dataclass(frozen=True)
class Measured:
    """One variant: ``contents`` and ``measurements`` as the report has them, ``facts`` to judge."""

    variant: str
    dockerfile: str
    base_image: str
    contents: dict[str, Any]
    measurements: dict[str, Any]
    facts: Facts


@dataclass(frozen=True)
class Lab:
    """What the steps of a run share. ``mark`` is its own, and on all its containers."""

    sdk: DockerClient
    builder: builds.Builder
    subjects: dict[str, Subject]
    plan: Plan
    progress: Progress
    notebook: Notebook
    mark: str


def measure(
    config: Config, shell: Shell, plan: Plan, note: Callable[[str], None]
) -> list[Measured]:
    """Builds and measures the plan's variants; the result is in the plan's order.

    What fails after an image was built becomes a problem of its measurement. Raises what choosing a
    base, a first build and reading an image raise. Leaves the images, and nothing else.
    """
    docker = engine.docker_binary()
    engine.require()
    subjects = {name: subject(config, name) for name in plan.variants}
    # All bases first: how long they take to make is no property of a variant.
    bases = sorted({name for item in subjects.values() for name in item.bases})
    contexts = choose.choose(config, shell, note, bases=bases).contexts
    looked = freshness.fingerprint(config)
    progress, notebook = Progress(note, plan.variants), Notebook()
    with (
        builds.copy(config) as copied,
        engine.client() as sdk,
        _nothing_left(sdk, subjects) as mark,
    ):
        builder = builds.Builder(copied, shell, docker, contexts)
        lab = Lab(sdk, builder, subjects, plan, progress, notebook, mark)
        _first_builds(lab)
        for name in plan.variants:
            freshness.built(config, name, looked)
        read = _read(lab, shell.mask, config)
        _rebuilds(lab)
        _runs(lab, shell.mask)
    return [
        Measured(
            name,
            subjects[name].dockerfile,
            builder.base(subjects[name]),
            contents=read[name][0],
            measurements=notebook.of(name),
            facts=read[name][1],
        )
        for name in plan.variants
    ]


@contextmanager
def _nothing_left(sdk: DockerClient, subjects: dict[str, Subject]) -> Iterator[str]:
    """Removes what a run has made besides the images, however it ends; gives the run's mark."""
    mark = uuid.uuid4().hex
    try:
        with terminable():
            yield mark
    finally:
        runnings.sweep(sdk, mark)
        for item in subjects.values():
            if engine.image_id(sdk, builds.changed_tag(item.image)):
                sdk.images.remove(builds.changed_tag(item.image), force=True)


def _first_builds(lab: Lab) -> None:
    """Makes the images: cold, or where that is not asked for with the cache."""
    for number, order in enumerate(rounds(lab.plan.variants, lab.plan.cold_builds), 1):
        lab.progress.round("cold build", number, lab.plan.cold_builds)
        for name in order:
            _record(lab, name, "cold_build", lab.builder.cold(lab.subjects[name]))
    if not lab.plan.cold_builds:
        lab.progress.step("build, with the cache")
        for name in lab.plan.variants:
            lab.progress.done(name, f"{lab.builder.cached(lab.subjects[name]):.2f} s")


def _read(
    lab: Lab, mask: Callable[[str], str], config: Config
) -> dict[str, tuple[dict[str, Any], Facts]]:
    """What is in each image, and what its budget needs to know; each is read once."""
    lab.progress.step("reading the images")
    found = {}
    for name, item in lab.subjects.items():
        image = opened.from_engine(lab.sdk, item.image, compressed=not lab.plan.quick)
        base = origin.base(lab.sdk, [layer.digest for layer in image.image.layers])
        facts = budgeted.facts(config, name, image)
        found[name] = contents.contents(image, base=base, mask=mask), facts
        lab.progress.done(name, f"{len(image.ownership.files)} files")
    return found


def _rebuilds(lab: Lab) -> None:
    kinds: Sequence[tuple[str, str, Callable[[Subject], float]]] = (
        ("rebuild_code", "rebuild after a changed line", lab.builder.after_code),
        ("rebuild_dependency", "rebuild after a new dependency", lab.builder.after_dependency),
    )
    for measurement, title, build_it in kinds:
        for number, order in enumerate(rounds(lab.plan.variants, lab.plan.rebuilds), 1):
            lab.progress.round(title, number, lab.plan.rebuilds)
            for name in order:
                if lab.notebook.failed(name, measurement):
                    continue
                try:
                    _record(lab, name, measurement, build_it(lab.subjects[name]))
                except (CommandFailed, CheckFailed) as error:
                    _fail(lab, name, (measurement,), error.problem)


def _runs(lab: Lab, mask: Callable[[str], str]) -> None:
    for number, order in enumerate(rounds(lab.plan.variants, lab.plan.starts), 1):
        loaded = number <= lab.plan.loads
        title = "first 200, memory and load" if loaded else "first 200"
        lab.progress.round(title, number, lab.plan.starts)
        for name in order:
            if lab.notebook.failed(name, "first_200"):
                continue
            try:
                with runnings.running(lab.sdk, lab.subjects[name], lab.mark) as container:
                    _record(lab, name, "first_200", container.first_200)
                    if loaded:
                        _load(lab, name, container)
            except CheckFailed as error:
                _fail(lab, name, OF_RUNNING, mask(error.problem))


def _load(lab: Lab, name: str, running: runnings.Running) -> None:
    """Memory at rest, the load, memory after it; one that failed in a round before is left out."""
    time.sleep(PAUSE)
    _memory(lab, name, "memory_rest", running)
    path = lab.subjects[name].load_path
    if lab.notebook.failed(name, "requests_per_second"):
        return
    try:
        load.send(running.port, path, load.WARM_UP)
        _memory(lab, name, "memory_loaded", running)
        timed = load.send(running.port, path, load.REQUESTS, seconds=load.SECONDS)
        _record(lab, name, "requests_per_second", timed.per_second)
    except CheckFailed as error:
        _fail(lab, name, OF_LOAD, error.problem)


def _memory(lab: Lab, name: str, measurement: str, running: runnings.Running) -> None:
    if lab.notebook.failed(name, measurement):
        return
    try:
        _record(lab, name, measurement, memory.measure(running.container))
    except CheckFailed as error:
        _fail(lab, name, (measurement,), error.problem)


def _record(lab: Lab, name: str, measurement: str, value: float) -> None:
    lab.notebook.add(name, measurement, value)
    lab.progress.figure(name, measurement, value)


def _fail(lab: Lab, name: str, measurements: Sequence[str], sentence: str) -> None:
    lab.notebook.fail(name, measurements, sentence)
    lab.progress.done(name, sentence)
