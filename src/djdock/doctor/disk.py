"""Is there room for images where the engine keeps them: bytes and inodes?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from djdock import engine
from djdock.doctor.finding import Finding, fault, note, ok, skipped, worst
from djdock.doctor.patient import Patient
from djdock.units import human

#: With less the variant `single` (1.1 GB) does not fit beside what builds it; with less than the
#: second number a week of builds will fill the disk.
LEAST_FREE, WANTED_FREE = 2 * 1000**3, 5 * 1000**3

#: A Python image with its packages has some 30,000 files.
LEAST_FILES, WANTED_FILES = 50_000, 200_000

#: Where images are when the engine leaves them to containerd, as new ones do.
CONTAINERD = Path("/var/lib/containerd")

REMEDY = "`docker system df` shows what takes the room, `docker image prune` frees some of it."


@dataclass(frozen=True)
class Room:
    """A file system: free bytes, free inodes, and its inodes (0 where they are not counted)."""

    free: int
    files: int
    all_files: int


def room(path: Path) -> Room:
    """The file system that a path is on, as one without root's reserve sees it."""
    found = os.statvfs(path)
    return Room(found.f_bavail * found.f_frsize, found.f_favail, found.f_files)


def places(info: Mapping[str, Any], host: str) -> list[Path]:
    """The folders of this machine that the engine keeps images in; none of an engine elsewhere."""
    if not host.startswith("unix://"):
        return []
    folders = [Path(str(info.get("DockerRootDir") or "/nowhere"))]
    if "io.containerd.snapshotter.v1" in str(info.get("DriverStatus")):
        folders.append(CONTAINERD)
    return [folder for folder in folders if folder.is_dir()]


def judge(place: Path, found: Room) -> Finding:
    """Too little is a fault, little a note."""
    few = found.all_files and found.files
    if found.free < LEAST_FREE:
        return fault(f"{place} has {human(found.free)} left for images.", REMEDY)
    if found.all_files and few < LEAST_FILES:
        return fault(f"{place} has {found.files} inodes left: no room for files.", REMEDY)
    if found.free < WANTED_FREE:
        return note(f"{place} has {human(found.free)} left for images.", REMEDY)
    if found.all_files and few < WANTED_FILES:
        return note(f"{place} has {found.files} inodes left.", REMEDY)
    return ok(f"{place} has {human(found.free)} left.")


def look(patient: Patient) -> Finding:
    """The engine's folders; skipped when they are on another machine (or in a virtual one)."""
    found = [
        judge(place, room(place))
        for place in places(patient.info.said, engine.host(patient.environ))
    ]
    if not found:
        return skipped("The engine's disk is not on this machine.")
    return worst(found, " ".join(one.sentence for one in found))
