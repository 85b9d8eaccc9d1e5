"""The settings module that the stack can serve: those that are named, each worked out, compared."""

from __future__ import annotations

from djdock.inspect import assets, examples, settings
from djdock.inspect.containers import Containers
from djdock.inspect.interpret.machine import Settings, interpret
from djdock.inspect.layout import Layout
from djdock.inspect.tree import Tree

#: Settings modules that are looked into, the likeliest first.
MOST_TRIED = 4
#: How often a module that is made of an example may lead to another one.
MOST_COPIES = 3


def choose(
    tree: Tree, where: Layout, own: Containers, wanted: str
) -> tuple[Tree, settings.Chosen, Settings]:
    """The settings module that fits best and that the stack can serve, and what it says.

    The tree has the modules, too, that an image gets of their examples.
    """
    hit = settings.named(tree, where.manage)
    if hit and not settings.module_file(tree, where.paths, hit[0]):
        tree = tree.copied(examples.of(tree, where.paths, [hit[0]]))
    chosen = settings.choose(tree, where, own, wanted)
    modules = list(dict.fromkeys(one.dotted for one in chosen.candidates))[:MOST_TRIED]

    def read() -> dict[str, Settings]:
        return {
            one: interpret(tree, where.paths, one, configuration=chosen.configuration)
            for one in modules
        }

    found = read()
    for _ in range(MOST_COPIES):
        lacking = [name for one in found.values() for name in one.missing or {}]
        copies = examples.of(tree, where.paths, lacking)
        if not copies:
            break
        tree = tree.copied(copies)
        found = read()
    named = {one.dotted for one in chosen.candidates if one.rank < settings.UNNAMED}
    aside = {one for one in modules if settings.for_developers(one) or one not in named}
    best = min(
        modules, key=lambda one: (_against(found[one])[0] + 2 * (one in aside), modules.index(one))
    )
    if best == chosen.dotted:
        return tree, chosen, found[best]
    why = f"{chosen.dotted} would be nearer, but {_against(found[chosen.dotted])[1]}"
    return tree, settings.instead(chosen, best, why), found[best]


def _against(found: Settings) -> tuple[int, str]:
    """What speaks against settings in this stack: how much, and the words for it."""
    if found.missing:
        name, line = next(iter(found.missing.items()))
        return 5, f"it imports {name} ({line.path}:{line.line}), which is not in the repository"
    if not found.has("INSTALLED_APPS") and not found.has("ROOT_URLCONF"):
        return 4, "it has no INSTALLED_APPS"
    backend = assets.storage(found)
    if assets.remote(backend):
        return 1, f"it sends static files elsewhere ({backend})"
    return 0, ""
