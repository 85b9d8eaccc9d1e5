"""What is to be installed, and from which file: a lock, requirements, a project file, or none."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from djdock.inspect import graph, imported, installed, locks, requirements
from djdock.inspect.containers import Containers
from djdock.inspect.model import Decision, Evidence, Problem
from djdock.inspect.requirement import Needed
from djdock.inspect.tree import Tree, join, parent

#: Names of groups and extras that a running site is made with.
SITE = re.compile(
    r"(?i)^(prod\w*|deploy\w*|server|web|live|main|postgres\w*|psycopg\w*|gunicorn|pgsql|standalone)$"
)

#: Distributions that bring Django without naming it.
BRINGS_DJANGO = {
    "wagtail",
    "mezzanine",
    "djangorestframework",
    "channels",
    "pretix",
    "saleor",
    "coderedcms",
}


@dataclass
class Dependencies:
    """The decisions, and every requirement by its canonical name."""

    needed: dict[str, Needed] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    facts: list[Decision] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: ``requires-python`` and the like, with its line.
    python: str = ""
    python_where: Evidence | None = None
    #: Whether every version is pinned, those of requirements' requirements too.
    locked: bool = False
    #: Indexes other than the usual one: (option, URL, line).
    indexes: list[tuple[str, str, Evidence]] = field(default_factory=list)
    #: Where they come from: a path, or "" for imports.
    path: str = ""

    def has(self, *names: str) -> bool:
        """Whether one of these is required."""
        return any(canonicalize_name(name) in self.needed for name in names)

    def get(self, name: str) -> Needed | None:
        """A requirement."""
        return self.needed.get(canonicalize_name(name))


def find(
    tree: Tree, source: str, containers: Containers, foreign: tuple[str, ...] = ()
) -> Dependencies:
    """What the project says itself, not in the ``foreign`` folders of others; ``needed`` is empty when
    it says nothing.
    """
    folders = list(dict.fromkeys([source, *_above(source), ""]))
    parts = {source.rpartition("/")[2], *installed.parts(tree, containers)}
    for folder in folders:
        for finder in (_uv, _poetry, _pdm, _pylock, _pipfile_lock):
            found = finder(tree, folder, parts)
            if found is not None and _is_site(found):
                return _told(found)
    best = _requirements(tree, source, containers, foreign)
    site = best is not None and (_is_site(best) or _beside(best, source))
    if best is not None and site and not requirements.of_developers(best.path, source):
        return _told(best)
    for folder in folders:
        for name in ("pyproject.toml", "Pipfile", "setup.cfg", "setup.py"):
            found = _project(tree, join(folder, name), parts)
            if found is not None and _is_site(found):
                return _told(found)
    # Developers' files, or one without Django (it may come with a package that we do not know), are
    # better than none.
    return _told(best) if best is not None and best.needed else Dependencies()


def _above(source: str) -> list[str]:
    found = []
    while source:
        source = parent(source)
        found.append(source)
    return found


def _is_site(found: Dependencies) -> bool:
    return any(name == "django" or name in BRINGS_DJANGO for name in found.needed)


def _beside(found: Dependencies, source: str) -> bool:
    """Whether a file beside manage.py has packages that bring Django along."""
    return parent(found.path) == source and any(name.startswith("django-") for name in found.needed)


def _collect(found: Dependencies, needed: tuple[Needed, ...] | list[Needed]) -> None:
    for one in needed:
        before = found.needed.get(one.name)
        if before is None or (one.pin and not before.pin):
            found.needed[one.name] = one


def _lock(tree: Tree, folder: str, name: str, reason: str) -> Dependencies | None:
    path = join(folder, name)
    if not tree.has(path):
        return None
    found = Dependencies(path=path, locked=True)
    _collect(found, locks.packages(tree, path))
    _indexes(found, locks.indexes(tree, path))
    where = found.needed.get("django", Needed("", where=Evidence(path, 0, ""))).where
    found.decisions.append(Decision("lock", path, reason, (where,)))
    return found


def _uv(tree: Tree, folder: str, parts: Set[str]) -> Dependencies | None:
    found = _lock(tree, folder, "uv.lock", "uv.lock pins everything")
    return found and _with_project(tree, folder, found, parts)


def _poetry(tree: Tree, folder: str, parts: Set[str]) -> Dependencies | None:
    found = _lock(tree, folder, "poetry.lock", "poetry.lock pins everything")
    return found and _with_project(tree, folder, found, parts)


def _pdm(tree: Tree, folder: str, parts: Set[str]) -> Dependencies | None:
    found = _lock(tree, folder, "pdm.lock", "pdm.lock pins everything")
    return found and _with_project(tree, folder, found, parts)


def _pylock(tree: Tree, folder: str, _: Set[str]) -> Dependencies | None:
    return _lock(tree, folder, "pylock.toml", "pylock.toml pins everything")


def _pipfile_lock(tree: Tree, folder: str, _: Set[str]) -> Dependencies | None:
    found = _lock(tree, folder, "Pipfile.lock", "Pipfile.lock pins everything")
    if found is not None and tree.has(join(folder, "Pipfile")):
        _python(tree, found, locks.pipfile(tree, join(folder, "Pipfile")))
    return found


def _with_project(
    tree: Tree, folder: str, found: Dependencies, parts: Set[str]
) -> Dependencies | None:
    path = join(folder, "pyproject.toml")
    if not tree.has(path):
        return None
    project = locks.pyproject(tree, path)
    _python(tree, found, project)
    locked = frozenset(found.needed)
    chosen = _parts(found, project, parts)
    own = locks.own_name(tree, path)
    _unlocked(found, [one for one in chosen if one.name not in {*locked, own} and not one.url])
    data = tree.toml(found.path) or {}
    reached = graph.reached(locks.rows(data.get("package")), [*project.needed, *chosen])
    if "django" in reached:
        found.needed = {name: one for name, one in found.needed.items() if name in reached}
    return found


def _python(tree: Tree, found: Dependencies, project: locks.Project) -> None:
    if project.python:
        found.python = project.python
        for word in ("requires-python", "python_requires", "python_version", "python"):
            hit = tree.search(project.path, re.compile(rf"(?m)^\s*\"?{word}\"?\s*="))
            if hit:
                found.python_where = hit[1]
                return
        found.python_where = Evidence(project.path, 0, project.python)


def _parts(found: Dependencies, project: locks.Project, parts: Set[str]) -> list[Needed]:
    """Decides on the extras and groups that a running site wants; what those hold.

    ``parts`` are those that its folder is named after, or that a Dockerfile installs.
    """
    more: list[Needed] = []
    for key, given in (("extras", project.extras), ("groups", project.groups)):
        chosen = tuple(name for name in given or {} if SITE.match(name) or name in parts)
        reason = f"they are what {project.path} calls a site's own, not a developer's"
        held = [one.name for name in chosen for one in (given or {})[name]]
        if not _is_site(found) and "django" not in held:
            # Groups and nothing else: that which has Django is the site's.
            bring = (name for name, all_of in (given or {}).items() if any(
                one.name == "django" for one in all_of))  # fmt: skip
            chosen = (*chosen, *sorted(bring, key=_developers)[:1])
            reason = f"Django is in it, and in nothing else of {project.path}"
        if chosen:
            others = tuple(name for name in given or {} if name not in chosen)
            where = tuple(one.where for name in chosen for one in (given or {})[name][:1])
            found.decisions.append(Decision(key, chosen, reason, where, others))
        for name in chosen:
            _collect(found, (given or {})[name])
            more += (given or {})[name]
    return more


def _unlocked(found: Dependencies, lacking: list[Needed]) -> None:
    """Decides to install what chosen extras hold and the lock lacks: Poetry locks nothing that an extra
    names and its table of dependencies does not.
    """
    if lacking:
        texts = tuple(dict.fromkeys(f"{one.name}{one.specifier}" for one in lacking))
        reason = f"extras name {', '.join(one.name for one in lacking)}, which {found.path} lacks"
        where = tuple(one.where for one in lacking)
        found.decisions.append(Decision("packages", texts, reason, where))


def _developers(name: str) -> bool:
    return bool(re.search(r"(?i)dev|test|doc|lint|ci", name))


def _project(tree: Tree, path: str, parts: Set[str]) -> Dependencies | None:
    if not tree.has(path):
        return None
    name = path.rpartition("/")[2]
    readers = {"pyproject.toml": locks.pyproject, "Pipfile": locks.pipfile}
    project = readers.get(name, locks.setup)(tree, path)
    found = Dependencies(path=path)
    _collect(found, project.needed)
    _indexes(found, locks.indexes(tree, path))
    _python(tree, found, project)
    lock = path if name in readers else join(parent(path), "pyproject.toml")
    where = found.needed.get("django", Needed("", where=Evidence(path, 0, ""))).where
    if name in readers or tree.has(lock):
        found.decisions.append(
            Decision("lock", lock, "it names Django, and no lock does", (where,))
        )
        _parts(found, project, parts)
    else:
        # A setup.py is not built: what it names is installed.
        texts = tuple(sorted(f"{one.name}{one.specifier}" for one in project.needed))
        found.decisions.append(Decision("packages", texts, f"{path} names them", (where,)))
    return found


def _requirements(
    tree: Tree, source: str, containers: Containers, foreign: tuple[str, ...]
) -> Dependencies | None:
    named = installed.files(tree, containers)
    others = tuple(f"{folder}/" for folder in foreign)
    paths = [one for one in requirements.candidates(tree, source) if not one.startswith(others)]
    best: Dependencies | None = None
    beside: Dependencies | None = None
    for path in sorted(paths, key=lambda p: (p not in named, requirements.rank(p, source))):
        read = requirements.read(tree, path)
        if not read.needed:
            continue
        found = Dependencies(path=path)
        _collect(found, read.needed)
        _pin_by_constraints(found, read)
        found.problems += read.problems
        found.locked = read.hashes
        reason = f"{named[path].path} installs it" if path in named else _why(path)
        where = found.needed.get("django", read.needed[0]).where
        rest = tuple(one for one in paths if one not in read.files)
        found.decisions.append(Decision("requirements", path, reason, (where,), rest[:6]))
        _indexes(found, read.indexes)
        if _is_site(found):
            return found if requirements.near(path, source) else beside or found
        if _beside(found, source):
            beside = beside or found
        best = best or found
    return beside or best


def _why(path: str) -> str:
    kind = requirements.rank(path, "")[0] % 4
    return "it is production's" if kind == 0 else "it names Django, and no lock does"


def _pin_by_constraints(found: Dependencies, read: requirements.Read) -> None:
    for one in read.constraints:
        before = found.needed.get(one.name)
        if before is not None and not before.pin:
            found.needed[one.name] = Needed(
                one.name,
                before.specifier & one.specifier,
                before.where,
                before.extras,
                before.marker,
            )


def _indexes(found: Dependencies, named: list[tuple[str, str, Evidence]]) -> None:
    found.indexes += named
    for option, url, where in named:
        shown = re.sub(r"//[^/@]*@", "//", url)
        found.facts.append(Decision("named_index", shown, f"{option} names it", (where,)))


def _told(found: Dependencies) -> Dependencies:
    """With the facts about git dependencies."""
    for one in found.needed.values():
        if one.url:
            url = re.sub(r"//[^/@]*@", "//", one.url)
            found.facts.append(Decision("git" if "git" in one.url else "url", f"{one.name} @ {url}",
                                        "it is not installed from an index", (one.where,)))  # fmt: skip
    return found


def of_imports(tree: Tree, source: str, apps: tuple[str, ...], where: Evidence) -> Dependencies:
    """Where no file names any: what the project imports, and what INSTALLED_APPS names."""
    found = Dependencies()
    names = imported.distributions(tree, source, apps)
    for name, line in names.items():
        found.needed[name] = Needed(name, where=line)
    listed = tuple(sorted({"django", *names}))
    found.needed.setdefault("django", Needed("django", where=where))
    found.decisions.append(
        Decision("packages", listed, "no file names requirements: this is what the project imports",
                 (where, *list(names.values())[:4]))
    )  # fmt: skip
    found.problems.append(
        Problem(
            "No file names requirements: the newest versions of what the project imports are taken.",
            "Write a requirements.txt with the versions that it was made with.",
            (where,),
        )
    )
    return found
