"""What the site says of itself: its Django, its migrations, its media folder."""

from __future__ import annotations

import json
from dataclasses import dataclass

from djdock.backup.inside import Inside
from djdock.errors import CommandFailed

#: Runs in the site, with Django's settings; the last line that it prints is ours.
SCRIPT = """
import json
import django
from django.conf import settings
django.setup()
from django.db.migrations.loader import MigrationLoader
disk = MigrationLoader(None).disk_migrations
print()
print(json.dumps({
    "django": django.get_version(),
    "media": str(settings.MEDIA_ROOT or ""),
    "database": str(settings.DATABASES["default"].get("NAME") or ""),
    "migrations": {
        ".".join(key): [".".join(old) for old in migration.replaces]
        for key, migration in disk.items()
    },
}))
"""


@dataclass(frozen=True)
class Site:
    """The site's code, as it is in the place where it runs."""

    django: str
    media: str
    database: str
    #: Migration -> those that it replaces (a squashed one).
    migrations: dict[str, list[str]]

    def differences(self, applied: tuple[str, ...]) -> tuple[list[str], list[str]]:
        """The migrations that the code has beyond ``applied``, and the applied ones it does not have."""
        done = set(applied)
        pending = [
            name
            for name, replaces in self.migrations.items()
            if name not in done and not (replaces and done.issuperset(replaces))
        ]
        known = set(self.migrations).union(*self.migrations.values())
        apps = {name.split(".")[0] for name in known}
        # An application that was taken out of the settings leaves its records; they do no harm.
        unknown = [name for name in applied if name not in known and name.split(".")[0] in apps]
        replaced = {old for olds in self.migrations.values() for old in olds}
        return sorted(set(pending) - replaced), sorted(unknown)


def ask(inside: Inside, python: str = "python") -> Site | None:
    """Asks the site; None when it cannot answer, as when its settings are broken."""
    try:
        said = inside.ask(python, "-c", SCRIPT)
        return Site(**json.loads(said.splitlines()[-1]))
    except (CommandFailed, ValueError, TypeError, IndexError):
        return None
