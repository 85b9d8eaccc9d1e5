"""A project of a few files, and what the inspection says of it; no package index is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from djdock.inspect.run import inspect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from djdock.inspect.model import Inspection

MANAGE = """#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
WSGI = """import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()
"""
#: Those that `django-admin startproject` writes, in short, with WhiteNoise.
SETTINGS = """from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "django-insecure-known"
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.staticfiles"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "whitenoise.middleware.WhiteNoiseMiddleware"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
STATIC_URL = "static/"
"""


def offline(name: str) -> int:
    raise OSError(name)


@dataclass
class Made:
    """A project that is written file by file."""

    root: Path

    def write(self, files: Mapping[str, str | bytes]) -> Made:
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def plain(
        self, settings: str = SETTINGS, requirements: str = "Django==5.2\n", **more: str
    ) -> Made:
        """What startproject writes, with other settings or requirements."""
        return self.write(
            {
                "manage.py": MANAGE,
                "shop/__init__.py": "",
                "shop/wsgi.py": WSGI,
                "shop/settings.py": settings,
                "requirements.txt": requirements,
                **more,
            }
        )

    def look(self, **options: str) -> Inspection:
        return inspect(self.root, ask=offline, get=offline, **options)

    def table(self, **options: str) -> dict[str, object]:
        return self.look(**options).table()


def value(inspection: Inspection, name: str) -> str | None:
    """The value of a variable."""
    return next(one.value for one in inspection.variables if one.name == name)
