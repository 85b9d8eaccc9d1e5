"""The same site without an engine: a virtual environment, SQLite and gunicorn on this machine."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from djdock.config import Config, bracketed
from djdock.errors import UsageError
from djdock.images.generic import requirements
from djdock.images.host import ca_bundle
from djdock.shell import Shell
from djdock.stack import ports


def environment(config: Config) -> dict[str, str]:
    """What the site gets: ``.env`` without the stack's database, and SQLite in its place."""
    kept = {
        name: value
        for name, value in config.env.items()
        if not name.startswith(("DATABASE_", "COMPOSE_", "POSTGRES_", "WEB_"))
    }
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": config.settings,
        "DATABASE_ENGINE": "sqlite3",
        "DATABASE_NAME": str(config.scratch / "db.sqlite3"),
        "DJANGO_STATIC_ROOT": str(config.scratch / "staticfiles"),
        "WSGI_APPLICATION": config.wsgi,
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
    }


def commands(config: Config, python: Path) -> list[list[str]]:
    """The command lines, in order; the last one serves until it is stopped."""
    return [
        [str(python), "manage.py", "migrate", "--noinput"],
        [str(python), "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        [
            str(python), "-m", "gunicorn",
            "--config", str(config.docker_dir / "gunicorn.conf.py"),
            "--bind", f"{bracketed(config.bind)}:{config.port}",
        ],
    ]  # fmt: skip


def install(config: Config, shell: Shell, note: Callable[[str], None]) -> Path:
    """Makes the virtual environment if the requirements changed; returns its interpreter."""
    if config.table.lock:
        raise UsageError(
            f"`--local` installs with pip, which cannot read {config.table.lock}.",
            "Leave --local out, or name requirements files in [tool.djdock].",
        )
    wanted = requirements(config)
    content = b"".join(path.read_bytes() for path in wanted)
    digest = hashlib.sha256(content + sys.version.encode()).hexdigest()
    folder = config.scratch / "venv"
    python, stamp = folder / "bin" / "python", folder / "requirements.sha256"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest and not shell.dry:
        return python
    if not shell.dry:
        config.make_scratch()
    shown = " ".join(path.relative_to(config.root).as_posix() for path in wanted)
    note(f"Installing {shown} into {folder.relative_to(config.root)} …")
    shell.run([sys.executable, "-m", "venv", "--clear", str(folder)])
    # A pip that is older than 24.2 does not trust what the system trusts.
    bundle = ca_bundle(config, os.environ)
    trust = {"PIP_CERT": str(bundle)} if bundle and not os.environ.get("PIP_CERT") else {}
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    pip += [word for path in wanted for word in ("--requirement", str(path))]
    shell.run(pip, env=trust)
    if not shell.dry:
        stamp.write_text(digest, encoding="utf-8")
    return python


def up(config: Config, shell: Shell, note: Callable[[str], None]) -> None:
    """Installs, migrates, collects static files and serves until Ctrl-C.

    Raises MissingError when the port is taken and CommandFailed when a step fails.
    """
    if not shell.dry:
        ports.require_free(config.bind, config.port, [], config.name)
    env = environment(config)
    python = install(config, shell, note)
    *before, serve = commands(config, python)
    for argv in before:
        shell.run(argv, env=env, cwd=config.source)
    note(f"\nThe site is up:  {config.url}   (SQLite, no containers; Ctrl-C stops it)")
    shell.run(serve, env=env, cwd=config.source)
