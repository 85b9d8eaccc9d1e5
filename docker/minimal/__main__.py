"""The two commands, see the package's docstring. Everything is told by environment variables:

KEEP, DROP  shell patterns on absolute paths, separated by blanks
SOURCES     whose sources stay beside the byte code: `site` (its own), `all`, `none`
OUT         where the results go
"""

import json
import os
import sys
import time
from pathlib import Path

from . import debian, loader, packages, project, settle, stdlib, system
from .tree import Account, Globs, Tree

SOURCES = ("site", "all", "none")


def main(words):
    started = time.monotonic()
    globs = Globs(os.environ.get("KEEP", "").split(), os.environ.get("DROP", "").split())
    out = Path(os.environ.get("OUT", "/out"))
    sources = os.environ.get("SOURCES") or "site"
    if sources not in SOURCES:
        sys.exit(f"minimal: SOURCES is `{sources}`; it can be {', '.join(SOURCES)}.")
    if words == ["site"]:
        site(globs, out, sources)
    elif words == ["prune"]:
        prune(globs, out, sources)
    else:
        sys.exit("usage: python -m minimal site | prune")
    say(f"{words[0]} took {time.monotonic() - started:.1f} s")


def say(text):
    print(f"minimal: {text}", flush=True)


def site(globs, out, sources):
    for folder in ("root", "tests"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    import site_steps as steps

    moved, beside = project.prepare(Path.cwd(), out, globs, sources=sources)
    data = steps.writable()
    more = [path for path in (beside, data) if path]
    settle.stage(out / "root", [steps.ROOT, Path("/opt/djdock"), *more])
    if data:
        steps.hand_over(out / "root" / str(data).lstrip("/"))
    settle.tree(out / "tests")
    if moved:
        say(f"in the test stage only: {' '.join(str(path) for path in moved)}")


def prune(globs, out, sources):
    facts = json.loads((out / "facts.json").read_text(encoding="utf-8"))
    account = Account()
    globs.used.update(facts["matched"])
    base = Tree(out / "base")
    environment, table = packages.build(base, facts, globs, account, sources=sources == "all")
    imported = set(facts["used"]).union(*table.values())
    python = system.interpreter(base)
    extensions = stdlib.build(base, imported, globs, account, sources=sources == "all")
    counted = {path for path in base.files if path != str(python)}
    finder = loader.Loader()
    opened = system.opened_by_name(Path(p) for p in _sources(environment))
    kept = system.keep(base, globs, account)
    # Debian packages that the project names bring data and programs, of which nobody can tell who
    # needs them.
    kept += [base.add(path) for path in debian.added(Path("/var/lib/djdock/system"))]
    counted |= {str(path) for path in kept}
    missing = system.libraries(base, [python, *extensions, *environment, *kept], finder, opened)
    owners = packages.owners(packages.site_packages())
    for path, ours in system.shared(base, environment, finder, globs):
        size, owner = base.replace(path, ours), owners.get(str(path), packages.NOBODY)
        account.keep(owner, -size)
        account.leave(owner, f"{path.name}: the base's {Path(ours).name} does all it does", size)
    for name, user in missing.items():
        say(f"{name}, which {user} needs, is not in the base: what needs it cannot be loaded")
    debian.account_for(base, account, counted)
    system.data(base, account)
    debian.write(base, account)
    system.cache(base)
    # A layer of its own: other packages, same base.
    base.split(sys.prefix, out / "venv")
    for root in (out / "base", out / "venv"):
        settle.tree(root)
    for line in account.lines():
        say(line)
    for pattern in globs.unused():
        say(f"warning: nothing matches `{pattern}` of keep and drop")


def _sources(files):
    """The sources of the environment's modules: where they are here, not what is copied of them."""
    for path in files:
        source = path.with_suffix(".py") if path.suffix == ".pyc" else path
        if source.suffix == ".py" and source.is_file():
            yield source


main(sys.argv[1:])
