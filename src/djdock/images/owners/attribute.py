"""Every file of an image's final file system, with exactly one owner and one kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from djdock.images.model import Entry, Image
from djdock.images.owners import alpine, bytecode, debian, interpreter, project, pypi, rpm
from djdock.images.owners.claims import Claims
from djdock.images.owners.generated import Rules
from djdock.images.owners.kinds import kind
from djdock.images.owners.languages import languages
from djdock.images.owners.owner import UNOWNED, Claim, Owned
from djdock.images.owners.tree import Tree

NOBODY = Claim(UNOWNED, "in nobody's list")


@dataclass(frozen=True)
class Ownership:
    """The answer for one image. ``problems`` says what could not be read, one sentence each.

    ``languages`` are those that the project's settings name; None where they name none.
    """

    files: tuple[Owned, ...]
    problems: tuple[str, ...] = ()
    languages: frozenset[str] | None = None

    @property
    def total(self) -> int:
        """The bytes of the final file system: each file once, hard links as one."""
        return sum(file.size for file in self.files)


def attribute(image: Image, final: Iterable[Entry]) -> Ownership:
    """Whose the files of ``final`` are: the entries of the image's final file system.

    Whoever comes first wins: what the distribution's package manager installed, then PyPI's
    distributions, then the interpreter, then what rules know, then the project, which has what
    is left in its folder.
    """
    tree = Tree(final)
    claims = Claims()
    for family in (debian.claims, alpine.claims, rpm.claims, pypi.claims):
        claims.add(family(tree, image.contents))
    claims.add(interpreter.claims(tree))
    interpreter.sites(claims, tree)
    claims.add(project.claims(tree, image.contents, image.config))
    rules = Rules(claims.installed)
    links = _links(tree)
    files = []
    for path, entry in tree.entries.items():
        if entry.kind == "dir":
            continue
        claim = find(path, claims, rules)
        if claim.owner is UNOWNED:
            # A file that is nobody's under this name may be somebody's under another.
            others = [find(other, claims, rules) for other in links.get(path, ())]
            claim = next((other for other in others if other.owner is not UNOWNED), claim)
        if claim.owner is UNOWNED and entry.kind in ("symlink", "hardlink"):
            target = tree.target(path) if entry.kind == "symlink" else entry.target
            claim = find(target, claims, rules)
        files.append(
            Owned(
                path,
                entry.size,
                entry.mode,
                entry.digest,
                claim.owner,
                kind(path, claim.owner.family),
                claim.why,
            )
        )
    return Ownership(tuple(files), tuple(claims.problems), languages(image.contents))


def find(path: str, claims: Claims, rules: Rules) -> Claim:
    """The one claim on a path that holds."""
    if (claim := claims.files.get(path)) is not None:
        return claim
    source = bytecode.source(path)
    if source and (claim := claims.files.get(source)) is not None:
        return Claim(claim.owner, "the bytecode of its source")
    return rules.find(path) or claims.under(path) or NOBODY


def _links(tree: Tree) -> Mapping[str, list[str]]:
    """The other names of hard-linked files, by the name that has the bytes."""
    found: dict[str, list[str]] = {}
    for path, entry in tree.entries.items():
        if entry.kind == "hardlink":
            found.setdefault(entry.target, []).append(path)
    return found
