"""``.env``: make it, check it."""

from __future__ import annotations

import json as jsonlib
from difflib import get_close_matches

from djdock import env
from djdock.errors import CheckFailed, UsageError
from djdock.stack import dotenv
from djdock.tasks._task import Job, note, task


@task(help={"https": "For production, where a proxy ends TLS: sets DJANGO_HTTPS=True."})
def init(job: Job, https: bool = False) -> None:
    """Write .env from .env.example with generated secrets (mode 0600); never overwrites."""
    if job.shell.dry:
        note("Would write .env from .env.example, unless there is one.")
    elif not dotenv.prepare_env(job.config, note, https=https):
        if https:
            raise UsageError(
                ".env is there already, and is never overwritten.", "Set DJANGO_HTTPS=True in it."
            )
        note(".env is there already; nothing was written.")


@task(help={"json": "The result as JSON."})
def check(job: Job, json: bool = False) -> None:
    """Compare .env with .env.example: missing, unknown and still-default variables."""
    example = job.config.root / env.EXAMPLE
    found = env.compare(env.read(job.config.root / env.FILE), example)
    known = [*env.optional(example), *env.read(example)]
    if json:
        result = {
            "version": 1,
            "missing": found.missing,
            "unknown": found.unknown,
            "default": found.default,
            "dollar": found.dollar,
        }
        print(jsonlib.dumps(result, indent=2))
    else:
        for name in found.missing:
            print(f"missing   {name}")
        for name in found.default:
            print(f"default   {name} (still its placeholder)")
        for name in found.dollar:
            print(f"dollar    {name} (Compose takes what follows the $ for a variable's name)")
        for name in found.unknown:
            near = get_close_matches(name, known, n=1)
            print(f"unknown   {name} (not in {env.EXAMPLE}{f'; {near[0]}?' if near else ''})")
    if not found.ok:
        wrong = len(found.missing) + len(found.default) + len(found.dollar)
        raise CheckFailed(f".env has {wrong} to correct.", f"{env.EXAMPLE} explains each variable.")
    if not json:
        note(".env has all that it needs.")
