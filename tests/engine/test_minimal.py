"""The variant `minimal` on a real engine: the same site and the same stack, and nothing else in it."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator

import pytest
from project import Done, Project

LIMIT = 55_000_000


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, docker: str) -> Iterator[Project]:
    project = Project.clone(tmp_path_factory.mktemp("minimal") / "site", docker)
    try:
        project.invoke("up", "--variant", "minimal").ok()
        yield project
    finally:
        project.remove()


def web(up: Project, *words: str) -> Done:
    return up.invoke("exec", "web", "--", *words)


def python(up: Project, code: str) -> str:
    return web(up, "python", "-c", code).ok().out.strip()


def get(up: Project, path: str, **headers: str) -> tuple[int, str]:
    asked = urllib.request.Request(up.url + path, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def members(up: Project) -> dict[str, tarfile.TarInfo]:
    """Path -> the entry of every file in the image."""
    image = f"{up.name}:minimal"
    container = up.engine("create", image)
    try:
        done = subprocess.run([up.docker, "export", container], capture_output=True, check=True)
    finally:
        up.engine("rm", container)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        return {f"/{member.name}": member for member in archive}


def test_it_is_ready_on_postgresql_and_takes_votes(up: Project) -> None:
    assert up.ready() == {"status": "ready", "database": "postgresql"}
    before = up.votes()
    assert up.vote() == before + 1


def test_pages_languages_static_files_and_errors(up: Project) -> None:
    status, login = get(up, "/admin/login/")
    assert status == 200
    style = login.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "/static/admin/css/base." in style
    assert get(up, style)[0] == 200
    assert 'lang="zh-hans"' in get(up, "/", **{"Accept-Language": "zh-CN"})[1]
    assert "用户名" in get(up, "/admin/login/", **{"Accept-Language": "zh-hans"})[1]
    assert get(up, "/no-such-page")[0] == 404
    form = urllib.request.Request(f"{up.url}/polls/1/", data=b"choice=1")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(form, timeout=10)
    with refused.value:
        assert refused.value.code == 403


def test_an_error_page_and_a_traceback_with_the_sites_own_lines(up: Project) -> None:
    code = (
        "import types; from django.test import Client, override_settings; from django.urls import path\n"
        "from polls import models\n"
        "urls = types.SimpleNamespace(urlpatterns=[path('', models.Question.no_such_thing.fails)])"
    )
    done = web(up, "python", "manage.py", "shell", "--command", code)
    assert "AttributeError" in done.err
    code = (
        "import sys; from django.test import Client, override_settings; from django.urls import path\n"
        "sys.modules['broken'] = m = type(sys)('broken'); m.urlpatterns = [path('', lambda r: 1 / 0)]\n"
        "with override_settings(ROOT_URLCONF='broken', ALLOWED_HOSTS=['testserver']):\n"
        "    r = Client(raise_request_exception=False).get('/')\n"
        "print(r.status_code, len(r.content) > 500)\n"
    )
    done = web(up, "python", "manage.py", "shell", "--command", code).ok()
    assert done.out.splitlines()[-1] == "500 True"
    done = web(up, "env", "DATABASE_ENGINE=nonsense", "python", "manage.py", "check")
    assert done.code != 0  # there is no env either
    code = "import os; os.environ['DATABASE_ENGINE'] = 'nonsense'; import config.settings"
    done = web(up, "python", "-c", code)
    assert 'DATABASES = {"default": database(env, BASE_DIR)}' in done.err


def test_management_commands(up: Project) -> None:
    up.invoke("migrate", "--check").ok()
    assert "[X] 0001_initial" in up.invoke("showmigrations").ok().out
    printed = up.invoke("manage", "--", "shell", "--command", "print(6 * 7)").ok().out
    assert printed.splitlines()[-1] == "42"
    up.invoke("manage", "--", "check").ok()
    up.invoke("makemigrations", "--check").ok()
    account = {"USERNAME": "admin", "EMAIL": "a@example.org", "PASSWORD": "correct-horse-battery"}
    given = {f"DJANGO_SUPERUSER_{name}": value for name, value in account.items()}
    code = "import importlib, pkgutil, django.core.management.commands as c\n"
    code += "for m in pkgutil.iter_modules(c.__path__): "
    code += "importlib.import_module(f'{c.__name__}.{m.name}')"
    web(up, "python", "manage.py", "shell", "--command", code).ok()
    # `superuser` runs the default variant's image: here it is asked of this one.
    code = f"import os, django; os.environ.update({given}); django.setup()\n"
    code += (
        "from django.core.management import call_command as c; c('createsuperuser', '--noinput')"
    )
    assert "Superuser created successfully." in python(up, code)


def test_the_standard_library_is_whole(up: Project) -> None:
    """Every module that is in it can be imported: nothing was taken out from under the rest."""
    code = (
        "import importlib, json, sys, zipfile\n"
        "archive = zipfile.ZipFile(next(p for p in sys.path if p.endswith('.zip')))\n"
        "names = [n[:-4].replace('/', '.').removesuffix('.__init__') for n in archive.namelist()]\n"
        "bad = {}\n"
        "for name in names:\n"
        "    if not name.endswith('__main__') and 'sitecustomize' not in name:\n"
        "        try: importlib.import_module(name)\n"
        "        except ImportError as error: bad[name] = str(error)\n"
        "print(); print(json.dumps([len(names), bad]))\n"
    )
    count, bad = json.loads(python(up, code).splitlines()[-1])
    assert count > 450
    # Modules for other systems, and dbm's two whose extensions a rule left out, with its reason.
    others = {"_distutils_system_mod", "_ios_support", "encodings.mbcs", "encodings.oem"}
    others |= {"dbm.gnu", "dbm.ndbm"}
    assert {name for name in bad if "win" not in name} <= others, bad


def test_time_zones_certificates_names_and_encodings(up: Project) -> None:
    assert int(python(up, "import zoneinfo; print(len(zoneinfo.available_timezones()))")) > 400
    code = (
        "import ssl; p = ssl.get_default_verify_paths(); c = ssl.create_default_context()\n"
        "print(bool(p.cafile), len(c.get_ca_certs()))"
    )
    there, count = python(up, code).split()
    assert (there, int(count) > 100) == ("True", True)
    assert python(up, "import socket; print(bool(socket.gethostbyname('db')))") == "True"
    assert python(up, "import getpass; print(getpass.getuser())") == "site"
    code = "import locale; print(locale.setlocale(locale.LC_ALL, ''), '中'.encode('gb18030'))"
    assert python(up, code) == r"C.UTF-8 b'\xd6\xd0'"
    code = "import ctypes, threading, sqlite3, decimal, lzma, bz2, uuid, readline, curses; print(1)"
    assert python(up, code) == "1"


def test_python_and_the_database_driver_share_one_openssl(up: Project) -> None:
    code = (
        "import ssl, psycopg2\n"
        "maps = {line.split()[-1] for line in open('/proc/self/maps') if 'libcrypto' in line}\n"
        "print(len(maps), psycopg2.extensions.libpq_version() > 0)"
    )
    assert python(up, code) == "1 True"


def test_it_runs_read_only_as_a_number_without_a_shell(
    up: Project, members: dict[str, tarfile.TarInfo]
) -> None:
    assert python(up, "import os; print(os.getuid(), os.getgid())") == "10001 10001"
    assert web(up, "python", "-c", "open('/app/x', 'w')").code != 0
    for program in ("sh", "bash", "apt-get", "dpkg", "pip", "ldconfig", "id"):
        assert web(up, program).code != 0, program
    programs = {
        path for path, m in members.items()
        if m.isfile() and m.mode & 0o111 and "/bin/" in path and not path.startswith("/opt/venv")
    }  # fmt: skip
    assert len(programs) == 1, programs
    assert [path for path, member in members.items() if member.mode & 0o6000] == []
    writable = {p for p, m in members.items() if m.mode & 0o002 and not m.issym()}
    assert {p for p in writable if not p.startswith(("/dev", "/proc", "/sys"))} <= {
        "/tmp", "/var/tmp"
    }  # fmt: skip
    assert members["/tmp"].mode == 0o1777


def test_scanners_find_what_is_in_it(up: Project, members: dict[str, tarfile.TarInfo]) -> None:
    assert "/etc/os-release" in members
    packages = {
        path.rsplit("/", 1)[1]
        for path in members
        if path.startswith("/var/lib/dpkg/status.d/") and not path.endswith(".md5sums")
    }
    assert {"libc6", "ca-certificates", "tzdata"} <= packages or {"libc6", "tzdata"} <= packages
    assert not {"dpkg", "apt", "bash", "perl-base"} & packages
    code = (
        "import importlib.metadata as m\n"
        "print([str(f) for d in m.distributions() for f in d.files if not f.locate().exists()])"
    )
    assert python(up, code) == "[]"
    assert not [p for p in members if p.endswith((".po", ".pyi", ".a")) or "/tests/" in p]


def test_it_is_small_and_says_what_went(up: Project) -> None:
    image = f"{up.name}:minimal"
    size = int(up.engine("image", "inspect", "--format", "{{.Size}}", image))
    assert size <= LIMIT
    told = json.loads(up.invoke("image-size", "--variant", "minimal", "--json").ok().out)
    assert told["images"][0]["size"] == size


def test_the_sites_own_tests_pass_on_the_same_layers(up: Project) -> None:
    done = up.invoke("test", "--variant", "minimal").ok()
    assert "Ran " in done.err + done.out
    assert "Ran 0 tests" not in done.err + done.out
    layers = [
        json.loads(up.engine("image", "inspect", "--format", "{{json .RootFS.Layers}}", image))
        for image in (f"{up.name}:minimal", f"{up.name}:minimal-test")
    ]
    assert layers[1][: len(layers[0])] == layers[0]


def test_keep_and_drop_of_the_settings(up: Project) -> None:
    path = up.root / "pyproject.toml"
    before = path.read_text(encoding="utf-8")
    nothing = f"*/no-such-thing-{uuid.uuid4().hex}"  # a step that is cached says nothing
    table = (
        'keep = ["/sbin/ldconfig", "*/django/contrib/gis/*"]\n'
        'drop = ["*/sqlparse/keywords.py", "' + nothing + '", '
    )
    assert before.count("\ndrop = [") == 1
    path.write_text(before.replace("drop = [", table), encoding="utf-8")
    try:
        tag = f"{up.name}:kept"
        done = up.invoke("build", "--variant", "minimal", "--tag", tag).ok()
        assert f"nothing matches `{nothing}`" in done.out + done.err
        code = (
            "import pathlib as p; s = p.Path('/opt/venv/lib').glob('*/site-packages'); s = next(s)\n"
            "print(p.Path('/sbin/ldconfig').exists(), (s / 'django/contrib/gis').exists(),"
            " any(s.glob('sqlparse/keywords*')))"
        )
        out = up.engine("run", "--rm", tag, "python", "-c", code)
        assert out == "True True False"
    finally:
        path.write_text(before, encoding="utf-8")
