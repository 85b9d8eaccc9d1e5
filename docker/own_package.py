"""What pip would note of the project itself, where its code asks for that: it is copied alone.

`importlib.metadata.version("shop")` in `shop/__init__.py` ends every command without it.
"""

import re
from pathlib import Path

ASKS = re.compile(r"importlib[._]metadata|pkg_resources")

#: Files that say a project's name, and the heading that it stands below.
FILES = (
    ("pyproject.toml", "project"),
    ("pyproject.toml", "tool.poetry"),
    ("setup.cfg", "metadata"),
)

#: Of so many files one would ask, and so much of each is read: what asks does so at its head.
MOST, HEAD = 4000, 20000


def named(folder):
    """The name and version that a project's own file says; None where it says no name."""
    for file, heading in FILES:
        path = folder / file
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            _, _, part = text.partition("[" + heading + "]\n")
            part = re.split(r"(?m)^\[", part)[0]
            name = re.search(r"(?m)^name\s*=\s*[\"']?([\w.-]+)", part)
            version = re.search(r"(?m)^version\s*=\s*[\"']?(\d[\w.+-]*)", part)
            if name:
                return name[1], version[1] if version else "0"
    return None


def asks(folder):
    """Whether code in a folder asks for what is installed."""
    paths = [path for path in folder.rglob("*.py") if "node_modules" not in path.parts]
    for path in paths[:MOST]:
        with path.open(encoding="utf-8", errors="replace") as file:
            if ASKS.search(file.read(HEAD)):
                return True
    return False


def note(root, folder):
    """Writes it into `folder`, where modules are found; returns the name, or "" where none is wanted."""
    for place in (folder, *folder.parents):
        if place != root and root not in place.parents:
            break
        found = named(place)
        if found:
            if not asks(place):
                return ""
            name, version = found
            target = Path(folder, f"{re.sub('[-.]+', '_', name)}-{version}.dist-info")
            target.mkdir(exist_ok=True)
            text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            (target / "METADATA").write_text(text, encoding="utf-8")
            return name
    return ""
