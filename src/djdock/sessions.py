"""The nox sessions that any project can take: ``from djdock.sessions import images, matrix``."""

from __future__ import annotations

from typing import Any

import nox

from djdock import config as config_module
from djdock import engine, table
from djdock.errors import DjdockError, Interrupted, of_system
from djdock.images import baseline, budgeted, size
from djdock.measure import lab, plan
from djdock.narration import note
from djdock.report import data, text, write
from djdock.shell import Shell
from djdock.stack import dotenv
from djdock.stack import matrix as databases

#: What `nox -s images` compares, the naive one first; then what the project names.
VARIANTS = ("single", "multi", "minimal")


@nox.session(venv_backend="none")
def images(session: nox.Session) -> None:
    """Build and measure the variants, write reports/images.*; `-- --help` shows what can be chosen."""
    try:
        config = config_module.load()
        there = [name for name in VARIANTS if name in config.variants]
        there += [name for name in config.variants if config.named(name)]
        asked = plan.plan(session.posargs, there)
        if asked is None:
            print(plan.parser().format_help(), end="", flush=True)
            return
        found = _measured(config, asked)
        paths = write.write(found, config.root / "reports")
    except Interrupted:
        raise KeyboardInterrupt from None  # which nox ends with 130
    except DjdockError as error:
        note(f"error: {error}")
        session.error()
    except OSError as error:
        note(f"error: {of_system(error)}")
        session.error()
    print(text.text(found), flush=True)
    write.announce(found)
    note(f"\nWritten: {', '.join(str(path.relative_to(config.root)) for path in paths)}")
    if not found["ok"]:
        number = len(found["complaints"])
        session.error(f"{number} complaint{'s' if number > 1 else ''}, see above")


@nox.session(venv_backend="none")
def matrix(session: nox.Session) -> None:
    """Run the site's own tests on postgres, mysql and sqlite; `-- mysql` runs them on that one only."""
    try:
        names = databases.chosen(session.posargs)
        config = config_module.load()
        config, shell = dotenv.ensure_env(config, Shell(secrets=config.secrets), note)
        found = [databases.run(config, shell, name, note) for name in names]
    except Interrupted:
        raise KeyboardInterrupt from None
    except DjdockError as error:
        session.error(str(error))
    rows = [
        (ran.database, "passed" if not ran.code else "FAILED", f"{ran.seconds:.1f}")
        for ran in found
    ]
    print(table.plain(rows, ("database", "tests", "seconds"), right="seconds"), flush=True)
    failed = [ran.database for ran in found if ran.code]
    if failed:
        session.error(f"The site's tests fail on {', '.join(failed)}.")


def _measured(config: config_module.Config, asked: plan.Plan) -> dict[str, Any]:
    """The report's data."""
    measured = lab.measure(config, Shell(secrets=config.secrets), asked, note)
    with engine.client() as sdk:

        def built(variant: str) -> int | None:
            tag = config.image(variant)
            return size.measure(sdk, [tag])[0].size if engine.image_id(sdk, tag) else None

        verdicts = budgeted.judge(config, [item.facts for item in measured], built)
        version, store = str(sdk.version()["Version"]), size.store(sdk)
    lock = config.root / baseline.FILE
    variants = [
        data.variant(
            item.variant,
            item.contents,
            dockerfile=item.dockerfile,
            base_image=item.base_image,
            measurements=item.measurements,
            compared=data.against_baseline(lock, item.variant, item.facts.snapshot),
        )
        for item in measured
    ]
    return data.report(
        config.name, variants, engine=version, store=store, verdicts=verdicts, quick=asked.quick
    )
