"""The site: collects its static files, compiles it, takes its tests apart, and writes the facts."""

import fnmatch
import hashlib
import json
import os
import runpy
import shutil
import sys
import traceback
from pathlib import Path

from . import bytecode, imports, languages, packages, stdlib

TEST_FILES = ("tests.py", "test_*.py", "*_test.py", "conftest.py")


def prepare(app, out, globs, *, sources):
    """Does all that in one process, for Django is slow to start. ``out`` takes what is made."""
    beside = collected(app)
    try:
        facts, static = asked(app)
    except (
        Exception
    ) as error:  # whatever the settings need is not here: rules that ask them do nothing
        print(f"minimal: the settings cannot be read here: {error}", flush=True)
        facts = {"installed": [], "locales": None, "static": [], "used": used(app, [])}
        static = []
    links(static, out / "root")
    tests = take_apart(app, out / "tests", facts.pop("installed"), globs)
    trim(app, out / "tests", globs)
    facts["matched"] = sorted(globs.used)
    compile_all([app, out / "tests"], app, keep=sources != "none")
    if app != Path("/app") and Path("/app") in app.parents:
        compile_all([Path("/app")], Path("/app"), keep=True)
    (out / "facts.json").write_text(json.dumps(facts, indent=1, sort_keys=True), encoding="utf-8")
    return tests, beside


def collected(app):
    """Does what comes before the rules: the front end, static files and the steps that the project
    names.

    Returns a STATIC_ROOT outside of the site's folder, or None. Where `collectstatic` fails in this
    process it is done in others, that may get the variables it misses, and this one begins anew.
    """
    import site_steps as steps

    done = os.environ.pop("DJDOCK_COLLECTED", "")
    env = steps.given(os.environ)
    if not done:
        steps.prepare(env)
    os.environ.update(env)
    others = [step for step in os.environ.get("BUILD_STEPS", "").split() if not steps.early(step)]
    when = os.environ.get("STATIC") or "build"
    if not done and when == "build":
        try:
            if others:
                raise SystemExit("build_steps")
            collect(app)
        except (Exception, SystemExit):
            steps.static(env)
            words = [sys.executable, "-m", "djdock_minimal", "site"]
            os.execve(  # noqa: S606 - Python itself
                sys.executable, words, {**os.environ, **env, "DJDOCK_COLLECTED": "yes"}
            )
    steps.drop_packages()
    sys.path.insert(0, str(app))
    if when != "build":
        return None
    try:
        from django.conf import settings

        return steps.outside(str(getattr(settings, "STATIC_ROOT", None) or ""))
    except Exception:
        return None


def collect(app):
    """`manage.py collectstatic`, as the project's own manage.py does it."""
    words = ["manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    sys.path.insert(0, str(app))
    before, sys.argv = sys.argv, words
    try:
        runpy.run_path("manage.py", run_name="__main__")
    except SystemExit as error:
        if error.code:
            raise
    finally:
        sys.argv = before


def asked(app):
    """What :func:`ask` says, again with each file of the site's that it misses."""
    from site_commands import mended

    while True:
        try:
            return ask(app)
        except Exception:
            if not mended(traceback.format_exc(), "the settings"):
                raise


def ask(app):
    """The facts, and the static files of packages: (path, the file it was collected as or None)."""
    import django
    from django.apps import apps
    from django.conf import settings

    if not apps.ready:
        django.setup()
    static = static_files(app, settings, apps)
    folders = sorted({folder for folder, _ in static})
    installed = sorted({config.module.__name__ for config in apps.get_app_configs()})
    facts = {
        "installed": installed,
        "locales": languages.locales(settings, lambda: languages.switched(settings, Path("/app"))),
        "static": folders,
        "used": used(app, [*installed, *texts(settings)]),
    }
    return facts, [file for _, files in static for file in files]


def static_files(app, settings, apps):
    """Folders of packages' static files that have been collected into the site, with their files."""
    root = Path(settings.STATIC_ROOT) if getattr(settings, "STATIC_ROOT", None) else None
    if root is None or not apps.is_installed("django.contrib.staticfiles"):
        return []
    # What is collected elsewhere is not in the image, so the packages' own files stay.
    if not root.is_dir() or not root.is_relative_to(app):
        return []
    from django.contrib.staticfiles.finders import get_finders

    venv = Path(sys.prefix)
    collected = {digest(path): path for path in sorted(root.rglob("*")) if path.is_file()}
    found = {}
    for finder in get_finders():
        for name, storage in finder.list([]):
            folder = Path(getattr(storage, "location", "") or "/")
            if folder.is_relative_to(venv):
                path = folder / name
                found.setdefault(str(folder), []).append((path, collected.get(digest(path))))
    return sorted(found.items())


def digest(path):
    return hashlib.sha256(path.read_bytes()).digest()


def links(static, root):
    """Packages' static files in the site's layer: links to the collected ones where they are equal.

    They are needed there still: with DEBUG, in tests, and when collectstatic runs again.
    """
    for path, collected in static:
        target = root / str(path).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if collected is None:
            shutil.copy2(path, target)
        else:
            target.symlink_to(collected)


def texts(settings):
    """All texts in the settings: apps, middleware, back ends are named there, whoever computed them."""
    todo, found = [getattr(settings, name) for name in dir(settings) if name.isupper()], set()
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            todo += [*value, *value.values()]
        elif isinstance(value, (list, tuple, set)):
            todo += value
    return found


def used(app, named):
    """What the project imports of that which a rule could leave out: little, so it seldom changes."""
    names = set(named)
    for imported in imports.of_files(app.rglob("*.py"), app).values():
        names |= imported
    own = {path.stem for path in app.iterdir()}
    candidates = (*stdlib.CANDIDATES, *packages.OPTIONAL)
    return sorted(
        name
        for name in names
        if any(imports.covers(name, module) for module in candidates)
        or (set(name.split(".")[1:]) & set(packages.TESTS) and name.split(".")[0] not in own)
    )


def take_apart(app, out, installed, globs):
    """Moves the project's tests to ``out``: folders and modules of tests that nothing else imports."""
    found = [path for path in sorted(app.rglob("*")) if is_test(path)]
    found = [path for path in found if not any(other in path.parents for other in found)]
    rest = [p for p in app.rglob("*.py") if not any(f in (p, *p.parents) for f in found)]
    wanted = {name for names in imports.of_files(rest, app).values() for name in names}
    wanted |= set(installed)
    moved = []
    for path in found:
        module = imports.module_name(path / "__init__.py" if path.is_dir() else path, app)[0]
        if any(imports.covers(name, module) for name in wanted) or globs.kept(path):
            continue
        target = out / str(path).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
        moved.append(path)
    return moved


def is_test(path):
    if path.is_dir():
        return path.name in packages.TESTS and (
            (path / "__init__.py").is_file() or any(is_test(child) for child in path.glob("*.py"))
        )
    return path.is_file() and any(fnmatch.fnmatchcase(path.name, pattern) for pattern in TEST_FILES)


def trim(app, out, globs):
    """Removes what ``drop`` names of the project; its translations' sources go where the tests are."""
    for path in sorted(app.rglob("*")):
        if not path.is_file() or globs.kept(path):
            continue
        if globs.dropped(path):
            path.unlink()
        elif path.suffix in (".po", ".pot"):
            target = out / str(path).lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)


def compile_all(roots, app, *, keep):
    """Byte code for every source of the site, named as it will be in the image."""
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            name = path if root == app else Path("/") / path.relative_to(root)
            code = bytecode.compiled(path, str(name))
            if code is None:
                continue
            place = bytecode.cache_name(path)
            if not keep and path.name != "manage.py":
                place = path.with_suffix(".pyc")
                path.unlink()
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(code)
            os.chmod(place, 0o644)  # noqa: PTH101
