"""The nox sessions that any project can take: ``from djdock.sessions import images``."""

from __future__ import annotations

import nox

from djdock import config as config_module
from djdock import engine
from djdock.errors import DjdockError, Interrupted
from djdock.images import budgeted, compare, limits, report
from djdock.narration import note
from djdock.shell import Shell

#: What `nox -s images` compares, the naive one first.
VARIANTS = ("single", "multi", "minimal")

#: How many times smaller than single multi must be; `[tool.djdock.budget] min_ratio` overrides it.
MIN_RATIO = 6.0


@nox.session(venv_backend="none")
def images(session: nox.Session) -> None:
    """Build the variants from the same source, compare them, write reports/images.*."""
    try:
        config = config_module.load()
        shell = Shell(secrets=config.secrets)
        there = [name for name in VARIANTS if name in config.variants]
        measured = compare.compare(config, shell, there, note)
        with engine.client() as sdk:
            version = str(sdk.version()["Version"])
            verdicts = budgeted.judge(config, measured, sdk)
        asked = limits.limits(config.table.budget, "multi").min_ratio
        least = asked.get(limits.YARDSTICK, MIN_RATIO)
        found = report.data(measured, min_ratio=least, engine=version, verdicts=verdicts)
        paths = report.write(found, config.root / "reports")
    except Interrupted:
        raise KeyboardInterrupt from None  # which nox ends with 130
    except DjdockError as error:
        session.error(str(error))
    print(report.text(found), flush=True)
    note(f"\nWritten: {', '.join(str(path.relative_to(config.root)) for path in paths)}")
    if not found["ok"]:
        session.error("\n".join(report.complaints(found)))
