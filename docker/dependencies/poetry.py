"""poetry.lock, all its formats (1.0 to 2.1): exactly the versions that it names, for this interpreter.

Groups and markers stand in the lock since 2.1 only. So what is needed is found as Poetry finds it:
from the project's own dependencies along those of each package, with markers that are true here.
"""

from . import versions
from .tidy import canonical

try:
    from packaging.markers import InvalidMarker, Marker
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version
except ImportError:
    from pip._vendor.packaging.markers import InvalidMarker, Marker
    from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet
    from pip._vendor.packaging.version import Version


def is_true(marker, extra=""):
    """Whether a marker holds here; one that cannot be read does."""
    if not marker:
        return True
    try:
        return Marker(marker).evaluate({"extra": extra})
    except InvalidMarker:
        return True


def fits(version, constraint):
    """Whether a version is within a constraint of Poetry's; alternatives (``||``) count."""
    for part in str(constraint or "*").split("||"):
        try:
            if SpecifierSet(versions.specifier(part)).contains(version, prereleases=True):
                return True
        except InvalidSpecifier:
            return True
    return False


def roots(project, extras, groups):  # noqa: C901 - both kinds of tables
    """(name, constraint, extras) of what the project itself needs, of main and of these groups."""
    poetry = project.get("tool", {}).get("poetry", {})
    wanted = {canonical(extra) for extra in extras}
    optional = {
        canonical(name.split("[")[0].split(" ")[0])
        for extra, names in poetry.get("extras", {}).items()
        if canonical(extra) in wanted
        for name in names
    }
    tables = [poetry.get("dependencies", {})]
    for name in groups:
        tables.append(poetry.get("group", {}).get(name, {}).get("dependencies", {}))
        if name == "dev":
            tables.append(poetry.get("dev-dependencies", {}))
    for table in tables:
        for name, value in table.items():
            if name.lower() != "python":
                for found in choices(name, value):
                    if not found[3] or canonical(name) in optional:
                        yield found[:3]
    lines = own(project.get("project", {}), wanted)
    for name in groups:
        lines += group(project, name)
    for line in lines:
        found = parsed(line)
        if found:
            yield found


def own(data, extras):
    """The requirements of PEP 621's table and of these extras, which may name others."""
    optional = {
        canonical(name): more for name, more in data.get("optional-dependencies", {}).items()
    }
    lines, todo, seen = list(data.get("dependencies", [])), list(extras), set()
    while todo:
        extra = todo.pop()
        if extra in seen:
            continue
        seen.add(extra)
        for line in optional.get(extra, ()):
            name, _, more = parsed(line) or ("", "", ())
            if name and canonical(name) == canonical(data.get("name", "")):
                todo += map(canonical, more)
            else:
                lines.append(line)
    return lines


def group(project, name):
    """The requirements of a dependency group (PEP 735), with those that it includes."""
    found = []
    for item in project.get("dependency-groups", {}).get(name, []):
        found += [item] if isinstance(item, str) else group(project, item.get("include-group", ""))
    return found


def parsed(line):
    """A PEP 508 requirement as (name, constraint, extras); None where it is not for here."""
    try:
        from packaging.requirements import InvalidRequirement, Requirement
    except ImportError:
        from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
    try:
        found = Requirement(line)
    except InvalidRequirement:
        name = line.split(";")[0].split("(")[0].split("[")[0].strip()
        return (name, "*", ()) if name else None
    if found.marker and not is_true(str(found.marker)):
        return None
    return found.name, str(found.specifier) or "*", tuple(sorted(found.extras))


def choices(name, value):
    """(name, constraint, extras, optional) of an entry of Poetry's, for this interpreter."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield name, one, (), False
            continue
        marks = [one.get("markers"), *versions.python_marker(one.get("python"))]
        if all(is_true(mark) for mark in marks):
            yield (
                name,
                one.get("version", "*"),
                tuple(one.get("extras", ())),
                bool(one.get("optional")),
            )


def locked(lock, project, extras=(), groups=()):
    """Requirement lines for ``uv pip install --no-deps``, and the addresses of more indexes.

    Raises SystemExit for something needed that the lock does not have: it is older than pyproject.toml.
    """
    import platform

    here = platform.python_version()
    packages = {}
    for package in lock.get("package", []):
        if fits(here, package.get("python-versions", "*")) and is_true(
            plain(package.get("markers"))
        ):
            packages.setdefault(canonical(package["name"]), []).append(package)
    files = lock.get("metadata", {}).get("files", {})
    done, chosen = {}, {}
    todo = list(roots(project, extras, groups))
    while todo:
        name, constraint, more = todo.pop()
        key = canonical(name)
        found = packages.get(key)
        if not found:
            if any(canonical(package["name"]) == key for package in lock.get("package", [])):
                continue  # for another Python or another system
            raise SystemExit(
                f"dependencies: poetry.lock has no {name}, which is needed: `poetry lock` mends that."
            )
        good = [package for package in found if fits(package["version"], constraint)] or found
        package = max(good, key=lambda package: Version(package["version"]))
        key = (key, package["version"])
        before = done.get(key)
        fresh = set(more) - (before or set())
        if before is not None and not fresh:
            continue
        done[key] = (before or set()) | set(more)
        chosen[key] = package
        todo += needs(package, done[key])
    urls = {package["source"]["url"] for package in chosen.values() if of_index(package)}
    return [line(p, files) for key, p in sorted(chosen.items())], sorted(urls)


def plain(markers):
    """A package's markers; since 2.1 they may be a table by group, of which any will do."""
    if isinstance(markers, dict):
        return " or ".join(f"({mark})" for mark in markers.values())
    return markers


def needs(package, extras):
    """What a package needs, with these of its extras."""
    wanted = {
        canonical(text.split(" ")[0].split("[")[0].split("(")[0])
        for extra, names in package.get("extras", {}).items()
        if canonical(extra) in {canonical(name) for name in extras}
        for text in names
    }
    for name, value in package.get("dependencies", {}).items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                yield name, one, ()
                continue
            asked = [*extras, ""] if extras else [""]
            if not any(is_true(one.get("markers"), extra) for extra in asked):
                continue
            if one.get("optional") and canonical(name) not in wanted:
                continue
            yield name, one.get("version", "*"), tuple(one.get("extras", ()))


def of_index(package):
    return package.get("source", {}).get("type") in ("legacy",)


def line(package, files):
    """One requirement with its hashes."""
    name, source = package["name"], package.get("source", {})
    kind, url = source.get("type"), source.get("url", "")
    if kind == "git":
        at = source.get("resolved_reference") or source.get("reference")
        address = versions.source(
            {"git": url, "ref": at, "subdirectory": source.get("subdirectory")}
        )
        return f"{name} @ {address}"
    if kind in ("url", "file", "directory"):
        return f"{name} @ {url}" if "://" in url else "./" + url
    hashes = [item["hash"] for item in package.get("files") or files.get(name, [])]
    return " ".join(
        ["{}=={}".format(name, package["version"]), *("--hash=" + h for h in sorted(set(hashes)))]
    )
