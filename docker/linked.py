"""What extension modules link to: prints the Debian packages that the finished image needs for that.

    linked.py VENV

A library that is nowhere is installed when its package is known; else it is named on stderr. Runs in the
builder, after the packages. Only what neither the base nor `system_packages` have is printed.
"""

import fnmatch
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, "/build")

from djdock_dependencies.debian import LIBRARY
from djdock_minimal.loader import Loader

NOTES = Path("/var/lib/djdock")


def binaries(venv):
    """Extension modules, and libraries that packages bring along."""
    found = []
    for folder, _, names in os.walk(venv):
        found += [Path(folder, name) for name in names if ".so" in name]
    return [path for path in sorted(found) if path.is_file() and not path.is_symlink()]


def closure(venv):
    """All libraries outside of ``venv`` that it needs, and those that are nowhere, each with who
    needs it.
    """
    paths = binaries(venv)
    # A library of the environment may be found by another one's RPATH only: its name is enough here.
    own = {path.name for path in paths}
    found, missing = Loader().closure(paths)
    return found, {name: user for name, user in missing.items() if name not in own}


def package_of(name):
    """The package of a library, as this Debian calls it; "" when it is not known."""
    pattern = LIBRARY.get(name, "")
    if "*" not in pattern:
        return pattern
    listed = subprocess.run(["apt-cache", "pkgnames", pattern.split("*")[0]], stdout=subprocess.PIPE,
                            text=True, check=False).stdout.split()  # fmt: skip
    return next(
        iter(
            sorted((n for n in listed if fnmatch.fnmatch(n, pattern) and "-dev" not in n), key=len)
        ),
        "",
    )


def mend(missing):
    """Installs the packages of missing libraries; returns whether there were any."""
    names = [name for name in missing if name in LIBRARY]
    for name in sorted(set(missing) - set(names)):
        why = "is nowhere: name its Debian package in system_packages"
        print(f"linked: {name}, which {missing[name]} needs, {why}", file=sys.stderr)
    if not names:
        return False
    if any("*" in LIBRARY[name] for name in names):
        subprocess.run(["apt-get", "-qq", "update"], check=True, stdout=sys.stderr)
    packages = sorted({package_of(name) for name in names} - {""})
    print("linked: {} for {}".format(" ".join(packages), ", ".join(names)), file=sys.stderr)
    if packages:
        subprocess.run(["sh", "/build/apt.sh", "--", *packages], check=True, stdout=sys.stderr)
    return bool(packages)


def owners(paths):
    """The packages that these files belong to; /lib is /usr/lib for dpkg or not, so both are asked."""
    found = set()
    for path in paths:
        real = str(Path(path).resolve())
        for name in {path, real, real.replace("/usr/lib/", "/lib/", 1)}:
            done = subprocess.run(["dpkg-query", "--search", name], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True, check=False)  # fmt: skip
            names = [line for line in done.stdout.splitlines() if not line.startswith("diversion ")]
            if done.returncode == 0 and names:
                found.add(names[0].split(":")[0].split(",")[0])
                break
    return found


def noted(name):
    """The packages in one of the notes that apt.sh makes; none where it had no cause to."""
    path = NOTES / name
    return set(path.read_text().split()) if path.is_file() else set()


def main(venv):
    found, missing = closure(venv)
    if missing and mend(missing):
        found, missing = closure(venv)
    if (NOTES / "base").is_file():
        names = owners(path for path in found if not path.startswith(str(venv)))
        print(*sorted(names - noted("base") - noted("system")), end="")


main(Path(sys.argv[1]))
