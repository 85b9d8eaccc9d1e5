"""A small project in a temporary folder, invoke run in-process, and stubs of docker."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from invoke.program import Program

from djdock import config as config_module

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from djdock.config import Config

REPOSITORY = Path(__file__).resolve().parents[2]


def script(name: str) -> ModuleType:
    """A script of docker/ as a module; it is no package."""
    spec = importlib.util.spec_from_file_location(name, REPOSITORY / "docker" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_builder(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The same with what stands beside it in the builder, which is laid out in ``folder``."""
    beside = folder / "build"
    beside.mkdir()
    for script_ in ("settle.py", "slim.py"):
        (beside / script_).symlink_to(REPOSITORY / "docker" / script_)
    for package in ("dependencies", "minimal"):
        (beside / f"djdock_{package}").symlink_to(REPOSITORY / "docker" / package)
    monkeypatch.syspath_prepend(beside)
    ours = ("settle", "slim", "djdock_dependencies", "djdock_minimal")
    for module in [one for one in sys.modules if one.split(".")[0] in ours]:
        monkeypatch.delitem(sys.modules, module)
    return script(name)


MANAGE = """import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
"""

#: Every value is one that the tests look for, so that a default cannot pass for it.
ENV = {
    "COMPOSE_PROJECT_NAME": "shop",
    "DJANGO_SECRET_KEY": "Xk3yXk3yXk3yXk3y",
    "DATABASE_NAME": "shopdb",
    "DATABASE_USERNAME": "shopper",
    "DATABASE_PASSWORD": "Pa55wordPa55word",
}


@dataclass(frozen=True)
class Ended:
    """How a run of invoke ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass
class Project:
    """A project in a temporary folder."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def table(self, text: str) -> None:
        """Writes ``[tool.djdock]``."""
        self.write("pyproject.toml", f'[tool.djdock]\nsource = "src/shop"\n{text}\n')

    def dotenv(self, values: Mapping[str, str] = ENV, **more: str) -> None:
        lines = [f"{name}={value}\n" for name, value in {**values, **more}.items()]
        self.write(".env", "".join(lines))

    def load(self, environ: Mapping[str, str] | None = None) -> Config:
        return config_module.load(self.root, environ or {})

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Every file with its mode and contents, so that a change of any is seen."""
        return {
            str(path.relative_to(self.root)): (path.lstat().st_mode, path.read_bytes())
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }


class Invoke:
    """Runs invoke in this process, as its console script does."""

    def __init__(self, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capfd, self.monkeypatch = capfd, monkeypatch

    def __call__(self, *words: str) -> Ended:
        argv = ["invoke", *words]
        self.monkeypatch.setattr(sys, "argv", argv)
        self.capfd.readouterr()
        code = 0
        try:
            Program(name="invoke").run(argv)
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
        out, err = self.capfd.readouterr()
        return Ended(code, out, err)


@dataclass
class DockerStub:
    """Makes executables named docker that know some plugins and write down what they are asked."""

    tmp_path: Path

    def __call__(self, name: str, *plugins: str) -> Path:
        folder = self.tmp_path / name
        folder.mkdir()
        path = folder / "docker"
        known = "|".join(plugins) or "none"
        path.write_text(
            f'#!/bin/sh\necho "$@" >> {folder}/asked\ncase $1 in {known}) exit 0;; esac\nexit 1\n',
            encoding="utf-8",
        )
        path.chmod(0o755)
        return path
