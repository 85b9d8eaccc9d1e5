"""Django projects as they are found, made anew for a test: none of them knows anything of containers."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from pip._internal.models.index import PyPI

from djdock.init import pristine

ROOT = Path(__file__).resolve().parents[2]

#: A source distribution only: it is built, against libpq.
PSYCOPG2 = ("2.9.10", "12ec0b40b0273f95296233e8750441339298e6a572f7039da5b260e3c8b60e11")

MANAGE = """#!/usr/bin/env python
import os, sys
if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""

#: As `django-admin startproject` writes them, for production by someone in a hurry.
SETTINGS = """
import os
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "django-insecure-written-into-the-source"
DEBUG = False
ALLOWED_HOSTS = []
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "shop.urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [], "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
WSGI_APPLICATION = "shop.wsgi.application"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""

APPLICATION = """import os
from django.core.{kind} import get_{kind}_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_{kind}_application()
"""


def hashes(name: str) -> tuple[str, list[str]]:
    """Version and hashes of a package, as the demo's own lock has them."""
    text = (ROOT / "requirements/app.txt").read_text(encoding="utf-8")
    found = re.search(rf"(?m)^{name}==(\S+) \\\n((?:    --hash=.*\n)+)", text)
    assert found, name
    return found[1], re.findall(r"sha256:[0-9a-f]+", found[2])


PINNED = ("asgiref", "django", "gunicorn", "sqlparse")


def write(root: Path, name: str, text: str | bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def project(root: Path, table: str, *, folder: str = ".", settings: str = "") -> None:
    """`startproject`, with docker/ beside it as `djdock init` would put it there."""
    base = Path(folder)
    write(root, str(base / "manage.py"), MANAGE)
    write(root, str(base / "shop/__init__.py"), "")
    write(root, str(base / "shop/settings.py"), SETTINGS + settings)
    write(root, str(base / "shop/urls.py"),
          "from django.contrib import admin\nfrom django.urls import path\n"
          'urlpatterns = [path("admin/", admin.site.urls)]\n')  # fmt: skip
    for kind in ("wsgi", "asgi"):
        write(root, str(base / f"shop/{kind}.py"), APPLICATION.format(kind=kind))
    shutil.copytree(ROOT / "docker", root / "docker", ignore=shutil.ignore_patterns("bases"))
    ours = [path for path in (root / "docker").rglob("*") if path.is_file()]
    names = dict.fromkeys((str(path.relative_to(root)) for path in ours), b"")
    write(root, "docker/.djdock.zip", pristine.pack("0.1.0", names))
    write(
        root,
        ".dockerignore",
        ".git\n.env\n.djdock\n**/__pycache__\n**/node_modules\n**/*.sqlite3\n",
    )
    write(root, "tasks.py", "from djdock.tasks import namespace\n")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    write(root, ".env.example", example)
    path = root / "pyproject.toml"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    write(root, "pyproject.toml", f'{before}[tool.djdock]\nsource = "{folder}"\n{table}\n')


NAIVE = ["static_root", "allowed_hosts", "secret_key"]


def naive(root: Path) -> None:
    """SQLite in the source folder, a log beside it, no STATIC_ROOT; Windows wrote the requirements."""
    text = "Django\r\npkg-resources==0.0.0\r\n-r more.txt\r\n"
    write(root, "requirements.txt", text.encode("utf-16"))
    write(root, "more.txt", "sqlparse\n")
    logging = (
        'LOGGING = {"version": 1, "handlers": {"file": {"class": "logging.FileHandler", '
        '"filename": BASE_DIR / "logs" / "site.log"}}, "root": {"handlers": ["file"]}}\n'
    )
    project(
        root,
        f'addons = []\nhealth_path = "/"\noverrides = {NAIVE}\nwritable = ["db.sqlite3", "logs"]',
        settings=logging,
    )
    write(root, "logs/.gitkeep", "")


def poetry(root: Path) -> None:
    """poetry.lock in its older format, psycopg2 from source, DATABASES for localhost, uploads."""
    pins = "".join(
        f'[[package]]\nname = "{name}"\nversion = "{hashes(name)[0]}"\ndescription = ""\n'
        f'optional = false\npython-versions = ">=3.8"\nfiles = [{_files(hashes(name)[1])}]\n'
        + ('[package.dependencies]\nasgiref = ">=3.8.1"\nsqlparse = ">=0.3.1"\n'
           'tzdata = {version="*", markers="sys_platform == \\"win32\\""}\n' if name == "django"
           else "")
        for name in PINNED if name != "gunicorn"
    )  # fmt: skip
    pins += (
        f'[[package]]\nname = "psycopg2"\nversion = "{PSYCOPG2[0]}"\ndescription = ""\n'
        f'optional = false\npython-versions = ">=3.8"\nfiles = [{_files(["sha256:" + PSYCOPG2[1]])}]\n'
    )
    write(
        root, "poetry.lock", pins + '[metadata]\nlock-version = "2.0"\npython-versions = "^3.11"\n'
    )
    write(root, "pyproject.toml",
          '[tool.poetry]\nname = "shop"\nversion = "1"\ndescription = ""\nauthors = []\n'
          '[tool.poetry.dependencies]\npython = "^3.11"\nDjango = "^5.2"\npsycopg2 = "^2.9"\n'
          '[tool.poetry.group.dev.dependencies]\npytest = "*"\n')  # fmt: skip
    settings = (
        'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", '
        '"HOST": "localhost", "CONN_MAX_AGE": 60}}\n'
    )
    what = [*NAIVE, "database", "media_root"]
    project(
        root,
        f'lock = "poetry.lock"\nhealth_path = "/"\noverrides = {what}\n'
        'build_packages = ["gcc", "libc6-dev", "libpq-dev"]\n'
        'after_migrate = ["createcachetable once", "no_such_command", "createcachetable twice"]',
        settings=settings,
    )


def pipfile(root: Path) -> None:
    """Pipfile.lock; manage.py in a folder, settings that read a variable that is not there at build."""
    default = {
        name: {"version": f"=={hashes(name)[0]}", "hashes": hashes(name)[1], "index": "pypi"}
        for name in PINNED
    }
    default["colorama"] = {"version": "==0.4.6", "markers": "sys_platform == 'win32'"}
    write(root, "Pipfile.lock", json.dumps({
        "_meta": {"sources": [{"name": "pypi", "url": PyPI.simple_url, "verify_ssl": True}]},
        "default": default, "develop": {},
    }))  # fmt: skip
    write(root, "Pipfile", '[packages]\ndjango = "*"\n')
    settings = (
        'STATIC_ROOT = BASE_DIR / "static"\nSTRIPE = os.environ["STRIPE_KEY"]\n'
        'PAGES = (BASE_DIR.parent / "pages").iterdir()\nALLOWED_HOSTS = ["*"]\n'
    )
    table = (
        'lock = "Pipfile.lock"\ntree = "."\nhealth_path = "/"\naddons = []\n'
        'overrides = ["media_root"]\nwritable = ["backend/db.sqlite3"]\nstatic = "start"'
    )
    project(
        root,
        table.replace('["media_root"]', '["media_root", "static_root"]'),
        folder="backend",
        settings=settings,
    )
    write(root, "pages/home.txt", "home")
    with (root / ".env.example").open("a", encoding="utf-8") as file:
        file.write("STRIPE_KEY=sk_test\n")


def uv(root: Path) -> None:
    """uv.lock, and an ASGI application: the server is djdock's to bring."""
    packages = "".join(
        f'[[package]]\nname = "{name}"\nversion = "{hashes(name)[0]}"\n'
        f'source = {{ registry = "{PyPI.simple_url}" }}\n'
        + ('dependencies = [{ name = "asgiref" }, { name = "sqlparse" }]\n' if name == "django" else "")
        + "wheels = ["
        + ", ".join(f'{{ url = "https://x/{name}-{hashes(name)[0]}-py3-none-any.whl", hash = "{h}" }}'
                    for h in hashes(name)[1])
        + "]\n\n"
        for name in PINNED if name != "gunicorn"
    )  # fmt: skip
    write(root, "uv.lock", 'version = 1\nrequires-python = ">=3.11"\n\n' + packages + '[[package]]\n'
          'name = "shop"\nversion = "1"\nsource = { virtual = "." }\n'
          'dependencies = [{ name = "django" }]\n[package.metadata]\n'
          'requires-dist = [{ name = "django", specifier = ">=5" }]\n')  # fmt: skip
    write(root, "pyproject.toml",
          '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'
          'dependencies = ["django>=5"]\n')  # fmt: skip
    settings = 'ALLOWED_HOSTS = ["*"]\nSTATIC_ROOT = "/var/www/static"\n'
    project(
        root,
        'lock = "uv.lock"\nasgi = "shop.asgi:application"\naddons = []\nhealth_path = "/"\n'
        'writable = ["db.sqlite3"]',
        settings=settings,
    )


def frontend(root: Path) -> None:
    """package.json with a lock; what it builds is a static file of the site's."""
    write(root, "requirements.txt", "Django\nwhitenoise\n")
    package = {"name": "shop", "version": "1.0.0", "scripts": {"build": "node build.js"}}
    write(root, "assets/package.json", json.dumps(package))
    lock = {"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "requires": True,
            "packages": {"": {"name": "shop", "version": "1.0.0"}}}  # fmt: skip
    write(root, "assets/package-lock.json", json.dumps(lock))
    write(root, "assets/build.js",
          "const fs = require('fs'); fs.mkdirSync('../dist', {recursive: true});\n"
          "const css = `body { color: teal } /* ${Date.now()} */`;\n"
          "fs.writeFileSync('../dist/app.css', css);\n")  # fmt: skip
    settings = 'STATICFILES_DIRS = [BASE_DIR / "dist"]\n'
    project(
        root,
        f'frontend = "assets"\nnode = "20"\naddons = []\nhealth_path = "/"\n'
        f'overrides = {[*NAIVE, "whitenoise"]}\nwritable = ["db.sqlite3"]',
        settings=settings,
    )


def _files(found: list[str]) -> str:
    return ", ".join(f'{{file = "x", hash = "{one}"}}' for one in found)
