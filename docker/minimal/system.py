"""What the interpreter and the packages need of the base: libraries, certificates, time zones, users."""

import mimetypes
import os
import ssl
import subprocess
import sys
import zoneinfo
from pathlib import Path

from . import imports, loader, symbols

#: What glibc reads at these paths (its documentation names them), if the base has them.
GLIBC = ("nsswitch.conf", "services", "protocols", "host.conf", "gai.conf", "localtime", "timezone")

#: The Dockerfile's LANG.
LOCALE = "C.UTF-8"

#: Who the site runs as. No shell, no password; the number is the Dockerfile's USER.
USERS = "root:x:0:0:root:/root:/sbin/nologin\nsite:x:10001:10001:site:/tmp:/sbin/nologin\n"
GROUPS = "root:x:0:\nsite:x:10001:\n"

#: Functions that open a library by name, in Python sources.
OPENERS = ("find_library", "CDLL", "LoadLibrary", "dlopen")


def interpreter(tree):
    """The interpreter under all names that PATH has for it; returns the real file."""
    real = tree.add(sys._base_executable)
    tree.add(sys.executable)
    major, minor = sys.version_info[:2]
    for folder in os.get_exec_path():
        for name in ("python", f"python{major}", f"python{major}.{minor}"):
            path = Path(folder, name)
            if path.exists() and path.resolve() == Path(sys.executable).resolve():
                tree.add(path)
    return real


def libraries(tree, files, finder, opened):
    """The libraries that ``files`` need, and those that are opened by name.

    Returns what could not be found: a dict from a name to the first file that needs it.
    """
    binaries = [path for path in files if finder.elf(str(path))]
    kind = finder.elf(str(Path(sys._base_executable).resolve())).kind
    for name in (*loader.DLOPENED, *opened):
        path = by_name(name, finder, kind)
        if path:
            binaries.append(path)
            tree.add(path)
    for service in name_services():
        path = by_name(f"libnss_{service}.so.2", finder, kind)
        if path:
            binaries.append(path)
            tree.add(path)
    found, missing = finder.closure(binaries)
    for path in found:
        # What the packages bring along is copied with them.
        if not Path(path).resolve().is_relative_to(sys.prefix):
            tree.add(path)
    return missing


def shared(tree, environment, finder, globs):
    """Libraries that wheels bring along and the base has, too: pairs of theirs and the base's.

    Only those that are in the image anyway (psycopg2-binary's OpenSSL, beside the one that Python's
    ssl needs), of the same release series, and that define every symbol, in its version, that anyone
    asks of the wheel's copy. So a process has one OpenSSL, and the base's security updates reach it.
    """
    elfs = {path: finder.elf(str(path)) for path in environment}
    here = {found.soname: path for path, found in _kept_libraries(tree, finder)}
    pairs = []
    for path, file in elfs.items():
        name = file and symbols.original(path.name)
        ours = next((s for s in here if name and (name == s or name.startswith(f"{s}."))), None)
        if ours is None or globs.kept(path) or finder.elf(here[ours]).kind != file.kind:
            continue
        users = [
            symbols.read(p) for p, other in elfs.items() if other and path.name in other.needed
        ]
        if symbols.stands_in(path, here[ours], users):
            pairs.append((path, here[ours]))
    theirs = {path: symbols.series(path) for path, _ in pairs}
    unknown = {path for path, ours in pairs if theirs[path] is symbols.series(ours) is None}
    pairs = [
        (path, ours) for path, ours in pairs
        if path in unknown or theirs[path] == symbols.series(ours)
    ]  # fmt: skip
    return together(pairs, elfs, unknown)


def together(pairs, elfs, unknown=()):
    """Without the pairs whose partner stays: libssl and libcrypto know each other's insides.

    A library of the wheel that is replaced may need only what is replaced, too, or the base's own;
    else it would be asked for things that were made for its other copy. One that does not say its
    release must need one that does, as libssl needs libcrypto.
    """
    while True:
        gone = {path.name for path, _ in pairs}
        bundled = {path.name for path in elfs if symbols.original(path.name)}
        good = [
            (path, ours) for path, ours in pairs
            if all(name in gone or name not in bundled for name in elfs[path].needed)
            and (path not in unknown or gone & set(elfs[path].needed))
        ]  # fmt: skip
        if len(good) == len(pairs):
            return good
        pairs = good


def _kept_libraries(tree, finder):
    for path in list(tree.files):
        found = None if path.startswith(sys.prefix) else finder.elf(path)
        if found and found.soname:
            yield path, found


def by_name(name, finder, kind):
    """The library that find_library(name) or CDLL(name) would open, or None."""
    for known, paths in finder.cache.items():
        if known == name or known.startswith(f"lib{name}.so"):
            for path in paths:
                found = finder.elf(path)
                if found and found.kind == kind:
                    return path
    return None


def name_services():
    """The services of nsswitch.conf; glibc has `files` and `dns` built in since 2.34."""
    try:
        lines = Path("/etc/nsswitch.conf").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    words = [line.partition("#")[0].partition(":")[2].split() for line in lines]
    return {word for line in words for word in line if not word.startswith("[")}


def opened_by_name(files):
    """The names of libraries that Python sources open: texts handed to find_library, CDLL, …"""
    found = set()
    for path in files:
        data = Path(path).read_bytes()
        if any(name.encode() in data for name in OPENERS):
            found |= imports.arguments(data, OPENERS)
    return found


def data(tree, account):
    """Certificates, time zones, what glibc reads, what scanners read."""
    owner = "base (data)"
    before = dict(tree.files)
    for name in GLIBC:
        if Path("/etc", name).exists():
            tree.add(f"/etc/{name}")
    for path in ("/etc/os-release", "/etc/debian_version", *mimetypes.knownfiles):
        if Path(path).exists():
            tree.add(path)
    for folder in zoneinfo.TZPATH:
        if Path(folder).is_dir():
            # posix/ and right/ are copies for other kinds of clocks; the .zi is a source.
            tree.add_all(folder, skip=_other_clocks)
    terminals(tree)
    locale_data(tree)
    certificates(tree)
    tree.write("/etc/passwd", USERS)
    tree.write("/etc/group", GROUPS)
    tree.folder("/root", 0o700)
    for folder in ("/tmp", "/var/tmp"):
        tree.folder(folder, 0o1777)
    account.keep(owner, sum(size for path, size in tree.files.items() if path not in before))


def _other_clocks(path):
    return path.suffix in (".zi", ".list") or bool({"posix", "right"} & set(path.parts))


def terminals(tree):
    """What readline and curses know of terminals, for people at `manage.py shell`."""
    for folder in ("/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"):
        if Path(folder).is_dir() and not Path(folder).is_symlink():
            tree.add_all(folder)


def locale_data(tree, name=LOCALE):
    """The C library's locale that the image sets as LANG, without which setlocale(…, "") fails."""
    wanted = name.replace("-", "").lower()
    for folder in Path("/usr/lib/locale").glob("*"):
        if folder.is_dir() and folder.name.replace("-", "").lower() == wanted:
            tree.add_all(folder)


def certificates(tree):
    """The bundle that ssl looks at, at the place where it looks, and OpenSSL's settings."""
    paths = ssl.get_default_verify_paths()
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if bundle.is_file():
        tree.add(bundle)
    place = Path(paths.openssl_cafile)
    if place.is_file():
        tree.add(place)
    elif bundle.is_file():
        tree.link(place, str(bundle))
    else:
        raise SystemExit("minimal: the base has no certificate authorities: TLS would trust nobody")
    settings = place.parent / "openssl.cnf"
    if settings.is_file():
        tree.add(settings)


def cache(tree):
    """ld.so's cache, made anew for what is in the root."""
    for path in (Path("/etc/ld.so.conf"), *Path("/etc/ld.so.conf.d").glob("*.conf")):
        if path.is_file():
            tree.add(path)
    program = next((p for p in ("/sbin/ldconfig", "/usr/sbin/ldconfig") if Path(p).exists()), None)
    if program:
        subprocess.run([program, "-r", str(tree.root)], check=True)


def keep(tree, globs, account):
    """What ``keep`` names of the base, besides what is there already."""
    patterns = [p for p in globs.keep if p.startswith("/")]
    added = []
    for pattern in patterns:
        # The folders before the first wildcard, so that not all of the base is walked.
        fixed = Path(pattern.split("*")[0].split("?")[0].split("[")[0])
        start = fixed if fixed.is_dir() else fixed.parent
        if str(start).startswith(("/proc", "/sys", "/dev", sys.prefix)) or not start.is_dir():
            continue
        for path in [Path(pattern)] if fixed == Path(pattern) else start.rglob("*"):
            if globs.kept(path) and path.is_file() and str(path) not in tree.files:
                real = tree.add(path)
                added.append(real)
                account.keep("base (keep of the settings)", real.stat().st_size)
    return added
