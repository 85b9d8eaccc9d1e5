"""Migrations: where they are, and the apps whose repository keeps them out."""

from __future__ import annotations

import re

from djdock.inspect.interpret.machine import Settings
from djdock.inspect.layout import Layout
from djdock.inspect.model import Decision, Evidence, Problem
from djdock.inspect.tree import Tree, join, parent

_MODEL = re.compile(
    r"(?m)^class \w+\([^)]*\b(?:Model|AbstractUser|AbstractBaseUser|TimeStampedModel)\b[^)]*\):"
)
_ABSTRACT = re.compile(r"(?m)^\s+(?:abstract|proxy) = True|managed = False")

#: Models that only tests have get no tables but in a test's database.
_TEST = re.compile(r"/models/(?:.*/)?tests?(?:_\w+)?(?:/.*)?\.py$")

#: The step of the build that makes them.
STEP = "makemigrations"


def decide(tree: Tree, layout: Layout, settings: Settings) -> tuple[list[Decision], list[Problem]]:
    """The step that makes first migrations where there are none, and the word about it."""
    elsewhere = settings.get("MIGRATION_MODULES").table
    found = [
        hit
        for app in settings.get("INSTALLED_APPS").texts
        if (hit := _without(tree, layout, app)) is not None
        and parent(hit.path).rpartition("/")[2] not in elsewhere
    ]
    if not found:
        return [], []
    names = ", ".join(parent(one.path) for one in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    problem = Problem(
        f"Models without migrations are in {names}{more}: the image gets first ones.",
        "Write them before the models change: `invoke makemigrations`; commit them.",
        tuple(found[:3]),
    )
    why = f"{names}{more} have models and no migrations"
    return [Decision("build_steps", (STEP,), why, tuple(found[:3]))], [problem]


def _without(tree: Tree, layout: Layout, app: str) -> Evidence | None:
    """The first model of an app of the project's own that has no migration."""
    parts = re.sub(r"\.\w+\.[A-Z]\w*$", "", app).split(".")
    for top in layout.paths:
        folder = join(top, *parts)
        sources = [f"{folder}/models.py", *tree.under(f"{folder}/models", ".py")]
        sources = [path for path in sources if tree.has(path) and not _TEST.search(path)]
        if not sources:
            continue
        if any(
            not path.endswith("/__init__.py") for path in tree.under(f"{folder}/migrations", ".py")
        ):
            return None
        for path in sources:
            hit = tree.search(path, _MODEL)
            classes = len(_MODEL.findall(tree.text(path) or ""))
            if hit and classes > len(_ABSTRACT.findall(tree.text(path) or "")):
                return hit[1]
    return None


def folders(tree: Tree, source: str) -> list[Decision]:
    """The fact of the folders that hold migrations."""
    found = sorted(
        {parent(path) for path in tree.under(source, ".py") if "/migrations/" in f"/{path}"}
    )
    if not found:
        return []
    where = (Evidence(join(found[0], "__init__.py"), 0, ""),)
    return [Decision("migrations", tuple(found[:20]), "they hold migrations", where)]
