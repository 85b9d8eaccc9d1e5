"""Installs with uv, and once more where it is known what helps; says what was done otherwise, and
why.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import excluded, remedies, tidy, toml, versions
from .undeclared import undeclared

#: git addresses that need a key, or a protocol that hosts have switched off: https serves the same.
REWRITTEN = ("ssh://git@github.com/", "git@github.com:", "git://github.com/", "ssh://git@gitlab.com/",
             "git@gitlab.com:", "git://gitlab.com/")  # fmt: skip

#: Groups that are for those who work on the project.
DEVELOPMENT = re.compile(r"dev|test|lint|doc|typing|types|debug|local|ci", re.I)


def say(text):
    print("dependencies: " + text, flush=True)


def install(folder, venv, environ):
    """Installs what ``environ`` asks for, from the files that were collected into ``folder``."""
    os.environ["VIRTUAL_ENV"] = str(venv)
    count = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    for number, address in enumerate(REWRITTEN, count):
        host = "gitlab" if "gitlab" in address else "github"
        os.environ["GIT_CONFIG_KEY_" + str(number)] = f"url.https://{host}.com/.insteadOf"
        os.environ["GIT_CONFIG_VALUE_" + str(number)] = address
    os.environ["GIT_CONFIG_COUNT"] = str(count + len(REWRITTEN))
    os.environ["GIT_TERMINAL_PROMPT"] = "0"
    # Python's own flags ask for symbols for debuggers, which are most of an extension and a fifth of
    # the compiler's work.
    os.environ.setdefault("CFLAGS", "-O2 -g0")
    index = environ.get("INDEX", "")
    flags = ["--default-index", index] if index and not tidy.USUAL.match(index) else []
    packages = [text.strip() for text in environ.get("PACKAGES", "").splitlines() if text.strip()]
    if shutil.which("git") is None and names_git(folder, packages):
        debian_packages("git", "what is installed from git needs it")
    useless = excluded.found(folder)
    for name, reason in useless.items():
        say(f"without {name}: {reason}")
    exclude(useless)
    lock = environ.get("LOCK", "")
    if lock:
        from_lock(folder / lock, environ, flags, packages)
    else:
        names = tidy.paths(environ, "REQUIREMENTS")
        from_files(folder, names, flags, packages, index)
    complete(folder, venv, environ, flags)


def exclude(names):
    """Has uv leave these out, besides those before."""
    if names:
        os.environ["UV_EXCLUDE"] = "/tmp/excluded.txt"
        with Path("/tmp/excluded.txt").open("a", encoding="utf-8") as file:
            file.write("\n".join(names) + "\n")


def names_git(folder, packages):
    """Whether anything is installed from a git repository."""
    texts = [*contents(folder), *(text.encode() for text in packages)]
    needles = (b"git+", b'type = "git"', b'"git":', b"git = ", b"{ git")
    return any(needle in text for text in texts for needle in needles)


def contents(folder):
    """What the files say that tell what is needed, but for huge ones."""
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size < 5_000_000:
            yield path.read_bytes()


def debian_packages(names, why):
    """Installs Debian packages in the builder that the project has not named, and says so."""
    say(f"Debian's {names}: {why}. `build_packages` of [tool.djdock] can name them before")
    subprocess.run(["sh", "/build/apt.sh", "--", *names.split()], check=True)


def from_files(folder, names, flags, packages, index):
    """Requirements files, with more packages in the same resolution."""
    texts = {}
    for path in sorted(folder.rglob("*")):
        if (
            path.is_file()
            and path.suffix in (".txt", ".in", ".pip", "")
            and path.parent.name != ".git"
        ):
            if (
                path.name not in names
                and str(path.relative_to(folder)) not in names
                and not is_text(path)
            ):
                continue
            for sentence in tidy.tidy_file(path, index, own=True):
                say(sentence)
            texts[path] = path.read_text(encoding="utf-8")
    every = "\n".join(texts.values())
    if re.search(r"(?m)^\s*--extra-index-url", every):
        # As pip does it, for which these files were written.
        flags = [*flags, "--index-strategy", "unsafe-best-match"]
    words = []
    for name in names:
        words += ["--requirement", name]
    words += overriding(packages, every)
    if "--hash" in every and packages:
        uv([*flags, *words], folder, every)
        also(packages, flags, folder, freeze())
    else:
        uv([*flags, *words, *packages], folder, every)


def overriding(packages, every):
    """The option for those pins among ``packages`` that requirements name otherwise: these win."""
    pins = [text for text in packages if "==" in text]
    named = {tidy.canonical(name) for name in re.findall(r"(?m)^\s*([A-Za-z0-9][\w.-]*)", every)}
    pins = [text for text in pins if tidy.canonical(re.split(r"[\[=]", text)[0].strip()) in named]
    if not pins or "--hash" in every:
        return []
    say("{}, which [tool.djdock] names, whatever the requirements say".format(" ".join(pins)))
    Path("/tmp/overrides.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")
    return ["--override", "/tmp/overrides.txt"]


def is_text(path):
    """Whether a file that another one names is a requirements file."""
    return path.suffix in (".txt", ".in", ".pip")


def from_lock(path, environ, flags, packages):
    """A lock, or the file that stands for one."""
    extras, groups = environ.get("EXTRAS", "").split(), environ.get("LOCK_GROUPS", "").split()
    folder, name = path.parent, path.name
    # Only here: markers are pip's affair, whose parser takes half a second to load.
    from . import pdm, pipfile, poetry

    if name == "pylock.toml" or re.match(r"pylock\..+\.toml$", name):
        uv([*flags, "--requirement", name], folder)
    elif name == "uv.lock":
        # `uv export` writes no index, and some packages are on another one only: torch for CPUs.
        others = [] if environ.get("INDEX") else registries(toml.load(path))
        words = [*flags, *indexed(others), "--no-deps"]
        uv([*words, "--requirement", exported(folder, extras, groups)], folder)
    elif name in ("poetry.lock", "pdm.lock", "Pipfile.lock"):
        if name == "pdm.lock":
            project = toml.load(folder / "pyproject.toml")
            found = pdm.locked(toml.load(path), project, extras, groups, packages), []
        elif name == "poetry.lock":
            found = poetry.locked(
                toml.load(path), toml.load(folder / "pyproject.toml"), extras, groups
            )
        else:
            found = pipfile.locked(tidy.read(path), groups)
        lines, urls = found
        lines = besides(packages, lines)
        say(f"{name}: {len(lines)} packages for Python {sys.version.split()[0]}")
        exact(folder, lines, [] if environ.get("INDEX") else urls, flags, deps=False)
    elif name == "Pipfile":
        lines, urls = pipfile.unlocked(toml.load(path), groups)
        lines += packages
        exact(folder, lines, [] if environ.get("INDEX") else urls, flags, deps=True)
        return
    elif name == "pyproject.toml":
        from_pyproject(path, extras, groups, flags, packages)
        return
    else:
        raise SystemExit(f"dependencies: `lock` names {name}, which is no lock that is known.")
    if packages:
        also(packages, flags, folder, freeze())


def besides(packages, lines):
    """The lines of a lock without those that ``packages`` pins otherwise: these win."""
    pins = {tidy.canonical(re.split(r"[\[=]", one)[0].strip()) for one in packages if "==" in one}
    return [
        line for line in lines if tidy.canonical(re.split(r"[\[=<>!~ ;@]", line)[0]) not in pins
    ]


def exported(folder, extras, groups):
    """uv.lock as a requirements file; what stands in groups for developers is left out."""
    project = toml.load(folder / "pyproject.toml") if (folder / "pyproject.toml").is_file() else {}
    default = project.get("tool", {}).get("uv", {}).get("default-groups", [])
    if default == "all":
        default = list(project.get("dependency-groups", {}))
    groups = [
        *groups,
        *(name for name in default if not DEVELOPMENT.search(name) and name not in groups),
    ]
    words = ["uv", "export", "--quiet", "--frozen", "--no-default-groups", "--no-emit-project",
             "--no-emit-workspace", "--output-file", "/tmp/exported.txt"]  # fmt: skip
    for extra in extras:
        words += ["--extra", extra]
    for name in groups:
        words += ["--group", name]
    asked = toml.load(folder / "uv.lock").get("requires-python", "")
    if not versions.allows(asked, sys.version_info[:2]):
        # It lists the files of the Pythons that it is for: nothing but sources would be left.
        say(
            f"uv.lock is for Python {asked}, and this is {sys.version.split()[0]}: its versions are"
            " kept, the hashes of its files are not asked for"
        )
        words.append("--no-hashes")
    subprocess.run(words, cwd=str(folder), check=True, stdout=subprocess.DEVNULL)
    text = Path("/tmp/exported.txt").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^-e \./", "./", text)
    (folder / ".djdock-exported.txt").write_text(text, encoding="utf-8")
    return ".djdock-exported.txt"


def from_pyproject(path, extras, groups, flags, packages):
    """pyproject.toml without a lock: PEP 621 is uv's to read, Poetry's own table is not."""
    data = toml.load(path)
    poetry_table = data.get("tool", {}).get("poetry", {})
    its_groups = data.get("dependency-groups", {})
    if poetry_table and "dependencies" not in data.get("project", {}):
        wanted = {
            tidy.canonical(name)
            for extra in extras
            for name in poetry_table.get("extras", {}).get(extra, [])
        }
        lines = []
        tables = [poetry_table.get("dependencies", {})]
        tables += [
            poetry_table.get("group", {}).get(name, {}).get("dependencies", {}) for name in groups
        ]
        for table in tables:
            for name, value in table.items():
                optional = isinstance(value, dict) and value.get("optional")
                if name.lower() != "python" and (not optional or tidy.canonical(name) in wanted):
                    lines += versions.requirement(name, value)
        exact(path.parent, [*lines, *packages], [], flags, deps=True)
        return
    # A file may have groups and nothing else: then it names no project to be read.
    words = ["--requirement", "pyproject.toml"] if "project" in data else []
    for extra in extras:
        words += ["--extra", extra]
    for name in groups:
        if name in its_groups:
            words += ["--group", name]
    if not words and not packages:
        return
    give_name(path)
    uv([*flags, *words, *packages], path.parent)


def give_name(path):
    """Gives a project a name and a version where they are empty, as PDM leaves them for what is not to
    be published: uv reads no such file.
    """
    text = path.read_text(encoding="utf-8")
    named = re.sub(r"""(?m)^(name|version)(\s*=\s*)(?:""|'')""", r'\1\2"0"', text)
    if named != text:
        say(f"{path.name} has no name or no version, and gets one for this step")
        path.write_text(named, encoding="utf-8")


def registries(lock):
    """The indexes that packages of a uv.lock come from."""
    sources = [package.get("source", {}) for package in lock.get("package", [])]
    found = {source["registry"] for source in sources if "registry" in source}
    return sorted(url for url in found if "://" in url)


def indexed(urls):
    """uv's options for indexes beside the usual one."""
    urls = [url for url in urls if not tidy.USUAL.match(url)]
    more = [word for url in urls for word in ("--index", url)]
    return [*more, "--index-strategy", "unsafe-best-match"] if urls else []


def exact(folder, lines, urls, flags, deps):
    """Installs these lines; without ``deps`` nothing else: a lock has all that is needed."""
    (folder / ".djdock-locked.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    uv(
        [
            *flags,
            *indexed(urls),
            *([] if deps else ["--no-deps"]),
            "--requirement",
            ".djdock-locked.txt",
        ],
        folder,
    )


def also(packages, flags, folder, pins):
    """Installs more packages beside what is there, which stays as it is if that can be."""
    names = {tidy.canonical(re.split(r"[\[<>=!~ ;@]", text)[0]) for text in packages}
    kept = [line for line in pins.splitlines() if line.split("==")[0].lower() not in names]
    Path("/tmp/pins.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    try:
        uv([*flags, "--constraint", "/tmp/pins.txt", *packages], folder)
    except Failed as error:
        if "No solution found" not in error.text:
            raise
        say("{} cannot be had beside what is pinned: pins give way".format(" ".join(packages)))
        uv([*flags, *packages], folder)


def freeze():
    done = subprocess.run(["uv", "pip", "freeze"], check=True, stdout=subprocess.PIPE, text=True)
    return "".join(line + "\n" for line in done.stdout.splitlines() if "==" in line)


class Failed(SystemExit):
    """uv failed; ``text`` is what it said, which has been printed."""

    def __init__(self, code, text):
        super().__init__(code)
        self.text = text


def uv(words, folder, every=""):
    """``uv pip install``, and again with what helps; raises Failed when nothing does."""
    tried = set()
    extra, constraints, without = [], [], []
    while True:
        text = attempt([*words, *extra], folder, constraints)
        if text is None:
            return
        if remedies.dropped(extra, text):
            continue
        step = remedies.step(text, words, tried, every)
        if step is None:
            raise Failed(1, text)
        kind, value, why = step
        tried.add(value)
        say(f"once more with {value}: {why}")
        if kind == "debian":
            debian_packages(value, why)
        elif kind == "looser":
            words = [remedies.BOUND.sub(r"\1", word) for word in words]
        elif kind == "constraint":
            constraints = value.split()
        elif kind == "without":
            exclude([tidy.canonical(value.split()[-1])])
        elif kind == "unsaid":
            package, need = value.split(" needs ")
            attempt([*without, need, "setuptools<72", "wheel"], folder, [])
            extra += ["--no-build-isolation-package", package]
        else:
            extra += value.split()


def attempt(words, folder, constraints):
    """Runs uv once, showing what it says; returns that when it failed, else None."""
    env = dict(os.environ)
    if constraints:
        Path("/tmp/build-constraints.txt").write_text(
            "\n".join(constraints) + "\n", encoding="utf-8"
        )
        env["UV_BUILD_CONSTRAINT"] = "/tmp/build-constraints.txt"
    done = subprocess.Popen(
        ["uv", "pip", "install", *words], cwd=str(folder), env=env, stderr=subprocess.PIPE,
        universal_newlines=True, errors="replace",
    )  # fmt: skip
    said = []
    for line in done.stderr:
        said.append(line)
        sys.stderr.write(line)
        sys.stderr.flush()
    return "".join(said) if done.wait() else None


def unfit(there, python):
    """What has to stand in the place of packages that are there and cannot work, each with the reason:
    ``there`` are their versions, and ``python`` is the first two numbers of Python's.
    """

    def release(name):
        return tuple(map(int, re.findall(r"\d+", there.get(name, ""))[:2]))

    found = {}
    if remedies.elder(there.get("gunicorn", "")):
        found["gunicorn>=20.1"] = (
            "a newer gunicorn than {gunicorn}, which takes no application from its settings"
        )
    if python >= (3, 13) and (4, 4) <= release("typing-extensions") < (4, 12):
        found["typing-extensions>=4.12,<5"] = (
            "a newer typing_extensions than {typing-extensions}: with that one no ParamSpec and no"
            " TypeVar can be made on Python 3.13"
        )
    if release("kombu") >= (5, 7) and () < release("redis") < (6, 1):
        # Celery leaves kombu open, and kombu asks for no redis unless by an extra.
        found["kombu<5.7"] = (
            "an older kombu than {kombu}, which refuses to connect by the redis {redis} that is there"
        )
    return found


def complete(folder, venv, environ, flags):
    """What every site needs and nobody may have named: a server, and what packages import in silence."""
    names = [path.name for path in venv.glob("lib/python*/site-packages/*.dist-info")]
    there = {tidy.canonical(name.split("-")[0]): name.split("-")[1] for name in names}
    missing = [] if "gunicorn" in there else ["gunicorn"]
    for requirement, why in unfit(there, sys.version_info[:2]).items():
        # Where a lock or a pin has it, that may be on purpose: with another broker it works.
        if requirement.startswith("kombu") and any(b"kombu" in text for text in contents(folder)):
            continue
        say(why.format(**there))
        also([requirement], flags, venv, freeze())
    if environ.get("SERVER") == "asgi":
        missing += [name for name in ("uvicorn", "uvicorn-worker") if name not in there]
        if not {"websockets", "wsproto"} & set(there) and "channels" in there:
            missing.append("websockets")
    if missing:
        say("{}: the site's server, which the project does not name".format(" ".join(missing)))
        also(missing, flags, venv, freeze())
    for requirement, why in undeclared(venv).items():
        say(f"{requirement}: {why}")
        also([requirement], flags, venv, freeze())
