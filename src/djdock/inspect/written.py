"""Files and folders of the project that the running site writes, as the settings place them.

The settings are Django's own, and those of packages whose documentation names them: Huey's SQLite file,
Haystack's index. Then those that the project names for itself: a folder for data, logs or exports that
its repository does not have. Uploads are not among them: they are the override `media_root`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from djdock.inspect.interpret.machine import Settings
from djdock.inspect.interpret.value import ROOT, Value
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.tree import Tree, parent

#: Settings that are the path of a folder.
FOLDERS = ("SESSION_FILE_PATH", "EMAIL_FILE_PATH", "FILE_UPLOAD_TEMP_DIR")

#: What a project calls a setting that is a folder for what it writes.
_OWN = re.compile(
    r"(^|_)(\w*DATA|LOG(S|GING)?|CACHES?|TE?MP|STORAGE|EXPORTS?|BACKUPS?|INDEX|UPLOADS?|PRIVATE|DOWNLOADS?"
    r"|ATTACHMENTS?|REPORTS?|SPOOL|CONSUMPTION|TRASH|STATE|VAR|REPOS?|ARCHIVES?|MEDIA|SCRATCH)"
    r"_(DIR|ROOT|PATH|FOLDER|DIRECTORY)$"
)
#: Files that keep an empty folder in a repository.
_KEEPERS = {".gitkeep", ".gitignore", ".keep", ".placeholder"}


def decide(settings: Settings, tree: Tree) -> list[Decision]:
    """The decision ``writable``; none where the site writes nothing into its own folder."""
    found: dict[str, str] = {}
    where: list[Evidence] = []
    for name, value, is_file in (*_paths(settings), *_own(settings, tree)):
        path = (value.text or "").removeprefix(f"{ROOT}/")
        if path == value.text or not path:
            continue
        # SQLite writes beside its file, too.
        folder = parent(path) if is_file else path
        if folder and not any(folder.startswith(f"{one}/") for one in found):
            found.setdefault(folder, name)
            where += [value.where] if value.where else []
    if not found:
        return []
    reason = "; ".join(f"{folder}: {name} is there" for folder, name in found.items())
    return [Decision("writable", tuple(found), reason, tuple(dict.fromkeys(where)))]


def _paths(settings: Settings) -> Iterator[tuple[str, Value, bool]]:
    """Each path, with the setting that it stands in and whether it is a file's."""
    for name in FOLDERS:
        yield name, settings.get(name), False
    for one in settings.get("CACHES").table.values():
        if (one.get("BACKEND").text or "").endswith("FileBasedCache"):
            yield "CACHES", one.get("LOCATION"), False
    for alias, one in settings.get("DATABASES").table.items():
        if alias != "default" and (one.get("ENGINE").text or "").endswith("sqlite3"):
            yield "DATABASES", one.get("NAME"), True
    for one in settings.get("HAYSTACK_CONNECTIONS").table.values():
        yield "HAYSTACK_CONNECTIONS", one.get("PATH"), False
    yield "HUEY", settings.get("HUEY").get("filename"), True


def _own(settings: Settings, tree: Tree) -> Iterator[tuple[str, Value, bool]]:
    """Folders by the names of the project's own settings, the shallowest first."""
    media = settings.get("MEDIA_ROOT").text or f"{ROOT}/media"
    named = [
        (name, value)
        for name, value in settings.values.items()
        if _OWN.search(name) and name != "MEDIA_ROOT" and value.text
    ]
    for name, value in sorted(named, key=lambda one: str(one[1].text)):
        path = (value.text or "").removeprefix(f"{ROOT}/")
        inside = path in tree.folders and any(
            one.rpartition("/")[2] not in _KEEPERS for one in tree.under(path)
        )
        if not (inside or tree.has(path) or f"{value.text}/".startswith(f"{media}/")):
            yield name, value, False
