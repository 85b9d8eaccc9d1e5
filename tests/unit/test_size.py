from __future__ import annotations

from typing import Any

import pytest

from djdock import engine
from djdock.images import size
from djdock.images.size import ImageSize


class Sdk:
    """What the docker SDK would say."""

    def __init__(self, **info: object) -> None:
        self._info = info

    def info(self) -> dict[str, object]:
        return self._info


@pytest.mark.parametrize(
    ("info", "store"),
    [
        ({"Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "extfs"]]}, "overlay2"),
        (
            {
                "Driver": "overlayfs",
                "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]],
            },
            "containerd (overlayfs)",
        ),
        ({"Driver": "vfs", "DriverStatus": None}, "vfs"),
        ({}, "unknown"),
    ],
)
def test_figures_say_which_store_they_come_from(info: dict[str, Any], store: str) -> None:
    assert size.store(Sdk(**info)) == store


def test_figures_are_what_inspect_says(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "a:1": {
            "Id": "sha256:a",
            "Size": 123,
            "RootFS": {"Layers": ["x", "y"]},
            "Config": {"User": "10001"},
        },
        "b:1": {"Id": "sha256:b", "Size": 0, "RootFS": {}, "Config": {"User": ""}},
    }
    monkeypatch.setattr(engine, "inspect_image", lambda sdk, name: said[name])
    measured = size.measure(Sdk(Driver="overlay2"), ["b:1", "a:1"])
    assert measured == [
        ImageSize("b:1", "sha256:b", 0, 0, "root", "overlay2"),
        ImageSize("a:1", "sha256:a", 123, 2, "10001", "overlay2"),
    ]
    assert measured[1].as_dict() == {
        "image": "a:1",
        "id": "sha256:a",
        "size": 123,
        "layers": 2,
        "user": "10001",
        "store": "overlay2",
    }


def test_the_limit_itself_is_within_the_limit() -> None:
    measured = [
        ImageSize("a:1", "", 150_000_000, 1, "root", "overlay2"),
        ImageSize("b:1", "", 162_300_000, 1, "root", "overlay2"),
    ]
    assert size.over(measured, 150_000_000) == [
        "b:1 has 162 MB (162300000 bytes), 12.3 MB more than 150 MB."
    ]
    assert size.over(measured, 162_300_000) == []
