"""pdm.lock, its formats 3 and 4: exactly the versions that it names, for this interpreter.

Groups stand in the lock since 4.4 only. So what is needed is found as PDM finds it: from the project's
own dependencies along those of each package, with markers that are true here.
"""

import platform
import re

from .poetry import fits, is_true, parsed, roots
from .tidy import canonical
from .versions import source


def locked(lock, project, extras=(), groups=(), besides=()):
    """Requirement lines for ``uv pip install --no-deps``. The lock may lack ``besides``, requirements
    that are installed in any case, as it may lack an extra.

    Raises SystemExit for something needed that the lock does not have: it is older than pyproject.toml.
    """
    here = platform.python_version()
    others = {canonical(re.split(r"[\[<>=!~ ;@]", text)[0]) for text in besides}
    packages = {}
    for package in lock.get("package", []):
        packages.setdefault(canonical(package["name"]), []).append(package)
    todo, seen, lines = list(roots(project, extras, groups)), set(), set()
    while todo:
        name, _, more = todo.pop()
        step = (canonical(name), frozenset(map(canonical, more)))
        if step in seen:
            continue
        seen.add(step)
        if step[0] not in packages:
            if step[0] in others:
                continue
            raise SystemExit(
                f"dependencies: pdm.lock has no {name}, which is needed: `pdm lock` mends that."
            )
        for package in packages[step[0]]:
            # A package and its extras are entries of their own, which name each other.
            asked = set(map(canonical, package.get("extras", ()))) <= step[1]
            for_here = fits(here, package.get("requires_python")) and is_true(package.get("marker"))
            if asked and for_here:
                lines.add(line(package, lock.get("metadata", {}).get("files", {})))
                found = (parsed(text) for text in package.get("dependencies", ()))
                todo += [one for one in found if one]
    return sorted(lines)


def line(package, files):
    """One requirement with its hashes."""
    name = package["name"]
    if package.get("git"):
        at = package.get("revision") or package.get("ref")
        return f"{name} @ {source({**package, 'ref': at})}"
    if package.get("url") or package.get("path"):
        return f"{name} @ {package['url']}" if package.get("url") else package["path"]
    version = package["version"]
    its = package.get("files") or files.get(f"{name} {version}", [])
    hashes = sorted({f"--hash={item['hash']}" for item in its})
    return " ".join([f"{name}=={version}", *hashes])
