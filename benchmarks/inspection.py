"""How long `djdock inspect` takes on 3,000 Python files: python benchmarks/inspection.py [FILES].

The files are generated in a temporary folder, beside as many that are to be passed over (node_modules,
a virtual environment). Prints the seconds without a file of requirements, and with one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from djdock.inspect.run import inspect

MODEL = """from django.db import models
from django.utils.translation import gettext_lazy as _


class Model{0}(models.Model):
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)

    def __str__(self):
        return f"{{self.name}} of {{self.parent}}"
""" + "".join(f"\n\ndef helper_{at}(value):\n    return value + {at}\n" for at in range(20))

SETTINGS = """import os
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "").split(",")
INSTALLED_APPS = ["django.contrib.staticfiles"] + [f"apps.app_{at}" for at in range(100)]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ.get("DB_HOST")}}
WSGI_APPLICATION = "config.wsgi.application"
"""


def make(root: Path, files: int) -> None:
    """The project."""
    texts = {
        "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
        "config/settings.py": SETTINGS,
        "config/wsgi.py": "application = None\n",
    }
    for at in range(files):
        texts[f"apps/app_{at % 100}/module_{at}.py"] = MODEL.format(at)
        texts[f"node_modules/package_{at}/index.py"] = ""
        texts[f".venv/lib/module_{at}.py"] = ""
    for path, text in texts.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def main(files: int) -> None:
    """Makes it, and looks at it: without requirements, so that every import counts, and with them."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make(root, files)
        for what in ("from imports", "from requirements.txt"):
            started = time.monotonic()
            found = inspect(root)
            seconds = time.monotonic() - started
            print(f"{files} files, {what}: {seconds:.2f} s, {len(found.decisions)} decisions")
            (root / "requirements.txt").write_text(
                "Django==5.2\npsycopg[binary]==3.2\n", encoding="utf-8"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000)
