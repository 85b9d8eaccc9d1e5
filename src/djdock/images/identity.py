"""What an image is, whenever it was built."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from djdock.images.model import Image

#: What a configuration says of the build alone: when it was, and by whom.
_BUILD = frozenset({"created", "container", "container_config", "docker_version", "author"})


def content(image: Image) -> str:
    """A digest of the image's layers and settings, ``sha256:…``: equal images have the same one.

    An image's id will not do: it is the digest of a configuration that holds the times of the build
    (``created``, there and in the history, by the OCI image specification).
    """
    kept: dict[str, Any] = {k: v for k, v in image.config.items() if k not in _BUILD}
    history = kept.get("history")
    if isinstance(history, list):
        kept["history"] = [
            {k: v for k, v in step.items() if k not in _BUILD}
            for step in history
            if isinstance(step, Mapping)
        ]
    kept["rootfs"] = [layer.digest for layer in image.layers]
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
