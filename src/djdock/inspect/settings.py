"""Which settings module: what manage.py, wsgi.py, Procfile and the like name; production first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from djdock.errors import MissingError
from djdock.inspect import naming
from djdock.inspect.containers import Containers
from djdock.inspect.layout import Layout
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.tree import Tree, join

_CONFIGURATION = re.compile(r"""DJANGO_CONFIGURATION["']\s*\]?\s*[,=]\s*["'](\w+)["']""")

_PRODUCTION = (
    "production",
    "prod",
    "prd",
    "live",
    "deploy",
    "deployment",
    "heroku",
    "docker",
    "container",
)
_ELSEWHERE = ("test", "tests", "testing", "loadtest", "ci", "travis", "local", "dev", "development",
              "debug", "staging",
              "pytest", "migration", "static", "not", "collectstatic", "build", "github",
              "docs")  # fmt: skip
#: The rank from which on nothing names a candidate.
UNNAMED = 40
_SETTING = re.compile(r"(?m)^\s*(INSTALLED_APPS|ROOT_URLCONF|from\s+\.?[\w.]*\s+import\s+\*)")


@dataclass(frozen=True)
class Candidate:
    """A module that could be meant: its file, where it is named, how well it fits (lower is better)."""

    dotted: str
    path: str
    why: str
    where: Evidence
    rank: int


@dataclass(frozen=True)
class Chosen:
    """The decision, the module's file, the candidates, and the class of django-configurations."""

    dotted: str
    path: str
    decision: Decision
    candidates: tuple[Candidate, ...]
    configuration: str = ""


def module_file(tree: Tree, paths: tuple[str, ...], dotted: str) -> str:
    """The file of a module, or ""."""
    for folder in paths:
        base = join(folder, *dotted.split("."))
        for path in (f"{base}.py", f"{base}/__init__.py"):
            if tree.has(path):
                return path
    return ""


def choose(tree: Tree, layout: Layout, containers: Containers, wanted: str = "") -> Chosen:
    """The settings module. Raises MissingError when there is none."""
    if wanted:
        path = module_file(tree, layout.paths, wanted)
        if not path:
            raise MissingError(
                f"There is no settings module {wanted}.", "Name one as package.module."
            )
        where = Evidence(path, 0, "")
        one = Candidate(wanted, path, "it was named", where, 0)
        return _chosen(tree, layout, (one,))
    found = sorted(_candidates(tree, layout, containers), key=lambda one: one.rank)
    if not found:
        raise MissingError(
            f"No settings module was found for {layout.manage}.",
            "Name it: `djdock init --settings package.settings`.",
        )
    return _chosen(tree, layout, tuple(found))


def _chosen(tree: Tree, layout: Layout, found: tuple[Candidate, ...]) -> Chosen:
    best = found[0]
    others = tuple(dict.fromkeys(one.dotted for one in found if one.dotted != best.dotted))
    where = tuple(one.where for one in found if one.dotted == best.dotted)[:3]
    decision = Decision("settings", best.dotted, best.why, where, others[:6])
    return Chosen(best.dotted, best.path, decision, found, _configuration(tree, layout, best.path))


def named(tree: Tree, path: str) -> tuple[str, Evidence] | None:
    """The module that a file names, whether or not there is one."""
    return next(naming.written(tree, path, options=False), None)


def instead(chosen: Chosen, dotted: str, why: str) -> Chosen:
    """The choice of another candidate, with the reason."""
    one = next(one for one in chosen.candidates if one.dotted == dotted)
    others = (chosen.dotted, *(name for name in chosen.decision.alternatives if name != dotted))
    decision = Decision("settings", dotted, why, (one.where, *chosen.decision.evidence[:1]), others)
    return Chosen(dotted, one.path, decision, chosen.candidates, chosen.configuration)


def _configuration(tree: Tree, layout: Layout, module: str) -> str:
    """The class of django-configurations: production's, where the settings have one; "" without any."""
    for path in (*_applications(tree, layout), layout.manage):
        hit = tree.search(path, _CONFIGURATION)
        if hit:
            named = str(hit[0][1])
            classes = [
                one.name for one in tree.parsed(module).body if isinstance(one, ast.ClassDef)
            ]
            return next((one for one in classes if _kind(one) == 0), named)
    return ""


def _applications(tree: Tree, layout: Layout) -> list[str]:
    """wsgi.py and asgi.py, those near manage.py first."""
    found = [
        path
        for name in ("wsgi.py", "asgi.py", "wsgi_app.py", "celery.py")
        for path in tree.named(name)
        if path.startswith(f"{layout.source}/" if layout.source else "") and path.count("/") < 6
    ]
    return found[:8]


def _candidates(tree: Tree, layout: Layout, containers: Containers) -> Iterator[Candidate]:
    named = dict.fromkeys([*_applications(tree, layout), layout.manage])
    seen: set[str] = set()
    sources = [(path, 0) for path in named] + [(path, 1) for path in containers.all]
    sources += [(path, 2) for path in _env_examples(tree)]
    for path, weight in sources:
        for dotted, where in _named_in(tree, layout, path):
            file = module_file(tree, layout.paths, dotted)
            if file:
                seen.add(dotted)
                yield _candidate(dotted, file, where, weight)
    yield from _siblings(tree, layout, seen)


def _named_in(tree: Tree, layout: Layout, path: str) -> list[tuple[str, Evidence]]:
    """The modules that a file names, or, where it computes the name, those that may come of it."""
    found = list(naming.written(tree, path))
    if found or not path.endswith(".py"):
        return found
    for text, where in naming.texts(tree, path):
        if text.endswith("."):
            found += [(dotted, where) for dotted in _below(tree, layout, text)]
        elif tree.search(module_file(tree, layout.paths, text), _SETTING):
            found.append((text, where))
    return found


def _below(tree: Tree, layout: Layout, prefix: str) -> list[str]:
    """The settings modules whose names begin so."""
    folders = [join(folder, *prefix.rstrip(".").split(".")) for folder in layout.paths]
    return [
        prefix + path.rpartition("/")[2].removesuffix(".py")
        for path in tree.files
        if path.rpartition("/")[0] in folders
        and path.endswith(".py")
        and not path.endswith("__init__.py")
        and tree.search(path, _SETTING)
    ]


_EXAMPLE = re.compile(
    r"(^|/)(\.?env[\w.-]*(example|sample|template|dist|prod\w*)|\.django|app\.json|fly\.toml|render\.yaml)$"
)


def _env_examples(tree: Tree) -> list[str]:
    return [path for path in tree.files if path.count("/") <= 3 and _EXAMPLE.search(path)]


def _candidate(dotted: str, file: str, where: Evidence, weight: int) -> Candidate:
    kind = _kind(dotted)
    word = {0: "the production settings", 1: "the settings", 2: "settings"}[kind]
    return Candidate(dotted, file, f"{where.path} names {word}", where, kind * 10 + weight)


def for_developers(dotted: str) -> bool:
    """Whether a module is named as those of development and tests are."""
    return _kind(dotted) == 2


def _kind(dotted: str) -> int:
    """0 for production, 2 for development and tests, 1 for what says neither."""
    words = set(re.split(r"[._]", dotted.lower().partition(".")[2] or dotted.lower()))
    if words & {
        "example",
        "sample",
        "template",
        "not",
        "migration",
        "static",
        "collectstatic",
        "test",
        "tests",
    }:
        return 2
    if words & set(_PRODUCTION):
        return 0
    return 2 if words & set(_ELSEWHERE) else 1


def _siblings(tree: Tree, layout: Layout, seen: set[str]) -> Iterator[Candidate]:
    """Settings that nobody names: siblings of those that are named, or else any."""
    folders = {dotted.rpartition(".")[0] for dotted in seen}
    for path in tree.under(layout.source, ".py"):
        inner = path[len(layout.source) + 1 if layout.source else 0 :]
        dotted = inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if dotted in seen or inner.count("/") > 3 or not re.search(r"settings|config", dotted):
            continue
        if not all(part.isidentifier() for part in inner.removesuffix(".py").split("/")):
            continue
        hit = tree.search(path, _SETTING)
        if hit is None or re.search(r"(^|\.)(tests?|migrations)\.", dotted):
            continue
        kind = _kind(dotted)
        near = dotted.rpartition(".")[0] in folders or any(
            dotted.startswith(f"{one}.") for one in seen
        )
        if kind == 0 and near:
            why = "it stands beside the settings that manage.py names, and is production's"
            yield Candidate(dotted, path, why, hit[1], 4)
        elif not seen:
            why = "nothing names one, and it has settings"
            yield Candidate(dotted, path, why, hit[1], 40 + kind * 10 + inner.count("/"))
        else:
            yield Candidate(dotted, path, "it has settings", hit[1], 60 + kind)
