"""Builds that failed on a real engine, and what is said of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import DockerStub, Project

from djdock.errors import CommandFailed
from djdock.images import build, failure, progress
from djdock.images.build import Build
from djdock.shell import Shell

LOGS = Path(__file__).with_name("build_logs")


@pytest.mark.parametrize(
    ("name", "package", "what", "remedy"),
    [
        ("psycopg2-uv", "psycopg2==2.9.10", "looks for pg_config", '"gcc", "libc6-dev", "libpq-dev"]'),
        ("psycopg2-pip", "psycopg2==2.9.10", "looks for pg_config", '"libpq-dev"]'),
        ("mysqlclient", "mysqlclient==2.2.4", "MySQL's client library",
         '"default-libmysqlclient-dev", "pkg-config"]'),
        ("cffi-no-gcc", "cffi==1.17.1", "x86_64-linux-gnu-gcc", '"gcc", "libc6-dev", "libffi-dev"]'),
        ("lxml-no-headers", "lxml==5.3.0", "libxml2", '"libxml2-dev", "libxslt1-dev"]'),
        ("python-ldap", "python-ldap==3.4.4", "lber.h", '"libldap-dev", "libsasl2-dev"]'),
        ("rust", "cryptography==43.0.0", "Rust's compiler", '"rustc", "cargo"]'),
        ("git-missing", "x", "looks for git", 'build_packages = ["git"]'),
        ("pillow", "pillow==9.5.0", "ends with `KeyError: '__version__'`", "an older Python"),
        ("conflict", "", "contradict each other: Because django==5.2 depends on asgiref>=3.8.1", "pins"),
        ("no-version", "", "There is no django==99.1", "Correct the pin"),
        ("no-python", "", "numpy 1.19.5 has no wheel for this Python", "an older Python"),
        ("hash-mismatch", "asgiref==3.8.1", "What the index has of asgiref==3.8.1 is not", "lock anew"),
        ("index-away", "", "https://pypi.example.invalid/simple/django/ is not reached", "`index`"),
        ("tls", "", "A certificate is not trusted", "`ca_bundle`"),
        ("disk-full", "", "The disk is full", "docker system df"),
        ("npm-gone", "", "has no parts-0.13.0", "Pin a version"),
        ("apt-unknown", "", "Debian has no package libnonsense-dev", "packages.debian.org"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_build_that_failed(
    name: str, package: str, what: str, remedy: str
) -> None:
    cause = failure.explain((LOGS / f"{name}.log").read_text(encoding="utf-8"))
    assert cause
    assert cause.package == package
    assert what in cause.what
    assert remedy in cause.remedy
    assert "RUN" in cause.step
    assert "--mount" not in cause.step
    assert 0 < len(cause.lines) <= failure.LINES
    assert cause.what.count("\n") == cause.remedy.count("\n") == 0


def test_every_captured_log_is_judged() -> None:
    assert len(list(LOGS.glob("*.log"))) == 18


def test_nothing_is_made_up() -> None:
    assert failure.explain("") is None
    assert failure.explain("#1 DONE 0.1s\nERROR: no builder\n") is None
    cause = failure.explain("#7 [a 1/2] RUN make\n#7 0.1 boom\n#7 ERROR: exit code: 2\n")
    assert cause
    assert failure.is_general(cause)
    assert cause.lines == ("boom",)


def test_a_source_for_another_python() -> None:
    log = (
        "#9 [site 6/6] RUN python /build/make_site.py\n"
        "#9 1.0 site: static files cannot be collected at build: SyntaxError: invalid syntax\n"
        "#9 ERROR: exit code: 1\n"
    )
    cause = failure.explain(log)
    assert cause
    assert cause.what == "The source is for another Python than the image's: invalid syntax."


def test_the_last_attempt_counts() -> None:
    log = (
        "#6 [b 1/1] RUN x\n#6 0.1 Failed to build `cffi==1.15.1`\n"
        "#6 0.2 error: [Errno 2] No such file or directory: 'gcc'\n"
        "#6 0.3 dependencies: once more with gcc libc6-dev: the build of cffi looks for gcc\n"
        "#6 0.4 Failed to build `cffi==1.15.1`\n"
        "#6 0.5 error: implicit declaration of function '_PyUnicode_Ready'\n#6 ERROR: exit code: 1\n"
    )
    cause = failure.explain(log)
    assert cause
    assert "cffi==1.15.1" in cause.what
    assert "older than this Python" in cause.what


def test_a_step_that_was_cancelled_is_not_to_blame() -> None:
    log = (
        "#5 [a 1/1] RUN sleep\n#5 ERROR: process: context canceled\n"
        "#6 [b 1/1] RUN x\n#6 0.2 No space left on device\n#6 ERROR: exit code: 1\n"
    )
    cause = failure.explain(log)
    assert cause
    assert (cause.what, cause.step) == ("The disk is full.", "[b 1/1] RUN x")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("#4 [internal] load build context\n", None),
        ("#7 [a 1/2] RUN --mount=type=cache,target=/x   make\n", "#7 [a 1/2] RUN make\n"),
        ("#7 0.512 a compiler's warning\n", None),
        ("#7 0.512 dependencies: once more\n", "#7 0.512 dependencies: once more\n"),
        ("#7 DONE 0.2s\n", None),
        ("#7 DONE 12.2s\n", "#7 DONE 12.2s\n"),
    ],
)
def test_what_a_person_sees(line: str, shown: str | None) -> None:
    assert progress.short(line) == shown


def test_the_whole_log_is_kept_with_secrets_masked(
    project: Project, docker_stub: DockerStub, capfd: pytest.CaptureFixture[str]
) -> None:
    docker = docker_stub("failing")
    log = (LOGS / "psycopg2-uv.log").read_text(encoding="utf-8")
    text = project.write("said.txt", "#1 0.1 hunter22\n" + log)
    docker.write_text(f"#!/bin/sh\n/bin/cat {text} >&2\nexit 1\n", encoding="utf-8")
    config = project.load()
    with pytest.raises(CommandFailed) as caught:
        build.run(
            config, Shell(secrets=frozenset({"hunter22"})), str(docker), "multi", Build("x:1")
        )
    assert caught.value.problem == (
        "x:1 could not be built: The build of psycopg2==2.9.10 looks for pg_config, which the builder "
        "does not have."
    )
    assert caught.value.remedy.endswith("The whole log is in .djdock/build-multi.log.")
    kept = (project.root / ".djdock/build-multi.log").read_text(encoding="utf-8")
    assert kept.startswith("#1 0.1 ***\n")
    assert "pg_config executable not found" in kept
    assert "#7 [stage-0 3/3]" in capfd.readouterr().err
