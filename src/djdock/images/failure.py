"""Why a build failed: the step, the package, what is missing and what to do, from what buildx printed.

A pure function of the log (``--progress plain``); the table of Debian's packages is
docker/dependencies/debian.py, which the builder has, too.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import djdock

#: How many of the failing step's last lines are shown.
LINES = 12

_STEP = re.compile(r"(?m)^#(?P<number>\d+) ERROR: (?P<error>.+)$")
_NAME = re.compile(r"^#{number} (\[.+)$")
_PREFIX = re.compile(r"^#\d+ (?:\d+\.\d+ ?)?")
_PACKAGE = (
    r"Failed to (?:build|download and build|download|fetch wheel(?: for)?) `([^`]+?)`",
    r"Failed building wheel for ([\w.-]+)",
    r"Failed to build (?:installable wheels for some pyproject.toml based projects )?\(?([\w.-]+)",
    r"(?m)^Collecting (\S+)[^\x00]*?subprocess-exited-with-error",
    r"Building wheel for ([\w.-]+) .*did not run|(?:ERROR: )?No matching distribution found for (\S+)",
)


@dataclass(frozen=True)
class Cause:
    """Why a build failed. ``what`` and ``remedy`` are sentences; ``package`` and ``step`` may be
    empty.
    """

    what: str
    remedy: str
    package: str = ""
    step: str = ""
    lines: tuple[str, ...] = ()


@cache
def table() -> ModuleType:
    """docker/dependencies/debian.py: inside the installed package, or beside ``src`` in a checkout."""
    package = Path(djdock.__file__).resolve().parent
    inside = package / "docker" / "dependencies" / "debian.py"
    path = inside if inside.is_file() else package.parents[1] / "docker/dependencies/debian.py"
    spec = importlib.util.spec_from_file_location("djdock_debian_table", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def explain(log: str) -> Cause | None:
    """Why the build with this log failed; None when the log shows no step that failed."""
    found = list(_STEP.finditer(log))
    if not found:
        return None
    # A step that was cancelled since another one failed says so.
    error = next((m for m in found if "context canceled" not in m["error"]), found[0])
    number = error["number"]
    said = [
        _PREFIX.sub("", line)
        for line in log[: error.start()].splitlines()
        if re.match(rf"#{number} \d+\.\d+", line)
    ]
    name = re.search(rf"(?m)^#{number} (\[.+)$", log)
    step = _short(name[1]) if name else ""
    text = "\n".join(said)
    # What the builder has mended is not what was wrong in the end.
    text = re.split(r"(?m)^dependencies: once more with .*$", text)[-1]
    package = _package(text)
    what, remedy = _reason(text, error["error"], package)
    lines = tuple(line.rstrip() for line in said if line.strip())[-LINES:]
    return Cause(what, remedy, package, step, lines)


def is_general(cause: Cause) -> bool:
    """Whether nothing is known of the cause but where it is."""
    return cause.what.startswith("The step ended with an error")


def _short(step: str) -> str:
    """A step without its mounts and beyond its first command."""
    words = re.sub(r"--mount=\S+\s*", "", step)
    words = re.sub(r"\s+", " ", words)
    return words if len(words) <= 100 else f"{words[:99]}…"


def _package(text: str) -> str:
    for pattern in _PACKAGE:
        match = re.search(pattern, text)
        if match:
            return next(group for group in match.groups() if group).split(" @ ")[0]
    return ""


#: What a log says -> what is wrong and what to do. ``{package}`` and groups by name are filled in.
REASONS = (
    (
        r"No space left on device|ENOSPC",
        "The disk is full.",
        "`docker system df` shows what takes the room; `docker builder prune` frees what builds keep.",
    ),
    (
        r"UnknownIssuer|certificate verify failed|self[- ]signed certificate|unable to get local issuer",
        "A certificate is not trusted: there is a proxy between this machine and the index.",
        "Name the file with its certificate authority: `ca_bundle` in [tool.djdock], or SSL_CERT_FILE.",
    ),
    (
        r"Hash mismatch for `(?P<name>[^`]+)`|DO NOT MATCH THE HASHES",
        "What the index has of {name} is not what the lock or the requirements were made of.",
        "If that is no attack, make the lock anew, and look at what changed.",
    ),
    (
        (r"Failed to fetch: `?(?P<name>https?://[^\s`]+)`?[\s\S]*?(?:dns error|Connect|timed out)"
        r"|Could not resolve host: (?P<other>\S+)|Temporary failure resolving '(?P<third>[^']+)'"),
        "{name} is not reached from the build.",
        ("Correct the address in the requirements, set `index` in [tool.djdock], or check the network "
        "and its proxy (`invoke doctor`)."),
    ),
    (
        (r"Authentication failed|could not read Username|Repository not found|Permission denied \(pub"
        r"|remote: Not Found|HTTP status client error \(40[13]"),
        "Something that is installed needs a password or a key, or is gone: {package}.",
        ("Take it from a public index, or put the index with its password into PIP_INDEX_URL, "
        "which is handed over as a build secret."),
    ),
    (
        r"Unable to locate package (?P<name>\S+)|Package '?(?P<other>[\w.+-]+)'? has no installation",
        "Debian has no package {name} in the base's release.",
        "Correct `system_packages` or `build_packages` in [tool.djdock]; see packages.debian.org.",
    ),
    (
        r"JavaScript heap out of memory|Killed\s*$|exit code: 137",
        "A process of the build was ended for want of memory.",
        "Give the engine more memory, or build on a larger machine.",
    ),
    (
        r"npm (?:ERR!|error) [\s\S]*?can only install packages when your package\.json",
        "package.json and its lock do not agree.",
        "`npm install` in the front end's folder brings the lock up to date; commit it.",
    ),
    (
        (r"npm (?:ERR!|error) (?:404 Not Found - GET \S+/(?P<name>[^/\s]+)\.tgz"
        r"|notarget No matching version found for (?P<other>\S+?)\.?\s)"),
        "npm's registry has no {name}, which the front end's lock pins.",
        "Pin a version that it has; or name another script: `frontend_build` in [tool.djdock].",
    ),
    (
        r"npm (?:ERR!|error) (?:Missing script: )\"?(?P<name>[\w:-]+)",
        "package.json has no script {name}.",
        "Name the one that builds: `frontend_build` in [tool.djdock].",
    ),
    (
        r"Because (?P<name>\S+?)==(?P<other>\S+) (?:has no usable wheels|has no wheels)",
        "{name} {other} has no wheel for this Python, and may not be built from its source.",
        "Choose a newer version of it, or an older Python: `python` in [tool.djdock].",
    ),
    (
        (r"Because (?:there is no version of|only .* available and) ?(?P<name>\S+)|No matching "
        r"distribution found for (?P<other>\S+)|was not found in the package registry"),
        "There is no {name} on the index for this Python.",
        "Correct the pin; or choose the Python that it is for: `python` in [tool.djdock].",
    ),
    (
        r"(?s)No solution found when resolving dependencies.*?cause: (?P<name>.+?)(?:\n\s*\n|\Z)",
        "The requirements contradict each other: {name}",
        "Loosen one of the pins that it names.",
    ),
    (
        r"current Python version \((?P<name>[\d.]+)\) does not satisfy Python(?P<other>\S+)",
        "A package needs Python {other}, and this is {name}.",
        "Set `python` in [tool.djdock].",
    ),
    (
        r"(?m)^site: static files cannot be collected at build: SyntaxError: (?P<name>.+)$",
        "The source is for another Python than the image's: {name}",
        ("Set `python` in [tool.djdock]. A stand-in has Debian's own Python: for another one a registry "
        "has to be reached."),
    ),
    (
        r"(?m)^site: (?P<name>static files cannot be collected at build: .+)$",
        "{name}",
        ('Set `static = "start"` in [tool.djdock], which collects them when the stack starts; or give '
        "the settings what they miss: build_environment = {{ NAME = \"value\" }}."),
    ),
    (
        r"(?m)^site: (?P<name>`manage\.py .+)$",
        "{name}",
        "Correct it, or take the step out of `build_steps` in [tool.djdock].",
    ),
    (
        r"(?m)^dependencies: (?P<name>(?:there is no|poetry\.lock has no) .+)$",
        "{name}",
        "Correct it, and build again.",
    ),
    (
        (r"File \"<string>\", line \d+, in \S+\n\s*(?P<name>(?:KeyError|AttributeError"
        r"|ImportError|ModuleNotFoundError|NameError|TypeError|SyntaxError)[^\n]*)"),
        "The setup.py of {package} is older than this Python: it ends with `{name}`.",
        "Choose a version with a wheel for it, or an older Python: `python` in [tool.djdock].",
    ),
    (
        (r"error: subprocess-exited-with-error[\s\S]*?(?:use_2to3|pkg_resources)"
        r"|No module named '(?P<name>pkg_resources|distutils|imp|cgi|asyncore)'"),
        "{package} is written for an older Python or setuptools: it asks for {name}.",
        "Choose a newer version of it, or an older Python: `python` in [tool.djdock].",
    ),
    (
        r"checksum of ref [^\n]*\"/(?P<name>[^\"\n]+)\": not found",
        "The Dockerfile copies {name}, which the build does not see.",
        ("Make it, or take it out of what an ignore file leaves out; `context` of the variant in "
        "[tool.djdock.variants] is the folder that the build sees."),
    ),
    (
        (r"(?m)^(?:/bin/)?\w*sh: (?:line )?\d+: (?P<name>[\w./-]+): (?:command )?not found$"
        r"[\s\S]*exit code: 127"),
        "The base has no command `{name}`.",
        "Install its package in a step before: Debian's releases differ in what their slim images have.",
    ),
)  # fmt: skip

#: C sources of packages that were made before a Python changed what they use.
_OLD = re.compile(
    r"[^\\w\\s](?:_PyLong_AsByteArray|PyUnicode_\w+|ob_digit|tp_print|_PyInterpreterState\w*|PyEval_\w+"
    r"|use_tracing|Py_UNICODE|_PyObject_\w+|PyThreadState\b.*|PyFrameObject\b.*)|"
    r"(?:longintrepr\.h|implicit declaration of function .?_?Py|too few arguments to function.*_PyLong)"
)


def _reason(text: str, error: str, package: str) -> tuple[str, str]:
    """What is wrong, and what to do."""
    of = f" of {package}" if package else ""
    wanted = _debian(text, package)
    whole = f"{text}\n\n{error}"
    for pattern, what, remedy in REASONS:
        match = re.search(pattern, whole)
        if not match:
            continue
        if wanted and package and ("setup.py" in what or "pkg_resources" in pattern):
            break
        groups = [re.sub(r"\s+", " ", v).strip() for v in match.groupdict().values() if v]
        filled = {"name": groups[0] if groups else package, "other": "".join(groups[1:2])}
        return (
            what.format(package=package or "a package", **filled).rstrip(".") + ".",
            remedy.format(package=package, **filled),
        )
    if _OLD.search(text) and "error:" in text:
        return (
            f"The C sources{of} are older than this Python, which has changed what they use.",
            "Choose a version with a wheel for it, or an older Python: `python` in [tool.djdock].",
        )
    if wanted:
        missing, names = wanted
        listed = ", ".join(f'"{name}"' for name in names)
        return (
            f"The build{of} looks for {missing}, which the builder does not have.",
            (
                f"Add it to [tool.djdock]: build_packages = [{listed}]; what the extension links to "
                "is then put into the image by itself."
            ),
        )
    return (
        f"The step ended with an error{of and ' in the build'}{of}.",
        "Correct what its last lines complain about, and build again.",
    )


def _debian(text: str, package: str) -> tuple[str, list[str]] | None:
    """What a compiler or a build tool misses, and the Debian packages with it."""
    debian = table()
    found = debian.build_packages(text)
    known = debian.PACKAGES.get(re.split(r"[=<>@ ]", package)[0].lower().replace("_", "-"))
    if not found:
        return None
    names = (known or " ".join(names for _, names in found)).split()
    compiler = (
        [] if {"gcc", "git", "mercurial", "subversion"} & set(names) else ["gcc", "libc6-dev"]
    )
    missing = NAMES.get(found[0][0], str(found[0][0]))
    return missing, list(dict.fromkeys([*compiler, *names]))


#: What logs abbreviate.
NAMES = {"MYSQLCLIENT": "MySQL's client library", "Git": "git", "Rust": "Rust's compiler"}
