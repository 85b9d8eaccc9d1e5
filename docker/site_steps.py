"""Makes the site in the builder: its front end's files, translations, static files; says why where
it cannot.

    site.py FOLDER...   does all that in the current directory, which is the site's

Told by environment variables, all optional:

STATIC          when static files are collected: build (the default), start, none
BUILD_STEPS     management commands that follow, separated by blanks; those of EARLY come before
BUILD_ENV       variables for these commands only, NAME=value, quoted as in a shell
OVERRIDES       what djdock_settings may change; then it stands before the site's own settings
COPIES          NEW=OLD, relative to /app, separated by blanks: what NEW is made of where it is not there
WRITABLE        files and folders, relative to /app, that the running site writes: links into DATA
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

#: The volume of a running site; Docker fills a new one with what the image has here.
DATA = Path("/srv/data")
ROOT = Path("/app")
FRONTEND = Path("/frontend")
USER = 10001

#: What settings say when a variable is not there: django-environ, decouple, os.environ and others.
MISSING = (
    r"ImproperlyConfigured: Set the (\w+) environment variable",
    r"UndefinedValueError: (\w+) not found",
    r"EnvError: Environment variable \"(\w+)\" not set",
    r"KeyError: '([A-Z][A-Z0-9_]+)'",
    (
        r"(?:environment variable|env var|setting|[Vv]ariable)s?:? [`'\"]?([A-Z][A-Z0-9_]{2,})[`'\"]?"
        r" (?:is |was |has |must |not )"
    ),
    (
        r"(?:[Mm]issing|[Ss]et|[Rr]equired?|[Nn]o)(?: the| required)?(?: environment| env)? ?"
        r"(?:variable|var|setting)?:?"
        r" [`'\"]?([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b"
    ),
    r"^([A-Za-z]\w+)\n  Field required \[type=missing",
)


#: What reads a variable; what reads one that may be None.
READ = r"(?:environ(?:\.get)?|getenv|env(?:\.\w+)?|config)\s*[\[(]\s*[\"']([A-Z][A-Z0-9_]+)[\"']"
BARE = READ + r"\s*\)"

#: What a command says that the settings switch off.
OFF = re.compile(
    r"CommandError: .*\b(?:is|are) (?:currently )?(?:disabled|not enabled|switched off|turned off)"
)


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


def say(text):
    print("site: " + text, flush=True)


def given(environ):
    """The variables of BUILD_ENV, and those that every step has."""
    pairs = [word.partition("=") for word in shlex.split(environ.get("BUILD_ENV", ""))]
    # Some settings ask how long it is.
    key = "only-for-this-step" * 4
    keys = {"DJANGO_SECRET_KEY": key, "SECRET_KEY": key}
    return {**keys, **{name: value for name, _, value in pairs}, "PYTHONDONTWRITEBYTECODE": "1"}


def harmless(name):
    """A value that lets settings be read: a database in memory, services that nobody will ask."""
    name = name.upper()
    if ("DATABASE" in name and "URL" in name) or name in ("DB_URL", "DATABASE_DSN"):
        return "sqlite:////tmp/build.sqlite3"
    if re.search(r"(DB|DATABASE|SQL)_ENGINE$", name):
        return "django.db.backends.sqlite3"
    if "REDIS" in name or "CACHE" in name:
        return "redis://localhost:6379/0" if "URL" in name or "LOCATION" in name else "localhost"
    if "BROKER" in name or "AMQP" in name:
        return "memory://"
    if "EMAIL_URL" in name:
        return "dummymail://"
    if re.search(r"URL|DSN|ENDPOINT", name):
        return "http://localhost/"
    if re.search(r"HOST|DOMAIN|SERVER", name):
        return "localhost"
    if re.search(r"DEBUG|_SSL|_TLS|^USE_|^ENABLE|_ENABLED|SECURE", name):
        return "False"
    if re.search(r"PORT|TIMEOUT|_AGE|_SIZE|_COUNT|LIMIT|SECONDS|_ID$", name):
        return "1"
    return "only-for-this-step"


def missing(text, env):
    """The variable that a command ended for the want of; "" when that is not why."""
    tail = text[-3000:]
    if OFF.search(tail):
        return ""
    for pattern in MISSING:
        found = re.findall(pattern, tail, re.M)
        if found and found[-1] not in env and found[-1] not in os.environ:
            return found[-1]
    return ""


def unlisted(text):
    """The site's folder that a command wanted to list and that is not there; None where that is not why.

    A folder in STATICFILES_DIRS that is empty, and so in no repository, ends Django before 4.0.
    """
    tail = text[-1500:]
    found = re.search(
        r"FileNotFoundError: \[Errno 2\] No such file or directory: '([^']+)'\s*\Z", tail
    )
    path = Path(os.path.normpath(found[1])) if found else None
    if path is None or not re.search(r"os\.(scandir|listdir)\(", tail):
        return None
    return path if ROOT in path.parents and not path.exists() else None


def blamed(text, env):
    """The variables, not set, that the project's line in which a command failed reads; else those
    without a default that the file of that line reads.

    ``os.environ.get("HOSTS").split(",")`` does not say what it misses.
    """
    frames = re.findall(rf'^ *File "({ROOT}/[^"]+)", line (\d+)', text, re.M)
    if not frames or not re.match(r"(Attribute|Type|Value)Error: ", last(text)):
        return []
    path, line = frames[-1]
    source = Path(path).read_text(encoding="utf-8", errors="replace")
    near = source.splitlines()[int(line) - 1 : int(line)]
    for pattern, part in ((READ, "\n".join(near)), (BARE, source)):
        names = [
            name for name in re.findall(pattern, part) if name not in env and name not in os.environ
        ]
        if names:
            return list(dict.fromkeys(names))
    return []


def refused(text):
    """Whether manage.py ended by itself, with words of its own, before Django was asked."""
    return not re.search(
        r"Traceback \(most|\w(Error|Warning|Exception): |Unknown command|usage: ", text
    )


def manage(words, env, script="manage.py"):
    """Runs ``manage.py``, or another script, again with each variable that it misses; returns what
    it said when it failed.
    """
    program = [script]
    while True:
        done = subprocess.run(
            [sys.executable, *program, *words], env={**os.environ, **env}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return ""
        if program == ["manage.py"] and refused(done.stdout):
            # `-m` puts the current directory first among the paths, as manage.py's folder is.
            say(f"manage.py refuses `{words[0]}`, and Django itself is asked: {last(done.stdout)}")
            program = ["-m", "django"]
            continue
        folder = unlisted(done.stdout)
        if folder is not None:
            say(f"{folder} is not there: it is made, empty, for `manage.py {words[0]}`")
            folder.mkdir(parents=True)
            continue
        name = missing(done.stdout, env)
        names = [name] if name else blamed(done.stdout, env)
        if not names:
            return done.stdout or f"exit code {done.returncode}"
        for name in names:
            env[name] = harmless(name)
            say(f"{name} is not set: `manage.py {words[0]}` gets {env[name]!r}")


def prepare(env):
    """What comes before static files: settings that stand before the site's, the front end,
    translations.
    """
    made = copied(os.environ.get("COPIES", "").split())
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
    steps = os.environ.get("BUILD_STEPS", "").split()
    if "makemigrations" in steps:
        said = manage(["makemigrations"], env, "/build/first_migrations.py")
        if said:
            say(f"no first migrations could be made:\n{said[-2000:]}")
    if "compilemessages" in steps:
        said = manage(["compilemessages"], env)
        if said:
            say(
                f"`manage.py compilemessages` failed, so translations stay as they are:\n{said[-2000:]}"
            )


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
        if step not in EARLY:
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


def last(text):
    """The line that says what is wrong."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else text


#: What the site writes and the project does not have: what the build leaves there is not the site's.
MADE = []


def unmade():
    """The paths of WRITABLE that are not there."""
    names = os.environ.get("WRITABLE", "").split()
    paths = [Path(os.path.normpath(str(ROOT / name))) for name in names]
    return [path for path in paths if ROOT in path.parents and not path.exists()]


def writable():
    """Makes what the site writes links into the volume, which begins with what the project has there.

    Returns the folder of the volume, or None when nothing is to be written.
    """
    names = os.environ.get("WRITABLE", "").split()
    if not names:
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
