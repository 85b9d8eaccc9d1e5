"""What scanners read: the base's packages that are in the image, in status.d as distroless has it."""

import re
from pathlib import Path

STATUS = Path("/var/lib/dpkg/status")
INFO = Path("/var/lib/dpkg/info")


def added(notes):
    """The files of the Debian packages that the project names, and of those that came with them."""
    if not notes.is_file():
        return
    for name in notes.read_text(encoding="utf-8").split():
        for listing in Path("/var/lib/dpkg/info").glob(f"{name}*.list"):
            if listing.name.split(":")[0].replace(".list", "") != name:
                continue
            for line in listing.read_text(encoding="utf-8").splitlines():
                if not line.startswith(PAPERS) and Path(line).is_file():
                    yield line


#: What nobody reads in a container.
PAPERS = (
    "/usr/share/doc",
    "/usr/share/man",
    "/usr/share/locale",
    "/usr/share/lintian",
    "/usr/share/info",
)


def stanzas(text):
    """Package name -> its stanza, for what is installed."""
    found = {}
    for stanza in text.strip().split("\n\n"):
        name = re.search(r"^Package: (\S+)$", stanza, re.MULTILINE)
        if name and re.search(r"^Status: \S+ \S+ installed$", stanza, re.MULTILINE):
            found[name[1]] = stanza
    return found


def normal(path):
    """A path with the links of its folders followed: packages still say /lib for /usr/lib."""
    return str(Path(path).parent.resolve() / Path(path).name)


def owners(info=INFO):
    """Path -> package, from dpkg's lists of files."""
    found = {}
    for listing in info.glob("*.list"):
        package = listing.name.removesuffix(".list").split(":")[0]
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            if line not in ("", "/."):
                found[normal(line)] = package
    return found


def sums(package, info=INFO):
    """Path -> md5 of a package's files."""
    found = {}
    for listing in (*info.glob(f"{package}.md5sums"), *info.glob(f"{package}:*.md5sums")):
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            digest, _, name = line.partition("  ")
            found[normal(f"/{name}")] = (digest, name)
    return found


def write(tree, account):
    """An entry for each package that has a file in the tree, with its licence and its files."""
    if not STATUS.is_file():
        return
    known = stanzas(STATUS.read_text(encoding="utf-8"))
    by = owners()
    present = {}
    for path in list(tree.files):
        package = by.get(normal(path))
        if package in known:
            present.setdefault(package, []).append(normal(path))
    before = sum(tree.files.values())
    for package, paths in sorted(present.items()):
        licence = Path("/usr/share/doc", package, "copyright")
        if licence.is_file():
            paths.append(str(tree.add(licence)))
        listed = sums(package)
        lines = [f"{listed[p][0]}  {listed[p][1]}" for p in sorted(paths) if p in listed]
        folder = "/var/lib/dpkg/status.d"
        tree.write(f"{folder}/{package}", known[package] + "\n")
        tree.write(f"{folder}/{package}.md5sums", "".join(f"{line}\n" for line in lines))
    account.keep("scanners' data and licences", sum(tree.files.values()) - before)


def account_for(tree, account, counted):
    """Books the files that nobody has booked yet under the packages that they are of."""
    by = owners()
    for path, size in tree.files.items():
        if path not in counted:
            account.keep(f"base: {by.get(normal(path), 'interpreter')}", size)
