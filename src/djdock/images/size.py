"""How large an image is, as the engine says it, and whether that is within a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from djdock import engine
from djdock.units import human

if TYPE_CHECKING:
    from docker.client import DockerClient


@dataclass(frozen=True)
class ImageSize:
    """One image's figures. ``size`` is ``docker image inspect``'s, in bytes.

    Engines disagree on what that counts: the classic store adds up unpacked layers, containerd's
    (default since Engine 29) may count packed ones. So ``store`` goes with every figure.
    """

    image: str
    id: str
    size: int
    layers: int
    user: str
    store: str

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON has them."""
        return asdict(self)


def store(sdk: DockerClient) -> str:
    """The image store that the engine's figures come from: ``overlay2``, ``containerd (overlayfs)``…"""
    info = sdk.info()
    driver = str(info.get("Driver", "unknown"))
    status = {str(row[0]): str(row[1]) for row in info.get("DriverStatus") or []}
    return f"containerd ({driver})" if "io.containerd" in status.get("driver-type", "") else driver


def measure(sdk: DockerClient, images: Sequence[str]) -> list[ImageSize]:
    """The figures of local images; raises MissingError for one that is not there."""
    where = store(sdk)
    measured = []
    for image in images:
        attrs = engine.inspect_image(sdk, image)
        measured.append(
            ImageSize(
                image=image,
                id=str(attrs["Id"]),
                size=int(attrs["Size"]),
                layers=len(attrs["RootFS"].get("Layers") or []),
                user=str(attrs["Config"].get("User") or "root"),
                store=where,
            )
        )
    return measured


def over(measured: Sequence[ImageSize], limit: int) -> list[str]:
    """One sentence for each image that is larger than ``limit`` bytes."""
    return [
        f"{item.image} has {human(item.size)} ({item.size} bytes), "
        f"{human(item.size - limit)} more than {human(limit)}."
        for item in measured
        if item.size > limit
    ]
