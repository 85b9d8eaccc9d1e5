"""Byte code for the part of the standard library that a Django site imports when it starts.

    precompile.py OUT    puts it under OUT, at the paths that it has in the image

Base images bring the standard library without byte code, and a container that may not write compiles it
anew at each start: more than half of what a command of Django's costs. All of it would be 14 MB. What is
imported is found out by importing Django, and what else the packages have of servers and job queues;
nothing of the site's, whose changes are to leave this as it is. Runs in the builder, with the site's
packages.
"""

import importlib
import importlib.util
import py_compile
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

STDLIB = Path(sysconfig.get_path("stdlib"))

#: Those that are there are imported. Django's need settings, and its apps.
MODULES = (
    "csv",
    "importlib.metadata",
    "django.contrib.admin.sites",
    "django.contrib.admin.options",
    "django.contrib.sessions.middleware",
    "django.contrib.staticfiles.storage",
    "django.core.handlers.wsgi",
    "django.core.mail",
    "django.core.management.commands.migrate",
    "django.core.management.commands.collectstatic",
    "django.db.backends.sqlite3.base",
    "django.db.backends.postgresql.base",
    "django.db.backends.mysql.base",
    "django.template.loader",
    "django.urls",
    "django.views.generic",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "uvicorn.workers",
    "uvicorn_worker",
    "daphne.server",
    "whitenoise.middleware",
    "redis",
    "django.core.cache.backends.redis",
    "celery.bin.celery",
    "celery.worker",
    "rest_framework.views",
)

APPS = ["admin", "auth", "contenttypes", "messages", "sessions", "staticfiles"]


def imported():
    """The files of the standard library that are imported with all of that, sorted."""
    with suppress(Exception):
        import django
        from django.conf import settings

        settings.configure(
            INSTALLED_APPS=[f"django.contrib.{name}" for name in APPS],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        )
        django.setup()
    for name in MODULES:
        # A package may break in any way when it is imported: that is for the site to say.
        with suppress(Exception, SystemExit):
            importlib.import_module(name)
    found = set()
    for module in list(sys.modules.values()):
        path = Path(getattr(module, "__file__", None) or "")
        # site-packages of the base's may be in there, too.
        if path.suffix == ".py" and STDLIB in path.parents and "site-packages" not in path.parts:
            found.add(path.relative_to(STDLIB).as_posix())
    return sorted(found)


def compiled(out, names):
    """Compiles those files to under ``out``; the bytes that came to it."""
    total = 0
    for name in names:
        source = STDLIB / name
        target = out / importlib.util.cache_from_source(str(source)).lstrip("/")
        # Nobody edits it in an image: its source need not be read to see whether it has changed.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(source), str(target), doraise=True, invalidation_mode=mode)
        total += target.stat().st_size
    return total


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = Path(sys.argv[1])
    size = compiled(out, imported())
    sys.path.insert(0, "/build")
    from djdock_minimal.settle import tree  # in the builder only

    tree(out)
    print(f"precompile: {size / 1e6:6.2f} MB of byte code for the standard library")
