"""nox's door to djdock, and this repository's own checks."""

import os
import shutil
import sys
from ctypes.util import find_library
from pathlib import Path

import nox

from djdock.sessions import images, matrix

__all__ = ["bench", "browser", "images", "lint", "matrix", "package", "tests", "types", "vendor"]

# The environment that `./bootstrap` makes has every tool, locked; sessions run in it.
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "tests", "browser", "package"]
nox.options.error_on_external_run = False

SCRIPTS = (
    "bootstrap", ".ci/run", "docker/*.sh", "docker/bases/**/*.sh", "docker/addons/**/*.sh",
    "docker/bases/httpd/httpd", "docker/bases/httpd/httpd-foreground",
)  # fmt: skip
DOCKERFILES = ("docker/*.Dockerfile", "docker/bases/*/Dockerfile")

VENDOR = "src/djdock/report/vendor"

#: Debian's packages for the browser, a font for pages that bring none, and what Playwright's node needs.
CHROMIUM = ("chromium", "fonts-dejavu-core", "libatomic1")


def _files(*patterns: str) -> list[str]:
    return sorted(str(path) for pattern in patterns for path in Path().glob(pattern))


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff, shellcheck and hadolint."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("shellcheck", "--external-sources", *_files(*SCRIPTS))
    session.run("hadolint", *_files(*DOCKERFILES))


@nox.session
def types(session: nox.Session) -> None:
    """Run mypy, strict, on src/djdock."""
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Unit tests, then the engine's (the site's own tests run there, on PostgreSQL)."""
    session.run("pytest", "tests/unit", "--numprocesses=2", *session.posargs)
    # They wait for containers most of the time. What shares a stack stays together.
    how = ["--numprocesses=2", "--dist=loadfile", "--durations=15"]
    session.run("pytest", "tests/engine", *how, *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """`inspect`, reading images (posargs: the images), a backup of 1 GB, files through proxies."""
    images = session.posargs or ["djdock/python:3.13", "djdock/python:3.13-slim"]
    session.run("python", "benchmarks/inspection.py")
    session.run("python", "benchmarks/reading.py", *images)
    session.run("python", "benchmarks/backup.py")
    session.run("python", "benchmarks/proxy.py")


@nox.session(venv_backend="virtualenv")
def browser(session: nox.Session) -> None:
    """Test the report's page in headless Chromium, with real clicks and keys."""
    session.install("--require-hashes", "--requirement", "requirements/browser.txt", env=_pip())
    env = {"PYTHONPATH": "src"}
    if found := _chromium(session):
        env["CHROMIUM"] = found
    session.run("pytest", "tests/browser", *session.posargs, env=env)


@nox.session(venv_backend="virtualenv")
def package(session: nox.Session) -> None:
    """Install the wheel into an empty environment, and take a new project from there to a stack."""
    folder = session.create_tmp()
    wheel = ["hatchling", "build", "--target", "wheel", "--directory", folder]
    session.run(sys.executable, "-m", *wheel, external=True)
    found = max(Path(folder).glob("djdock-*.whl"), key=lambda path: path.stat().st_mtime)
    session.install(str(found.resolve()), env=_pip())
    session.run(
        "python", str(Path("tests/package/walk.py").resolve()), env={**_pip(), "PYTHONPATH": ""}
    )


@nox.session
def vendor(session: nox.Session) -> None:
    """Bundle what the report's page draws with, and format its scripts; git shows what changed."""
    with session.chdir(VENDOR):
        session.run("npm", "ci", "--ignore-scripts")
        session.run("npm", "run", "build")
        session.run("npm", "run", "format")


def _pip() -> dict[str, str]:
    """What ./bootstrap tells its pip, too: the certificates, and that the environment is where to."""
    bundles = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    found = [os.environ[name] for name in bundles if os.environ.get(name)]
    return {"PIP_USER": "0", **({"PIP_CERT": found[0]} if found else {})}


def _chromium(session: nox.Session) -> str:
    """The system's Chromium, installed where this may install it; "" for Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    wanted = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), "")
    root = os.geteuid() == 0 and shutil.which("apt-get") is not None
    # Ubuntu's package is a snap's installer, which no container runs: there Playwright's has to do.
    debian = root and "ID=debian" in _os_release()
    if wanted and (find_library("atomic") or not debian):
        return wanted
    try:
        if debian:
            apt = {"DEBIAN_FRONTEND": "noninteractive"}
            install = ("install", "--quiet", "--yes", "--no-install-recommends", *CHROMIUM)
            session.run("apt-get", "update", "--quiet", external=True, env=apt)
            session.run("apt-get", *install, external=True, env=apt)
        else:
            session.run("playwright", "install", *(["--with-deps"] if root else []), "chromium")
    except nox.command.CommandFailed:
        session.error(
            "There is no Chromium here, and it could not be installed.\n"
            "Install one, or name it: CHROMIUM=/path/to/chromium nox -s browser"
        )
    return wanted or (str(shutil.which("chromium")) if debian else "")


def _os_release() -> str:
    path = Path("/etc/os-release")
    return path.read_text(encoding="utf-8") if path.exists() else ""
