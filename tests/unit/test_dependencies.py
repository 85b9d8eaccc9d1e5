"""What docker/dependencies makes of locks and requirements files, and docker/djdock_settings.py
of settings.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pip._internal.models.index import PyPI
from support import REPOSITORY

from djdock.init import pristine

sys.path.insert(0, str(REPOSITORY / "docker"))
collect, debian, excluded, install, pdm, pipfile, poetry, remedies, tidy, undeclared, versions = (
    importlib.import_module(f"dependencies.{name}")
    for name in (
        "collect", "debian", "excluded", "install", "pdm", "pipfile", "poetry", "remedies",
        "tidy", "undeclared", "versions",
    )
)  # fmt: skip
settings = importlib.import_module("djdock_settings")
steps = importlib.import_module("site_steps")
commands, own_package = map(importlib.import_module, ("site_commands", "own_package"))
sys.path.remove(str(REPOSITORY / "docker"))


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("^1.2.3", ">=1.2.3,<2"), ("^0.2.3", ">=0.2.3,<0.3"), ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^1", ">=1,<2"), ("^0", ">=0,<1"), ("~1.2.3", ">=1.2.3,<1.3"), ("~1", ">=1,<2"), ("*", ""),
        ("1.2", "==1.2"), (">=1, <2", ">=1,<2"), (">=1 <2", ">=1,<2"), ("~=1.4", "~=1.4"),
        ("<1 || >=2", ">=2"), ("", ""),
    ],
)  # fmt: skip
def test_poetrys_constraints(given: str, made: str) -> None:
    assert versions.specifier(given) == made


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("*", ["x"]),
        ({"version": "^2.0", "extras": ["a", "b"]}, ["x[a,b]>=2.0,<3"]),
        ({"version": "*", "markers": "os_name == 'nt'"}, ["x ; (os_name == 'nt')"]),
        ({"version": "1", "python": "<3.9"}, ['x==1 ; (python_version < "3.9")']),
        ({"git": "https://h/x.git", "ref": "abc"}, ["x @ git+https://h/x.git@abc"]),
        ({"git": "git@h.org:o/x.git", "subdirectory": "s"}, ["x @ git+ssh://git@h.org/o/x.git#subdirectory=s"]),
        ({"path": ".", "editable": True}, []),
        ({"path": "./lib"}, ["x @ ./lib"]),
        ([{"version": "1"}, {"version": "2"}], ["x==1", "x==2"]),
    ],
)  # fmt: skip
def test_entries_of_a_pipfile_and_of_poetry(value: object, lines: list[str]) -> None:
    assert versions.requirement("x", value) == lines


def package(name: str, version: str, more: str = "") -> str:
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\noptional = false\n'
        f'python-versions = ">=3.8"\n{more}\n'
    )


LOCK = (
    package("django", "5.2.1", 'files = [{file = "d", hash = "sha256:aa"}]\n'
            '[package.dependencies]\nasgiref = ">=3"\n'
            'tzdata = {version = "*", markers = "sys_platform == \'win32\'"}\n'
            'argon2 = {version = "*", optional = true}\n[package.extras]\nargon2 = ["argon2 (>=1)"]')
    + package("asgiref", "3.8") + package("argon2", "23.1") + package("tzdata", "2025")
    + package("pytest", "8") + package("gunicorn", "23")
    + package("Lib_X", "1", '[package.source]\n'
              'type = "git"\nurl = "https://h/x.git"\nresolved_reference = "abc"')
)  # fmt: skip


def pins(project: str, lock: str = LOCK, **more: Any) -> list[str]:
    lines, _ = poetry.locked(tomllib.loads(lock), tomllib.loads(project), **more)
    return list(lines)


def test_poetry_lock_is_followed_from_the_projects_own_dependencies() -> None:
    project = (
        '[tool.poetry.dependencies]\npython = "^3.9"\ndjango = "^5"\nlib-x = "*"\n'
        'gunicorn = {version = "*", optional = true}\n'
        '[tool.poetry.extras]\nprod = ["gunicorn"]\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n'
    )
    plain = ["asgiref==3.8", "django==5.2.1 --hash=sha256:aa", "Lib_X @ git+https://h/x.git@abc"]
    assert pins(project) == plain
    assert pins(project, extras=["prod"]) == [*plain[:2], "gunicorn==23", plain[2]]
    assert "pytest==8" in pins(project, groups=["dev"])


def test_poetry_lock_with_extras_of_packages_and_older_hashes() -> None:
    project = '[project]\ndependencies = ["django[argon2]>=5", "x; python_version < \'3\'"]\n'
    found = pins(project)
    assert found[:2] == ["argon2==23.1", "asgiref==3.8"]
    older = package("six", "1.16") + '[metadata.files]\nsix = [{file = "s", hash = "sha256:bb"}]\n'
    assert pins('[tool.poetry.dependencies]\nsix = "*"\n', older) == ["six==1.16 --hash=sha256:bb"]


def test_of_several_versions_the_one_for_this_python() -> None:
    lock = (
        package("n", "1")
        + package("n", "2").replace(">=3.8", ">=4")
        + package("n", "3").replace(
            'python-versions = ">=3.8"',
            'python-versions = ">=3.8"\nmarkers = "sys_platform == \'win32\'"',
        )
    )
    assert pins('[tool.poetry.dependencies]\nn = "*"\n', lock) == ["n==1"]


PDM = """
[[package]]
name = "Django"
version = "5.2"
dependencies = ["asgiref<4,>=3.8", "tzdata; sys_platform == 'win32'"]
files = [{file = "d.whl", hash = "sha256:aa"}, {file = "d.tar.gz", hash = "sha256:bb"}]
[[package]]
name = "asgiref"
version = "3.8"
[[package]]
name = "psycopg"
version = "3.1.9"
[[package]]
name = "psycopg"
version = "3.1.9"
extras = ["binary"]
dependencies = ["psycopg-binary==3.1.9", "psycopg==3.1.9"]
[[package]]
name = "psycopg-binary"
version = "3.1.9"
marker = "implementation_name == 'cpython'"
[[package]]
name = "psycopg-binary"
version = "3.0"
requires_python = ">=4"
[[package]]
name = "lib-x"
version = "1"
git = "https://h/x.git"
revision = "abc"
[[package]]
name = "pytest"
version = "8"
[metadata.files]
"asgiref 3.8" = [{url = "https://h/a.whl", hash = "sha256:cc"}]
"""


@pytest.mark.parametrize(
    ("dependencies", "lines"),
    [
        (
            ["django"],
            ["Django==5.2 --hash=sha256:aa --hash=sha256:bb", "asgiref==3.8 --hash=sha256:cc"],
        ),
        (["psycopg"], ["psycopg==3.1.9"]),
        (["psycopg[binary]>=3"], ["psycopg-binary==3.1.9", "psycopg==3.1.9"]),
        (["lib_x"], ["lib-x @ git+https://h/x.git@abc"]),
    ],
)
def test_pdm_lock_is_followed_from_the_projects_own_dependencies(
    dependencies: list[str], lines: list[str]
) -> None:
    project = {"project": {"dependencies": dependencies}, "dependency-groups": {"a": ["pytest"]}}
    lock = tomllib.loads(PDM)
    assert pdm.locked(lock, project) == lines
    assert pdm.locked(lock, project, groups=["a"]) == sorted([*lines, "pytest==8"])
    with pytest.raises(SystemExit, match=r"pdm\.lock has no celery"):
        pdm.locked(lock, {"project": {"dependencies": ["celery"]}})


def test_extras_that_a_lock_lacks_or_that_name_the_project_itself() -> None:
    extras = {
        "site": ["shop[server, x]", "lib-x"],
        "server": ["Celery[redis]"],
        "x": ["shop[site]"],
    }
    project = {"project": {"name": "Shop", "dependencies": [], "optional-dependencies": extras}}
    lock = tomllib.loads(PDM.replace('revision = "abc"', 'revision = "abc"\nsubdirectory = "p"'))
    found = pdm.locked(lock, project, ["site"], besides=["celery[redis]>=5"])
    assert found == ["lib-x @ git+https://h/x.git@abc#subdirectory=p"]
    with pytest.raises(SystemExit, match=r"pdm\.lock has no Celery"):
        pdm.locked(lock, project, ["site"])


@pytest.mark.parametrize(
    ("environ", "more"),
    [
        ({}, ["--index", "https://h/cpu", "--index-strategy", "unsafe-best-match"]),
        ({"INDEX": "https://mirror/simple"}, []),
    ],
)
def test_packages_of_a_uv_lock_that_are_on_another_index(
    environ: dict[str, str], more: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = '[[package]]\nname = "{0}"\nversion = "1"\nsource = {{ registry = "{1}" }}\n'
    usual, other = row.format("django", PyPI.simple_url), row.format("torch", "https://h/cpu")
    (tmp_path / "uv.lock").write_text(
        f"{usual}{other}{row.format('a', '../wheels')}", encoding="utf-8"
    )
    asked: list[list[str]] = []
    monkeypatch.setattr(install, "uv", lambda words, _folder: asked.append(words))
    monkeypatch.setattr(install, "exported", lambda *_: "x.txt")
    install.from_lock(tmp_path / "uv.lock", environ, [], [])
    assert asked == [[*more, "--no-deps", "--requirement", "x.txt"]]


def test_a_lock_that_is_older_than_the_project() -> None:
    with pytest.raises(SystemExit, match=r"poetry\.lock has no celery"):
        pins('[tool.poetry.dependencies]\ncelery = "*"\n')


def test_pipfile_lock() -> None:
    lock = {
        "_meta": {"sources": [{"url": PyPI.simple_url}, {"url": "https://mine.example.org/s"}]},
        "default": {
            "django": {"version": "==5.2", "hashes": ["sha256:a"]},
            "colorama": {"version": "==1", "markers": "sys_platform == 'win32'"},
            "me": {"path": ".", "editable": True},
            "g": {"git": "https://h/g.git", "ref": "r"},
        },
        "develop": {"pytest": {"version": "==8"}},
        "prod": {"sentry": {"version": "==2"}},
    }  # fmt: skip
    lines, urls = pipfile.locked(json.dumps(lock), ["prod"])
    assert lines == ["django==5.2 --hash=sha256:a", "g @ git+https://h/g.git@r", "sentry==2"]
    assert urls == ["https://mine.example.org/s"]


def test_requirements_as_windows_and_freeze_write_them(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes(
        "Django==5\r\npywin32==306\r\npkg_resources==0.0.0\r\n-e .\r\n"
        "cffi @ file:///croot/cffi_1\r\n-e git+https://h/x.git@1#egg=x\r\n-i https://dead/\r\n".encode(
            "utf-16"
        )
    )
    said = tidy.tidy_file(path, "https://index/", own=True)
    assert path.read_text(encoding="utf-8").split("\n") == [
        "Django==5", "cffi", "x @ git+https://h/x.git@1", "",
    ]  # fmt: skip
    assert len(said) == 5
    text, said = tidy.tidied(f"-i {PyPI.simple_url}/\n--extra-index-url https://x/\na\n")
    assert (text, len(said)) == ("--extra-index-url https://x/\na\n", 1)
    assert tidy.tidied("-i https://x/\n-e ./lib\n")[0] == "-i https://x/\n./lib\n"


def test_chains_are_collected_circles_too(tmp_path: Path) -> None:
    context, out = tmp_path / "c", tmp_path / "o"
    (context / "req").mkdir(parents=True)
    (context / "req/prod.txt").write_text("-r base.txt\n-c limits.txt\n", encoding="utf-8")
    (context / "req/base.txt").write_text("-r prod.txt\n./lib\ndjango\n", encoding="utf-8")
    (context / "req/limits.txt").write_text("", encoding="utf-8")
    (context / "req/other.txt").write_text("", encoding="utf-8")
    (context / "lib").mkdir()
    (context / "lib/setup.py").write_text("", encoding="utf-8")
    collect.collect(context, out, ["req/prod.txt"], "")
    found = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert found == ["lib/setup.py", "req/base.txt", "req/limits.txt", "req/prod.txt"]
    with pytest.raises(SystemExit, match=r"there is no req/none\.txt"):
        collect.collect(context, out, ["req/none.txt"], "")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (
            "Failed to build `a==1`\nImportError: cannot import name 'Feature' from 'setuptools' (/x)",
            "constraint",
            "setuptools<46 setuptools-scm<7",
        ),
        ("Failed to build `a==1`\nuse_2to3 is invalid", "constraint", "setuptools<58"),
        ("Failed to build `a==1`\nNo module named 'pkg_resources'", "constraint", "setuptools<72"),
        ("Failed to build `a==1`\nModuleNotFoundError: No module named 'numpy'", "unsaid",
         "a needs numpy"),
        ("Failed to build `lxml==5`\nfatal error: libxml/xmlversion.h: No such file", "debian",
         "gcc libc6-dev libxml2-dev libxslt1-dev"),
        ("boom", None, None),
    ],
)  # fmt: skip
def test_what_is_tried_again(text: str, kind: str | None, value: str | None) -> None:
    found = remedies.remedy(text, set(), "")
    assert (found[:2] if found else (None, None)) == (kind, value)
    assert found is None or remedies.remedy(text, {value}, "") is None


def test_a_server_that_cannot_be_built_is_left_out() -> None:
    text = "Failed to build `uWSGI==2.0.31`\nfatal error: Python.h: No such file"
    assert remedies.server(text, set())[:2] == ("without", "no uWSGI")
    assert remedies.server(text, {"no uWSGI"}) is None
    assert remedies.server(text.replace("uWSGI", "lxml"), set()) is None


def test_pins_that_contradict_each_other_are_taken_as_they_are_when_all_are_pinned() -> None:
    every = "".join(f"p{n}==1\n" for n in range(9))
    assert remedies.remedy("No solution found", set(), every)[1] == "--no-deps"
    assert remedies.remedy("No solution found", set(), every + "loose\n") is None


def test_packages_that_import_what_came_with_setuptools(tmp_path: Path) -> None:
    root = tmp_path / "lib/python3.13/site-packages/old"
    root.mkdir(parents=True)
    (root / "a.py").write_text(
        "try:\n    import pkg_resources\nexcept ImportError:\n    pass\n", encoding="utf-8"
    )
    assert undeclared.undeclared(tmp_path) == {}
    (root / "b.py").write_text("import pkg_resources\n", encoding="utf-8")
    said = "old/b.py imports pkg_resources, which came with setuptools once"
    assert undeclared.undeclared(tmp_path) == {"setuptools<81": said}
    (root / "c.py").write_text("import cgi\n", encoding="utf-8")
    assert undeclared.undeclared(tmp_path, (3, 12)) == {"setuptools<81": said}
    found = undeclared.undeclared(tmp_path, (3, 13))
    assert found == {
        "setuptools<81": said,
        "legacy-cgi": "old/c.py imports cgi, which Python had until 3.12",
    }
    for name in ("pkg_resources", "cgi.py"):
        (root.parent / name).mkdir()
    assert undeclared.undeclared(tmp_path, (3, 13)) == {}


# --- settings that give way ------------------------------------------------------------------------


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (
        "DATABASE_URL",
        "DATABASE_HOST",
        "DATABASE_ENGINE",
        "CACHE_URL",
        "REDIS_URL",
        "SECRET_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_only_what_is_listed_changes(environ: pytest.MonkeyPatch) -> None:
    assert settings.changed({"DEBUG": True, "ALLOWED_HOSTS": []}, []) == {}
    found = settings.changed({"STATIC_URL": "s/"}, ["static_root"])
    assert found == {"STATIC_ROOT": "/app/collected-static", "STATIC_URL": "s/"}


@pytest.mark.parametrize(
    ("old", "url", "new"),
    [
        ({"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "OPTIONS": {"timeout": 3}},
         "postgres://u:p%40@db:5432/shop?sslmode=require",
         {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "USER": "u", "PASSWORD": "p@",
          "HOST": "db", "PORT": "5432", "OPTIONS": {"sslmode": "require"}}),
        ({"ENGINE": "django_prometheus.db.backends.postgresql", "CONN_MAX_AGE": 60, "OPTIONS": {"a": 1}},
         "postgresql://u:p@db/shop",
         {"ENGINE": "django_prometheus.db.backends.postgresql", "NAME": "shop", "USER": "u",
          "PASSWORD": "p", "HOST": "db", "PORT": "", "CONN_MAX_AGE": 60, "OPTIONS": {"a": 1}}),
        ({"ENGINE": "sqlite3", "NAME": "x"}, "sqlite:////srv/data/a.db",
         {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/data/a.db"}),
        ({}, "sqlite:////srv/data/a.db",
         {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/data/a.db"}),
    ],
)  # fmt: skip
def test_the_database_of_an_address(
    environ: pytest.MonkeyPatch, old: dict[str, Any], url: str, new: dict[str, Any]
) -> None:
    environ.setenv("DATABASE_URL", url)
    assert settings.database(old, ()) == new


def test_an_entry_that_is_a_text_gives_way(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("DATABASE_HOST", "db")
    found = settings.changed({"DATABASES": {"default": "postgres://u:p@h/n"}}, ["database"])
    assert found["DATABASES"]["default"]["HOST"] == "db"


def test_geometry_keeps_its_engine(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("DATABASE_HOST", "db")
    found = settings.database({}, ("django.contrib.gis",))
    assert found["ENGINE"] == "django.contrib.gis.db.backends.postgis"


def test_compressor_is_switched_off(environ: pytest.MonkeyPatch) -> None:
    assert settings.changed({}, ["compress"]) == {"COMPRESS_ENABLED": False}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[dependency-groups]\nmain = ["a"]\ndev = ["b"]\n',
            ["--group", "main"],
        ),
        (
            '[project]\nname = "x"\n[dependency-groups]\nmain = ["a"]\n',
            ["--requirement", "pyproject.toml", "--group", "main"],
        ),
        (
            '[tool.poetry.dependencies]\na = "1"\n[tool.poetry.group.main.dependencies]\nb = "2"\n',
            ["--requirement", ".djdock-locked.txt"],
        ),
    ],
)
def test_a_project_file_without_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: list[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    asked: list[list[str]] = []
    monkeypatch.setattr(install, "uv", lambda words, _folder: asked.append(words))
    install.from_pyproject(tmp_path / "pyproject.toml", [], ["main"], [], [])
    assert asked == [words]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            'name = ""\nversion = ""\ndescription = ""\n',
            'name = "0"\nversion = "0"\ndescription = ""\n',
        ),
        ('name = "shop"\nversion = "1"\n', 'name = "shop"\nversion = "1"\n'),
    ],
)
def test_a_project_without_a_name_gets_one(
    text: str, made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "uv", lambda *_: None)
    path = tmp_path / "pyproject.toml"
    path.write_text(f'[project]\n{text}dependencies = ["django"]\n', encoding="utf-8")
    install.from_pyproject(path, [], [], [], [])
    assert path.read_text() == f'[project]\n{made}dependencies = ["django"]\n'


def test_the_stacks_database_has_no_certificate(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("DATABASE_URL", "postgres://a:b@db:5432/c")
    old = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"sslmode": "require", "x": 1}}
    assert settings.database(old, [])["OPTIONS"] == {"x": 1}


def test_a_path_stays_a_path(environ: pytest.MonkeyPatch) -> None:
    old = {"MEDIA_ROOT": Path("/app/media"), "STATIC_ROOT": "/app/static"}
    found = settings.changed(old, ["media_root", "static_root"])
    assert found["MEDIA_ROOT"] / "locks" == Path("/srv/data/media/locks")
    assert found["STATIC_ROOT"] == "/app/collected-static"


def test_hosts_cache_logging_and_static_files(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("DJANGO_ALLOWED_HOSTS", "a.org, b.org")
    environ.setenv("REDIS_URL", "redis://redis:6379/0")
    logging = {
        "handlers": {"f": {"class": "logging.FileHandler", "filename": "/x", "level": "INFO"}}
    }
    found = settings.changed(
        {"ALLOWED_HOSTS": ["me"], "LOGGING": logging, "MIDDLEWARE": ["a.SecurityMiddleware", "b"]},
        ["allowed_hosts", "cache", "logging", "whitenoise"],
    )
    assert found["ALLOWED_HOSTS"] == ["me", "a.org", "b.org"]
    assert found["CACHES"]["default"]["LOCATION"] == "redis://redis:6379/0"
    assert found["LOGGING"]["handlers"]["f"] == {"class": "logging.StreamHandler", "level": "INFO"}
    assert found["MIDDLEWARE"][1] == "whitenoise.middleware.WhiteNoiseMiddleware"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ImproperlyConfigured: Set the STRIPE_KEY environment variable", "STRIPE_KEY"),
        ("decouple.UndefinedValueError: API_KEY not found. Declare it", "API_KEY"),
        ('    x = os.environ["A_B"]\nKeyError: \'A_B\'', "A_B"),
        ("KeyError: 'lower'", ""),
        ("CommandError: Compressor is disabled. Set the COMPRESS_ENABLED setting or use --force", ""),
        ("all is well", ""),
    ],
)  # fmt: skip
def test_variables_that_settings_miss(said: str, name: str) -> None:
    assert commands.missing(said, {}) == name


def test_pins_of_the_table_win_over_requirements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements.txt").write_text("Django==1.10.5\nsix\n")
    told: list[list[str]] = []
    monkeypatch.setattr(install, "attempt", lambda words, *_: told.append(words))
    install.from_files(tmp_path, ["requirements.txt"], [], ["django==1.11.29", "gunicorn"], "")
    assert told == [["--requirement", "requirements.txt", "--override", "/tmp/overrides.txt",
                     "django==1.11.29", "gunicorn"]]  # fmt: skip
    assert install.overriding(["gunicorn==23"], "Django==1.10.5\n") == []
    assert install.overriding(["django==1.11.29"], "Django==1.10.5 --hash=sha256:0\n") == []


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("requirements.txt", "Django\nuWSGI==2.0.30\n", True),
        ("Pipfile.lock", '{"default": {\n  "uwsgi": {"version": "==2.0"}}}', True),
        ("uv.lock", '[[package]]\nname = "uwsgi"\n', True),
        (
            "requirements.txt",
            "django-uwsgi-cache\nmy-uwsgi\nuwsgi-tools\ntyping_extensions\n",
            False,
        ),
        ("Pipfile.lock", '{"default": {\n  "backports.zoneinfo": {"version": "==0.2.1"}}}', True),
        ("poetry.lock", '[[package]]\nname = "dataclasses"\n', True),
        ("requirements.txt", "backports.tarfile==1\ndataclasses-json==1\n", False),
    ],
)
def test_what_is_of_no_use_is_left_out(name: str, text: str, named: bool, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert bool(excluded.found(tmp_path)) is named


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("psycopg2==2.8 --no-binary psycopg2  # https://x", "psycopg2==2.8  # https://x"),
        ("psycopg2 --no-binary=:all:", "psycopg2"),
        ("a==1 --global-option=build_ext --global-option='-I/x'", "a==1"),
        ("a==1 --hash=sha256:0", "a==1 --hash=sha256:0"),
        ("--no-binary psycopg2", "--no-binary psycopg2"),
    ],
)
def test_options_of_one_requirement(line: str, made: str) -> None:
    assert tidy.tidied(f"{line}\n")[0] == f"{made}\n"


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("Django>=2.0.*", "Django>=2.0"),
        ("Django==2.0.*", "Django==2.0.*"),
        ("Django=>2.0", "Django>=2.0"),
        ("Django>=2.0 <3", "Django>=2.0,<3"),
        ("Django 3.1.2", "Django==3.1.2"),
        ("Package    Version", ""),
        ("---------- -------", ""),
        ("WARNING: You are using pip version 20", ""),
        ("django=3.1=pyhd_0", "django==3.1"),
        ("openssl=1.1.1=h0", ""),
        ("- Django==3.1", "Django==3.1"),
        ('"Django==3.1",', "Django==3.1"),
        ("Django==3.1;", "Django==3.1"),
        ("pytz>dev", "pytz"),
        ('a==1 ; python_version >= "3.8"', 'a==1 ; python_version >= "3.8"'),
        ("a[b]~=1.0", "a[b]~=1.0"),
        ("a==1 \\", "a==1 \\"),
        ("    --hash=sha256:0", "    --hash=sha256:0"),
        ("--find-links=wheels", "--find-links=wheels"),
        ("-r base.txt", "-r base.txt"),
        ("git+https://x/y.git#egg=z", "git+https://x/y.git#egg=z"),
        ("a @ https://x/a-1.tar.gz", "a @ https://x/a-1.tar.gz"),
        ("./vendor/a-1.whl", "./vendor/a-1.whl"),
    ],
)
def test_requirements_as_people_and_programs_write_them(line: str, made: str) -> None:
    assert tidy.tidied(f"{line}\n")[0] == f"{made}\n"


@pytest.mark.parametrize(
    ("version", "asked"),
    [
        ("20.0.4", [["gunicorn>=20.1"]]),
        ("19.9.0", [["gunicorn>=20.1"]]),
        ("20.1.0", []),
        ("23.0.0", []),
    ],
)
def test_a_gunicorn_that_takes_its_application_from_settings(
    version: str, asked: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "lib/python3.9/site-packages"
    (site / f"gunicorn-{version}.dist-info").mkdir(parents=True)
    (site / "pkg_resources").mkdir()
    told: list[list[str]] = []
    monkeypatch.setattr(install, "also", lambda packages, *_: told.append(packages))
    monkeypatch.setattr(install, "freeze", lambda: "")
    install.complete(tmp_path / "given", tmp_path, {}, [])
    assert told == asked


@pytest.mark.parametrize(
    ("version", "python", "asked"),
    [
        ("4.9.0", (3, 13, 1), [["typing-extensions>=4.12,<5"]]),
        ("4.9.0", (3, 12, 1), []),
        ("4.12.0", (3, 14, 0), []),
        ("4.3.0", (3, 13, 1), []),
    ],
)
def test_a_typing_extensions_that_works_on_this_python(
    version: str, python: tuple[int, ...], asked: list[list[str]], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    site = tmp_path / "lib/python3.13/site-packages"
    (site / f"typing_extensions-{version}.dist-info").mkdir(parents=True)
    (site / "gunicorn-23.0.0.dist-info").mkdir()
    (site / "pkg_resources").mkdir()
    told: list[list[str]] = []
    monkeypatch.setattr(install, "also", lambda packages, *_: told.append(packages))
    monkeypatch.setattr(install, "freeze", lambda: "")
    monkeypatch.setattr(install.sys, "version_info", python)
    install.complete(tmp_path / "given", tmp_path, {}, [])
    assert told == asked


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ({"kombu": "5.7.0", "redis": "5.3.1"}, ["kombu<5.7"]),
        ({"kombu": "5.7.0", "redis": "6.0.0"}, ["kombu<5.7"]),
        ({"kombu": "5.7.0", "redis": "6.1.0"}, []),
        ({"kombu": "5.6.2", "redis": "5.3.1"}, []),
        ({"kombu": "5.7.0"}, []),
        ({}, []),
    ],
)
def test_a_kombu_that_connects_by_the_redis_that_is_there(
    there: dict[str, str], asked: list[str]
) -> None:
    assert list(install.unfit(there, (3, 13))) == asked


@pytest.mark.parametrize("text", ["celery==5.4.0\nredis==5.3.1\n", "celery\nkombu==5.7.0\n"])
def test_a_kombu_that_the_project_names_stays(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "venv/lib/python3.13/site-packages"
    for name in ("kombu-5.7.0", "redis-5.3.1", "gunicorn-23.0.0"):
        (site / f"{name}.dist-info").mkdir(parents=True)
    (site / "pkg_resources").mkdir()
    (tmp_path / "given").mkdir()
    (tmp_path / "given/requirements.txt").write_text(text, encoding="utf-8")
    told: list[list[str]] = []
    monkeypatch.setattr(install, "also", lambda packages, *_: told.append(packages))
    monkeypatch.setattr(install, "freeze", lambda: "")
    monkeypatch.setattr(install, "undeclared", lambda _: {})
    install.complete(tmp_path / "given", tmp_path / "venv", {}, [])
    assert told == ([] if "kombu" in text else [["kombu<5.7"]])


@pytest.mark.parametrize(
    ("every", "wheels", "last"),
    [
        ("gevent\n", True, ["-r", "r.txt", "--only-binary", "gevent"]),
        ("gevent\n", False, ["-r", "r.txt"]),
        ("gevent==20.1\n", True, ["-r", "r.txt"]),
    ],
)
def test_an_elder_release_with_a_wheel(
    every: str, wheels: bool, last: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[str]] = []

    def attempt(words: list[str], *_: object) -> str | None:
        told.append(words)
        if "--only-binary" in words:
            return None if wheels else "No solution found"
        return "error: Failed to build `gevent==26.7.0`"

    monkeypatch.setattr(install, "attempt", attempt)
    monkeypatch.setattr(install, "debian_packages", lambda *_: None)
    try:
        install.uv(["-r", "r.txt"], tmp_path, every)
    except install.Failed:
        assert not wheels or "==" in every
    assert told[-1] == last


def test_a_bound_gives_way_where_nothing_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[str]] = []

    def attempt(words: list[str], *_: object) -> str | None:
        told.append(words)
        return "No solution found" if "django<4" in words else None

    monkeypatch.setattr(install, "attempt", attempt)
    install.uv(["--requirement", "r.txt", "django<4", "celery<5"], tmp_path)
    assert told[-1] == ["--requirement", "r.txt", "django", "celery<5"]


SETTINGS = """import os
NAME = os.environ.get("NAME", "x")
HOSTS = os.environ.get(
    "HOSTS"
)
PORTS = os.environ.get("PORTS").split(",")
X = HOSTS.split(",")
"""


@pytest.mark.parametrize(
    ("line", "error", "given", "names"),
    [
        (6, "AttributeError: 'NoneType' object has no attribute 'split'", {}, ["PORTS"]),
        (7, "AttributeError: 'NoneType' object has no attribute 'split'", {}, ["HOSTS", "PORTS"]),
        (7, "TypeError: x", {"HOSTS": "", "PORTS": ""}, []),
        (6, "OSError: x", {}, []),
    ],
)
def test_the_line_that_failed_names_the_variable(
    line: int,
    error: str,
    given: dict[str, str],
    names: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    path = tmp_path / "settings.py"
    path.write_text(SETTINGS)
    said = (
        f'  File "{path}", line {line}, in <module>\n    X\n  File "/x.py", line 1, in x\n{error}\n'
    )
    assert commands.blamed(said, given) == names


def test_the_line_that_failed_names_a_setting_of_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    (tmp_path / "settings.py").write_text('URL = os.getenv("URL")\nKEY = os.getenv("KEY", "")\n')
    path = tmp_path / "shop.py"
    path.write_text("connect(settings.URL, settings.KEY)\n")
    said = f'  File "{path}", line 1, in <module>\n    X\nAttributeError: x\n'
    assert commands.blamed(said, {}) == ["URL"]
    assert commands.blamed(said, {"URL": ""}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "sqlite:////tmp/build.sqlite3"), ("REDIS_URL", "redis://localhost:6379/0"),
     ("DJANGO_DB_ENGINE", "django.db.backends.sqlite3"), ("EMAIL_PORT", "1"), ("USE_S3", "False"),
     ("STRIPE_KEY", "only-for-this-step"), ("SENTRY_DSN", ""), ("DB_URL", "sqlite:////tmp/build.sqlite3"),
     ("DATABASE_CACHE_URL", "sqlite:////tmp/build.sqlite3"), ("REDIS_PASSWORD", "localhost")],
)  # fmt: skip
def test_a_value_that_harms_nothing(name: str, value: str) -> None:
    assert commands.harmless(name) == value


FRAME = 'Traceback (most recent call last):\n  File "/app/a.py", line 2, in <module>\n    f()\n'


@pytest.mark.parametrize(
    ("error", "names"),
    [
        ("ValueError: invalid literal for int() with base 10: 'unset'", ["A", "B"]),
        ("ValueError: could not convert string to float: 'localhost'", ["C"]),
        ("ValueError: invalid literal for int() with base 10: 'other'", []),
        ("ValueError: unset", []),
    ],
)
def test_a_value_that_has_to_be_a_number(error: str, names: list[str]) -> None:
    env = {"A": "unset", "B": "unset", "C": "localhost", "D": ""}
    given = commands.supplied(f"{FRAME.replace('/app', '/elsewhere')}{error}\n", env)
    assert given == dict.fromkeys(names, ("1", "is to be a number"))


@pytest.mark.parametrize(
    ("said", "left_out"),
    [
        ("CommandError: Compressor is disabled. Set the COMPRESS_ENABLED setting", True),
        (
            "CommandError: Offline compression is disabled. Set COMPRESS_OFFLINE or use --force",
            True,
        ),
        ("CommandError: An error occurred during rendering a.html: x is not there", False),
    ],
)
def test_a_step_that_the_settings_switch_off(
    said: str, left_out: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BUILD_STEPS", "compress")
    monkeypatch.delenv("STATIC", raising=False)
    monkeypatch.setattr(steps, "manage", lambda words, _: said if words == ["compress"] else "")
    if left_out:
        steps.static({})
        assert f"the settings switch it off: {said}" in capsys.readouterr().out
    else:
        with pytest.raises(SystemExit, match="a step of `build_steps`, failed"):
            steps.static({})


def test_what_the_build_writes_into_a_writable_folder_is_not_the_sites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, data = tmp_path / "app", tmp_path / "data"
    (root / "kept").mkdir(parents=True)
    (root / "kept/a").write_text("a", encoding="utf-8")
    monkeypatch.setattr(steps, "ROOT", root)
    monkeypatch.setattr(steps, "DATA", data)
    monkeypatch.setattr(steps, "FRONTEND", tmp_path / "none")
    monkeypatch.setattr(steps, "MADE", [])
    monkeypatch.setenv("WRITABLE", "kept new db/x.sqlite3")
    monkeypatch.delenv("OVERRIDES", raising=False)
    monkeypatch.delenv("BUILD_STEPS", raising=False)
    steps.prepare({})
    (root / "new/tasks").write_text("", encoding="utf-8")
    (root / "db/x.sqlite3").write_text("", encoding="utf-8")
    assert steps.writable() == data
    assert sorted(p.relative_to(data).as_posix() for p in data.rglob("*")) == [
        "db", "kept", "kept/a", "new",
    ]  # fmt: skip
    assert all((root / name).is_symlink() for name in ("kept", "new", "db/x.sqlite3"))


@pytest.mark.parametrize(
    ("variables", "there"),
    [
        ({"OVERRIDES": "database media_root"}, True),
        ({"STATIC": "start"}, True),
        ({"OVERRIDES": "database", "STATIC": "build"}, False),
    ],
)
def test_uploads_have_a_folder_that_the_sites_user_owns(
    variables: dict[str, str], there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A new volume takes the owner of the folder that it is mounted on, and root's is the default.
    monkeypatch.setattr(steps, "DATA", tmp_path / "data")
    for name in ("WRITABLE", "OVERRIDES", "STATIC"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (steps.writable() is not None) is there
    assert (tmp_path / "data").is_dir() is there


@pytest.mark.parametrize(
    ("version", "old", "new"),
    [
        ((1, 8, 19), "django.db.backends.sqlite3", "postgresql_psycopg2"),
        ((1, 8, 19), "django.db.backends.postgresql_psycopg2", "postgresql_psycopg2"),
        ((1, 11, 29), "django.db.backends.postgresql_psycopg2", "postgresql"),
        ((5, 2), "django.db.backends.sqlite3", "postgresql"),
    ],
)
def test_the_engine_by_the_name_that_this_django_has(
    version: tuple[int, ...], old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DJANGO", version)
    assert settings.engine("postgresql", old, ()) == f"django.db.backends.{new}"


def test_a_package_that_asks_for_settings_as_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / "eager").mkdir()
    (tmp_path / "eager/__init__.py").write_text(
        "import importlib, os\n"
        "seen = importlib.import_module(os.environ['DJANGO_SETTINGS_MODULE']).INSTALLED_APPS\n",
        encoding="utf-8",
    )
    (tmp_path / "eager/conf.py").write_text(
        "INSTALLED_APPS = ['a']\nDEBUG = True\n", encoding="utf-8"
    )
    env = {"DJANGO_SETTINGS_MODULE": "djdock_settings", "DJDOCK_SETTINGS": "eager.conf",
           "DJDOCK_OVERRIDES": "debug", "PYTHONPATH": f"{tmp_path}:{REPOSITORY / 'docker'}"}  # fmt: skip
    code = "import djdock_settings as s, eager; print(s.INSTALLED_APPS, s.DEBUG, eager.seen)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['a'] False ['a']\n"


@pytest.mark.parametrize("more", [{}, {"DJANGO_CONFIGURATION": "None"}])
def test_settings_that_find_their_package_by_their_own_name(
    more: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "shop/conf.py").write_text(
        "import os\nASKED = os.environ['DJANGO_SETTINGS_MODULE']\n", encoding="utf-8"
    )
    env = {"DJANGO_SETTINGS_MODULE": "djdock_settings", "DJDOCK_SETTINGS": "shop.conf",
           "PYTHONPATH": f"{tmp_path}:{REPOSITORY / 'docker'}", **more}  # fmt: skip
    code = "import djdock_settings as s, os; print(s.ASKED, os.environ['DJANGO_SETTINGS_MODULE'])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    # django-configurations would take a module by the name in the environment for the one to set up.
    assert done.stdout == f"{'djdock_settings' if more else 'shop.conf'} djdock_settings\n"


@pytest.mark.parametrize(
    ("path", "line", "found"),
    [
        ("{root}/static/built", "for entry in os.scandir(path):", True),
        ("{root}/static/built", "with open(path) as file:", False),
        ("/elsewhere", "for entry in os.scandir(path):", False),
    ],
)
def test_a_folder_of_static_files_that_git_does_not_keep(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str, line: str, found: bool
) -> None:
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    path = path.format(root=tmp_path)
    said = f"    {line}\nFileNotFoundError: [Errno 2] No such file or directory: '{path}'\n"
    assert commands.unlisted(said) == (Path(path) if found else None)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"HOST": "localhost", "PORT": 6379, "DB": 1}, {"HOST": "redis", "PORT": 6379, "DB": 1}),
        ({"a": {"host": "127.0.0.1", "port": "6379"}}, {"a": {"host": "redis", "port": "6379"}}),
        ({"HOST": "localhost", "PORT": 5432}, {"HOST": "localhost", "PORT": 5432}),
        ({"hosts": [("localhost", 6379)]}, {"hosts": [("redis", 6379)]}),
        ("redis://:x@localhost:6379/2", "redis://:x@redis:6379/2"),
        ("redis://127.0.0.1/0", "redis://redis/0"),
        (["localhost:11211"], ["memcached:11211"]),
        ("redis://cache:6379/0", "redis://cache:6379/0"),
        ("http://localhost:8000/", "http://localhost:8000/"),
        ("localhost", "localhost"),
        (5, 5),
    ],
)
def test_addresses_of_this_machine_become_the_add_ons(value: object, found: object) -> None:
    assert settings.redirected(value) == found


def test_a_configuration_that_is_made_of_an_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "shop").mkdir(parents=True)
    (site / "shop/conf_example.py").write_text(
        "SECRET_KEY = ''\nREDIS = {'HOST': 'localhost', 'PORT': 6379}\n", encoding="utf-8"
    )
    (site / "shop/late_example.py").write_text("from .settings import A\n", encoding="utf-8")
    (site / "shop/settings.py").write_text(
        "from shop import conf\nassert conf.SECRET_KEY\n"
        "KEY, HOST = conf.SECRET_KEY, conf.REDIS['HOST']\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.chdir(site)
    pairs = ["site/shop/conf.py=site/shop/conf_example.py",
             "site/shop/late.py=site/shop/late_example.py"]  # fmt: skip
    assert steps.copied(pairs) == ["shop.conf"]
    (site / "shop/conf.py").write_text("SECRET_KEY = 'mine'\nREDIS = {}\n", encoding="utf-8")
    assert steps.copied(pairs) == ["shop.conf"]
    assert "mine" in (site / "shop/conf.py").read_text(encoding="utf-8")
    (site / "shop/conf.py").unlink()
    steps.copied(pairs)
    shutil.copy(REPOSITORY / "docker/djdock_settings.py", tmp_path)
    (tmp_path / "djdock_examples.txt").write_text("shop.conf\n", encoding="utf-8")
    env = {"DJDOCK_SETTINGS": "shop.settings", "DJDOCK_OVERRIDES": "secret_key services",
           "DJANGO_SECRET_KEY": "given", "PYTHONPATH": f"{tmp_path}:{site}"}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", "import djdock_settings as s; print(s.KEY, s.HOST)"],
                          env=env, capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == "given redis\n"


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("", True), (">=3.9", True), (">=3.14", False), ("==3.14.*", False), ("~=3.14.0", False),
        ("~=3.10", True), (">=3.11,<3.13", False), (">=3.11,<4", True), ("<3.13.4", True),
        ("==3.13.*", True),
    ],
)  # fmt: skip
def test_whether_a_lock_is_for_this_python(asked: str, allowed: bool) -> None:
    assert versions.allows(asked, (3, 13)) is allowed


@pytest.mark.parametrize(
    ("said", "elsewhere"),
    [
        (
            "  File x\nbotocore.exceptions.EndpointConnectionError: Could not connect to the endpoint",
            True,
        ),
        ("azure.core.exceptions.ServiceRequestError: <urllib3…>", True),
        ("google.auth.exceptions.DefaultCredentialsError: File", True),
        ("ModuleNotFoundError: No module named 'botocore'", False),
        ("ValueError: Missing staticfiles manifest entry for 'a.css'", False),
    ],
)
def test_static_files_that_are_sent_to_another_machine(said: str, elsewhere: bool) -> None:
    assert bool(steps.ELSEWHERE.search(said)) is elsewhere


def test_djdocks_own_files_are_in_no_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    names = ("docker/multi.Dockerfile", "docker/dev/a.py", "docker/b/c/d", "x")
    ours = dict.fromkeys(names, b"")
    theirs = {"docker/b/entrypoint.sh", "x", "other/docker/multi.Dockerfile"}
    for name in {*ours, *theirs} - {"docker/b/c/d"}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "docker/.djdock.zip").write_bytes(pristine.pack("0.1.0", ours))
    steps.drop_ours()
    steps.drop_ours()
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == theirs
    assert not (tmp_path / "docker/dev").exists()


def test_packages_of_npm_are_there_for_collectstatic_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("front/site/node_modules/a/node_modules/b", "app/node_modules/a", "app/x"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(steps, "ROOT", tmp_path / "app")
    monkeypatch.setattr(steps, "FRONTEND", tmp_path / "front")
    monkeypatch.setenv("SOURCE", "site")
    monkeypatch.setenv("STATIC", "start")
    steps.drop_packages()
    assert (tmp_path / "app/node_modules").is_dir()
    monkeypatch.setenv("STATIC", "build")
    steps.drop_packages()
    assert [path.name for path in (tmp_path / "app").iterdir()] == ["x"]


def test_a_manage_py_that_refuses_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manage.py").write_text(
        "print('Use shopctl.')\nraise SystemExit(2)\n", encoding="utf-8"
    )
    (tmp_path / "django").mkdir()
    (tmp_path / "django/__main__.py").write_text("import sys\nassert sys.argv[1:] == ['check']\n")
    monkeypatch.chdir(tmp_path)
    assert commands.manage(["check"], {}) == ""
    assert "Django itself is asked: Use shopctl." in capsys.readouterr().out
    assert not commands.refused("CommandError: no such thing")


def test_settings_that_cannot_be_loaded_are_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf.py").write_text("import nowhere_at_all\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("DJDOCK_SETTINGS", raising=False)
    env = {"DJANGO_SETTINGS_MODULE": "conf"}
    said = "Unknown command: 'collectstatic'\nType 'manage.py help' for usage.\n"
    assert commands.last(commands.hidden(said, env)).endswith("No module named 'nowhere_at_all'")
    assert commands.hidden("CommandError: x", env) == "CommandError: x"
    (tmp_path / "conf.py").write_text("", encoding="utf-8")
    assert commands.hidden(said, env) == said


@pytest.mark.parametrize(
    ("file", "text", "noted"),
    [
        ("pyproject.toml", '[project]\nname = "my-shop"\nversion = "2.1"\n', "2.1"),
        ("pyproject.toml", '[project]\nname = "my-shop"\ndynamic = ["version"]\n', "0"),
        ("pyproject.toml", '[tool.poetry]\nname = "my-shop"\nversion = "1.0.0"\n', "1.0.0"),
        ("setup.cfg", "[metadata]\nname = my-shop\nversion = attr: shop.V\n", "0"),
        ("pyproject.toml", "[tool.black]\n", None),
    ],
)
def test_what_pip_would_note_of_the_project(
    tmp_path: Path, file: str, text: str, noted: str | None
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / file).write_text(text, encoding="utf-8")
    folder = tmp_path / "site"
    assert own_package.note(tmp_path, folder) == ""
    (folder / "a.py").write_text("from importlib.metadata import version\n", encoding="utf-8")
    assert own_package.note(tmp_path, folder) == ("my-shop" if noted else "")
    found = [one.version for one in importlib.metadata.distributions(path=[str(folder)])]
    assert found == ([noted] if noted else [])


@pytest.mark.parametrize(
    ("file", "text", "python"),
    [
        ("package.json", '{"scripts": {"build": "vite build"}}', False),
        ("package.json", '{"scripts": {"build": "python ../manage.py x && vite build"}}', True),
        ("tailwind.config.js", "content: ['../**/*.html', '../**/*.py']", True),
        ("tailwind.config.js", "content: ['../**/*.@(html|py)']", True),
        ("tailwind.config.js", "content: ['../shop/**/*']", True),
        ("a/tailwind.config.mjs", "content: ['../**/*.{py,html}']", True),
        ("vite.config.ts", "root: 'happy.pyx'", False),
        ("src/deep/er/app.css", '@source "../../**/*.py";', True),
        ("src/deep/er/app.css", '@import "tailwindcss";', True),
        ("src/deep/er/app.css", '@import "theme.css"; a.py { color: red }', False),
        ("node_modules/a/index.js", "'*.py'", False),
    ],
)
def test_what_a_front_end_is_made_of(tmp_path: Path, file: str, text: str, python: bool) -> None:
    tree, out = tmp_path / "tree", tmp_path / "out"
    theirs = {"front/app.ts", "site/page.html", f"front/{file}"}
    for name in (*theirs, "site/views.py", "docker/.djdock.zip", "docker/site_steps.py"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("'node_modules'" if "docker" in name else "", encoding="utf-8")
    (tree / "front" / file).write_text(text, encoding="utf-8")

    def sources() -> set[str]:
        words = ["sh", str(REPOSITORY / "docker/frontend.sh"), "sources", str(tree), str(out)]
        subprocess.run(words, env={**os.environ, "FRONTEND": "front"}, check=True)
        return {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}

    found = sources()
    assert {f"src/{name}" for name in theirs} <= found
    assert ("src/site/views.py" in found) is python
    assert "tmp/packages-are-named" not in found
    (tree / "site/views.py").write_text("STATICFILES_DIRS = ['node_modules']", encoding="utf-8")
    assert "tmp/packages-are-named" in sources()


def test_a_copy_that_keeps_its_time_is_made_by_the_front_end(tmp_path: Path) -> None:
    tree, out = tmp_path / "src", tmp_path / "out"
    (tree / "node_modules").mkdir(parents=True)
    (tree / "old.css").write_text("a", encoding="utf-8")
    (tree / "node_modules/font.woff").write_text("b", encoding="utf-8")
    os.utime(tree / "node_modules/font.woff", (1, 1))
    done = subprocess.run(
        ["sh", str(REPOSITORY / "docker/frontend.sh"), "build", str(tree), str(out)], cwd=tree,
        env={**os.environ, "FRONTEND_BUILD": "cp -p node_modules/font.woff font.woff"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "1 files made" in done.stdout
    assert [path.name for path in out.iterdir()] == ["font.woff"]


@pytest.mark.parametrize(
    ("command", "made"),
    [
        ("mv build ../site/static/app", "site/static/app/a.js"),
        ("cp -r build/a.js ../site/static/", "site/static/a.js"),
    ],
)
def test_a_front_end_is_moved_into_a_folder_that_no_repository_has(
    command: str, made: str, tmp_path: Path
) -> None:
    folder, out = tmp_path / "src/front", tmp_path / "out"
    (folder / "build").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"scripts": {"build": command}}))
    subprocess.run(
        ["sh", str(REPOSITORY / "docker/frontend.sh"), "build", str(tmp_path / "src"), str(out)],
        cwd=folder, env={**os.environ, "FRONTEND_BUILD": f"touch build/a.js && {command}"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (out / made).is_file()


@pytest.mark.parametrize(
    ("example", "wanted", "found"),
    [
        ("conf.json.example", "conf.json", True),
        ("conf.sample.json", "conf.json", True),
        ("example.conf.json", "conf.json", True),
        ("conf.json.bak", "conf.json", False),
        ("other.json.example", "conf.json", False),
        ("conf.json.example", "/elsewhere/conf.json", False),
    ],
)
def test_a_file_that_a_command_wants_and_there_is_an_example_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: str, wanted: str, found: bool
) -> None:
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path / "site")
    (tmp_path / "site" / example).write_text("{}", encoding="utf-8")
    said = f"FileNotFoundError: [Errno 2] No such file or directory: '{wanted}'\n"
    pair = (tmp_path / "site" / wanted, tmp_path / "site" / example)
    assert commands.exemplified(said) == (pair if found else None)


@pytest.mark.parametrize(
    ("script", "named", "missing", "made"),
    [
        ("js/vendors.js", "popper.js.map", "js/popper.js.map", "js/popper.js.map"),
        ("css/site.css", "../maps/site.css.map", "maps/site.css.map", "maps/site.css.map"),
        ("js/other.js", "other.js.map", "js/popper.js.map", None),
        ("img/popper.js", "popper.js.map", "js/popper.js.map", None),
        ("js/a.js", "/../../../../../elsewhere/js/a.js.map", "js/a.js.map", None),
    ],
)
def test_a_source_map_that_a_script_names_and_no_repository_has(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    script: str,
    named: str,
    missing: str,
    made: str,
) -> None:
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    static = tmp_path / "shop/static"
    (static / script).parent.mkdir(parents=True)
    (static / script).write_text(f"f()\n//# sourceMappingURL={named}\ng()\n", encoding="utf-8")
    (static / "more.css").write_text("/*# sourceMappingURL=more.css.map */\n", encoding="utf-8")
    said = f"ValueError: The file '{missing}' could not be found with <storage object at 0x7f>.\n"
    assert commands.mended(said, "`manage.py collectstatic`") is (made is not None)
    if made:
        assert json.loads((static / made).read_text())["sources"] == []
        assert (static / "more.css.map").is_file()
        assert not commands.mended(said, "`manage.py collectstatic`")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("CommandError: no\n", "CommandError: no"),
        ("words\nand more\n", "and more"),
        (
            f"{FRAME}shop.storage.MissingFileError: no a.map\n\nPlease check: it is wrong.\n",
            "shop.storage.MissingFileError: no a.map",
        ),
        (f"{FRAME}KeyboardInterrupt\n", "KeyboardInterrupt"),
        (f"{FRAME}a.ConnectionError: logged\nCommandError: no\n", "CommandError: no"),
        ("", ""),
    ],
)
def test_the_line_that_says_what_is_wrong(text: str, line: str) -> None:
    assert commands.last(text) == line


def test_steps_before_collectstatic_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(steps, "manage", lambda words, _: asked.append(words[0]) or "")
    monkeypatch.setattr(steps, "FRONTEND", Path("/gone"))
    monkeypatch.setattr(steps.own_package, "note", lambda *_: "")
    for name in ("COPIES", "OVERRIDES", "WRITABLE", "STATIC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BUILD_STEPS", "compress compilemessages compile_themes")
    steps.prepare({})
    steps.static({})
    assert asked == ["compilemessages", "compile_themes", "collectstatic", "compress"]


def test_a_blank_in_a_path_is_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITABLE", "my?site/my?data logs")
    assert steps.words("WRITABLE") == ["my site/my data", "logs"]
    monkeypatch.delenv("WRITABLE")
    assert steps.words("WRITABLE") == []


def test_a_pin_of_packages_wins_over_a_locks() -> None:
    lines = [
        "twisted==18.9.0 --hash=sha256:a",
        "Twisted-Extra==1",
        "django==2.1",
        "x @ git+https://y",
    ]
    assert install.besides(["gunicorn", "twisted==21.2.0"], lines) == lines[1:]
    assert install.besides(["Twisted>=20"], lines) == lines


def test_settings_without_logging_get_none() -> None:
    assert "LOGGING" not in settings.changed({}, ["logging"])
    handler = {"class": "logging.FileHandler", "filename": "/app/x.log", "level": "INFO"}
    made = settings.changed({"LOGGING": {"version": 1, "handlers": {"file": handler}}}, ["logging"])
    assert made["LOGGING"] == {
        "version": 1,
        "handlers": {"file": {"class": "logging.StreamHandler", "level": "INFO"}},
    }


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(".env", True), (".env.prod", True), ("conf/.env", False), ("a.env", True), ("/etc/.env", False),
     (".environment/x", False), ("there.env", False)],
)  # fmt: skip
def test_a_file_of_variables_that_settings_open_and_no_image_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, found: bool
) -> None:
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path / "site")
    (tmp_path / "site/there.env").touch()
    said = f"FileNotFoundError: [Errno 2] No such file or directory: '{wanted}'\n"
    assert commands.unfiled(said) == (tmp_path / "site" / wanted if found else None)


def test_what_is_missing_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf.json.example").write_text("{}", encoding="utf-8")
    for name, text in ((".env", ""), ("conf.json", "{}")):
        said = f"FileNotFoundError: [Errno 2] No such file or directory: '{name}'\n"
        assert commands.mended(said, "the settings")
        assert (tmp_path / name).read_text(encoding="utf-8") == text
        assert f"site: {tmp_path / name} is not there: it is made" in capsys.readouterr().out
        assert not commands.mended(said, "the settings")
    assert not commands.mended("KeyError: 'X'", "the settings")
