"""Where ``manage.py`` is: at the root, in ``src/``, in a subfolder; named when there are several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from djdock.errors import MissingError, UsageError
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.tree import Tree, join, parent

_DJANGO = re.compile(
    r"DJANGO_SETTINGS_MODULE|execute_from_command_line|django|configurations|import manage\b"
)

#: Parts of paths that hold examples and tests rather than the site.
_ASIDE = re.compile(
    r"(?i)^(tests?|testing|examples?|samples?|demos?|docs?|sandbox|benchmarks?|fixtures|template.*"
    r"|playground|test_?project|test_?app|exercises?|contrib)$"
)

#: What names settings that tests run with.
_OF_TESTS = re.compile(r"""DJANGO_SETTINGS_MODULE["']\s*\]?\s*[,=]\s*["']tests?\.""")


@dataclass(frozen=True)
class Layout:
    """The folder of ``manage.py``, relative to the root ("" is the root), and the decision about it."""

    source: str
    decision: Decision
    #: Folders that the project's own files put among Python's paths.
    added: tuple[str, ...] = ()
    #: The folders of other projects: what lies there is no evidence for this one.
    foreign: tuple[str, ...] = ()

    @property
    def manage(self) -> str:
        """The path of ``manage.py``."""
        return f"{self.source}/manage.py" if self.source else "manage.py"

    @property
    def paths(self) -> tuple[str, ...]:
        """The folders that modules are imported from, the likeliest first."""
        found = [self.source] if self.source else ["", "src", "apps"]
        above = self.source
        while above:
            # A sandbox or an example beside the package that it is one of.
            above = parent(above)
            found += [above, join(above, "src")]
        found += self.added
        return tuple(dict.fromkeys(found))


def find(tree: Tree, wanted: str = "") -> Layout:
    """The layout. ``wanted`` is a folder that was named, relative to the root.

    Raises MissingError when there is no ``manage.py``, UsageError when several are as likely.
    """
    if wanted:
        folder = wanted.strip("/").removeprefix("./").removesuffix("/.")
        folder = "" if folder == "." else folder
        path = f"{folder}/manage.py" if folder else "manage.py"
        if not tree.has(path):
            raise MissingError(
                f"There is no manage.py in {wanted}.", "Name the folder that holds it."
            )
        return _layout(tree, folder, f"it was named: {wanted}", ())
    found = [path for path in tree.named("manage.py") if _is_django(tree, path)]
    if not found:
        raise _none(tree)
    ranks = {path: _rank(tree, path) for path in found}
    likely = [path for path in found if ranks[path] == min(ranks.values())]
    folders = [parent(path) or "." for path in found]
    if len(likely) > 1:
        names = ", ".join(parent(path) for path in likely[:8])
        raise UsageError(
            f"There are several Django projects here, in {names}"
            f"{' and more' if len(likely) > 8 else ''}.",
            f"Name one: `djdock init --source {parent(likely[0])}`.",
        )
    folder = parent(likely[0])
    reason = "manage.py is there"
    others = tuple(one for one in folders if one != (folder or "."))
    if others:
        reason += f", nearer to the root than, or less of an example than, {', '.join(others[:3])}"
    return _layout(tree, folder, reason, others)


def _layout(tree: Tree, folder: str, reason: str, others: tuple[str, ...]) -> Layout:
    path = f"{folder}/manage.py" if folder else "manage.py"
    hit = tree.search(path, _DJANGO)
    where = hit[1] if hit else Evidence(path, 0, "")
    decision = Decision("source", folder or ".", reason, (where,), others)
    added = tuple(dict.fromkeys(_added(tree, folder)))
    projects = (parent(path) for path in tree.named("manage.py"))
    foreign = (one for one in projects if one and not f"{folder}/".startswith(f"{one}/"))
    return Layout(folder, decision, added, tuple(foreign))


#: `sys.path.append(os.path.join(BASE_DIR, "apps"))` and the like, on one line or two.
_PATH = re.compile(r"sys\.path\.(?:append|insert)\((.{0,200}?)\)\s*$", re.M | re.S)
_TEXT = re.compile(r"""["']([\w./-]+)["']""")


def _added(tree: Tree, source: str) -> Iterator[str]:
    """The folders that manage.py, the applications or settings add to Python's paths."""
    for path in tree.under(source, ".py"):
        name = path.rpartition("/")[2]
        if path.count("/") > source.count("/") + 4 or not re.match(
            r"(manage|wsgi|asgi|celery|\w*settings\w*|base|common)\.py$", name
        ):
            continue
        for call in _PATH.finditer(tree.text(path) or ""):
            words = _TEXT.findall(call[1])
            folder = join(source, *words)
            if words and folder != source and folder in tree.folders:
                yield folder


def _is_django(tree: Tree, path: str) -> bool:
    return not _template(tree, path) and tree.search(path, _DJANGO) is not None


def _template(tree: Tree, path: str) -> bool:
    """Whether it is of a template of projects: Cookiecutter's, or one for `startproject --template`."""
    return "{" in path or "{{ project_name }}" in (tree.text(path) or "")


def aside(part: str) -> bool:
    """Whether a part of a path is named as folders of examples and tests are."""
    return _ASIDE.match(part) is not None


def _rank(tree: Tree, path: str) -> tuple[int, int]:
    """How likely it is: a site's own before those of examples, and those before tests' own."""
    parts = path.split("/")[:-1]
    depth = len(parts) - (1 if parts and parts[0] in ("src", "backend", "server", "app") else 0)
    tests = any(re.match("(?i)test", part) and aside(part) for part in parts)
    if tests or tree.search(path, _OF_TESTS):
        return 2, depth
    return int(any(map(aside, parts))), depth


def _none(tree: Tree) -> MissingError:
    template = [path for path in tree.named("manage.py") if _template(tree, path)]
    if template:
        how = "cookiecutter ."
        if "{" not in template[0]:
            how = f"django-admin startproject --template {parent(template[0]) or '.'} NAME"
        return MissingError(
            f"This is a template of projects ({template[0]}), not a project.",
            f"Make a project of it (`{how}`), and inspect that.",
        )
    for name in ("pom.xml", "Gemfile", "go.mod", "Cargo.toml"):
        if tree.has(name):
            return MissingError(
                f"There is no manage.py of Django's here, and {name} is.",
                "Name the folder of a Django project.",
            )
    for path in tree.named("manage.py"):
        return MissingError(
            f"{path} is none of Django's: nothing in it names Django.",
            "Name the folder of a Django project.",
        )
    name = _command(tree)
    if name:
        return MissingError(
            f"There is no manage.py of Django's in {tree.root.name or tree.root}: it is a package whose"
            f" command `{name}` makes and runs sites.",
            "Name a site that was made with it, or write a manage.py that names the settings module.",
        )
    return MissingError(
        f"There is no manage.py of Django's in {tree.root.name or tree.root}, nor below it.",
        "djdock needs one: `django-admin startproject` makes it; a package of apps alone is no site.",
    )


def _command(tree: Tree) -> str:
    """The command that the package installs, where Django is behind it; or ""."""
    project = (tree.toml("pyproject.toml") or {}).get("project")
    scripts = project.get("scripts") if isinstance(project, dict) else None
    for name, target in (scripts if isinstance(scripts, dict) else {}).items():
        base = str(target).partition(":")[0].replace(".", "/")
        for path in (f"{base}.py", f"{base}/__init__.py", f"src/{base}.py"):
            if tree.search(path, _DJANGO):
                return str(name)
    return ""
