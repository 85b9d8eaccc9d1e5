"""What ``init`` will do with a project: pure decisions on what an inspection found and what is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import djdock
from djdock import env
from djdock.config import default_name
from djdock.envfile import python_dotenv
from djdock.errors import UsageError, one_of
from djdock.init import doors, example, place, pristine, shipped, stackenv, table, texts, theirs
from djdock.init.action import CREATE, EDIT, KEEP, Action, added, new, text_of
from djdock.inspect.model import Decision, Inspection

#: Compose takes these in the project's folder by itself.
COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")

#: djdock's own Dockerfiles, whose names a variant of the project's cannot have.
OWN = "own"

#: The variants whose builds see the project through an ignore file of their own.
VARIANTS = ("single", "multi", "minimal")

WORKFLOW = ".github/workflows/djdock.yml"

#: A default that no empty text stands for.
_PLAIN = re.compile(r"-?\d+(\.\d+)?|True|False")


@dataclass(frozen=True)
class Wanted:
    """The flags of ``init``."""

    addons: tuple[str, ...] = ()
    ci: str = ""


def decided(inspection: Inspection, wanted: Wanted) -> Inspection:
    """The inspection with the add-ons that are asked for in the place of those that were found.

    A site in a subfolder gets the whole project into its image: it may read files beside that.
    """
    found = inspection.decisions
    if wanted.addons:
        found = tuple(one for one in found if one.key != "addons")
        found = (*found, Decision("addons", wanted.addons, "asked for"))
    source = inspection.get("source")
    if source and source.value != "." and inspection.get("tree") is None:
        whole = Decision("tree", ".", "the image gets the whole project, not that folder alone")
        found = (found[0], whole, *found[1:])
    return replace(inspection, decisions=found)


def plan(inspection: Inspection, wanted: Wanted) -> list[Action]:
    """Every file that a project needs, in the order in which they are shown.

    Where ``docker/`` has files of the project's by djdock's names, djdock's get a folder of their own.
    Raises UsageError when that is taken, too, and for a ``pyproject.toml`` that cannot be read.
    """
    root = inspection.root
    for name in wanted.addons:
        if f"docker/addons/{name}.yaml" not in shipped.files():
            known = (Path(path) for path in shipped.files() if path.startswith("docker/addons/"))
            raise one_of("add-on", name, [p.stem for p in known if p.parent.name == "addons"])
    inspection = decided(inspection, wanted)
    folder = place.folder(root)
    if folder != shipped.FOLDER:
        why = f"{shipped.FOLDER}/ has files of the project's by the names of djdock's"
        inspection = replace(
            inspection, decisions=(*inspection.decisions, Decision("folder", folder, why))
        )
    actions = [
        _pyproject(root, inspection), *_docker(root, folder), *doors.tasks(root), doors.nox(root),
        *_ignored(root, folder), _git(root), *_env(root, inspection, folder),
        *stackenv.plan(root, inspection, folder),
    ]  # fmt: skip
    if wanted.ci == "github":
        actions.append(new(root, WORKFLOW, texts.GITHUB, "asked for"))
    return actions


def _pyproject(root: Path, inspection: Inspection) -> Action:
    path = root / "pyproject.toml"
    before = text_of(path) if path.is_file() else ""
    if path.is_file() and table.has(before):
        return Action("pyproject.toml", KEEP, "it has [tool.djdock]")
    found = inspection.get("dockerfile")
    files = [str(name) for name in found.value] if found and isinstance(found.value, tuple) else []
    mine = theirs.choose(root, files)
    variants = {OWN: mine} if mine else {}
    text = table.added(before, inspection.decisions, variants)
    kind = EDIT if path.is_file() else CREATE
    return Action("pyproject.toml", kind, "[tool.djdock]: what was found out", text.encode())


def _docker(root: Path, folder: str) -> list[Action]:
    files = shipped.files(folder)
    before = pristine.read(root, folder).files
    clashes = place.taken(root, folder)
    if clashes:
        raise UsageError(
            f"{clashes[0]} is there, and is not djdock's"
            + (f" (nor are {len(clashes) - 1} others)" if clashes[1:] else "")
            + ".",
            f"Move it to another folder; djdock needs that name in {folder}/.",
        )
    actions = [
        Action(name, CREATE, "shipped with djdock", data)
        for name, data in files.items()
        if name not in before and not (root / name).exists()
    ]
    if not before:
        data = pristine.pack(djdock.__version__, files)
        where = pristine.path(folder)
        actions.append(Action(where, CREATE, f"{folder}/ as shipped, for upgrades", data))
    return actions


def _ignored(root: Path, folder: str) -> list[Action]:
    """A project's own .dockerignore is for its own builds: ours then stand beside our Dockerfiles."""
    ours = _without_theirs(root, texts.DOCKERIGNORE)
    if not (root / ".dockerignore").is_file():
        return [new(root, ".dockerignore", ours, "what builds do not see")]
    if text_of(root / ".dockerignore") in (ours, texts.DOCKERIGNORE):
        return [Action(".dockerignore", KEEP, "it is there")]
    kept = Action(".dockerignore", KEEP, "it goes on holding for the project's own builds")
    reason = "what this build does not see; it wins over .dockerignore"
    names = [f"{folder}/{variant}.Dockerfile.dockerignore" for variant in VARIANTS]
    return [kept, *(new(root, name, ours, reason) for name in names)]


def _without_theirs(root: Path, text: str) -> str:
    """The lines without the folders of reports and backups that the project has for its own."""
    return "".join(
        line
        for line in text.splitlines(keepends=True)
        if line.strip().strip("/") not in texts.OUTPUT or not (root / line.strip()).is_dir()
    )


def _git(root: Path) -> Action:
    path = root / ".gitignore"
    text = text_of(path) if path.is_file() else ""
    there = {line.strip().strip("/") for line in text.splitlines()}
    wanted = _without_theirs(root, "\n".join(texts.IGNORED)).split()
    lines = [name for name in wanted if name.strip("/") not in there]
    if not lines:
        return Action(".gitignore", KEEP, "it has all of it")
    more = "".join(f"{line}\n" for line in (*(["", "# djdock"] if text else ["# djdock"]), *lines))
    if path.is_file():
        return added(".gitignore", text, more, "secrets, and what djdock makes")
    return Action(".gitignore", CREATE, "secrets, and what djdock makes", more.encode())


def _env(root: Path, inspection: Inspection, folder: str) -> list[Action]:
    addons = inspection.get("addons")
    names = [str(name) for name in addons.value] if addons else ["postgres"]
    theirs = any((root / name).is_file() for name in COMPOSE_FILES)
    files = [f"{folder}/compose.yaml", *(f"{folder}/addons/{name}.yaml" for name in names)]
    files += [f"{folder}/addons/files.yaml"] if _writes(inspection) else []
    made = example.text(inspection, addons=names, compose_file="" if theirs else ":".join(files))
    path = root / env.EXAMPLE
    if not path.is_file():
        given, action = made, new(root, env.EXAMPLE, made, "every variable, explained")
    else:
        before = text_of(path)
        lacking = _missing(before, made)
        given = before if not lacking else f"{before.rstrip()}\n\n# --- djdock\n{lacking}"
        action = (
            added(env.EXAMPLE, before, given[len(before.rstrip()) :].lstrip("\n"), "more variables")
            if lacking
            else Action(env.EXAMPLE, KEEP, "it has every variable")
        )
    return [action, *_own_env(root, _startable(given, inspection))]


def _writes(inspection: Inspection) -> bool:
    """Whether the stack gets the add-on `files`, as Config adds it."""
    given = inspection.table()
    overrides = given.get("overrides") or []
    assert isinstance(overrides, list)
    return bool(
        given.get("writable") or given.get("static") == "start" or "media_root" in overrides
    )


def _startable(given: str, inspection: Inspection) -> str:
    """The example's text; what it leaves empty gets the settings' own number or truth."""
    wanted = {one.name: one.default or "" for one in inspection.variables}
    lines = given.split("\n")
    for at, line in enumerate(lines):
        name, _, value = line.partition("=")
        default = wanted.get(name, "")
        if not value.strip() and _PLAIN.fullmatch(default):
            lines[at] = f"{name}={default}"
    return "\n".join(lines)


def _own_env(root: Path, given: str) -> list[Action]:
    path = root / env.FILE
    if path.is_dir():
        raise UsageError(
            f"{env.FILE} is a folder here, and Compose takes the file of that name for its variables.",
            f"Rename the folder (`git mv {env.FILE} .envs`) and what names it; then `djdock init`.",
        )
    fixed = {"COMPOSE_PROJECT_NAME": default_name(root)}
    if not path.exists():
        text = env.fill(given, fixed)
        return [
            Action(env.FILE, CREATE, "generated secrets; mode 0600", text.encode(), private=True)
        ]
    lacking = _missing(text_of(path), given, only_set=True)
    if not lacking:
        return [Action(env.FILE, KEEP, "it has every variable")]
    more = f"\n# --- djdock\n{env.fill(lacking, fixed)}"
    found = added(env.FILE, text_of(path), more, "variables that it lacks")
    return [replace(found, private=True)]


def _missing(text: str, wanted: str, *, only_set: bool = False) -> str:
    """The lines of ``wanted`` that ``text`` lacks or has otherwise, with their comments.

    With ``only_set`` a variable that is there, whatever its value, is not lacking.
    """
    there = {one.name: one.value for one in python_dotenv.read(text, {}).variables}
    lines = {*text.splitlines()}
    names = {_name(line) for line in lines}
    kept: list[str] = []
    comments: list[str] = []
    for line in wanted.splitlines():
        name = _name(line)
        if not name:
            comments = [*comments, line] if line.startswith("#") else []
            continue
        is_set = not line.startswith("#")
        same = only_set or line in lines or there.get(name) == line.partition("=")[2]
        lacking = (name not in there or not same) if is_set else (name not in names)
        if lacking and (is_set or not only_set):
            kept += [*(one for one in comments if not one.startswith("# ---")), line]
        comments = []
    return "".join(f"{line}\n" for line in kept)


def _name(line: str) -> str:
    bare = line.strip().removeprefix("#").strip().removeprefix("export ")
    name, separator, _ = bare.partition("=")
    return name.strip() if separator and env.NAME.fullmatch(name.strip()) else ""


def changes(actions: Iterable[Action]) -> list[Action]:
    """What will be written."""
    return [action for action in actions if action.kind != KEEP]


def rows(actions: Sequence[Action]) -> Sequence[Mapping[str, str]]:
    """For a table: the files of djdock's folder that are created are one row."""
    folder = next((a.path for a in actions if a.path.endswith(".djdock.zip")), "docker/").partition(
        "/"
    )[0]
    many = [a for a in actions if a.kind == CREATE and a.path.startswith(f"{folder}/")]
    found = [a.shown() for a in actions if a not in many]
    if many:
        row = {
            "path": f"{folder}/",
            "kind": CREATE,
            "reason": f"{len(many)} files, yours to change",
        }
        found.insert(1, row)
    return found
