"""The project's own code, and its collected static files."""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from djdock.images.owners.claims import Claims
from djdock.images.owners.owner import Claim, Owner
from djdock.images.owners.tree import Tree, clean, parents

PROJECT = Owner("project", "project")
STATIC = Owner("static", "static files")

#: Folders that are the system's: a command that lies there does not make them the project's.
SYSTEM = frozenset(
    {"", "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root"}
    | {"run", "sbin", "srv", "sys", "tmp", "usr", "var", "venv"}
    | {
        f"usr/{name}"
        for name in ("bin", "lib", "lib64", "libexec", "local", "sbin", "share", "src")
    }
    | {f"usr/local/{name}" for name in ("bin", "lib", "libexec", "sbin", "share", "src")}
    | {f"var/{name}" for name in ("cache", "lib", "local", "log", "opt", "spool", "tmp", "www")}
)

#: What a working directory may be called although other things lie there, too: nothing else
#: claims what is in them. See hier(7) and the Filesystem Hierarchy Standard.
OPEN = frozenset({"home", "opt", "root", "srv", "usr/src", "usr/local/src", "var/www"})

#: A name as Django's ManifestStaticFilesStorage hashes it: site.391a3e042fd1.css.
_HASHED = re.compile(r".+\.[0-9a-f]{12}(\.[^/.]+){0,2}")

#: From how many hashed names on a folder is taken for collected, where there is no manifest.
MANY_HASHED = 10


def claims(tree: Tree, contents: Mapping[str, bytes], config: Mapping[str, Any]) -> Claims:
    """The folders of the project, by the image's own configuration, and of collected files."""
    made = Claims()
    for folder, why in static_folders(tree, contents):
        made.folders.setdefault(folder, Claim(STATIC, why))
    settings = config.get("config") or config.get("Config") or {}
    if not isinstance(settings, dict):
        settings = {}
    workdir = tree.folder(clean(str(settings.get("WorkingDir") or "")).lstrip("."))
    if workdir not in SYSTEM - OPEN:
        made.folders.setdefault(workdir, Claim(PROJECT, "in the image's working directory"))
    for path in tree.entries:
        if posixpath.basename(path) == "manage.py" and "/site-packages/" not in path:
            folder = posixpath.dirname(path)
            if folder not in SYSTEM - OPEN and "/dist-packages/" not in path:
                made.folders.setdefault(folder, Claim(PROJECT, "beside manage.py"))
    for named in _named(settings, workdir):
        path = tree.canonical(named)
        if path in tree and tree.entries[path].kind == "file":
            claim = Claim(PROJECT, "named by the image's command or health check")
            made.files.setdefault(path, claim)
            if (folder := posixpath.dirname(path)) not in SYSTEM:
                made.folders.setdefault(folder, claim)
    return made


def _named(settings: Mapping[str, Any], workdir: str) -> Iterator[str]:
    """Where the files may be that the image runs: beside the site, or in a folder of PATH."""
    variables = settings.get("Env")
    search = next(
        (
            str(item)[len("PATH=") :].split(":")
            for item in (variables if isinstance(variables, list) else [])
            if str(item).startswith("PATH=")
        ),
        ["/usr/local/bin"],
    )
    health = settings.get("Healthcheck")
    for words in (
        settings.get("Entrypoint"),
        settings.get("Cmd"),
        health.get("Test") if isinstance(health, dict) else None,
    ):
        for word in words if isinstance(words, list) else []:
            for part in str(word).split():  # a shell's command line is one word of the list
                yield posixpath.join("/", workdir, part)
                if "/" not in part:
                    yield from (posixpath.join(folder, part) for folder in search)


def static_folders(tree: Tree, contents: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """The folders that ``collectstatic`` filled: with a manifest, the admin's files or hashed names."""
    for path, content in contents.items():
        if posixpath.basename(path) == "staticfiles.json" and path in tree and _manifest(content):
            yield posixpath.dirname(path), "beside staticfiles.json"
    hashed: Counter[str] = Counter()
    for path in tree.entries:
        if "-packages/" in path:
            continue
        if path.endswith("/admin/css/base.css"):
            yield path.removesuffix("/admin/css/base.css"), "with the admin's files in it"
        if _HASHED.fullmatch(posixpath.basename(path)):
            hashed.update(
                folder
                for folder in parents(path)
                if posixpath.basename(folder) in ("static", "staticfiles", "static_root", "assets")
            )
    for folder, number in sorted(hashed.items()):
        if number >= MANY_HASHED:
            yield folder, "with hashed names in it"


def _manifest(content: bytes) -> bool:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and isinstance(data.get("paths"), dict)
