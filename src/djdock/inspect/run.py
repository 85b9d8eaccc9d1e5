"""The inspection: every rule in its turn, each resting on what those before it found."""

from __future__ import annotations

from pathlib import Path

from djdock.inspect import (
    after,
    application,
    assets,
    at_build,
    composed,
    containers,
    database,
    dependencies,
    era,
    examples,
    lacking,
    layout,
    memory,
    migrations,
    nodejs,
    overrides,
    pathing,
    problems,
    python,
    reach,
    services,
    settings,
    spelling,
    system,
    tried,
    variables,
    wheels,
    written,
)
from djdock.inspect.dependencies import Dependencies
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.model import Decision, Evidence, Inspection, Variable
from djdock.inspect.tree import Tree, join


def inspect(
    root: Path,
    *,
    source: str = "",
    settings: str = "",
    ask: wheels.Ask | None = None,
    get: reach.Status | None = None,
) -> Inspection:
    """Looks at the project in ``root``; reads files only.

    ``source`` names the folder of ``manage.py``, and ``settings`` the module, if they are to be these.
    ``ask`` gives a project's page of the package index (by default: the user's own), ``get`` the
    status of an address. Raises MissingError
    when it is no Django project and UsageError when it holds several that are as likely.
    """
    tree = Tree(root)
    where = layout.find(tree, source)
    own = containers.find(tree, where.source, where.foreign)
    needed = dependencies.find(tree, where.source, own, where.foreign)
    tree, chosen, first = tried.choose(tree, where, own, settings)
    apps = first.get("INSTALLED_APPS")
    if not needed.needed:
        needed = dependencies.of_imports(
            tree, where.source, apps.texts, apps.where or Evidence(chosen.path, 0, "")
        )
    needed = era.bound(tree, where.source, first, needed)
    return _decide(tree, where, own, needed, chosen, first, ask, get or wheels.status)


def _decide(
    tree: Tree,
    where: layout.Layout,
    own: containers.Containers,
    needed: Dependencies,
    chosen: settings.Chosen,
    first: Settings,
    ask: wheels.Ask | None,
    get: reach.Status,
) -> Inspection:
    store = database.decide(first, needed)
    more, troubles, wanted = services.decide(first, needed, containers.images(tree, own))
    found, final = _worked_out(tree, where, own, chosen, first, store, more, wanted)
    engine = final.get("DATABASES").get("default").get("ENGINE").text or ""
    if store.addon and database.kind_of(engine) not in ("", store.addon):
        # `if DEBUG:` SQLite, else a server: what counts is what the stack's environment comes to.
        store = database.decide(final, needed)
        found, final = _worked_out(tree, where, own, chosen, first, store, more, wanted)
    addons = [*([store.decision] if store.decision else []), *more]
    served, serving = application.decide(tree, where, final, needed, own)
    static, static_facts = assets.static(final)
    first_ones, unmade = migrations.decide(tree, where, final)
    steps = assets.steps(tree, where.source, final)
    front, front_facts, front_problems = assets.frontend(tree, where.source, final, own.dockerfiles)
    if front:
        package = join("" if front[0].value == "." else str(front[0].value), "package.json")
        front += nodejs.decide(tree, package, own.dockerfiles)
    answer = wheels.look(needed.needed.values(), python.PYTHONS, ask)
    version, old = python.decide(tree, where.source, needed, own, answer.lacking)
    release = str(version[0].value) if version else python.PYTHONS[0]
    doing = tuple(step for one in steps for step in one.value)
    packages = system.decide(
        tree, where.source, final, needed, answer, release, doing, store.driver
    )
    indexes, dead = reach.indexes(needed.indexes, get, wheels.usual())
    changes = overrides.decide(final, store, services.find(final))
    decisions = [
        where.decision,
        chosen.decision,
        served,
        *version,
        *needed.decisions,
        *_added(needed, served, store),
        *lacking.decide(tree, where, final, needed),
        *pathing.decide(tree, where, final, needed),
        *indexes,
        *_merged(addons),
        *packages,
        *front,
        *static,
        *first_ones,
        *steps,
        *([] if static[0].value == "none" else at_build.decide(found)),
        *after.decide(tree, where.source, own),
        *examples.decide(_copies(tree, final)),
        *written.decide(final, tree),
        *_probe(final),
        *services.celery(tree, where.source),
        *changes,
    ]
    troubled = [
        *old,
        *problems.unreachable(needed, answer, get),
        *dead,
        *store.problems,
        *needed.problems,
        *troubles,
        *front_problems,
        *assets.unserved(static[0], static_facts),
        *unmade,
        *problems.gone(needed, answer),
        *problems.unsettled(final, found, changes[0].value if changes else ()),
        *problems.unnamed(tree, where, chosen, first),
        *problems.python2(tree, where),
    ]
    facts = [
        *serving,
        *static_facts,
        *front_facts,
        *needed.facts,
        *containers.facts(tree, own),
        *_stated(tree, where, own),
        *migrations.folders(tree, where.source),
        *memory.decide(needed),
        *_word(answer),
    ]
    return Inspection(tree.root, tuple(_once(decisions)), found, tuple(troubled), tuple(facts))


def _copies(tree: Tree, final: Settings) -> dict[str, str]:
    """The examples that these settings are made with; another module's may not be wanted."""
    return {path: example for path, example in tree.copies.items() if path in final.files}


def _worked_out(
    tree: Tree,
    where: layout.Layout,
    own: containers.Containers,
    chosen: settings.Chosen,
    first: Settings,
    store: database.Database,
    more: list[Decision],
    wanted: list[services.Service],
) -> tuple[tuple[Variable, ...], Settings]:
    """The variables, and the settings in the environment of the stack with these services."""
    addons = [*([store.decision] if store.decision else []), *more]
    names = tuple(dict.fromkeys(name for one in addons for name in one.value))
    found = (
        *variables.configuration(chosen.configuration, chosen.decision.evidence[0]),
        *variables.build(first, store, wanted, names, composed.reads(tree, own, first)),
    )
    return spelling.settle(tree, where, chosen, found, names)


def _merged(addons: list[Decision]) -> list[Decision]:
    """One decision for all add-ons."""
    if not addons:
        return [Decision("addons", (), "the settings name no service")]
    names = tuple(dict.fromkeys(str(name) for one in addons for name in one.value))
    reason = "; ".join(f"{next(iter(one.value))}: {one.reason}" for one in addons)
    where = tuple(dict.fromkeys(line for one in addons for line in one.evidence))
    return [Decision("addons", names, reason, where)]


def _added(needed: Dependencies, served: Decision, store: database.Database) -> list[Decision]:
    """What the site needs and its requirements do not name: a server, the database's driver."""
    added: dict[str, str] = {}
    if not needed.has("gunicorn"):
        added["gunicorn"] = "the project has no server that djdock starts"
    if served.key == "asgi" and not needed.has("uvicorn"):
        added["uvicorn"] = "gunicorn runs an ASGI application with its workers"
    if store.driver:
        added[f"{store.driver}{era.of_driver(needed, store.driver)}"] = (
            "DATABASES needs that driver"
        )
    if needed.path.endswith((".txt", ".pip")) and not needed.has("setuptools") and needed.has(
        "django-heroku", "django-suit", "django-ckeditor-legacy"
    ):  # fmt: skip
        added["setuptools"] = "packages of that age import pkg_resources"
    if not added:
        return []
    reason = "; ".join(f"{name}: {why}" for name, why in added.items())
    lines = (Evidence(needed.path, 0, ""),) if needed.path else ()
    return [Decision("packages", tuple(added), reason, lines)]


def _once(decisions: list[Decision]) -> list[Decision]:
    """Two decisions of one key (packages) become one."""
    found: dict[str, Decision] = {}
    for one in decisions:
        before = found.get(one.key)
        if before is None:
            found[one.key] = one
        elif isinstance(before.value, tuple) and isinstance(one.value, tuple):
            found[one.key] = Decision(
                one.key, tuple(dict.fromkeys((*before.value,
                    *one.value))), f"{before.reason}; {one.reason}",
                (*before.evidence, *one.evidence), before.alternatives,
            )  # fmt: skip
    return [one for one in found.values() if one.value != () or one.key == "addons"]


def _probe(final: Settings) -> list[Decision]:
    redirect = final.get("SECURE_SSL_REDIRECT")
    if redirect.truth and redirect.where:
        return [
            Decision(
                "health_path",
                "/",
                "any answer below 500 will do; the site redirects to https",
                (redirect.where,),
            )
        ]
    return [Decision("health_path", "/", "any answer below 500 will do")]


def _stated(tree: Tree, where: layout.Layout, own: containers.Containers) -> list[Decision]:
    found = python.said(tree, where.source, own)
    if not found:
        return []
    return [
        Decision(
            "python_stated",
            found[0][0],
            "the project's own files name it",
            tuple(line for _, line in found[:3]),
        )
    ]


def _word(answer: wheels.Answer) -> list[Decision]:
    return [Decision("index_answer", "not reached", answer.word)] if answer.word else []
