"""Management commands that make static files before collectstatic takes them, and what asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from djdock.inspect.interpret.machine import Settings
from djdock.inspect.model import Evidence
from djdock.inspect.tree import Tree

#: Commands of packages, by the application that has them: for before collectstatic, its docs say.
OF_APPS = {"statici18n": "compilejsi18n", "static_precompiler": "compilestatic"}
#: Those that only a file of the project's has a reason for.
ON_REQUEST = {"sass_processor": "compilescss"}

_CALL = re.compile(r"(?:manage\.py|django-admin|python3? -m django)[ \t]+((?:pre)?compile\w+)")


def early(tree: Tree, source: str, settings: Settings) -> Iterator[tuple[str, str, Evidence]]:
    """Each command with the reason and the line; ``compilemessages`` has a rule of its own."""
    apps = settings.get("INSTALLED_APPS")
    known = {command for app, command in {**OF_APPS, **ON_REQUEST}.items() if app in apps.texts}
    known |= {
        path.rpartition("/")[2].removesuffix(".py")
        for path in tree.under(source, ".py")
        if "/management/commands/" in path
    }
    seen = {"compilemessages"}
    for path in _scripts(tree):
        text = tree.text(path) or ""
        for match in _CALL.finditer(text):
            if match[1] in known and match[1] not in seen:
                seen.add(match[1])
                where = tree.evidence(path, text.count("\n", 0, match.start()) + 1)
                yield match[1], f"{path} runs {match[1]}", where
    for app, command in OF_APPS.items():
        if app in apps.texts and command not in seen:
            yield command, f"{app} is installed", apps.where or Evidence(settings.path, 0, "")


def _scripts(tree: Tree) -> list[str]:
    """Dockerfiles, Procfiles and the scripts that start containers."""
    return [
        path
        for path in tree.files
        if path.count("/") <= 4
        and re.search(
            r"(^|/)([\w.-]*Dockerfile[\w.-]*|Procfile|[\w.-]+\.sh|entrypoint[\w.-]*)$", path
        )
    ]
