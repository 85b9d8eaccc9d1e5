"""Files and folders of the project that the running site writes, as the settings place them.

The settings are Django's own, and those of packages whose documentation names them: Huey's SQLite file,
Haystack's index. Uploads are not among them: they are the override `media_root`.
"""

from __future__ import annotations

from collections.abc import Iterator

from djdock.inspect.interpret.machine import Settings
from djdock.inspect.interpret.value import ROOT, Value
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.tree import parent

#: Settings that are the path of a folder.
FOLDERS = ("SESSION_FILE_PATH", "EMAIL_FILE_PATH", "FILE_UPLOAD_TEMP_DIR")


def decide(settings: Settings) -> list[Decision]:
    """The decision ``writable``; none where the site writes nothing into its own folder."""
    found: dict[str, str] = {}
    where: list[Evidence] = []
    for name, value, is_file in _paths(settings):
        path = (value.text or "").removeprefix(f"{ROOT}/")
        if path == value.text or not path:
            continue
        # SQLite writes beside its file, too.
        folder = parent(path) if is_file else path
        if folder:
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
