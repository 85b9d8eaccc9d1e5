"""What does pyproject.toml say of the project, and is it there?"""

from __future__ import annotations

from djdock.config import Config, check_table
from djdock.doctor.finding import Finding, ok
from djdock.doctor.patient import Patient
from djdock.images import build
from djdock.pyproject import read_table
from djdock.stack import compose, fit


def look(patient: Patient) -> Finding:
    """``[tool.djdock]``, manage.py, the requirements, the Compose files and the Dockerfile.

    Each thing that is wrong or missing raises the error that ``up`` would end with.
    """
    root = patient.config.root
    config = Config(root, read_table(root / "pyproject.toml"), patient.config.env)
    check_table(config)
    compose.files(config, config.addons)
    variant = config.variant()
    fit.require(config, variant)
    if config.named(variant) is None:
        build.build_args(config)
    return ok(f"{config.source.relative_to(root)}, variant {variant}.")
