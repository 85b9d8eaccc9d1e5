"""Image archives made by hand, with Python's own tarfile as the other side of the argument."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from djdock.errors import DjdockError
from djdock.images.stream import Damaged

#: One member of a layer: a path with a trailing slash is a folder; bytes are a file's content;
#: "-> x" a symbolic link; "= x" a hard link.
Members = dict[str, "bytes | str | None"]


def member(name: str, value: bytes | str | None, **more: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name.rstrip("/") if name != "/" else name)
    content = b""
    if isinstance(value, bytes):
        content, info.size = value, len(value)
    elif value is None:
        info.type, info.mode = tarfile.DIRTYPE, 0o755
    elif value.startswith("-> "):
        info.type, info.linkname = tarfile.SYMTYPE, value[3:]
    else:
        info.type, info.linkname = tarfile.LNKTYPE, value.removeprefix("= ")
    for key, said in more.items():
        setattr(info, key, said)
    return info, content


def pack(
    members: Members, *, form: int = tarfile.PAX_FORMAT, encoding: str = "utf-8", **more: Any
) -> bytes:
    """A tar archive with these members."""
    target = io.BytesIO()
    with tarfile.open(
        fileobj=target, mode="w", format=form, encoding=encoding, errors="surrogateescape"
    ) as tar:
        for name, value in members.items():
            info, content = member(name, value, **more)
            tar.addfile(info, io.BytesIO(content))
    return target.getvalue()


def error_of(work: Callable[[], object]) -> DjdockError | Damaged | None:
    """What a piece of work says is wrong; anything but these errors is a bug, and comes through."""
    try:
        work()
    except (DjdockError, Damaged) as error:
        return error
    return None


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Archive:
    """Layers, uncompressed, and what is said of them."""

    layers: list[bytes]
    config: dict[str, Any] = field(default_factory=dict)
    names: list[str] = field(default_factory=lambda: ["site:1"])

    def configuration(self) -> bytes:
        said = {
            "os": "linux",
            "architecture": "amd64",
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha(x)}" for x in self.layers]},
            **self.config,
        }
        return json.dumps(said).encode()

    def classic(self) -> Members:
        """What `docker save` wrote before Engine 25; a layer that is there twice is a link."""
        config = self.configuration()
        files: Members = {}
        paths, first = [], {}
        for index, layer in enumerate(self.layers):
            path = f"{index:064x}/layer.tar"
            files[f"{index:064x}/"] = None
            files[f"{index:064x}/VERSION"] = b"1.0"
            if layer in first:
                files[path] = f"-> ../{first[layer]}"
            else:
                files[path] = layer
                first[layer] = path
            paths.append(path)
        name = f"{sha(config)}.json"
        files[name] = config
        files["manifest.json"] = json.dumps(
            [{"Config": name, "RepoTags": self.names, "Layers": paths}]
        ).encode()
        files["repositories"] = b"{}"
        return files

    def oci(self, *, packed: Any = bytes, kind: str = "tar") -> tuple[Members, dict[str, Any]]:
        """The blobs of an OCI layout, and the descriptor of the manifest."""
        files: Members = {}

        def blob(content: bytes, media: str) -> dict[str, Any]:
            files[f"blobs/sha256/{sha(content)}"] = content
            return {"mediaType": media, "digest": f"sha256:{sha(content)}", "size": len(content)}

        layers = [
            blob(packed(x), f"application/vnd.oci.image.layer.v1.{kind}") for x in self.layers
        ]
        config = blob(self.configuration(), "application/vnd.oci.image.config.v1+json")
        manifest = {"schemaVersion": 2, "config": config, "layers": layers}
        said = blob(json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
        if self.names:
            said["annotations"] = {"io.containerd.image.name": self.names[0]}
        return files, said


def index(*descriptors: dict[str, Any]) -> bytes:
    return json.dumps({"schemaVersion": 2, "manifests": list(descriptors)}).encode()
