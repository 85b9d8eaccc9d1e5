"""``.env``: make it, check it."""

from __future__ import annotations

import json as jsonlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from djdock import config, env
from djdock.errors import CheckFailed, DjdockError, UsageError
from djdock.pyproject import read_table
from djdock.stack import choice, dotenv
from djdock.tasks._task import Job, note, task

if TYPE_CHECKING:
    from djdock.envfile.differences import Difference


@task(help={"https": "For production, where a proxy ends TLS: sets DJANGO_HTTPS=True."})
def init(job: Job, https: bool = False) -> None:
    """Write .env with generated secrets (mode 0600), or add those that an add-on lacks."""
    if job.shell.dry:
        note("Would write .env from .env.example, unless there is one.")
        return
    made = dotenv.prepare_env(job.config, note, https=https)
    if https and not made:
        raise UsageError(
            ".env is there already, and is never overwritten.", "Set DJANGO_HTTPS=True in it."
        )
    before = choice.choose(config.load(job.config.root))
    after, _ = dotenv.add_secrets(before, job.shell, note, lambda: _volumes(job))
    if not made and after.env == before.env:
        note(".env is there already; nothing was written.")


def _volumes(job: Job) -> set[str]:
    """The stack's volumes; without an engine it is taken that there are none."""
    try:
        job.require_engine()
    except DjdockError:
        return set()
    return job.volumes()


@task(lenient=True, help={"json": "The result as JSON."})
def check(job: Job, json: bool = False) -> None:
    """Compare .env with .env.example, and what python-dotenv, Compose and docker make of its lines."""
    from djdock.envfile import differences as compared

    # Lenient as to .env, whose lines are what this is about; not as to anything else.
    config.check(replace(job.config, table=read_table(job.config.root / "pyproject.toml")))
    path, example = job.config.root / env.FILE, job.config.root / env.EXAMPLE
    text = env.text_of(path)
    found = dotenv.compare(job.config, env.read(path, lenient=True))
    differences = compared.differences(text, os.environ)
    remarks = compared.remarks(text)
    if json:
        result = {
            "version": 1,
            "missing": found.missing,
            "unknown": found.unknown,
            "default": found.default,
            "differences": [asdict(difference) for difference in differences],
            "remarks": [asdict(remark) for remark in remarks],
        }
        print(job.shell.mask(jsonlib.dumps(result, indent=2, ensure_ascii=False)))
    else:
        known = [*env.optional(example), *env.read(example, lenient=True)]
        lines = [*_findings(found, known), *map(_difference, differences)]
        lines += [f"remark    line {remark.line}: {remark.text}" for remark in remarks]
        for line in lines:
            print(job.shell.mask(line))
    wrong = len(found.missing) + len(found.default) + len(differences)
    if wrong:
        raise CheckFailed(f".env has {wrong} to correct.", f"{env.EXAMPLE} explains each variable.")
    if not json:
        note(".env has all that it needs.")


def _findings(found: env.Findings, known: Sequence[str]) -> Iterator[str]:
    for name in found.missing:
        yield f"missing   {name}"
    for name in found.default:
        yield f"default   {name} (still its placeholder)"
    for name in found.unknown:
        near = get_close_matches(name, known, n=1)
        yield f"unknown   {name} (not in {env.EXAMPLE}{f'; {near[0]}?' if near else ''})"


def _difference(found: Difference) -> str:
    name = f" ({found.name})" if found.name else ""
    width = max(map(len, found.meanings))
    meanings = [f"            {reader:{width}}  {said}" for reader, said in found.meanings.items()]
    remedy = (
        f"write {found.instead}"
        if found.instead
        else "nothing means that to all three: choose another value"
    )
    return "\n".join(
        [f"differs   line {found.line}{name}: {found.why}", *meanings, f"            -> {remedy}"]
    )
