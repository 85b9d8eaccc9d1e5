"""The command ``djdock``: what is needed before there is a ``tasks.py``, and for later versions."""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from djdock import __version__
from djdock.errors import CheckFailed, DjdockError, MissingError, of_system
from djdock.narration import note
from djdock.tasks._terminal import colour, confirm

if TYPE_CHECKING:
    from djdock.inspect.model import Inspection


def parser() -> argparse.ArgumentParser:
    """The command line: four commands."""
    top = argparse.ArgumentParser(
        prog="djdock",
        description="From a Django project's source to a small, safe, running stack of containers.",
        epilog="After `djdock init`: `invoke up`, `invoke --list`, `nox -s images`.",
    )
    top.add_argument("--version", action="version", version=f"djdock {__version__}")
    top.add_argument("--debug", action="store_true", help="show an error's traceback")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    init = commands.add_parser(
        "init", help="write what a project lacks: docker/, tasks.py, .env, …"
    )
    _project(init)
    init.add_argument("--dry", action="store_true", help="show the plan, and write nothing")
    init.add_argument("--yes", action="store_true", help="do not ask")
    init.add_argument("--json", action="store_true", help="the plan, and what was written, as JSON")
    init.add_argument("--addon", action="append", default=[], metavar="NAME",
                      help="an add-on in the place of those found; may be repeated")  # fmt: skip
    init.add_argument("--ci", choices=["github"], default="", help="write a workflow, too")

    inspect = commands.add_parser("inspect", help="say what a project is and needs; writes nothing")
    _project(inspect)
    inspect.add_argument("--json", action="store_true", help="as JSON")

    diff = commands.add_parser("diff", help="what docker/ has that this version's has not")
    diff.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the project; default: here"
    )

    upgrade = commands.add_parser("upgrade", help="merge this version's docker/ into the project's")
    upgrade.add_argument("path", nargs="?", default=".", metavar="PATH", help="the project")
    upgrade.add_argument(
        "--dry", action="store_true", help="say what would change, and write nothing"
    )
    return top


def _project(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the project; default: here"
    )
    command.add_argument("--source", default="", help="the folder of manage.py")
    command.add_argument("--settings", default="", help="the settings module")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code; errors are one sentence and one remedy, on stderr."""
    given = parser().parse_args(argv)
    command = {"init": _init, "inspect": _inspect, "diff": _diff, "upgrade": _upgrade}[
        given.command
    ]
    try:
        return command(given)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    except (DjdockError, OSError) as error:
        if given.debug:
            traceback.print_exception(error)
        shown = of_system(error) if isinstance(error, OSError) else error
        mark = "\033[31merror:\033[0m " if colour(sys.stderr) else "error: "
        print(f"{mark}{shown}", file=sys.stderr, flush=True)
        return shown.exit_code


def _root(given: argparse.Namespace) -> Path:
    root = Path(given.path).resolve()
    if not root.is_dir():
        raise MissingError(f"There is no folder {root}.", "Name the project's.")
    return root


def _inspect(given: argparse.Namespace) -> int:
    from djdock.inspect import view
    from djdock.inspect.run import inspect

    found = inspect(_root(given), source=given.source, settings=given.settings)
    print(json.dumps(view.data(found), indent=2) if given.json else view.text(found))
    return MissingError.code if found.fatal else 0


def _init(given: argparse.Namespace) -> int:
    from djdock.init import action, plan, table
    from djdock.inspect.run import inspect

    root = _root(given)
    names = tuple(name for text in given.addon for name in text.split(",") if name)
    path = root / "pyproject.toml"
    there = path.is_file() and table.has(path.read_text(encoding="utf-8", errors="replace"))
    found = inspect(root, source=given.source, settings=given.settings)
    if found.fatal and not there:
        for one in found.fatal:
            note(f"{one.what}\n{one.remedy}")
        raise MissingError(
            f"{root.name} cannot be run in containers as it is; nothing was written.",
            "What is in the way stands above; `djdock inspect` shows all that was found.",
        )
    if not there:
        _has_python(root, found)
    actions = plan.plan(found, plan.Wanted(names, given.ci))
    todo = plan.changes(actions)
    if not given.json:
        note(_plan_text(plan.rows(actions)))
        for trouble in found.problems:
            note(f"{trouble.what} {trouble.remedy}")
    if todo and not given.dry:
        confirm(f"Write {len(todo)} files to {root}?", yes=given.yes)
        action.apply(root, todo)
    if given.json:
        written = [] if given.dry else [one.path for one in todo]
        shown = [one.shown() for one in actions]
        print(
            json.dumps(
                {"version": 1, "root": str(root), "plan": shown, "written": written}, indent=2
            )
        )
    elif not todo:
        note("There is nothing to do.")
    elif not given.dry:
        note(f"Wrote {len(todo)} files. Next:  invoke up")
    return 0


def _has_python(root: Path, found: Inspection) -> None:
    from djdock.images import choose
    from djdock.inspect.python import DEBIAN
    from djdock.shell import Shell

    version, source = found.get("python"), found.get("source")
    if version is not None and version.value not in DEBIAN:
        choose.has_python(root, str(source.value) if source else "", str(version.value), Shell())


def _plan_text(rows: Sequence[Mapping[str, str]]) -> str:
    from djdock.table import plain

    return plain([list(row.values()) for row in rows], ["file", "what", "why"])


def _diff(given: argparse.Namespace) -> int:
    from djdock.init import upgrade

    print(upgrade.difference(_root(given)), end="")
    return 0


def _upgrade(given: argparse.Namespace) -> int:
    from djdock.init import action, upgrade

    root = _root(given)
    found = upgrade.plan(root)
    for one in found.actions:
        note(f"{one.path}: {one.reason}")
    for name in found.gone:
        note(f"{name}: this version has no such file; delete it if nothing of yours needs it.")
    if not found.actions:
        note("docker/ is that of this version.")
    if not given.dry:
        action.apply(root, found.actions)
    if found.conflicts:
        raise CheckFailed(
            f"Both you and djdock have changed the same lines of {', '.join(found.conflicts)}.",
            "Choose between the marks <<<<<<< and >>>>>>> there.",
        )
    return 0
