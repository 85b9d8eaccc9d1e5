"""Where a front end's build writes: into the site's folders, though the settings name nothing of it."""

from __future__ import annotations

import re

from djdock.inspect.model import Evidence
from djdock.inspect.tree import Tree, join

#: Files that say where a build writes, of Vite, Vue, webpack, Rollup, Angular, Parcel, Svelte, Astro.
_CONFIGURATIONS = re.compile(
    r"(vite|vue|webpack[\w.-]*|rollup|svelte|astro|next|nuxt|esbuild|rspack)\.(config\.)?[cm]?[jt]s$"
    r"|angular\.json$|package\.json$|\.env(\.production)?$"
)
_PATH = re.compile(
    r"""(?:out(?:put)?-?(?:dir|path)?|dist-?dir|build_path|path|base|file|dir|dest)\b"""
    r"""[^\n]{0,80}?["'= (/](?P<path>(?:\.\./)+[\w./-]+)""",
    re.I,
)


def inside(tree: Tree, folder: str) -> Evidence | None:
    """The line by which a build in ``folder`` writes into an application's folder, or None."""
    for path in tree.folder(folder):
        if not _CONFIGURATIONS.search(path):
            continue
        for match in _PATH.finditer(tree.text(path) or ""):
            target = join(folder, match["path"])
            there = not target.startswith(f"{folder}/")
            # dist/ beside the front end is nobody's; a folder of an application is the site's.
            if there and target != "../" and _of_an_application(tree, target):
                line = (tree.text(path) or "").count("\n", 0, match.start()) + 1
                return tree.evidence(path, line)
    return None


def _of_an_application(tree: Tree, target: str) -> bool:
    """Whether a path is below a Python package, or in a folder for static files or templates."""
    parts = target.strip("/").split("/")
    packages = any(
        tree.has(f"{'/'.join(parts[:end])}/__init__.py") for end in range(1, len(parts) + 1)
    )
    return packages or bool({"static", "templates", "assets"} & set(parts[:-1]))
