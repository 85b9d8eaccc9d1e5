"""Static files, media files, translations and the front end: what is built, when, and where it goes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from djdock.inspect import commands, output, scripts
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.interpret.value import ROOT
from djdock.inspect.model import Decision, Evidence, Problem
from djdock.inspect.tree import Tree, join, parent

#: For `frontend_build`: packages are all that is wanted.
NONE = "none"

LOCKS = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml")


def static(settings: Settings) -> tuple[list[Decision], list[Decision]]:
    """The decision ``static`` and facts about how static files are served."""
    apps = settings.get("INSTALLED_APPS")
    root = settings.get("STATIC_ROOT")
    where = (root.where,) if root.where else ((apps.where,) if apps.where else ())
    facts = []
    middleware = settings.get("MIDDLEWARE")
    if any("whitenoise" in one.lower() for one in middleware.texts):
        facts.append(
            Decision(
                "static_server",
                "whitenoise",
                "it is in MIDDLEWARE",
                (middleware.where,) if middleware.where else (),
            )
        )
    backend = storage(settings)
    if backend:
        facts.append(
            Decision("static_storage", backend, "the settings name it", _storage_line(settings))
        )
    if apps.known and "django.contrib.staticfiles" not in apps.texts:
        reason = "django.contrib.staticfiles is not among INSTALLED_APPS"
        return [Decision("static", "none", reason, where)], facts
    if remote(backend):
        return [
            Decision(
                "static", "none", f"{backend} would send them elsewhere", _storage_line(settings)
            )
        ], facts
    return [Decision("static", "build", "collectstatic needs no service", where)], facts


def unserved(static: Decision, facts: Iterable[Decision]) -> list[Problem]:
    """That nothing serves the static files which are collected: gunicorn does not."""
    if static.value == NONE or any(one.key == "static_server" for one in facts):
        return []
    return [
        Problem(
            "Nothing serves the static files: gunicorn does not, and WhiteNoise is not in MIDDLEWARE.",
            '`invoke up --with nginx`, or "nginx" among addons in [tool.djdock]; or WhiteNoise, by'
            ' overrides = ["whitenoise"] and packages = ["whitenoise"] there.',
            static.evidence,
        )
    ]


def storage(settings: Settings) -> str:
    """The backend of static files, or "" for Django's own."""
    named = settings.get("STORAGES").get("staticfiles").get("BACKEND").text
    return named or settings.get("STATICFILES_STORAGE").text or ""


def remote(backend: str) -> bool:
    """Whether a backend sends files to another machine."""
    return bool(
        re.search(r"(?i)s3|boto|gcloud|azure|cloudinary|dropbox|storages\.|oss|minio", backend)
    )


def _storage_line(settings: Settings) -> tuple[Evidence, ...]:
    for name in ("STORAGES", "STATICFILES_STORAGE"):
        where = settings.get(name).where
        if where:
            return (where,)
    return ()


def in_image(path: str) -> bool:
    """Whether a path is inside of the project's own folder."""
    return path == str(ROOT) or path.startswith(f"{ROOT}/") or not path.startswith("/")


def steps(tree: Tree, source: str, settings: Settings) -> list[Decision]:
    """Management commands at build: compress, compilemessages, those that make static files."""
    found, why, where = [], [], []
    for name, reason, line in commands.early(tree, source, settings):
        found.append(name)
        why.append(reason)
        where.append(line)
    sources = tree.under(source, ".po")
    lacking = [path for path in sources if not tree.has(f"{path.removesuffix('.po')}.mo")]
    if lacking:
        found.append("compilemessages")
        why.append("translations have no .mo beside them")
        where.append(Evidence(lacking[0], 0, ""))
    offline = settings.get("COMPRESS_OFFLINE")
    if "compressor" in settings.get("INSTALLED_APPS").texts and offline.truth:
        found.append("compress")
        why.append("COMPRESS_OFFLINE is on")
        where += [offline.where] if offline.where else []
    return (
        [Decision("build_steps", tuple(found), ", and ".join(why), tuple(where))] if found else []
    )


def frontend(
    tree: Tree, source: str, settings: Settings, dockerfiles: Iterable[str] = ()
) -> tuple[list[Decision], list[Decision], list[Problem]]:
    """The front end's build: the folder of package.json, its script, its lock."""
    paths = sorted(
        (path for path in tree.named("package.json") if path.count("/") <= 4 and not _aside(path)),
        key=lambda path: (parent(path) not in ("", source), path.count("/")),
    )
    used = _used(settings)
    apart: list[Decision] = []
    for path in paths:
        folder = parent(path)
        packages = next((one for one in used if one == join(folder, "node_modules")), "")
        script = scripts.find(tree, path, dockerfiles) or (NONE if packages else "")
        if not script:
            continue
        inside = folder in ("", source) or (source and folder.startswith(f"{source}/"))
        named = any(one == folder or one.startswith(f"{folder}/") for one in used)
        into = None if inside or named else output.inside(tree, folder)
        if not (inside or named or into):
            # A site of its own, that asks this one for data.
            apart = apart or [
                Decision(
                    "frontend_apart",
                    folder,
                    "the settings name nothing of it, so it is not built",
                    (scripts.line(tree, path, script),),
                )
            ]
            continue
        lock = next((one for one in LOCKS if tree.has(join(folder, one))), "")
        where = (scripts.line(tree, path, script),)
        if re.search(r"\s", folder):
            problem = Problem(
                f"The folder {folder!r} has a blank in its name, so the front end in it is not built.",
                "Rename it (`git mv`), and what names it; then `djdock init` again.",
                where,
            )
            return [], [], [problem]
        if not lock:
            problem = Problem(
                f"{path} has a script {script!r} and no lock beside it, so the front end is not built.",
                "`npm install --package-lock-only` writes one; then `djdock init` again.",
                where,
            )
            return [], [Decision("package_json", path, "it has no lock", where)], [problem]
        reason = f"{path} has that script, and {lock} pins what it needs"
        decided: tuple[Evidence, ...] = where
        if into is not None:
            reason += f"; {into.path} writes into the site's folder"
            decided = (*where, into)
        decisions = [
            Decision(
                "frontend",
                folder or ".",
                reason,
                decided,
                tuple(parent(one) or "." for one in paths[1:4]),
            ),
            Decision("frontend_build", script, "it builds what the site serves", where),
        ]
        return (
            decisions,
            [Decision("frontend_lock", join(folder, lock), "it is beside package.json")],
            [],
        )
    return [], apart, []


def _used(settings: Settings) -> set[str]:
    """Folders of the project that templates, static files and bundles come from."""
    values = [settings.get("STATICFILES_DIRS"), settings.get("TEMPLATE_DIRS")]
    values += [one.get("DIRS") for one in settings.get("TEMPLATES").items]
    for name in ("WEBPACK_LOADER", "DJANGO_VITE", "DJANGO_VITE_ASSETS_PATH"):
        value = settings.get(name)
        values += [value, *value.table.values()]
    texts = [one.text for value in values for one in (value, *value.items, *value.table.values())]
    texts += [
        pair.items[1].text for value in values for pair in value.items if len(pair.items) == 2
    ]
    return {
        str(text).removeprefix(f"{ROOT}/")
        for text in texts
        if text and str(text).startswith(f"{ROOT}/")
    }


def _aside(path: str) -> bool:
    return bool(
        re.search(r"(^|/)(docs?|tests?|e2e|examples?|cypress|static|vendor|mobile|\.github)/", path)
    )
