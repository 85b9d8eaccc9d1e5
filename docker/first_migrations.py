"""Makes first migrations of those of the site's apps that have models and none: a repository that keeps
them out is no site without.

Run in the folder of manage.py, with the site's settings; no database is asked.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, os.getcwd())  # noqa: PTH109 - as manage.py has it

ROOT = Path("/app")


def numbered(folder):
    """Whether a folder has a migration."""
    return any(path.name != "__init__.py" for path in folder.glob("*.py"))


def without(configs, elsewhere=(), root=ROOT):
    """The labels of the apps below ``root`` that have models of their own and no migrations, there or
    ``elsewhere``.
    """
    found = []
    for config in configs:
        folder = Path(config.path).resolve()
        models = [model for model in config.get_models() if model._meta.managed]
        models = [model for model in models if not model._meta.proxy]
        if (
            root in folder.parents
            and models
            and not (config.label in elsewhere or numbered(folder / "migrations"))
        ):
            found.append(config.label)
    return found


def main():
    if os.environ.get("DJANGO_CONFIGURATION"):
        import configurations

        configurations.setup()
    import django
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    # Not before: until Django 2.1 this has a model in it.
    from django.db.migrations.loader import MigrationLoader

    labels = without(apps.get_app_configs(), settings.MIGRATION_MODULES)
    if labels:
        # There is no database here, whose history could be compared.
        MigrationLoader.check_consistent_history = lambda *_: None
        call_command("makemigrations", *labels, interactive=False)


if __name__ == "__main__":
    main()
