"""Small images by hand: files by path, and the contents that a reader would keep."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from djdock.images.model import Entry, Image, Layer
from djdock.images.owners import Owned, Ownership, attribute, keep


def entries(files: Mapping[str, object]) -> list[Entry]:
    """Entries of a final file system.

    A value is a size, a file's text or bytes, ``-> target`` (a symbolic link), ``=> target`` (a hard
    link) or an Entry's fields. The folders above come by themselves.
    """
    made: dict[str, Entry] = {}
    for path, value in files.items():
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            made.setdefault(folder, Entry(folder, "dir", mode=0o755))
        if value is None:
            made[path] = Entry(path, "dir", mode=0o755)
        elif isinstance(value, dict):
            made[path] = Entry(path, **{"kind": "file", "mode": 0o644, **value})
        elif isinstance(value, int):
            made[path] = Entry(path, "file", value, 0o644, digest=path.encode())
        elif isinstance(value, str) and value.startswith("-> "):
            made[path] = Entry(path, "symlink", target=value[3:], mode=0o777)
        elif isinstance(value, str) and value.startswith("=> "):
            made[path] = Entry(path, "hardlink", target=value[3:], mode=0o644)
        else:
            content = _bytes(value)
            digest = hashlib.sha256(content).digest()
            made[path] = Entry(path, "file", len(content), 0o644, digest=digest)
    return list(made.values())


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def image(files: Mapping[str, object], **config: Any) -> Image:
    """An image of one layer that holds these files."""
    contents = {
        path: _bytes(value)
        for path, value in files.items()
        if isinstance(value, str | bytes) and keep(path, len(_bytes(value)))
    }
    found = entries(files)
    size = sum(entry.size for entry in found)
    settings = {"os": "linux", "architecture": "amd64", "config": config}
    layer = Layer(0, "sha256:0", "COPY . .", size, size, found)
    return Image("shop:multi", "sha256:1", settings, [layer], contents)


def own(files: Mapping[str, object], **config: Any) -> Ownership:
    """Whose these files are."""
    made = image(files, **config)
    return attribute(made, entries(files))


def owners(files: Mapping[str, object], **config: Any) -> dict[str, str]:
    """The same as ``family:name version`` by path."""
    return {file.path: said(file) for file in own(files, **config).files}


def said(file: Owned) -> str:
    return f"{file.owner.family}:{file.owner}"


def lines(*words: str) -> str:
    return "".join(f"{word}\n" for word in words)


#: An official layout: python:3.13-slim's.
OFFICIAL: dict[str, object] = {
    "usr/local/bin/python3.13": 14_000,
    "usr/local/bin/python3": "-> python3.13",
    "usr/local/bin/python": "-> python3",
    "usr/local/bin/idle3.13": 100,
    "usr/local/bin/gunicorn": 200,
    "usr/local/lib/libpython3.13.so.1.0": 30_000,
    "usr/local/lib/python3.13/os.py": 40_000,
    "usr/local/lib/python3.13/__pycache__/os.cpython-313.pyc": 50_000,
    "usr/local/lib/python3.13/test/test_os.py": 7,
    "usr/local/lib/python3.13/site-packages/README.txt": 119,
    "usr/local/include/python3.13/Python.h": 5,
}


def wheel(site: str, name: str, version: str, *paths: str, **more: str) -> dict[str, object]:
    """A distribution as pip installs it: RECORD, METADATA, and files of 10 bytes each."""
    info = f"{name}-{version}.dist-info"
    listed = [*paths, f"{info}/RECORD", f"{info}/METADATA", f"{info}/INSTALLER"]
    files: dict[str, object] = {f"{site}/{path}": 10 for path in paths if not path.startswith("..")}
    files[f"{site}/{info}/RECORD"] = lines(*(f"{path},sha256=x,10" for path in listed))
    files[f"{site}/{info}/METADATA"] = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"
    files[f"{site}/{info}/INSTALLER"] = "pip\n"
    return files | {f"{site}/{info}/{key}": value for key, value in more.items()}


def dpkg(packages: Mapping[str, Iterable[str]], *, arch: str = "") -> dict[str, object]:
    """dpkg's data base: packages of version 1.0 and the paths that they list."""
    files: dict[str, object] = {}
    status = []
    for name, paths in packages.items():
        status.append(
            f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n"
            "Description: short\n Package: not-a-field\n"
        )
        suffix = f":{arch}" if arch else ""
        files[f"var/lib/dpkg/info/{name}{suffix}.list"] = lines("/.", *paths)
    files["var/lib/dpkg/status"] = "\n".join(status)
    return files
