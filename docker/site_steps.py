"""Makes the site in the builder: its front end's files, translations, static files; says why where
it cannot.

    site.py FOLDER...   does all that in the current directory, which is the site's

Told by environment variables, all optional:

STATIC          when static files are collected: build (the default), start, none
BUILD_STEPS     management commands that follow, separated by blanks; those of EARLY come before
BUILD_ENV       variables for these commands only, NAME=value, quoted as in a shell
OVERRIDES       what djdock_settings may change; then it stands before the site's own settings
COPIES          NEW=OLD, relative to /app, separated by blanks (one in a path is a ?, here and in
                WRITABLE): what NEW is made of where it is not there
WRITABLE        files and folders, relative to /app, that the running site writes: links into DATA
"""

import os
import re
import shlex
import shutil
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import own_package
from site_commands import OFF, ROOT, last, manage, say

#: The volume of a running site; Docker fills a new one with what the image has here.
DATA = Path("/srv/data")
FRONTEND = Path("/frontend")
USER = 10001

#: What a module has in it that is no configuration by itself.
NEEDY = re.compile(
    r"(?m)^\s*(from\s+\.|from\s+[\w.]*settings|import\s+[\w.]*settings|from\s+django\.conf)"
)


#: What the packages say that send files to another machine, without it or its key.
ELSEWHERE = re.compile(
    r"(?m)^(?:botocore|boto3|azure|google\.(?:auth|cloud|api_core)|cloudinary|dropbox|minio|oss2)"
    r"[\w.]*(?:Error|Exception|Exceeded|NotFound|Forbidden)\b"
)


#: Steps that come before static files.
EARLY = ("makemigrations", "compilemessages")


def given(environ):
    """The variables of BUILD_ENV, and those that every step has."""
    pairs = [word.partition("=") for word in shlex.split(environ.get("BUILD_ENV", ""))]
    # Some settings ask how long it is.
    key = "only-for-this-step" * 4
    keys = {"DJANGO_SECRET_KEY": key, "SECRET_KEY": key}
    return {**keys, **{name: value for name, _, value in pairs}, "PYTHONDONTWRITEBYTECODE": "1"}


def words(name):
    """The paths of a variable; a blank in one of them is written as a question mark."""
    return [word.replace("?", " ") for word in os.environ.get(name, "").split()]


def prepare(env):
    """What comes before static files: settings that stand before the site's, the front end,
    translations.
    """
    drop_ours()
    made = copied(words("COPIES"))
    if os.environ.get("OVERRIDES"):
        folder = Path("/opt/djdock/settings")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2("/build/djdock_settings.py", str(folder / "djdock_settings.py"))
        (folder / "djdock_examples.txt").write_text("".join(name + "\n" for name in made))
    if FRONTEND.is_dir() and any(FRONTEND.iterdir()):
        # npm's files lie where they lie in the project, and the site may be a folder of that.
        made = FRONTEND / (os.environ.get("SOURCE") or ".")
        if made.is_dir():
            shutil.copytree(str(made), str(ROOT), dirs_exist_ok=True, symlinks=True)
    for name in unmade():
        # Of a file the folder: what settings open as they are read must find it.
        (name.parent if name.suffix else name).mkdir(parents=True, exist_ok=True)
        MADE.append(name)
    name = own_package.note(ROOT, Path.cwd())
    if name:
        say(f"the code asks for the version of {name}, which is copied, not installed: it is noted")
    make_early(env, os.environ.get("BUILD_STEPS", "").split())


def drop_ours():
    """Removes djdock's own files where the project's folder is the site's: only builds read them."""
    for archive in ROOT.glob("*/.djdock.zip"):
        with zipfile.ZipFile(str(archive)) as pristine:
            ours = [ROOT / name for name in pristine.namelist()]
        for path in (archive, *(path for path in ours if archive.parent in path.parents)):
            with suppress(FileNotFoundError):  # the project may have done without one
                path.unlink()
        for folder, _, _ in os.walk(str(archive.parent), topdown=False):
            with suppress(OSError):  # what the project has there besides stays
                Path(folder).rmdir()


def make_early(env, steps):
    """Runs the steps that make what collectstatic takes, migrations and translations."""
    if "makemigrations" in steps:
        said = manage(["makemigrations"], env, "/build/first_migrations.py")
        if said:
            say(f"no first migrations could be made:\n{said[-2000:]}")
    for step in steps:
        if early(step) and step != "makemigrations":
            said = manage([step], env)
            if said:
                say(f"`manage.py {step}` failed, so what it makes stays as it is:\n{said[-2000:]}")


def early(step):
    """Whether a step makes what collectstatic takes."""
    return step in EARLY or bool(re.match("(pre)?compile", step))


def copied(pairs):
    """Copies each NEW=OLD; returns the modules among them that stand by themselves."""
    made = []
    for pair in pairs:
        new, _, old = pair.partition("=")
        target = ROOT / new
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(ROOT / old), str(target))
            say(f"{new} is made of {old}")
        # One that imports of the project needs settings that are read before.
        inside = target.suffix == ".py" and Path.cwd() in target.parents
        if inside and not NEEDY.search(target.read_text(encoding="utf-8")):
            made.append(".".join(target.relative_to(Path.cwd()).with_suffix("").parts))
    return made


def static(env):
    """Collects static files, and runs the steps that follow; ends with a sentence where that
    cannot be done.
    """
    when = os.environ.get("STATIC") or "build"
    if when != "build":
        return
    said = manage(["collectstatic", "--noinput", "--verbosity", "0"], env)
    if ELSEWHERE.search(said[-3000:]):
        say(f"static files are left out, the settings send them to another machine: {last(said)}")
    elif said:
        print(said[-6000:], file=sys.stderr)
        sys.exit(f"site: static files cannot be collected at build: {last(said)}\n"
                 "site: `static = \"start\"` in [tool.djdock] collects them when the stack starts, with "
                 "its services and variables; `static = \"none\"` never does.")  # fmt: skip
    for step in os.environ.get("BUILD_STEPS", "").split():
        if not early(step):
            said = manage([step], env)
            if OFF.search(said):
                say(f"`manage.py {step}` is left out, the settings switch it off: {last(said)}")
            elif said:
                print(said[-6000:], file=sys.stderr)
                sys.exit(f"site: `manage.py {step}`, a step of `build_steps`, failed: {last(said)}")


def drop_packages():
    """Removes npm's packages, which were there for collectstatic; the image has what that made of
    them.
    """
    if (os.environ.get("STATIC") or "build") != "build":
        return
    given = FRONTEND / (os.environ.get("SOURCE") or ".")
    for place, folders, _ in os.walk(str(given)):
        if "node_modules" in folders:
            folders.remove("node_modules")
            shutil.rmtree(str(ROOT / Path(place).relative_to(given) / "node_modules"))


#: What the site writes and the project does not have: what the build leaves there is not the site's.
MADE = []


def unmade():
    """The paths of WRITABLE that are not there."""
    names = words("WRITABLE")
    paths = [Path(os.path.normpath(str(ROOT / name))) for name in names]
    return [path for path in paths if ROOT in path.parents and not path.exists()]


def writable():
    """Makes what the site writes links into the volume, which begins with what the project has there.

    Returns the folder of the volume, or None when nothing is to be written. Uploads, and static files
    that are collected at start, have no name in WRITABLE: they want the folder alone, as the user's.
    """
    names = words("WRITABLE")
    uploads = "media_root" in os.environ.get("OVERRIDES", "").split()
    if not (names or uploads or os.environ.get("STATIC") == "start"):
        return None
    DATA.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = Path(os.path.normpath(str(ROOT / name)))
        if ROOT not in path.parents:
            sys.exit(f"site: `writable` names {name}, which is outside of the project.")
        target = DATA / path.relative_to(ROOT)
        if path.is_symlink():
            continue
        if path in MADE and path.is_dir():
            shutil.rmtree(str(path))
        elif path in MADE and path.exists():
            path.unlink()
        if path.exists() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(str(path), str(target))
        elif not target.exists():
            # A name with a suffix is a file, which whoever opens it makes.
            (target.parent if path.suffix else target).mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    return DATA


def hand_over(folder):
    """Gives a tree to the site's user: a new volume takes the owner of the folder that it is
    mounted on.
    """
    for place, folders, names in os.walk(str(folder)):
        for name in (".", *folders, *names):
            os.chown(str(Path(place, name)), USER, USER, follow_symlinks=False)


def outside(static_root):
    """STATIC_ROOT as a path where that is not in the site's own folder, and is there; None else."""
    path = Path(static_root) if static_root else None
    if path is None or not path.is_absolute() or not path.is_dir() or ROOT in path.parents:
        return None
    return path
