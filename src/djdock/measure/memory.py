"""How much memory a container takes, in bytes, as ``docker stats`` shows it.

That is what its control group uses, less the file cache that the kernel could drop at once:
calculateMemUsageUnixNoCache in docker/cli's ``cli/command/container/stats_helpers.go``.

Some engines have no statistics (rootless ones without delegation, some with control groups 1, where
``docker stats`` shows 0 B). The same files that the engine would read are then read here, which is
possible when it runs on this machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from djdock.errors import CheckFailed

CGROUPS = Path("/sys/fs/cgroup")
PROCESSES = Path("/proc")


def used(usage: int, stat: Mapping[str, int]) -> int:
    """The formula. ``usage`` in bytes; ``stat`` is the group's ``memory.stat``.

    Version 1 of control groups calls the droppable cache total_inactive_file, version 2 inactive_file.
    """
    for name in ("total_inactive_file", "inactive_file"):
        if name in stat and stat[name] < usage:
            return usage - stat[name]
    return usage


def measure(container: Any) -> int:
    """What a running container takes now.

    Raises CheckFailed when neither the engine nor this machine's control groups say so.
    """
    said = container.stats(stream=False, one_shot=True).get("memory_stats") or {}
    if said.get("usage"):
        return used(int(said["usage"]), said.get("stats") or {})
    state = container.client.api.inspect_container(container.id)["State"]
    found = of_group(container.id, int(state.get("Pid") or 0))
    if found is None:
        raise CheckFailed("The engine says nothing of the container's memory (see `docker stats`).")
    return found


def of_group(
    container: str, pid: int, *, processes: Path = PROCESSES, groups: Path = CGROUPS
) -> int | None:
    """The same, from the control group of a container's first process; None where there is none.

    A process of that number which is not in a group of the container's name is another machine's.
    """
    try:
        lines = (processes / str(pid) / "cgroup").read_text(encoding="utf-8").splitlines()
        for _, controllers, path in (line.split(":", 2) for line in lines):
            if container not in path:
                continue
            memory = "memory" in controllers.split(",")
            hierarchy = groups / "memory" if memory else groups
            usage = "memory.usage_in_bytes" if memory else "memory.current"
            for folder in _folders(hierarchy, path, container):
                if (memory or not controllers) and (folder / usage).is_file():
                    return _used(folder, usage)
    except (OSError, ValueError):
        return None
    return None


def _folders(hierarchy: Path, path: str, container: str) -> Iterator[Path]:
    """Where a group may be: in a container the hierarchy begins further down than its paths do."""
    names = path.strip("/").split("/")
    for number in range(len(names)):
        if any(container in name for name in names[number:]):
            yield hierarchy.joinpath(*names[number:])


def _used(folder: Path, usage: str) -> int | None:
    words = (folder / "memory.stat").read_text(encoding="utf-8").split()
    stat = {name: int(value) for name, value in zip(words[::2], words[1::2], strict=True)}
    return used(int((folder / usage).read_text(encoding="utf-8")), stat) or None
