"""How many workers docker/gunicorn.conf.py starts."""

from __future__ import annotations

import importlib.util
from importlib.machinery import SourceFileLoader

import pytest
from support import REPOSITORY


@pytest.mark.parametrize(
    ("cpus", "limit", "packages", "workers"),
    [
        (2, 512, 20, 5),
        (2, None, 300, 5),
        (16, 512, 20, 5),
        (2, 512, 130, 1),
        (2, 1024, 130, 3),
        (16, 2048, 130, 8),
        (2, 256, 300, 1),
    ],
)
def test_workers(
    monkeypatch: pytest.MonkeyPatch, cpus: int, limit: int | None, packages: int, workers: int
) -> None:
    loader = SourceFileLoader("gunicorn_conf", str(REPOSITORY / "docker/gunicorn.conf.py"))
    spec = importlib.util.spec_from_loader("gunicorn_conf", loader)
    assert spec is not None
    conf = importlib.util.module_from_spec(spec)
    loader.exec_module(conf)
    monkeypatch.setattr(conf, "cpus", lambda: cpus)
    monkeypatch.setattr(conf, "memory", lambda: limit and limit * 1024**2)
    monkeypatch.setattr(conf, "packages", lambda: packages)
    assert conf.default_workers() == workers
