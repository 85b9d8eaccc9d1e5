"""How many workers docker/gunicorn.conf.py starts."""

from __future__ import annotations

import functools
import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType

import pytest
from support import REPOSITORY


def loaded() -> ModuleType:
    loader = SourceFileLoader("gunicorn_conf", str(REPOSITORY / "docker/gunicorn.conf.py"))
    spec = importlib.util.spec_from_loader("gunicorn_conf", loader)
    assert spec is not None
    conf = importlib.util.module_from_spec(spec)
    loader.exec_module(conf)
    return conf


@pytest.mark.parametrize(("configuration", "calls"), [("", ["setup"]), ("Prod", ["own", "setup"])])
def test_django_is_set_up_before_an_asgi_application_is_imported(
    monkeypatch: pytest.MonkeyPatch, configuration: str, calls: list[str]
) -> None:
    done: list[str] = []
    for name, word in (("django", "setup"), ("configurations", "own")):
        module = ModuleType(name)
        monkeypatch.setattr(module, "setup", functools.partial(done.append, word), raising=False)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setenv("DJANGO_CONFIGURATION", configuration)
    monkeypatch.delenv("DJDOCK_SERVER", raising=False)
    assert not hasattr(loaded(), "post_fork")
    monkeypatch.setenv("DJDOCK_SERVER", "asgi")
    loaded().post_fork(None, None)
    assert done == calls


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
    conf = loaded()
    monkeypatch.setattr(conf, "cpus", lambda: cpus)
    monkeypatch.setattr(conf, "memory", lambda: limit and limit * 1024**2)
    monkeypatch.setattr(conf, "packages", lambda: packages)
    assert conf.default_workers() == workers
