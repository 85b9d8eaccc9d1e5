"""Which script of package.json builds what a site serves: that of a Dockerfile, or by its name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from djdock.inspect.model import Evidence
from djdock.inspect.tree import Tree, join, parent

#: npm scripts that build what a site serves, the likeliest first.
NAMES = (
    "build:prod", "build:production", "build-prod", "build", "production", "prod", "dist", "build:css",
    "build-css", "css", "webpack", "compile", "heroku-postbuild",
)  # fmt: skip

TOOLS = re.compile(
    r"webpack|vite|gulp|grunt|rollup|parcel|sass|less|tailwind|esbuild|postcss|browserify|tsc|npm|yarn"
    r"|pnpm|react-scripts|ng build|nuxt|astro|next build|rspack|svelte|babel|uglify|cp |node "
)
#: Scripts that build something else, or go on for ever.
_OTHER = re.compile(
    r"watch|dev|test|docs?|story|analy|stats|mail|:all$|clean|lint|style-?guide|start|serve|install|copy"
)
_BUILDS = re.compile(r"(^|[:_-])build([:_-]|$)")
_RUN = re.compile(r"(?:npm|yarn|pnpm|\./run|\.\./run)\s+(?:run\s+|yarn:)?(?:-\S+\s+)*([\w:.-]+)")
#: A program of the packages that builds: `node_modules/.bin/ng build --configuration production`.
_PROGRAM = re.compile(
    r"(?:node_modules/\.bin/|npx\s+)"
    r"([\w@.-]+(?:[ \t]+[\w=./:@-]+)*[ \t]+(?:build|prod)\w*(?:[ \t]+[\w=./:@-]+)*)"
)


def find(tree: Tree, path: str, dockerfiles: Iterable[str]) -> str:
    """The script of a package.json, or a command that runs several; "" where nothing is built."""
    named = _named(tree, path)
    asked = _of_dockerfiles(tree, path, named, dockerfiles)
    if len(asked) == 1:
        return asked[0]
    if asked:
        tool = _manager(tree, parent(path))
        return " && ".join(one if " " in one else f"{tool} run {one}" for one in asked)
    alike = sorted((name for name in named if _builds(name)), key=lambda name: "prod" not in name)
    for name in (*NAMES, *alike):
        if TOOLS.search(named.get(name, "")):
            return name
    return _gulp(tree, path) or _webpack(tree, path)


def line(tree: Tree, path: str, script: str) -> Evidence:
    """The line of package.json that has a script, or the program of a command."""
    word = script.rpartition(" ")[2] if " run " in script else script.partition(" ")[0]
    text = tree.text(path) or ""
    at = text.find(f'"{word}"')
    return tree.evidence(path, text.count("\n", 0, at) + 1 if at >= 0 else 0)


def _named(tree: Tree, path: str) -> dict[str, str]:
    try:
        data = json.loads(tree.text(path) or "{}")
    except (ValueError, RecursionError):
        return {}
    found = data.get("scripts") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        return {}
    return {str(name): text for name, text in found.items() if isinstance(text, str)}


def _builds(name: str) -> bool:
    return bool(_BUILDS.search(name)) and not _OTHER.search(name)


def _of_dockerfiles(
    tree: Tree, path: str, named: dict[str, str], dockerfiles: Iterable[str]
) -> list[str]:
    """The scripts that the first Dockerfile which runs any of these runs, in its order."""
    for dockerfile in dockerfiles:
        text = tree.text(dockerfile) or ""
        if re.search(r"(^|/|\.)(dev|local|test)", dockerfile) or not _is_for(dockerfile, path):
            continue
        steps = re.sub(r"(?m)^\s*(#|CMD|ENTRYPOINT).*$", "", text)
        found = [name for name in _RUN.findall(steps) if name in named and not _OTHER.search(name)]
        programs = [hit for hit in _PROGRAM.findall(steps) if not _OTHER.search(hit)]
        if found or programs:
            return list(dict.fromkeys(found or programs))
    return []


def _is_for(dockerfile: str, path: str) -> bool:
    """Whether a Dockerfile may build that package.json: one of another front end does not."""
    folder, place = parent(path), parent(dockerfile)
    return place == folder or not place or not folder or not place.startswith(f"{folder}/")


def _manager(tree: Tree, folder: str) -> str:
    locks = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn"}
    return next((tool for lock, tool in locks.items() if tree.has(join(folder, lock))), "npm")


def _gulp(tree: Tree, path: str) -> str:
    """The command for a gulpfile beside package.json, which no script calls; "" without one."""
    if '"gulp"' not in (tree.text(path) or ""):
        return ""
    text = tree.text(join(parent(path), "gulpfile.js")) or ""
    tasks = ("build:prod", "production", "prod", "build", "dist")
    return next((f"gulp {one}" for one in tasks if re.search(rf"\b{one}\b", text)), "")


def _webpack(tree: Tree, path: str) -> str:
    """The command for webpack's configuration beside package.json, production's first; or ""."""
    if '"webpack"' not in (tree.text(path) or ""):
        return ""
    names = (
        "prod.config",
        "config.prod",
        "config.production",
        "production.config",
        "prod",
        "config",
    )
    files = (f"webpack.{name}.{end}" for name in names for end in ("js", "cjs", "mjs", "ts"))
    found = next((name for name in files if tree.has(join(parent(path), name))), "")
    return f"webpack --config {found}" if found else ""
