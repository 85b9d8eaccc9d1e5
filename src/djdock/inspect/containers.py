"""What a project's own Dockerfile, Compose file and Procfile say: evidence, and facts of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from djdock.inspect.model import Decision, Evidence
from djdock.inspect.tree import Tree

_FROM = re.compile(r"(?im)^\s*FROM\s+(?:--\S+\s+)?\S*?python:(3\.\d+)")
_APT = re.compile(r"(?s)(?:apt-get|apt)\s+(?:-\S+\s+)*install\s+(.*?)(?:&&|;|\n\s*\n|\n[A-Z]+ |\Z)")
_IMAGE = re.compile(r"(?m)^\s*image:\s*[\"']?([\w./${}:-]+)")


@dataclass(frozen=True)
class Containers:
    """The files, and what was read from them."""

    dockerfiles: tuple[str, ...]
    compose: tuple[str, ...]
    procfile: str

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, the Dockerfiles first."""
        return (*self.dockerfiles, *self.compose, *([self.procfile] if self.procfile else []))


def find(tree: Tree, source: str, foreign: tuple[str, ...] = ()) -> Containers:
    """The files near the root or the project's folder; none of other projects' ``foreign`` folders."""
    others = tuple(f"{folder}/" for folder in foreign)
    near = [path for path in tree.files if path.count("/") <= 4 and not path.startswith(others)]
    dockerfiles = [
        path
        for path in near
        if re.search(r"(^|/)([Dd]ockerfile([.-][\w.-]+)?|[\w-]+\.Dockerfile|Containerfile)$", path)
        and not path.endswith(".dockerignore")
        and "node" not in path
    ]
    compose = [path for path in near if re.search(r"(^|/)(docker-)?compose[\w.-]*\.ya?ml$", path)]
    procfiles = [path for path in ("Procfile", f"{source}/Procfile") if tree.has(path)]
    ranked = sorted(dockerfiles, key=lambda path: (rank(path), path.count("/"), path))
    return Containers(tuple(ranked[:6]), tuple(compose[:6]), procfiles[0] if procfiles else "")


def rank(path: str) -> int:
    """How likely a Dockerfile is the site's own for production, by its name: 0 is the likeliest."""
    low = path.lower()
    if re.search(r"dev|local|test|docs|ci", low):
        return 2
    return 0 if re.search(r"prod", low) else 1


def python(tree: Tree, found: Containers) -> tuple[str, Evidence] | None:
    """The Python of an existing Dockerfile."""
    for path in found.dockerfiles:
        hit = tree.search(path, _FROM)
        if hit:
            return hit[0][1], hit[1]
    return None


def apt_packages(tree: Tree, found: Containers) -> tuple[Decision, ...]:
    """The Debian packages that an existing Dockerfile installs, as a fact."""
    facts = []
    for path in found.dockerfiles:
        hit = tree.search(path, _APT)
        if hit is None:
            continue
        words = re.split(r"[\s\\]+", re.sub(r"#.*", "", hit[0][1]))
        names = tuple(
            dict.fromkeys(word for word in words if re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", word))
        )
        if names:
            facts.append(Decision("dockerfile_packages", names, f"{path} installs them", (hit[1],)))
    return tuple(facts[:1])


def images(tree: Tree, found: Containers) -> list[tuple[str, Evidence]]:
    """The images that Compose files name, lower-case."""
    answer = []
    for path in found.compose:
        for at, line in enumerate(tree.lines(path), 1):
            match = _IMAGE.match(line)
            if match:
                answer.append((match[1].lower(), tree.evidence(path, at)))
    return answer


def facts(tree: Tree, found: Containers) -> tuple[Decision, ...]:
    """What is there, as facts."""
    answer = []
    for key, paths in (("dockerfile", found.dockerfiles), ("compose", found.compose)):
        if paths:
            where = tuple(Evidence(path, 0, "") for path in paths[:3])
            answer.append(Decision(key, paths, "kept, and used as evidence only", where))
    if found.procfile:
        answer.append(
            Decision("procfile", found.procfile, "kept, and used as evidence only",
                     (tree.evidence(found.procfile, 1),))
        )  # fmt: skip
    return (*answer, *apt_packages(tree, found))
