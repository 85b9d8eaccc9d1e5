"""From the installed wheel to a running stack, outside of this repository; run by `nox -s package`.

The environment has djdock and what its wheel asks for, nothing else. Every module is imported; then a
project that `django-admin startproject` makes is taken to a stack by the commands that a user types.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path

import djdock

#: What runs inside of the site's image, by the site's Python and packages.
IN_THE_SITE = ("djdock.check.probes",)


def every_module() -> int:
    """Imports all of djdock; returns how many modules that are."""
    names = [found.name for found in pkgutil.walk_packages(djdock.__path__, "djdock.")]
    names = [name for name in names if name not in (*IN_THE_SITE, "djdock.__main__")]
    for name in names:
        importlib.import_module(name)
    return len(names)


def run(*argv: str, folder: Path) -> str:
    """What a command prints; it is shown, and one that fails ends the walk."""
    print("$", *argv, flush=True)
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nexit code {done.returncode}")
    return done.stdout


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """The walk."""
    assert "src" not in Path(djdock.__file__).parts, djdock.__file__
    print(f"{every_module()} modules of {Path(djdock.__file__).parent}")
    programs = Path(sys.executable).parent
    with tempfile.TemporaryDirectory(prefix="package-") as name:
        # Django is the project's: it has an environment of its own.
        venv.create(Path(name, "django"), with_pip=True)
        run(f"{name}/django/bin/pip", "install", "--quiet", "Django", folder=Path(name))
        run(f"{name}/django/bin/django-admin", "startproject", "shop", folder=Path(name))
        root = Path(name, "shop")
        port = free_port()
        os.environ |= {"WEB_PORT": str(port), "PATH": f"{programs}:{os.environ['PATH']}"}
        try:
            assert json.loads(run("djdock", "inspect", "--json", folder=root))["possible"]
            run("djdock", "init", "--yes", folder=root)
            assert "db.backup" in run("invoke", "--list", folder=root)
            assert "images" in run("nox", "--list", folder=root)
            run("invoke", "up", folder=root)
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/admin/login/", timeout=20
            ) as page:
                assert page.status == 200
            run("invoke", "migrate", "--check", folder=root)
            assert (
                "nothing to do"
                in subprocess.run(
                    ["djdock", "init", "--yes"],
                    cwd=root,
                    capture_output=True,
                    text=True,
                    check=True,
                ).stderr
            )
        finally:
            if (root / ".env").is_file():
                run("invoke", "down", "--volumes", "--yes", folder=root)
    print("The wheel works.")


if __name__ == "__main__":
    main()
