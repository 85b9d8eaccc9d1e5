"""What helps where uv could not install: told by what it said."""

import re
import shutil

from . import debian, tidy

NO_BUILD = "--only-binary"

#: Servers that are built from source, and that the image does not start: gunicorn is its server.
SERVERS = ("uwsgi", "pyuwsgi", "mod-wsgi", "bjoern", "meinheld")

#: What uv complains of -> what to give it in addition: a constraint on what builds packages, or flags.
AGAIN = (
    (r"cannot import name 'Feature' from 'setuptools'", "constraint", "setuptools<46 setuptools-scm<7",
     "its setup.py has a Feature, which setuptools 46 took out"),
    (r"use_2to3 is invalid", "constraint", "setuptools<58", "it is written for Python 2 and 3 at once"),
    ((r"No module named '(?:pkg_resources|setuptools\.command\.test)'|cannot import name 'packaging'"
     r"|has no attribute '(?:Distutils|bdist_wininst|install_layout)'|Invalid dash-separated key"),
     "constraint", "setuptools<72", "its setup.py is for an older setuptools"),
    (r"cannot import name 'convert_path'", "constraint", "setuptools<58",
     "its setup.py is for a much older setuptools"),
    (r"pre-releases (?:are|were) not enabled|pre-release.*but.*not enabled|--prerelease", "flags",
     "--prerelease=allow", "a pin needs a pre-release"),
)  # fmt: skip

#: Modules that old setup.py import without having said so -> their distributions.
UNSAID = {"Cython": "cython<3.1", "numpy": "numpy", "pip": "pip", "six": "six", "wheel": "wheel",
          "setuptools": "setuptools<72", "setuptools_scm": "setuptools-scm", "pkgconfig": "pkgconfig",
          "django": "Django", "requests": "requests", "pbr": "pbr"}  # fmt: skip


#: A bound that `djdock init` gives what a project leaves open.
BOUND = re.compile(
    r"(django|channels|django-allauth|django-crispy-forms|psycopg2(?:-binary)?)<[\d.]+$"
)


def step(text, words, tried, every):
    """What to try next after uv, told ``words``, said ``text``: (kind, value, why); None for nothing.

    ``tried`` are the values before, ``every`` is the text of all requirements.
    """
    return (
        server(text, tried)
        or looser(text, words)
        or wheel(text, words, tried, every)
        or remedy(text, tried, every)
    )


def dropped(extra, text):
    """Whether no release has a wheel, so that it has to be built after all: the option is taken out."""
    if NO_BUILD not in extra or not re.search(r"No solution found|no usable wheels", text):
        return False
    del extra[extra.index(NO_BUILD) : extra.index(NO_BUILD) + 2]
    return True


def wheel(text, words, tried, every):
    """The step that takes an elder release, with a wheel, of what no line pins: the newest has none for
    this Python, and was not built.
    """
    package = re.search(r"Failed to (?:build|download and build) `([\w.-]+)==", text)
    value = f"{NO_BUILD} {package.group(1)}" if package else ""
    if not package or value in tried or "--no-deps" in words:
        return None
    name = re.sub(r"[-_.]+", "[-_.]+", package.group(1))
    if re.search(rf"(?im)^\W*{name}\s*(\[[^\]]*\])?\s*==", every):
        return None
    return "flags", value, "the newest cannot be built here; one with a wheel is wanted"


def server(text, tried):
    """The step that leaves out a server whose build failed, like :func:`remedy`'s; None for others."""
    package = re.search(r"Failed to (?:build|download and build) `([\w.-]+)", text)
    value = f"no {package.group(1)}" if package else ""
    if not package or tidy.canonical(package.group(1)) not in SERVERS or value in tried:
        return None
    return "without", value, "it cannot be built here, and gunicorn is the image's server"


def looser(text, words):
    """The step that lets the newest Django go in, where the rest cannot be had with an older one."""
    bounds = [word for word in words if BOUND.match(word)]
    if not bounds or "No solution found" not in text:
        return None
    return "looser", f"no {bounds[0]}", "nothing that is required goes with it"


def remedy(text, tried, every):
    """What to try next after uv said ``text``: (kind, value, why), or None."""
    for pattern, kind, value, why in AGAIN:
        if value not in tried and re.search(pattern, text):
            return kind, value, why
    if re.search("Failed to (?:build|download)|Git operation failed|[Gg]it executable", text):
        package = re.search(r"Failed to (?:build|download and build) `([\w.-]+)", text)
        whole = debian.PACKAGES.get(tidy.canonical(package.group(1))) if package else None
        for missing, names in debian.build_packages(text):
            if whole and whole not in tried:
                return "debian", whole, f"the build of {package.group(1)} looks for {missing}"
            # Headers are of use with a compiler only, and what asks for pg_config will ask for
            # that next.
            more = names if "gcc" in names or shutil.which("gcc") else f"gcc libc6-dev {names}"
            if not set(more.split()) <= set(" ".join(tried).split()):
                return "debian", more, f"a build looks for {missing}"
    module = re.search(r"ModuleNotFoundError: No module named '(\w+)", text)
    package = re.search(r"Failed to (?:build|download and build) `([\w.-]+)(?:==|`| @)", text)
    if module and package and module.group(1) in UNSAID:
        value = f"{package.group(1)} needs {UNSAID[module.group(1)]}"
        if value not in tried:
            return "unsaid", value, "its setup.py imports what it does not say it needs"
    if "No solution found" in text and "--no-deps" not in tried and all_pinned(every):
        return (
            "flags",
            "--no-deps",
            "pins contradict each other, and every package is pinned: they are taken as they are",
        )
    return None


def all_pinned(text):
    """Whether requirements look like what `pip freeze` printed: every one has its version."""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("-")]
    return len(lines) > 5 and all(re.search(r"===?|@", line) for line in lines)


def elder(version):
    """Whether a gunicorn is before 20.1, which brought `wsgi_app` into its settings."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return found is not None and (int(found.group(1)), int(found.group(2))) < (20, 1)
