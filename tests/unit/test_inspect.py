"""What is decided about whole projects, small ones."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from inspected import MANAGE, SETTINGS, WSGI, Made, value
from support import REPOSITORY

from djdock.errors import MissingError, UsageError
from djdock.inspect import nodejs, provided, view


@pytest.fixture
def made(tmp_path):
    root = tmp_path / "site"
    root.mkdir()
    return Made(root)


def test_startproject(made):
    found = made.plain().look()
    assert found.table() == {
        "source": ".",
        "settings": "shop.settings",
        "wsgi": "shop.wsgi:application",
        "python": "3.13",
        "requirements": "requirements.txt",
        "packages": ["gunicorn"],
        "addons": ["sqlite"],
        "static": "build",
        "health_path": "/",
        "overrides": ["database", "static_root", "debug", "allowed_hosts", "secret_key"],
    }
    assert found.fatal == ()
    decided = found.get("overrides")
    assert "the SQLite file is in the image" in decided.reason
    assert ("shop/settings.py", 10) in [(one.path, one.line) for one in decided.evidence]


def test_nothing_is_imported_or_run(made):
    boom = (
        "import pathlib\npathlib.Path(__file__).with_name('ran').write_text('')\nraise SystemExit\n"
    )
    made.plain(boom + SETTINGS).look()
    assert not list(made.root.rglob("ran"))
    assert not list(made.root.rglob("__pycache__"))


@pytest.mark.parametrize("folder", ["src", "backend", "a/b"])
def test_manage_in_a_subfolder(made, folder):
    made.write({f"{folder}/manage.py": MANAGE, f"{folder}/shop/settings.py": SETTINGS,
                f"{folder}/shop/wsgi.py": WSGI, "requirements.txt": "Django==5.2"})  # fmt: skip
    assert made.table()["source"] == folder


def test_of_several_the_one_that_is_no_example(made):
    made.write(
        {"example/manage.py": MANAGE, "web/manage.py": MANAGE, "web/shop/settings.py": SETTINGS}
    )
    found = made.look()
    assert found.get("source").value == "web"
    assert found.get("source").alternatives == ("example",)


def test_examples_come_before_what_tests_run_with(made):
    tests = MANAGE.replace("shop.settings", "tests.settings")
    made.write(
        {"manage.py": tests, "tests/settings.py": SETTINGS, "requirements.txt": "Django==5.2"}
    )
    assert made.table()["settings"] == "tests.settings"
    made.write({"examples/site/manage.py": MANAGE, "examples/site/shop/settings.py": SETTINGS,
                "examples/site/shop/wsgi.py": WSGI, "tests/x/manage.py": MANAGE})  # fmt: skip
    assert made.table()["source"] == "examples/site"
    made.write({"server/manage.py": MANAGE, "server/shop/settings.py": SETTINGS})
    assert made.table()["source"] == "server"


def test_the_database_is_that_of_the_stacks_environment(made):
    """`if DEBUG:` SQLite, else a server."""
    settings = (
        "import os\n" + SETTINGS.replace("DEBUG = True", 'DEBUG = os.getenv("DEBUG", "1") == "1"')
    ).splitlines()
    line = next(one for one in settings if one.startswith("DATABASES"))
    both = [
        "if DEBUG:",
        f"    {line}",
        "else:",
        '    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql",',
        '                             "NAME": os.environ["DBN"], "HOST": os.environ["DBH"]}}',
    ]
    text = "\n".join(settings).replace(line, "\n".join(both))
    found = made.plain(text, "Django==5.2\npsycopg2-binary\n").look()
    assert found.get("addons").value == ("postgres",)
    assert value(found, "DBH") == "db"
    assert "database" not in found.get("overrides").value


@pytest.mark.parametrize(
    "line",
    [
        'sys.path.append(os.path.join(here, "inner"))',
        "sys.path.insert(0, str(BASE_DIR / 'inner'))",
        'sys.path.insert(\n    0, os.path.join(here, "inner")\n)',
        'sys.path.append("./inner")',
    ],
)
def test_a_folder_that_the_project_puts_among_the_paths(made, line):
    settings = SETTINGS.replace('"django.contrib.admin"', '"books.apps.BooksConfig"')
    made.plain(settings).write({"inner/books/__init__.py": "", "manage.py": MANAGE})
    assert "python_path" not in made.table()
    made.write({"manage.py": f"{line}\n{MANAGE}"})
    assert made.table()["python_path"] == ["inner"]


def test_a_folder_that_no_module_can_be_in_has_no_application(made):
    made.plain().write({"a-b/wsgi.py": WSGI})
    (made.root / "shop/wsgi.py").unlink()
    assert made.look().get("wsgi").value == "django.core.wsgi:get_wsgi_application()"


def test_several_as_likely(made):
    made.write({"one/manage.py": MANAGE, "two/manage.py": MANAGE})
    with pytest.raises(UsageError, match="one, two") as error:
        made.look()
    assert "--source one" in error.value.remedy
    made.write({"two/shop/settings.py": SETTINGS, "two/shop/wsgi.py": WSGI})
    assert made.table(source="two")["source"] == "two"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"README": "x"}, "no manage.py"),
        ({"{{cookiecutter.slug}}/manage.py": MANAGE}, "template of projects"),
        (
            {"template/manage.py": MANAGE.replace("shop", "{{ project_name }}")},
            r"template of projects \(template/manage.py\)",
        ),
        ({"go.mod": "x"}, "go.mod is"),
        ({"manage.py": MANAGE}, "No settings module"),
        ({"manage.py": "from shop.cli import manager\nmanager()\n"}, "none of Django's"),
        (
            {
                "pyproject.toml": '[project.scripts]\nshop-server = "shop.cli:main"\n',
                "shop/cli.py": "from django.core.management import execute_from_command_line\n",
            },
            "command `shop-server`",
        ),
    ],
)
def test_no_project(made, files, words):
    with pytest.raises(MissingError, match=words):
        made.write(files).look()


def test_production_of_split_settings(made):
    made.write(
        {
            "manage.py": MANAGE.replace("shop.settings", "config.settings.local"),
            "config/__init__.py": "",
            "config/wsgi.py": WSGI.replace("shop.settings", "config.settings.production"),
            "config/settings/__init__.py": "",
            "config/settings/base.py": SETTINGS,
            "config/settings/local.py": "from .base import *\nDEBUG = True\n",
            "config/settings/production.py": "from .base import *\nDEBUG = False\n",
            "requirements/base.txt": "Django==5.2\n",
            "requirements/local.txt": "-r base.txt\ndjango-debug-toolbar==6.0\n",
            "requirements/production.txt": "-r base.txt\ngunicorn==23.0.0\n",
        }
    )
    found = made.look()
    assert found.get("settings").value == "config.settings.production"
    assert found.get("settings").alternatives == ("config.settings.local", "config.settings.base")
    assert found.get("requirements").value == "requirements/production.txt"
    assert found.get("packages") is None
    assert "debug" not in found.get("overrides").value


def test_production_that_lacks_a_file_is_passed_over(made):
    made.write(
        {
            "manage.py": MANAGE.replace("shop.settings", "config.settings.base"),
            "config/wsgi.py": WSGI.replace("shop.settings", "config.settings.production"),
            "config/settings/base.py": SETTINGS,
            "config/settings/production.py": "from .base import *\nfrom .secrets import *\n",
            "requirements.txt": "Django==5.2\n",
        }
    )
    found = made.look().get("settings")
    assert found.value == "config.settings.base"
    assert "config.settings.secrets" in found.reason
    assert "config/settings/production.py:2" in found.reason


def test_settings_of_load_tests_are_for_developers(made):
    """Production's are better, though their static files are on another machine."""
    remote = 'STATICFILES_STORAGE = "storages.backends.s3boto3.S3Boto3Storage"\n'
    made.write(
        {
            "manage.py": MANAGE.replace("shop.settings", "config.settings.local"),
            "config/wsgi.py": WSGI.replace("shop.settings", "config.settings.production"),
            "config/settings/base.py": SETTINGS,
            "config/settings/local.py": "from .base import *\n",
            "config/settings/loadtest.py": "from .base import *\n",
            "config/settings/production.py": f"from .base import *\n{remote}",
            "load/docker-compose.yml": "services:\n  web:\n    environment:\n"
            "      DJANGO_SETTINGS_MODULE: config.settings.loadtest\n",
            "requirements.txt": "Django==5.2\n",
        }
    )
    assert made.table()["settings"] == "config.settings.production"


def test_a_missing_settings_file_is_the_reason(made):
    found = made.plain("from .local_settings import *\n" + SETTINGS).look()
    (problem,) = found.fatal
    assert (
        problem.what == "The settings import shop.local_settings, which is not in the repository."
    )
    assert problem.evidence[0].line == 1
    tried = "try:\n    from .local_settings import *\nexcept ImportError:\n    pass\n"
    assert made.plain(tried + SETTINGS).look().fatal == ()


@pytest.mark.parametrize(
    "lines",
    [
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"shop.conf.{name}")',
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.conf.%s" % name)',
        'os.environ["DJANGO_SETTINGS_MODULE"] = name',
        '# DJANGO_SETTINGS_MODULE = "shop.other"\nos.environ["DJANGO_SETTINGS_MODULE"] = name',
    ],
)
def test_settings_that_manage_computes(made, lines):
    manage = (
        f'import os\nname = "shop.conf.dev" if os.environ.get("X") else "shop.conf.prod"\n{lines}\n'
    )
    files = {"shop/conf/prod.py": SETTINGS, "shop/conf/dev.py": SETTINGS, "shop/other.py": SETTINGS}
    made.write(
        {"manage.py": f"{manage}import django\n", "requirements.txt": "Django==5.2\n", **files}
    )
    made.write({"shop/wsgi.py": "application = 1\n"})
    found = made.look()
    assert found.get("settings").value == "shop.conf.prod"
    assert "manage.py" in found.get("settings").reason
    assert not [one for one in found.problems if "names" in one.what and "manage.py" in one.what]


def test_a_file_that_holds_a_key_is_no_key(made):
    settings = SETTINGS.replace(
        '"django-insecure-known"', 'open(os.environ["SECRET_KEY_FILE"]).read()'
    )
    found = made.plain(f"import os\n{settings}").look()
    one = next(one for one in found.variables if one.name == "SECRET_KEY_FILE")
    assert (one.secret, one.value) == (False, "unset")


def test_asgi_for_channels(made):
    settings = SETTINGS.replace('"django.contrib.admin"', '"channels", "django.contrib.admin"')
    found = made.plain(
        settings, **{"shop/asgi.py": "application = ProtocolTypeRouter({})\n"}
    ).look()
    assert found.get("asgi").value == "shop.asgi:application"
    assert found.get("wsgi") is None
    assert found.get("packages").value == ("gunicorn", "uvicorn")


@pytest.mark.parametrize(
    ("channels", "router", "key"),
    [
        ("channels==4.2.2", '{"websocket": a}', "wsgi"),
        ("channels==4.2.2", '{"websocket": a, "http": b}', "asgi"),
        ("channels==3.0.5", '{"websocket": a}', "asgi"),
        ("channels", '{"websocket": a}', "asgi"),
    ],
)
def test_an_asgi_application_for_websockets_alone(made, channels, router, key):
    settings = SETTINGS + 'ASGI_APPLICATION = "shop.asgi.application"\n'
    made.plain(settings, f"Django==4.2.17\n{channels}\n")
    made.write({"shop/asgi.py": f"application = ProtocolTypeRouter({router})\n"})
    assert made.table()[key] == f"shop.{key}:application"


ROUTER = "from channels.routing import ProtocolTypeRouter\napplication = ProtocolTypeRouter({})\n"


@pytest.mark.parametrize(
    ("asgi", "application"),
    [
        ("django.setup()\napplication = get_default_application()\n", "shop.asgi:application"),
        ("application = x\n", "shop.routing:application"),
        ("", "shop.routing:application"),
    ],
)
def test_the_asgi_application_that_sets_django_up(made, asgi, application):
    settings = SETTINGS.replace('"django.contrib.admin"', '"channels", "django.contrib.admin"')
    made.plain(
        settings + 'ASGI_APPLICATION = "shop.routing.application"\n', **{"shop/routing.py": ROUTER}
    )
    if asgi:
        made.write({"shop/asgi.py": asgi})
    assert made.look().get("asgi").value == application


def test_no_application_is_djangos_own(made):
    made.plain()
    (made.root / "shop/wsgi.py").unlink()
    found = made.look()
    assert found.fatal == ()
    assert found.get("wsgi").value == "django.core.wsgi:get_wsgi_application()"
    made.write({"shop/settings.py": SETTINGS.replace('"django.contrib.admin"', '"channels"')})
    found = made.look()
    assert found.get("asgi").value == "django.core.asgi:get_asgi_application()"
    assert "uvicorn" in found.get("packages").value


@pytest.mark.parametrize(
    ("path", "text", "application"),
    [
        ("wsgi/app.py", WSGI, "wsgi.app:application"),
        ("shop/server.py", WSGI.replace("application =", "serve ="), "shop.server:serve"),
        ("shop/web/__init__.py", "app = Proxy(get_wsgi_application())\n", "shop.web:app"),
        ("tests/app.py", WSGI, "django.core.wsgi:get_wsgi_application()"),
    ],
)
def test_an_application_of_another_name(made, path, text, application):
    made.plain()
    (made.root / "shop/wsgi.py").unlink()
    assert made.write({path: text}).look().get("wsgi").value == application


DATABASE_URL = """import os, dj_database_url
SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = os.environ.get("DEBUG", "False") == "True"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "").split(",")
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_ROOT = "staticfiles"
DATABASES = {"default": dj_database_url.config(default="sqlite:///db.sqlite3")}
WSGI_APPLICATION = "shop.wsgi.application"
"""


def test_all_of_the_environment(made):
    found = made.plain(DATABASE_URL, "Django==5.2\npsycopg2-binary==2.9.10\ngunicorn\n").look()
    assert found.get("addons").value == ("postgres",)
    assert found.get("overrides") is None
    assert value(found, "DATABASE_URL") == (
        "postgres://${DATABASE_USERNAME}:${DATABASE_PASSWORD}@db:5432/${DATABASE_NAME}"
    )
    assert value(found, "ALLOWED_HOSTS") == "127.0.0.1,localhost,[::1]"
    assert value(found, "DEBUG") == "False"
    key = found.variables[0]
    assert (key.name, key.required, key.secret, key.value) == ("SECRET_KEY", True, True, None)


def test_the_driver_that_is_required_wins_over_a_default(made):
    settings = DATABASE_URL.replace("sqlite:///db.sqlite3", "mysql://root@localhost/shop")
    both = "Django==5.2\npsycopg2-binary==2.9.10\ngunicorn\n"
    assert made.plain(settings, both).look().get("addons").value == ("postgres",)
    both += "mysqlclient==2.2\n"
    assert made.plain(settings, both).look().get("addons").value == ("mysql",)


def test_without_a_driver_it_stays_sqlite(made):
    found = made.plain(DATABASE_URL).look()
    assert found.get("addons").value == ("sqlite",)
    assert value(found, "DATABASE_URL") == "sqlite:////srv/sqlite/db.sqlite3"


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ('os.environ.get("HOSTS_ALLOWED_HOSTS", "").split(" ")', "127.0.0.1 localhost [::1]"),
        (
            'json.loads(os.environ.get("HOSTS_ALLOWED_HOSTS", "[]"))',
            '["127.0.0.1","localhost","[::1]"]',
        ),
        ('[os.environ.get("HOSTS_ALLOWED_HOSTS")]', "localhost"),
        ('os.environ.get("HOSTS_ALLOWED_HOSTS", "").split(",")', "127.0.0.1,localhost,[::1]"),
    ],
)
def test_hosts_are_written_as_they_are_read(made, read, written):
    settings = SETTINGS.replace("ALLOWED_HOSTS = []", f"import json, os\nALLOWED_HOSTS = {read}")
    found = made.plain(settings).look()
    assert value(found, "HOSTS_ALLOWED_HOSTS") == written
    # One host alone is not both names of this machine.
    assert ("allowed_hosts" in found.get("overrides").value) == (written == "localhost")


def test_parts_of_a_database(made):
    settings = """import os
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.staticfiles"]
DATABASES = {"default": {"ENGINE": os.environ.get("SQL_ENGINE", "django.db.backends.sqlite3"),
    "NAME": os.environ.get("A", "db"), "USER": os.environ.get("B", "u"), "PASSWORD": os.environ["C"],
    "HOST": os.environ.get("D", "localhost"), "PORT": os.environ.get("E", "5432")}}
"""
    found = made.plain(settings, "Django==5.2\npsycopg[binary]==3.2\n").look()
    values = {one.name: one.value for one in found.variables}
    assert values == {
        "SQL_ENGINE": "django.db.backends.postgresql",
        "A": "${DATABASE_NAME}",
        "B": "${DATABASE_USERNAME}",
        "C": "${DATABASE_PASSWORD}",
        "D": "db",
        "E": "5432",
    }
    assert "database" not in found.get("overrides").value


def test_a_server_on_this_machine_is_overridden(made):
    settings = SETTINGS.replace(
        '"django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"',
        '"django.db.backends.mysql", "NAME": "shop", "HOST": "localhost"',
    ) + (
        'CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", '
        '"LOCATION": "redis://127.0.0.1:6379/1"}}\nCELERY_BROKER_URL = "amqp://guest@localhost//"\n'
        'MEDIA_ROOT = BASE_DIR / "media"\nLOGGING = {"handlers": {"file": {"class": '
        '"logging.FileHandler", "filename": BASE_DIR / "debug.log"}}}\n'
    )
    found = made.plain(settings).look()
    assert found.get("addons").value == ("mysql", "redis", "rabbitmq")
    assert set(found.get("overrides").value) >= {
        "database",
        "cache",
        "broker",
        "media_root",
        "logging",
    }
    assert found.get("packages").value == ("gunicorn", "mysqlclient", "django-redis")
    assert found.get("system_packages").value == ("libmariadb3",)
    assert "libmariadb-dev" in found.get("build_packages").value


def test_an_engine_without_add_on(made):
    found = made.plain(
        SETTINGS.replace("django.db.backends.sqlite3", "django.db.backends.oracle")
    ).look()
    assert [one.what for one in found.fatal] == [
        "DATABASES wants django.db.backends.oracle, and djdock has no add-on for that."
    ]


def test_an_engine_that_nobody_has_filled_in(made):
    settings = SETTINGS.replace("django.db.backends.sqlite3", "django.db.backends.")
    found = made.plain(settings).look()
    assert not found.fatal
    assert found.table()["addons"] == ["sqlite"]
    assert "database" in found.table()["overrides"]


def test_vectors(made):
    settings = SETTINGS.replace("django.db.backends.sqlite3", "django.db.backends.postgresql")
    given = "Django==5.2\npsycopg2-binary==2.9.10\npgvector==0.4.1\n"
    assert made.plain(settings, given).table()["addons"] == ["postgres", "pgvector"]


def test_no_image_has_every_extension(made):
    settings = SETTINGS.replace(
        "django.db.backends.sqlite3", "django.contrib.gis.db.backends.postgis"
    )
    found = made.plain(settings, "Django==5.2\npsycopg2==2.9.10\npgvector==0.4.1\n").look()
    assert found.table()["addons"] == ["postgres", "postgis"]
    assert [one.fatal for one in found.problems] == [False]
    assert "PostGIS and pgvector" in found.problems[0].what


def test_a_service_that_only_the_code_talks_to(made):
    compose = "services:\n  redis:\n    image: redis:7-alpine\n  db:\n    image: postgres:17\n"
    made.plain(SETTINGS, "Django==5.2\nredis==5\n").write({"docker-compose.yml": compose})
    found = made.look().get("addons")
    assert found.value == ("sqlite", "redis")
    assert "Compose file has it" in found.reason
    made.write({"requirements.txt": "Django==5.2\n"})
    assert made.table()["addons"] == ["sqlite"]


def test_imports_name_what_no_file_does(made):
    made.write(
        {
            "manage.py": MANAGE, "shop/wsgi.py": WSGI, "shop/__init__.py": "",
            "shop/settings.py": SETTINGS,
            "shop/views.py": "import png, imp, urllib2, winsound, user_agents, shop\n",
        }
    )  # fmt: skip
    found = made.table()["packages"]
    assert {"pypng", "user-agents"} <= {*found}
    assert not {"imp", "urllib2", "winsound", "png", "shop"} & {*found}


@pytest.mark.parametrize(
    ("requirements", "addons", "address"),
    [
        ("celery\nredis\n", ("sqlite", "redis"), "redis://redis:6379/0"),
        (
            "celery\n",
            ("sqlite", "rabbitmq"),
            "amqp://${RABBITMQ_USERNAME}:${RABBITMQ_PASSWORD}@rabbitmq:5672//",
        ),
        ("", ("sqlite",), "http://localhost:8000"),
    ],
)
def test_a_broker_whose_address_is_a_variable(made, requirements, addons, address):
    settings = SETTINGS + 'import os\nCELERY_BROKER_URL = os.environ["SHOP_QUEUE_URL"]\n'
    found = made.plain(settings, f"Django==5.2\n{requirements}").look()
    assert found.get("addons").value == addons
    assert value(found, "SHOP_QUEUE_URL") == address


def test_backends_that_are_variables(made):
    caches = 'CACHES = {"default": {"BACKEND": env["SHOP_CACHE"], "LOCATION": env["SHOP_AT"]}}\n'
    mail = 'EMAIL_BACKEND = env["EMAIL_BACKEND"]\n'
    found = made.plain(f"{SETTINGS}from os import environ as env\n{caches}{mail}").look()
    assert value(found, "SHOP_CACHE") == "django.core.cache.backends.locmem.LocMemCache"
    assert value(found, "EMAIL_BACKEND") == "django.core.mail.backends.console.EmailBackend"


@pytest.mark.parametrize(
    ("line", "distribution"),
    [
        ("import google.generativeai as genai", "google-generativeai"),
        ("from google import genai", "google-genai"),
        ("from google.oauth2.credentials import Credentials", "google-auth"),
        ("from google.cloud import storage, pubsub_v1", "google-cloud-pubsub"),
        ("import google.cloud.translate_v2", "google-cloud-translate"),
        ("from googleapiclient.discovery import build", "google-api-python-client"),
        ("from google.appengine.api import urlfetch", "google-api-python-client"),
    ],
)
def test_what_is_imported_of_googles_namespace(made, line, distribution):
    made.write(
        {
            "manage.py": MANAGE,
            "shop/wsgi.py": WSGI,
            "shop/settings.py": SETTINGS,
            "shop/a.py": f"{line}\n",
        }
    )
    found = made.table()["packages"]
    assert distribution in found
    assert len([one for one in found if "google" in one]) == (2 if "," in line else 1)


def test_locmem_is_no_memcached(made):
    caches = 'CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}\n'
    assert made.plain(SETTINGS + caches).table()["addons"] == ["sqlite"]


def test_what_is_required_gets_a_placeholder(made):
    found = made.plain(
        SETTINGS + 'import os\nDSN = os.environ["SENTRY_DSN"]\nX = os.environ["BUCKET"]\n'
        'Y, Z = os.environ["EMAIL_HOST_PASSWORD"], os.environ["EMAIL_FROM"]\n'
    ).look()
    assert value(found, "EMAIL_HOST_PASSWORD") is None
    assert value(found, "EMAIL_FROM") == "site@example.org"
    assert value(found, "SENTRY_DSN") == ""
    assert value(found, "BUCKET") == "unset"
    assert [one.fatal for one in found.problems] == [False] * 4


def test_what_a_packages_own_reader_may_not_do_without_is_as_in_the_projects_compose_file(made):
    settings = (
        "from company.settings import *\nfrom company.utils import config\n"
        + SETTINGS
        + 'DOMAIN = config("DOMAIN", help_text="where it is")\nMODE = config("MODE", "a")\n'
    )
    compose = (
        "services:\n  web:\n    environment:\n      DOMAIN: web:8000\n      MODE: b\n"
        "      OTHER: ${X:-c}\n"
    )
    found = made.plain(settings).write({"compose.yaml": compose}).look()
    assert value(found, "DOMAIN") == "web:8000"
    assert value(found, "MODE") is None
    assert value(found, "OTHER") == "c"


def test_a_front_end_in_a_folder_with_a_blank(made):
    package = json.dumps({"scripts": {"build": "webpack --mode production"}})
    settings = SETTINGS + 'STATICFILES_DIRS = [BASE_DIR / "front end" / "dist"]\n'
    made.plain(settings).write(
        {"front end/package.json": package, "front end/package-lock.json": "{}"}
    )
    found = made.look()
    assert found.get("frontend") is None
    assert [one.what for one in found.problems] == [
        "The folder 'front end' has a blank in its name, so the front end in it is not built."
    ]


def test_front_end(made):
    package = json.dumps({"scripts": {"build": "webpack --mode production"}})
    made.plain(**{"package.json": package})
    assert [one.what for one in made.look().problems] == [
        "package.json has a script 'build' and no lock beside it, so the front end is not built."
    ]
    made.write({"package-lock.json": "{}"})
    assert {key: made.table()[key] for key in ("frontend", "frontend_build")} == {
        "frontend": ".", "frontend_build": "build",
    }  # fmt: skip


def test_a_front_end_that_gulp_builds(made):
    package = json.dumps({"devDependencies": {"gulp": "^4"}})
    made.plain(**{"package.json": package, "package-lock.json": "{}"})
    assert "frontend" not in made.table()
    made.write({"gulpfile.js": "module.exports = { watch, build };\n"})
    assert made.table()["frontend_build"] == "gulp build"


def test_a_front_end_that_webpack_builds(made):
    package = json.dumps({"devDependencies": {"webpack": "^5"}, "scripts": {"lint": "eslint ."}})
    made.plain(**{"package.json": package, "package-lock.json": "{}"})
    assert "frontend" not in made.table()
    made.write({"webpack.config.dev.js": "", "webpack.config.prod.js": ""})
    assert made.table()["frontend_build"] == "webpack --config webpack.config.prod.js"


def test_a_front_end_apart_is_left_alone(made):
    package = json.dumps({"scripts": {"build": "vite build"}})
    made.plain(**{"frontend/package.json": package, "frontend/yarn.lock": ""})
    assert made.look().get("frontend") is None
    made.write(
        {"shop/settings.py": SETTINGS + 'STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]\n'}
    )
    assert made.look().get("frontend").value == "frontend"


def test_static_files_that_nothing_serves(made):
    alone = SETTINGS.replace(', "whitenoise.middleware.WhiteNoiseMiddleware"', "")
    (problem,) = made.plain(alone).look().problems
    assert (problem.fatal, problem.evidence[0].path) == (False, "shop/settings.py")
    assert "--with nginx" in problem.remedy
    assert not made.plain(SETTINGS).look().problems
    without = alone.replace(', "django.contrib.staticfiles"', "")
    assert not made.plain(without).look().problems


def test_steps_of_the_build(made):
    settings = (
        SETTINGS.replace('"django.contrib.admin"', '"compressor"') + "COMPRESS_OFFLINE = True\n"
    )
    found = made.plain(settings, **{"shop/locale/de/LC_MESSAGES/django.po": ""}).look()
    assert found.get("build_steps").value == ("compilemessages", "compress")
    assert found.get("build_packages").value == ("gettext",)


def test_static_files_that_go_elsewhere(made):
    more = 'STATICFILES_STORAGE = "storages.backends.s3boto3.S3Boto3Storage"\n'
    assert made.plain(SETTINGS + more).table()["static"] == "none"


def test_geography(made):
    settings = SETTINGS.replace(
        "django.db.backends.sqlite3", "django.contrib.gis.db.backends.postgis"
    )
    found = made.plain(settings, "Django==5.2\npsycopg2==2.9.10\n").look()
    assert found.get("system_packages").value == ("gdal-bin", "libpq5")
    assert found.get("addons").value == ("postgres", "postgis")
    assert found.problems == ()


@pytest.mark.parametrize(
    ("path", "line", "needed"),
    [
        ("shop/maps.py", "from django.contrib.gis.geos import Point\n", True),
        ("shop/maps.py", "from django.contrib.gis.geoip2 import GeoIP2\n", False),
        ("shop/tests.py", "from django.contrib.gis.geos import Point\n", False),
    ],
)
def test_geography_without_its_application(made, path, line, needed):
    made.plain(**{path: line})
    assert made.table().get("system_packages") == (["gdal-bin"] if needed else None)


CONFIGURED = """
from configurations import Configuration, values
class Base(Configuration):
    SECRET_KEY = values.SecretValue()
    INSTALLED_APPS = ["django.contrib.admin", "django.contrib.staticfiles"]
    DATABASES = {"default": {
        "ENGINE": values.Value("django.db.backends.postgresql", environ_name="DB_ENGINE"),
        "HOST": values.Value("localhost", environ_name="DB_HOST", environ_prefix=None),
    }}
    CACHES = {"default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": values.Value("redis://x:6379/1", environ_name="REDIS_URL", environ_prefix=None),
        "TIMEOUT": values.IntegerValue(30, environ_name="CACHES_DEFAULT_TIMEOUT"),
        "KEY_PREFIX": values.Value("shop", environ_name="CACHES_KEY_PREFIX"),
        "POOL": values.IntegerValue(4, environ_name="REDIS_POOL", environ_prefix=None),
    }}
class Development(Base):
    DEBUG = True
class Production(Base):
    ALLOWED_HOSTS = [*values.ListValue([], environ_name="ALLOWED_HOSTS"), "shop.example"]
"""


def test_the_class_of_production_among_configurations(made):
    more = 'os.environ.setdefault("DJANGO_CONFIGURATION", "Development")\n'
    needed = "Django==5.2\npsycopg\ndjango-configurations\ndjango-redis\n"
    made.plain(CONFIGURED, needed, **{"shop/wsgi.py": WSGI + more})
    found = made.look()
    names = (
        "DJANGO_CONFIGURATION",
        "DJANGO_DB_ENGINE",
        "DB_HOST",
        "DJANGO_ALLOWED_HOSTS",
        "REDIS_URL",
    )
    assert [value(found, name) for name in names] == [
        "Production",
        "django.db.backends.postgresql",
        "db",
        "127.0.0.1,localhost,[::1]",
        "redis://redis:6379/1",
    ]
    assert value(found, "DJANGO_CACHES_DEFAULT_TIMEOUT") is None
    assert value(found, "DJANGO_CACHES_KEY_PREFIX") is None
    assert value(found, "REDIS_POOL") is None
    assert found.get("build_environment").value == {"DJANGO_CONFIGURATION": "Production"}
    assert "debug" not in found.get("overrides").value


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ('os.getenv("DEBUG", "True") == "True"', "False"),
        ('os.getenv("DEBUG") != "FALSE"', "FALSE"),
        ('bool(os.environ.get("DEBUG", 1))', ""),
        ('os.environ.get("DEBUG", False)', None),
        ('"DEBUG" in os.environ', None),
        ('bool(int(os.getenv("DEBUG", "1")))', "0"),
    ],
)
def test_debug_is_written_as_it_is_read(made, read, written):
    settings = SETTINGS.replace("DEBUG = True", f"DEBUG = {read}")
    found = made.plain(f"import os\n{settings}").look()
    assert value(found, "DEBUG") == written
    assert "debug" not in found.get("overrides").value


def test_text_and_data(made):
    found = made.plain(SETTINGS + 'import os\nX = os.environ["MY_TOKEN"]\n').look()
    text = view.text(found)
    assert text.startswith('[tool.djdock]\n  source = "."\n      manage.py is there\n')
    assert "  MY_TOKEN=  (required, secret)\n" in text
    assert '  addons = ["sqlite"]\n' in text
    data = json.loads(json.dumps(view.data(found)))
    assert sorted(data) == [
        "decisions",
        "facts",
        "possible",
        "problems",
        "root",
        "variables",
        "version",
    ]
    assert (data["version"], data["possible"]) == (1, True)
    assert sorted(data["decisions"][0]) == ["alternatives", "evidence", "key", "reason", "value"]
    (line,) = data["decisions"][0]["evidence"]
    assert (line["path"], line["line"]) == ("manage.py", 6)
    assert line["text"] == 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")'


def test_what_is_secret_is_not_shown(made):
    settings = SETTINGS.replace("django-insecure-known", "hush-hush").replace(
        '"django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"',
        '"django.db.backends.mysql", "HOST": "localhost", "PASSWORD": "hush-hush"',
    )
    settings += 'import os\nAPI_TOKEN = os.getenv("API_TOKEN", "hush-hush")\n'
    settings += 'CELERY_BROKER_URL = "amqp://me:hush-hush@localhost//"\n'
    found = made.plain(settings).look()
    assert "hush-hush" not in view.text(found)
    assert "hush-hush" not in json.dumps(view.data(found))


def test_what_an_add_on_sets_counts(made):
    engine = 'os.environ.get("DATABASE_ENGINE", "django.db.backends.sqlite3")'
    settings = "import os\n" + SETTINGS.replace(
        '"django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"',
        f'{engine}, "NAME": "x", "HOST": os.environ.get("DATABASE_HOST")',
    )
    found = made.plain(settings, "Django==5.2\npsycopg2-binary\n").look()
    assert value(found, "DATABASE_ENGINE") == "postgresql"
    assert (
        "the add-on's DATABASE_ENGINE makes the engine 'postgresql'"
        in found.get("overrides").reason
    )


def test_the_add_ons_files_say_the_same():
    for name, variables in provided.ADDONS.items():
        text = (REPOSITORY / "docker" / "addons" / f"{name}.yaml").read_text()
        # Compose's own tag, which the site does not need.
        web = yaml.safe_load(text.replace("!reset", ""))["services"]["web"]["environment"]
        for variable, wanted in variables.items():
            given = re.sub(r"\$\{(\w+):[-?][^}]*\}", r"${\1}", str(web[variable]))
            assert given in (wanted, "${REDIS_DB}") or given.replace("${REDIS_DB}", "0") == wanted


@pytest.mark.parametrize(
    ("debug", "off"),
    [
        ("os.environ.get('DEBUG', 'True') == 'True'", "False"),
        ("int(os.environ.get('DEBUG', default=1))", "0"),
    ],
)
def test_debug_is_off_at_build_as_it_is_in_the_stack(made, debug, off):
    text = SETTINGS.replace("DEBUG = True", f"DEBUG = {debug}")
    found = made.plain(f"import os\n{text}").look()
    assert found.get("build_environment").value == {"DEBUG": off}
    assert value(found, "DEBUG") == off
    assert f'build_environment = {{ DEBUG = "{off}" }}' in view.text(found)


@pytest.mark.parametrize(
    ("more", "overridden"),
    [
        ("", True),
        ("COMPRESS_ENABLED = not DEBUG", True),
        ("COMPRESS_OFFLINE = bool(os.environ.get('OFFLINE'))", True),
        ("COMPRESS_OFFLINE = True", False),
        ("COMPRESS_ENABLED = False", False),
    ],
)
def test_compressor_that_writes_for_each_page(made, more, overridden):
    text = SETTINGS.replace("DEBUG = True", "DEBUG = False").replace(
        '["django.contrib.admin"', '["compressor", "django.contrib.admin"'
    )
    found = made.plain(f"import os\n{text}{more}\n").look()
    assert ("compress" in found.get("overrides").value) == overridden


def test_what_the_site_writes(made):
    text = """
HUEY = {"huey_class": "huey.SqliteHuey", "filename": BASE_DIR / "data" / "tasks.sqlite3"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
                      "LOCATION": "/tmp/cache"}}
HAYSTACK_CONNECTIONS = {"default": {"PATH": str(BASE_DIR / "index")}}
"""
    found = made.plain(SETTINGS + text).look()
    assert found.get("writable").value == ("index", "data")
    assert "data: HUEY is there" in found.get("writable").reason


EXAMPLE = """ALLOWED_HOSTS = []
SECRET_KEY = ""
REDIS = {"HOST": "localhost", "PORT": 6379}
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "localhost"}}
"""


@pytest.mark.parametrize(
    ("line", "example"),
    [
        ("from shop.private import *", "shop/private.py.example"),
        ("from .private import *", "shop/private_sample.py"),
        ("import importlib; locals().update({}); importlib.import_module('shop.private')",
         "shop/private.dist.py"),
        ("try:\n    from .private import *\nexcept ImportError:\n    raise RuntimeError('Copy it')",
         "shop/private.default.py"),
        ("from .private import *", "shop/private.py.dev"),
    ],
)  # fmt: skip
def test_settings_that_want_what_there_is_an_example_of(made, line, example):
    found = made.plain(f"{SETTINGS}{line}\n", **{example: EXAMPLE}).look()
    assert found.get("copies").value == {"shop/private.py": example}
    assert not found.fatal


def test_of_examples_productions_is_taken(made):
    kinds = dict.fromkeys(("shop/private.py.dev", "shop/private.py.prod"), EXAMPLE)
    found = made.plain(f"{SETTINGS}from .private import *\n", **kinds).look()
    assert found.get("copies").value == {"shop/private.py": "shop/private.py.prod"}


def test_an_example_is_worked_out(made):
    settings = SETTINGS.partition("ALLOWED_HOSTS")[0].replace(
        'SECRET_KEY = "django-insecure-known"\n', ""
    )
    settings += (
        "from shop import private\nSECRET_KEY = private.SECRET_KEY\n"
        "if len(SECRET_KEY) < 50:\n    raise ValueError('SECRET_KEY is short')\n"
        'ALLOWED_HOSTS, REDIS = private.ALLOWED_HOSTS, getattr(private, "REDIS")\n'
        "DATABASES, INSTALLED_APPS = private.DATABASES, []\n"
    )
    made.plain(settings, "Django==5.2\npsycopg==3\n", **{"shop/private_example.py": EXAMPLE})
    found = made.look()
    assert found.get("addons").value == ("postgres", "redis")
    assert {"database", "allowed_hosts", "secret_key", "services"} <= {
        *found.get("overrides").value
    }
    assert not [one for one in found.problems if "raise" in one.what]


def test_what_may_be_missing_is_not_made_of_its_example(made):
    text = f"{SETTINGS}try:\n    from .private import *\nexcept ImportError:\n    pass\n"
    found = made.plain(text, **{"shop/private_example.py": EXAMPLE}).look()
    assert found.get("copies") is None


def test_settings_that_are_an_example(made):
    made.plain(**{"shop/settings.py.example": SETTINGS})
    (made.root / "shop/settings.py").unlink()
    found = made.look()
    assert found.get("copies").value == {"shop/settings.py": "shop/settings.py.example"}
    assert found.get("settings").value == "shop.settings"


@pytest.mark.parametrize(
    ("line", "overridden"),
    [
        ('RQ_QUEUES = {"default": {"HOST": "localhost", "PORT": 6379, "DB": 0}}', True),
        ('HUEY = {"connection": {"host": "127.0.0.1", "port": "6379"}}', True),
        ('DEFENDER_REDIS_URL = "redis://localhost:6379/0"', True),
        ('RQ_QUEUES = {"default": {"HOST": "redis", "PORT": 6379, "DB": 0}}', False),
    ],
)
def test_queues_on_this_machine(made, line, overridden):
    found = made.plain(f"{SETTINGS}{line}\n").look()
    assert found.get("addons").value == ("sqlite", "redis")
    assert ("services" in found.get("overrides").value) is overridden


@pytest.mark.parametrize(
    ("asked", "majors"),
    [
        (">= 24", (24,)),
        (">=18.0.0", (22, 24, 20, 18)),
        ("^18.12 || ^20.9 || >=22", (22, 24, 20, 18)),
        ("16.x", (16,)),
        (">=16 <21", (20, 18, 16)),
        ("18 - 20", (20, 18)),
        ("<23.0.0", (22, 20, 18, 16)),
        ("~20.10.0", (20,)),
        ("*", nodejs.MAJORS),
    ],
)
def test_ranges_of_node(asked, majors):
    assert tuple(one for one in nodejs.MAJORS if nodejs.allows(asked, one)) == majors


@pytest.mark.parametrize(
    ("package", "more", "node"),
    [
        ({}, {}, None),
        ({"engines": {"node": ">=24"}}, {}, "24"),
        ({"engines": {"node": ">=16"}}, {".nvmrc": "v18.2\n"}, "18"),
        ({}, {"Dockerfile": "FROM node:14-alpine AS build\n"}, "16"),
        ({"engines": {"node": ">=20"}}, {"Dockerfile": "FROM node:14\n"}, "22"),
        ({"devDependencies": {"webpack": "^4.46.0"}}, {}, "16"),
        ({"devDependencies": {"webpack": "^5.0.0"}}, {}, None),
        ({"engines": ["node"]}, {}, None),
    ],
)
def test_the_node_of_a_front_end(made, package, more, node):
    text = json.dumps({"scripts": {"build": "webpack"}, **package})
    found = made.plain(**{"package.json": text, "package-lock.json": "{}", **more}).look()
    decision = found.get("node")
    assert (decision and decision.value) == node


@pytest.mark.parametrize(
    ("path", "text", "built"),
    [
        ("ui/vite.config.ts", "build: { outDir: '../shop/static/ui/' }", True),
        ("ui/angular.json", '"outputPath": {\n "base": "../shop/static/ui/"', True),
        ("ui/package.json", '{"scripts": {"build": "vite build --outDir ../shop/static"}}', True),
        ("ui/vite.config.ts", "build: { outDir: '../dist' }", False),
        ("ui/vite.config.ts", "build: { outDir: 'dist' }", False),
    ],
)
def test_a_front_end_that_writes_into_the_site(made, path, text, built):
    package = {"ui/package.json": '{"scripts": {"build": "vite build"}}', "ui/yarn.lock": ""}
    found = made.plain(**{**package, path: text}).look()
    assert (found.get("frontend") is not None) is built
    assert (found.get("frontend_apart") is None) is built


def test_packages_of_npm_that_settings_name(made):
    text = """
STATICFILES_DIRS = [("node", BASE_DIR / "node_modules")]
PIPELINE = {"YUGLIFY_BINARY": BASE_DIR / "node_modules/.bin/yuglify"}
"""
    package = {"package.json": '{"dependencies": {"bootstrap": "5"}}', "package-lock.json": "{}"}
    found = made.plain(SETTINGS + text, **package).look()
    assert (found.get("frontend").value, found.get("frontend_build").value) == (".", "none")
    assert "nodejs" in found.get("build_packages").value
    package["package.json"] = '{"scripts": {"build:css:sass": "sass a b", "build:watch": "sass a"}}'
    found = made.write(package).look()
    assert found.get("frontend_build").value == "build:css:sass"


def test_what_settings_do_not_start_without_is_there_at_build(made):
    text = SETTINGS + (
        'import os\nDOMAIN, KEY = os.environ["DOMAIN"], os.environ["STRIPE_KEY"]\n'
        'URL = os.environ["REDIS_URL"]\nOTHER = os.environ.get("OTHER")\n'
        'SENTRY, USER = os.environ["SENTRY_DSN"], int(os.environ["USER_ID"])\n'
    )
    assert made.plain(text).look().get("build_environment").value == {
        "DOMAIN": "localhost",
        "STRIPE_KEY": "only-for-this-step",
        "REDIS_URL": "redis://redis:6379/0",
        "SENTRY_DSN": "",
        "USER_ID": "1",
    }


@pytest.mark.parametrize(
    ("names", "dockerfile", "found"),
    [
        (["build", "bundle"], "FROM node:22\nRUN npm run bundle\nCMD npm start\n", "bundle"),
        (["build", "a", "b"], "RUN yarn a && \\\n yarn b\n", "npm run a && npm run b"),
        (["build"], "RUN cd ui && ./node_modules/.bin/ng build --conf p\n", "ng build --conf p"),
        (["build", "dev:build"], "RUN npm run dev:build\n", "build"),
        (["webpack:build", "webpack:build:prod", "webpack:watch"], "", "webpack:build:prod"),
        (["build:styleguide", "start"], "", None),
    ],
)
def test_the_script_that_builds(made, names, dockerfile, found):
    package = json.dumps({"scripts": dict.fromkeys(names, "webpack")})
    files = {"package.json": package, "package-lock.json": "{}", "Dockerfile": dockerfile}
    decision = made.plain(**files).look().get("frontend_build")
    assert (decision and decision.value) == found


def test_commands_that_make_static_files(made):
    made.write({
        "entrypoint.sh": "./manage.py compile_themes\npython manage.py compile_gone\n",
        "shop/management/commands/compile_themes.py": "",
    })  # fmt: skip
    text = SETTINGS.replace('["django.contrib.admin"', '["statici18n", "django.contrib.admin"')
    found = made.plain(text).look().get("build_steps")
    assert found.value == ("compile_themes", "compilejsi18n")
    assert found.evidence[0].path == "entrypoint.sh"


def test_folders_of_the_projects_own(made):
    text = """
DATA_DIR = BASE_DIR / "data"
LOG_DIR, EXPORT_ROOT, UPLOAD_DIR = DATA_DIR / "log", str(BASE_DIR / "exports"), "/mnt/uploads"
FIXTURES_DATA_DIR, TEMPLATE_DIR = BASE_DIR / "shop", BASE_DIR / "gone"
"""
    found = made.plain(SETTINGS + text, **{"exports/.gitkeep": ""}).look()
    assert found.get("writable").value == ("data", "exports")


def test_the_folder_of_sqlites_file_is_no_name_of_a_database(made):
    settings = SETTINGS.replace(
        'BASE_DIR / "db.sqlite3"',
        'os.path.join(os.environ.get("SHOP_DATA", "/data"), "db.sqlite3")',
    ).replace("from pathlib", "import os\nfrom pathlib")
    found = made.plain(settings).look()
    assert value(found, "SHOP_DATA") is None
    assert "database" in found.get("overrides").value


def test_a_variable_called_by_the_service_alone(made):
    text = """import os
SHOP_REDIS, USE_REDIS = os.getenv("SHOP_REDIS"), os.getenv("USE_REDIS", "no")
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://x"}}
"""
    found = made.plain(SETTINGS + text).look()
    assert value(found, "SHOP_REDIS") == "redis://redis:6379/0"
    assert value(found, "USE_REDIS") is None


def test_a_database_that_wants_tls(made):
    text = (
        "import dj_database_url, os\n"
        + SETTINGS.replace("DEBUG = True", "DEBUG = False")
        + "DATABASES = {'default': dj_database_url.%s}\n"
    )
    made.write({"requirements.txt": "Django==5.2\npsycopg2-binary==2.9.10\ndj-database-url==3\n"})
    for words, wanted in (
        ("config(ssl_require=True)", True),
        ("config(conn_max_age=600)", False),
        ("config(ssl_require='sslmode' not in unheard.of())", True),
        ("parse(os.environ['DATABASE_URL'], ssl_require=not DEBUG)", True),
        ("parse(os.environ['DATABASE_URL'], ssl_require=DEBUG)", False),
    ):
        made.write({"manage.py": MANAGE, "shop/wsgi.py": WSGI, "shop/settings.py": text % words})
        found = made.look()
        assert found.get("addons").value == ("postgres",)
        assert ("it wants TLS" in found.get("overrides").reason) == wanted


def test_settings_of_a_package_take_what_the_compose_file_sets(made):
    compose = """
services:
  db: {image: postgres}
  web:
    build: .
    environment: &env
      DJANGO_SETTINGS_MODULE: shop.settings
      SECRET_KEY: ${SECRET_KEY:-known}
      ALLOWED_HOSTS: '*'
      DB_HOST: database
      CACHE_AXES: redis:6379/0
      OTEL_SDK_DISABLED: ${OTEL_SDK_DISABLED:-true}
      SUBPATH: ${SUBPATH}
  worker: {environment: *env}
"""
    needed = "Django==5.2\npsycopg\ncompany-settings\n"
    settings = "from company_settings.base import *\nINSTALLED_APPS = INSTALLED_APPS + ['shop']\n"
    made.plain(settings, needed, **{"docker-compose.yml": compose})
    found = made.look()
    names = ("ALLOWED_HOSTS", "DB_HOST", "CACHE_AXES", "OTEL_SDK_DISABLED", "SUBPATH")
    assert [value(found, name) for name in names[:4]] == [
        "127.0.0.1,localhost,[::1]",
        "db",
        "redis:6379/0",
        "true",
    ]
    assert "SUBPATH" not in {one.name for one in found.variables}
    key = next(one for one in found.variables if one.name == "SECRET_KEY")
    assert (key.required, key.secret, key.value) == (True, True, None)
    # What writes logs is out of sight, too.
    assert "logging" in found.get("overrides").value
    made.write({"shop/settings.py": SETTINGS})
    assert "logging" not in made.look().get("overrides").value
    assert "CACHE_AXES" not in {one.name for one in made.look().variables}


def test_static_files_where_a_variable_says(made):
    settings = f'import os\n{SETTINGS}STATIC_ROOT = os.environ["SHOP_STATIC_ROOT"]\n'
    found = made.plain(settings).look()
    assert value(found, "SHOP_STATIC_ROOT") == "staticfiles"
    assert found.get("build_environment").value == {"SHOP_STATIC_ROOT": "staticfiles"}
    assert "static_root" not in found.get("overrides").value


@pytest.mark.parametrize(
    ("more", "media", "changed"),
    [("", "/srv/data/media", True), ('BROKER_URL = "amqp://localhost//"\n', "/srv/media", False)],
)
@pytest.mark.parametrize("name", ["SHOP_MEDIA_ROOT", "DJANGO_MEDIA_ROOT"])
def test_uploads_that_a_variable_places_go_where_a_volume_is(made, name, more, media, changed):
    settings = f'{SETTINGS}MEDIA_ROOT = os.environ.get("{name}", BASE_DIR / "media")\n'
    found = made.plain(f"import os\n{settings}{more}").look()
    assert value(found, name) == media
    assert ("media_root" in found.get("overrides").value) is changed


@pytest.mark.parametrize(("path", "changed"), [("/data/media", True), ("/srv/media", False)])
def test_uploads_go_where_a_volume_is(made, path, changed):
    found = made.plain(f'{SETTINGS}MEDIA_ROOT = "{path}"\n').look()
    assert ("media_root" in found.get("overrides").value) is changed


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("SECURE_SSL_REDIRECT = True", True),
        ("SECURE_SSL_REDIRECT = not DEBUG", True),
        ('SECURE_SSL_REDIRECT = os.environ.get("SSL_REDIRECT", "True") == "True"', False),
    ],
)
def test_a_redirect_to_https_waits_for_a_proxy(made, line, fixed):
    settings = SETTINGS.replace("DEBUG = True", "DEBUG = False")
    found = made.plain(f"import os\n{settings}{line}\n").look()
    assert ("https" in found.get("overrides").value) is fixed
    assert ("redirects to https" in found.get("health_path").reason) is fixed
