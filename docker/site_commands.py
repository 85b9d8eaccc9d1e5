"""Management commands of the site at build: again with what they miss, and why they fail."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path("/app")

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
#: A setting, which may be called as the variable is that it has its value of.
SETTING = r"\bsettings\.([A-Z][A-Z0-9_]+)"

#: What a command says that the settings switch off.
OFF = re.compile(
    r"CommandError: .*\b(?:is|are) (?:currently )?(?:disabled|not enabled|switched off|turned off)"
)


def say(text):
    print("site: " + text, flush=True)


#: What a variable's name has in it -> a value that lets settings be read; the first one counts. A
#: database in memory, and services that nobody will ask.
HARMLESS = (
    (r"DATABASE.*URL|URL.*DATABASE|^DB_URL$|^DATABASE_DSN$", "sqlite:////tmp/build.sqlite3"),
    (r"(DB|DATABASE|SQL)_ENGINE$", "django.db.backends.sqlite3"),
    # Its client takes no address without a key in it; none at all is none to send to.
    (r"SENTRY.*DSN", ""),
    (r"(REDIS|CACHE).*(URL|LOCATION)|(URL|LOCATION).*(REDIS|CACHE)", "redis://localhost:6379/0"),
    (r"REDIS|CACHE", "localhost"),
    (r"BROKER|AMQP", "memory://"),
    (r"EMAIL_URL", "dummymail://"),
    (r"URL|DSN|ENDPOINT", "http://localhost/"),
    (r"HOST|DOMAIN|SERVER", "localhost"),
    (r"DEBUG|_SSL|_TLS|^USE_|^ENABLE|_ENABLED|SECURE", "False"),
    (r"PORT|TIMEOUT|_AGE|_SIZE|_COUNT|LIMIT|SECONDS|_ID$", "1"),
    (r"", "only-for-this-step"),
)


def harmless(name):
    """A value that lets settings be read."""
    return next(value for pattern, value in HARMLESS if re.search(pattern, name.upper()))


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


#: What the name of an example has besides that of the file that is made of it.
EXAMPLE = r"(?:examples?|samples?|dist|defaults?|templates?|tmpl|tpl|skel|orig)"


def unfound(text):
    """The site's file that a command wanted to read and that is not there; None if that is not why."""
    found = re.search(r"FileNotFoundError: \[Errno 2\] [^:]+: '([^']+)'\s*\Z", text[-1500:])
    path = Path(os.path.normpath(str(Path.cwd() / found[1]))) if found else None
    if path is None or ROOT not in path.parents or path.exists() or not path.parent.is_dir():
        return None
    return path


def exemplified(text):
    """A file that is :func:`unfound`, and the example beside its place; None where there is none."""
    path = unfound(text)
    if path is None:
        return None
    stem, suffix = re.escape(path.stem), re.escape(path.suffix)
    pattern = re.compile(
        rf"(?i){stem}{suffix}[._-]{EXAMPLE}|{stem}[._-]{EXAMPLE}{suffix}|{EXAMPLE}[._-]{stem}{suffix}"
    )
    examples = sorted(one for one in path.parent.iterdir() if pattern.fullmatch(one.name))
    return (path, examples[0]) if examples else None


def unfiled(text):
    """A file of variables, `.env` or the like, that is :func:`unfound`, or None. What it has comes as
    the container's own variables.
    """
    path = unfound(text)
    return path if path is not None and ".env" in path.name else None


#: A source map that maps nothing: only debuggers of browsers read one.
NO_MAP = '{"version": 3, "sources": [], "mappings": ""}\n'


def unmapped(text):
    """The source maps that the site's scripts and stylesheets name and that are not there, where a
    storage with hashes in names ended for the want of one: all in its folder of static files.

    Scripts of others are copied, or joined, with the line that names their map, and without the map.
    """
    found = re.search(r"The file '([^']+\.map)' could not be found with <", text[-3000:])
    if found is None:
        return []
    parts = Path(found[1]).parts
    first = next((one for one in maps(ROOT) if one.parts[-len(parts) :] == parts), None)
    if first is None:
        return []
    # A command that ended for one would end for the next.
    return list(dict.fromkeys(maps(Path(*first.parts[: -len(parts)]))))


def maps(folder):
    """The source maps, inside of a folder, that files in it name and that are not there."""
    for place, _, files in os.walk(str(folder)):
        for file in files:
            if not file.endswith((".js", ".mjs", ".css")):
                continue
            text = Path(place, file).read_text(encoding="utf-8", errors="replace")
            for address in re.findall(r"sourceMappingURL=([^\s*'\"]+\.map)(?![\w.])", text):
                target = Path(os.path.normpath(str(Path(place, address))))
                if "://" not in address and folder in target.parents and not target.exists():
                    yield target


def mended(text, whose):
    """Makes the file or folder of the site's that something ended for the want of; returns whether that
    was why.
    """
    folder, example, file = unlisted(text), exemplified(text), unfiled(text)
    source_maps = unmapped(text)
    if folder is not None:
        say(f"{folder} is not there: it is made, empty, for {whose}")
        folder.mkdir(parents=True)
    elif example is not None:
        say(f"{example[0]} is not there: it is made of {example[1].name}")
        shutil.copyfile(str(example[1]), str(example[0]))
    elif file is not None:
        say(f"{file} is not there: it is made, empty; what settings read of it are variables here")
        file.touch()
    elif source_maps:
        say(f"{source_maps[0]} is not there: it is made, with nothing in it, for {whose}")
        for one in source_maps:
            one.parent.mkdir(parents=True, exist_ok=True)
            one.write_text(NO_MAP, encoding="utf-8")
    else:
        return False
    return True


def blamed(text, env):
    """The variables, not set, that the project's line in which a command failed reads, itself or as
    settings; else those without a default that the file of that line reads.

    ``os.environ.get("HOSTS").split(",")`` does not say what it misses.
    """
    frames = re.findall(rf'^ *File "({ROOT}/[^"]+)", line (\d+)', text, re.M)
    if not frames or not re.match(r"(Attribute|Type|Value)Error: ", last(text)):
        return []
    path, line = frames[-1]
    source = Path(path).read_text(encoding="utf-8", errors="replace")
    near = "\n".join(source.splitlines()[int(line) - 1 : int(line)])
    for names in (
        re.findall(READ, near),
        [name for name in re.findall(SETTING, near) if is_read(name)],
        re.findall(BARE, source),
    ):
        unset = [name for name in names if name not in env and name not in os.environ]
        if unset:
            return list(dict.fromkeys(unset))
    return []


def is_read(name):
    """Whether a module of settings reads a variable that has no default."""
    for path in ROOT.rglob("*.py"):
        if re.search(r"settings|config", str(path.relative_to(ROOT))) and name in re.findall(
            BARE, path.read_text(encoding="utf-8", errors="replace")
        ):
            return True
    return False


def uncounted(text, env):
    """The variables whose value, which stands for another, a command ended for as it is no number."""
    found = re.match(
        r"ValueError: (?:invalid literal for int\(\) with base \d+|could not convert string to float)"
        r": '(.+)'$",
        last(text),
    )
    return [name for name, value in env.items() if found and value == found[1]]


#: Prints what is wrong with the settings themselves.
SETTINGS = """
import importlib, os
importlib.import_module(os.environ.get("DJDOCK_SETTINGS") or os.environ["DJANGO_SETTINGS_MODULE"])
"""


def hidden(text, env):
    """Why settings cannot be loaded, where a command says only that it is unknown; else the text.

    Django takes its own commands alone then, and tells of the settings' ImportError to nobody.
    """
    if not re.search(r"(?m)^Unknown command: ", text):
        return text
    done = subprocess.run(
        [sys.executable, "-c", SETTINGS], env={**os.environ, **env}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    return done.stdout if done.returncode else text


def refused(text):
    """Whether manage.py ended by itself, with words of its own, before Django was asked."""
    return not re.search(
        r"Traceback \(most|\w(Error|Warning|Exception): |Unknown command|usage: ", text
    )


def manage(words, env, script="manage.py"):
    """Runs ``manage.py``, or another script, again with each variable that it misses; returns what
    it said when it failed. Without words it is the settings that the script is for.
    """
    program = [script]
    whose = f"`manage.py {words[0]}`" if words else "reading the settings"
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
        said = hidden(done.stdout, env)
        if mended(said, whose):
            continue
        given = supplied(said, env)
        if not given:
            return said or f"exit code {done.returncode}"
        for name, (value, why) in given.items():
            env[name] = value
            say(f"{name} {why}: {whose} gets {value!r}")


def supplied(text, env):
    """The variables that a command ended for, each with the value that it gets now and the reason."""
    name, numbers = missing(text, env), uncounted(text, env)
    if numbers and not name:
        return dict.fromkeys(numbers, ("1", "is to be a number"))
    names = [name] if name else blamed(text, env)
    return {name: (harmless(name), "is not set") for name in names}


def last(text):
    """The line that says what is wrong: of an exception's text, which may go on, the first."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    # Django says what ends a command without its frames; one with frames may have been logged before.
    ended = [line for line in lines if line.startswith("CommandError: ")]
    frames = [at for at, line in enumerate(lines) if re.match(r'  File ".+", line \d+', line)]
    raised = (line for line in lines[frames[-1] :] if re.match(r"[\w.]+: ", line)) if frames else ()
    return next(iter([*ended[-1:], *raised]), lines[-1].strip()) if lines else text
