"""djdock's tasks beside a project's own, in the ``tasks.py`` that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invoke.collection import Collection
from invoke.tasks import Task


def joined(found: Mapping[str, Any]) -> Collection:
    """A collection of what a ``tasks.py`` has, given as its ``globals()``, and of djdock's tasks.

    A collection that it names ``ns`` or ``namespace``, as invoke looks for, gets them, too; else its
    tasks are put together as invoke would. A task of the project's wins over djdock's of the same name.
    """
    from djdock.tasks import namespace as ours

    own = next(
        (found[n] for n in ("ns", "namespace") if isinstance(found.get(n), Collection)), None
    )
    if own is None:
        own = Collection()
        for name, item in found.items():
            if isinstance(item, Task):
                own.add_task(item, name=None if item.name else name)
    names = {*own.task_names, *own.collections}
    for task in ours.tasks.values():
        name = ours.transform(task.name)
        if name not in names and not {*task.aliases} & names:
            own.add_task(task)
            names.add(name)
    for name, collection in ours.collections.items():
        if name not in names:
            own.add_collection(collection)
    return own
