"""The stand-ins behave as the official images do."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from djdock.config import Config, Table
from djdock.images import bases, host
from djdock.images.registry import Answer
from djdock.shell import Shell

SLIM, FULL, POSTGRES = "djdock/python:3.13-slim", "djdock/python:3.13", "djdock/postgres:17"

#: The slim stand-ins of Debian's other releases, and their Pythons.
OTHERS = {"python311-slim": "3.11", "python39-slim": "3.9", "python314-slim": "3.14"}

#: What a proxy that intercepts TLS is trusted by, inside a container of the official image.
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def trust() -> list[str]:
    config = Config(Path("/"), Table())
    bundle = host.ca_bundle(config, os.environ)
    return ["--volume", f"{bundle}:{BUNDLE}:ro", "--env", f"PIP_CERT={BUNDLE}"] if bundle else []


@pytest.fixture(autouse=True)
def _built(engine, request):
    wanted = bases.choose(["python-slim", "postgres"])
    if "another" in request.node.name:
        wanted = bases.choose(OTHERS)
    if "full" in request.keywords or "full" in request.node.name:
        wanted = bases.choose(["python"])
    bases.ensure(wanted, Shell())


def run(engine, image, script, *words):
    return engine.docker("run", "--rm", "--interactive", *words, image, "sh", "-eu", stdin=script)


# --- ensure


def test_a_second_call_builds_nothing(engine):
    found = bases.ensure(bases.choose(["python-slim", "postgres"]), Shell())
    assert [built.built for built in found] == [False, False]
    for built in found:
        data = json.loads(engine.docker("image", "inspect", built.base.standin))[0]
        assert built.image.size == data["Size"]
        assert built.image.id == data["Id"]


def test_without_a_registry_the_stand_in_is_used_where_a_dockerfile_names_the_official(
    engine, tmp_path
):
    found = bases.resolve(["python:3.13-slim"], "auto", Shell(), ask=lambda _: Answer.SILENT)
    chosen = found["python:3.13-slim"]
    if chosen.image == "python:3.13-slim":
        chosen = bases.resolve(["python:3.13-slim"], "debian", Shell())["python:3.13-slim"]
    assert chosen.image == SLIM
    (tmp_path / "Dockerfile").write_text(
        "ARG PYTHON_VERSION=3.13\nFROM python:${PYTHON_VERSION}-slim\nRUN python --version\n"
    )
    context = f"python:3.13-slim=docker-image://{chosen.image}"
    words = ["buildx", "build", "--build-context", context, "--no-cache"]
    engine.docker(*words, "--output", "type=cacheonly", str(tmp_path))


# --- python


def test_slim_is_small_and_has_what_the_official_image_has(engine):
    assert bases.local(Shell(), [SLIM])[SLIM].size <= 112_000_000
    script = r"""
    python - <<'EOF'
import bz2, ctypes, curses, dbm.gnu, dbm.ndbm, hashlib, lzma, readline, sqlite3, ssl, uuid, zlib
import ctypes.util, os, platform, sys, sysconfig, zoneinfo
assert platform.python_version() == os.environ["PYTHON_VERSION"], platform.python_version()
assert zoneinfo.ZoneInfo("Europe/Berlin")
assert ssl.create_default_context().cert_store_stats()["x509_ca"] > 100
assert os.path.exists(sysconfig.get_path("include") + "/Python.h")
assert os.path.samefile(sysconfig.get_path("purelib"), "/usr/local/lib/python3.13/site-packages")
assert sysconfig.get_path("scripts") == "/usr/local/bin"
EOF
    for name in python python3 python3.13 pip pip3; do
        test "$(command -v $name)" = /usr/local/bin/$name
    done
    test "$(pip list --format freeze | cut -d= -f1)" = pip
    """
    run(engine, SLIM, script, "--env", "PYTHONDONTWRITEBYTECODE=1")
    assert not engine.docker("run", "--rm", SLIM, "find", "/", "-xdev", "-name", "__pycache__")


def test_slim_installs_packages_and_makes_environments(engine):
    script = r"""
    pip install --quiet --root-user-action=ignore uv
    test "$(command -v uv)" = /usr/local/bin/uv
    python -m venv /tmp/pip
    test -d /tmp/pip/lib/python3.13/site-packages/pip
    export UV_PYTHON_DOWNLOADS=never SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
    uv --quiet venv --python /usr/local/bin/python3 /tmp/uv
    uv --quiet pip install --python /tmp/uv sqlparse
    /tmp/uv/bin/python -c 'import sqlparse, sys; assert sys.prefix == "/tmp/uv"'
    uv --quiet pip install --system sqlparse
    python -c 'import sqlparse'
    python -m ensurepip --upgrade >/dev/null
    """
    run(engine, SLIM, script, *trust())


@pytest.mark.parametrize("name", OTHERS)
def test_another_python_is_where_it_should_be_and_installs_packages(engine, name):
    version, image = OTHERS[name], bases.BASES[name].standin
    assert bases.local(Shell(), [image])[image].size <= 125_000_000
    script = r"""
    here=/usr/local/lib/python$VERSION/site-packages
    python -W ignore - <<'EOF'
import bz2, ctypes, curses, dbm.gnu, dbm.ndbm, lzma, os, platform
import readline, sqlite3, ssl, sys, sysconfig, uuid, zoneinfo
if sys.version_info < (3, 12):
    import distutils.core, lib2to3.pygram
assert platform.python_version() == os.environ["PYTHON_VERSION"], platform.python_version()
here = "/usr/local/lib/python" + os.environ["VERSION"] + "/site-packages"
assert os.path.samefile(sysconfig.get_path("purelib"), here)
assert os.path.exists(sysconfig.get_path("include") + "/Python.h")
assert zoneinfo.ZoneInfo("Europe/Berlin")
EOF
    for name in python python3 python$VERSION pip pip3; do
        test "$(command -v $name)" = /usr/local/bin/$name
    done
    test "$(pip list --format freeze | cut -d= -f1 | xargs)" = "$PIPS"
    python -m venv /tmp/pip
    test -d /tmp/pip/lib/python$VERSION/site-packages/pip
    pip install --quiet uv
    export UV_PYTHON_DOWNLOADS=never SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
    uv --quiet venv --python /usr/local/bin/python3 /tmp/uv
    uv --quiet pip install --python /tmp/uv sqlparse
    /tmp/uv/bin/python -c 'import sqlparse, sys; assert sys.prefix == "/tmp/uv"'
    uv --quiet pip install --system sqlparse
    test -d $here/sqlparse
    grep -q -- '-security$' /etc/apt/sources.list.d/debian.sources
    """
    pips = "pip" if version == "3.14" else "pip setuptools"
    words = [
        "--env",
        f"VERSION={version}",
        "--env",
        f"PIPS={pips}",
        "--env",
        "PYTHONDONTWRITEBYTECODE=1",
        *trust(),
    ]
    run(engine, image, script, *words)


def test_full_builds_c_extensions_and_pip_owns_its_packages(engine):
    script = r"""
    mkdir /tmp/ext; cd /tmp/ext
    cat >hello.c <<'EOF'
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "hello", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_hello(void) { return PyModule_Create(&module); }
EOF
    cat >pyproject.toml <<'EOF'
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "hello"
version = "1"
[tool.setuptools]
ext-modules = [{name = "hello", sources = ["hello.c"]}]
EOF
    pip install --quiet --root-user-action=ignore .
    cd /; python -c 'import hello, tkinter; print(hello.__file__)'
    # Debian's mercurial brings python3-packaging: pip does not see it.
    test "$(pip list --format freeze | cut -d= -f1 | sort | xargs)" = 'hello pip'
    pip install --quiet --root-user-action=ignore packaging
    hg --version --quiet; git --version; python3-config --includes
    """
    run(engine, FULL, script, *trust())


# --- postgres


def ready(engine, name):
    """Does the real server answer? The one that init scripts talk to does not listen here."""
    probe = ("exec", name, "pg_isready", "--host", "127.0.0.1", "--username", "postgres")
    engine.wait(lambda: "- accepting" in engine.docker(*probe, check=False), name=name)


def sql(engine, name, text, user="postgres", db=""):
    return engine.docker(
        "exec",
        name,
        "psql",
        "-h",
        "/var/run/postgresql",
        "-U",
        user,
        "-d",
        db or user,
        "-Atc",
        text,
    )


def test_postgres_takes_files_scripts_and_arguments_and_keeps_its_data(engine, tmp_path):
    secrets, scripts = tmp_path / "secrets", tmp_path / "scripts"
    secrets.mkdir()
    scripts.mkdir()
    for name, value in (("password", "pass word"), ("user", "bob"), ("db", "shop")):
        (secrets / name).write_text(f"{value}\n")
    (scripts / "10.sql").write_text("CREATE TABLE a (x int); INSERT INTO a VALUES (1);")
    (scripts / "20.sh").write_text('echo "INSERT INTO a VALUES (2)" | "${psql[@]}"\n')
    (scripts / "30.sh").write_text(
        '#!/bin/sh\npsql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO a VALUES (3)"\n'
    )
    (scripts / "30.sh").chmod(0o755)
    tmp_path.chmod(0o755)
    volume = engine.volume()
    words = [
        "--env", "POSTGRES_PASSWORD_FILE=/secrets/password",
        "--env", "POSTGRES_USER_FILE=/secrets/user",
        "--env", "POSTGRES_DB_FILE=/secrets/db", "--env", "POSTGRES_INITDB_ARGS=--data-checksums",
        "--volume", f"{secrets}:/secrets:ro",
        "--volume", f"{scripts}:/docker-entrypoint-initdb.d:ro",
        "--volume", f"{volume}:/var/lib/postgresql/data", POSTGRES, "-c", "max_connections=33",
    ]  # fmt: skip
    name = engine.start(*words)
    ready(engine, name)
    log = engine.docker("logs", name)
    assert "PostgreSQL init process complete; ready for start up." in log
    assert log.count("database system is ready to accept connections") == 2
    assert sql(engine, name, "SELECT string_agg(x::text, ',') FROM a", "bob", "shop") == "1,2,3"
    assert sql(engine, name, "SHOW max_connections", "bob", "shop") == "33"
    assert sql(engine, name, "SHOW data_checksums", "bob", "shop") == "on"
    assert sql(engine, name, "SHOW listen_addresses", "bob", "shop") == "*"
    assert "en_US.utf8" in sql(engine, name, "SELECT datcollate FROM pg_database", "bob", "shop")
    assert engine.docker("exec", name, "stat", "-c", "%u:%g", "/proc/1") == "999:999"
    # By the network only with the password.
    there = "host=$(hostname -i) user=bob dbname=shop"
    good = f"PGPASSWORD='pass word' psql \"{there}\" -Atc 'SELECT 1'"
    assert engine.docker("exec", name, "sh", "-c", good) == "1"
    bad = good.replace("pass word", "wrong")
    assert "authentication failed" in engine.docker("exec", name, "sh", "-c", bad, check=False)

    start = time.monotonic()
    engine.docker("stop", name)
    assert time.monotonic() - start < 5
    assert engine.docker("inspect", "--format", "{{.State.ExitCode}}", name) == "0"
    assert "received fast shutdown request" in engine.docker("logs", name)

    again = engine.start(*words)
    ready(engine, again)
    assert "Skipping initialization" in engine.docker("logs", again)
    assert sql(engine, again, "SELECT count(*) FROM a", "bob", "shop") == "3"


def test_postgres_runs_as_any_user_with_its_logs_elsewhere(engine):
    name = engine.start(
        "--user", "1234:1234", "--tmpfs", "/var/lib/postgresql/data:uid=1234,mode=0700",
        "--tmpfs", "/wal:uid=1234", "--env", "POSTGRES_INITDB_WALDIR=/wal/here",
        "--env", "POSTGRES_HOST_AUTH_METHOD=trust", POSTGRES,
    )  # fmt: skip
    ready(engine, name)
    assert engine.docker("exec", name, "readlink", "/var/lib/postgresql/data/pg_wal") == "/wal/here"
    assert engine.docker("exec", name, "stat", "-c", "%u", "/proc/1") == "1234"


def test_postgres_without_a_password_says_so_and_ends_with_1(engine):
    name = engine.start(POSTGRES)
    assert engine.docker("wait", name) == "1"
    log = engine.docker("logs", name)
    assert "Error: Database is uninitialized and superuser password is not specified." in log


def test_postgres_recovers_from_a_first_start_that_was_cut_off(engine, tmp_path):
    (tmp_path / "10.sh").write_text("echo 'CREATE TABLE half ()' | \"${psql[@]}\"\nsleep 600\n")
    tmp_path.chmod(0o755)
    volume = engine.volume()
    words = ["--env", "POSTGRES_PASSWORD=x", "--volume", f"{volume}:/var/lib/postgresql/data"]
    first = engine.start(*words, "--volume", f"{tmp_path}:/docker-entrypoint-initdb.d:ro", POSTGRES)
    engine.wait(lambda: "CREATE TABLE" in engine.docker("logs", first), name=first)
    engine.docker("kill", first)

    second = engine.start(*words, POSTGRES)
    ready(engine, second)
    assert "its first start was cut off" in engine.docker("logs", second)
    assert sql(engine, second, "SELECT count(*) FROM pg_tables WHERE tablename = 'half'") == "0"
    sql(engine, second, "CREATE TABLE kept ()")
    engine.docker("kill", second)

    # A finished one that was killed is never begun anew.
    third = engine.start(*words, POSTGRES)
    ready(engine, third)
    assert sql(engine, third, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == "1"


def test_postgres_has_no_key_that_others_share_and_its_init_scripts_work_alone(engine):
    engine.docker(
        "run", "--rm", POSTGRES, "test", "!", "-e", "/etc/ssl/private/ssl-cert-snakeoil.key"
    )
    volume = engine.volume()
    words = ["run", "--rm", "--env", "POSTGRES_PASSWORD=x"]
    words += ["--volume", f"{volume}:/var/lib/postgresql/data", POSTGRES]
    engine.docker(*words, "docker-ensure-initdb.sh")
    assert "Skipping" in engine.docker(*words, "docker-ensure-initdb.sh")
    assert "already initialized" in engine.docker(*words, "docker-enforce-initdb.sh", check=False)
