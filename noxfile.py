"""nox's door to djdock, and this repository's own checks."""

from pathlib import Path

import nox

from djdock.sessions import images

__all__ = ["bench", "images", "lint", "tests", "types"]

# The environment that `./bootstrap` makes has every tool, locked; sessions run in it.
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.error_on_external_run = False

SCRIPTS = ("bootstrap", ".ci/run", "docker/bases/**/*.sh")
DOCKERFILES = ("docker/*.Dockerfile", "docker/bases/*/Dockerfile")


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
    session.run("pytest", "tests/unit", *session.posargs)
    session.run("pytest", "tests/engine", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """How long reading images takes (posargs: the images), and a backup of a database of 1 GB."""
    images = session.posargs or ["djdock/python:3.13", "djdock/python:3.13-slim"]
    session.run("python", "benchmarks/reading.py", *images)
    session.run("python", "benchmarks/backup.py")
