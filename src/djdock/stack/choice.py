"""Which add-ons a stack gets: what the project has chosen, and what flags say of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from djdock.config import Config
from djdock.errors import UsageError, one_of
from djdock.stack import addons
from djdock.stack.addons import Addon


@dataclass(frozen=True)
class Asked:
    """The flags that choose add-ons: names, and the database that takes the others' place."""

    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    database: str = ""


def words(given: Sequence[str]) -> tuple[str, ...]:
    """The words of a flag that is repeated, or holds several with commas between them."""
    found = (word.strip() for text in given for word in text.split(","))
    return tuple(dict.fromkeys(word for word in found if word))


def choose(config: Config, asked: Asked | None = None) -> Config:
    """The Config of a run with these flags: ``config.addons`` are what the stack is made of.

    What an add-on needs is added. Raises UsageError for an add-on that is not there, and for two that
    exclude each other.
    """
    asked = asked or Asked()
    folder = config.addons_dir
    for name in (*asked.more, *asked.less):
        if name not in config.known_addons:
            raise one_of("add-on", name, config.known_addons)
    both = next((name for name in asked.more if name in asked.less), "")
    if both:
        raise UsageError(f"--with and --without both name {both}.", "Leave one of them out.")
    names = config.addons
    if asked.database:
        addons.require_database(folder, asked.database, config.known_addons)
        names = addons.with_database(folder, names, asked.database)
    names = tuple(dict.fromkeys([*names, *asked.more]))
    names = tuple(name for name in names if name not in asked.less)
    found = _with_needs(config, names, asked.less)
    _require_alone(found)
    return replace(config, chosen=tuple(addon.name for addon in found))


def _with_needs(config: Config, names: Sequence[str], less: Sequence[str]) -> list[Addon]:
    found = addons.read_all(config.addons_dir, names)
    there = {*names}
    for addon in found:  # it grows meanwhile: what is needed may need more
        for need in addon.needs:
            if need in less:
                raise UsageError(
                    f"The add-on {addon.name} needs {need}, which --without leaves out.",
                    f"Leave {addon.name} out, too: `--without {need},{addon.name}`.",
                )
            if need not in there:
                there.add(need)
                found.append(addons.read(config.addons_dir, need))
    return found


def _require_alone(found: Sequence[Addon]) -> None:
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            if one.role != other.role or not one.role or not (one.alone or other.alone):
                continue
            swap = (
                f"`--db {other.name}` takes {other.name} in the place of {one.name}; or leave"
                if one.role == addons.DATABASE
                else "Leave"
            )
            raise UsageError(
                f"The add-ons {one.name} and {other.name} exclude each other: a stack has one "
                f"{one.role}.",
                f"{swap} one of them out: `--without {one.name}`.",
            )
