"""What a Dockerfile of the project's own gets on a machine whose proxy intercepts TLS."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support import Project

from djdock.images import build, host, trusting
from djdock.images.build import Build
from djdock.images.host import Secrets
from djdock.shell import Completed, Shell

TABLE = '[tool.djdock.variants.own]\ndockerfile = "app/Dockerfile"'

CA = "--mount=type=secret,id=ca,mode=0444"

TEXT = """# syntax=docker/dockerfile:1
ARG V=3.13
FROM python:$V \\
    AS one
run pip install x
RUN <<END
RUN of a script
END
SHELL ["bash", "-c"]

FROM one
RUN \\
    # why
    pip install y && \\
    RUN=1
CMD ["RUN this"]
"""


def test_each_run_mounts_the_authorities_and_nothing_else_is_another() -> None:
    made = trusting.text(TEXT, ["ca"], builtin=False)
    arguments = "".join(f"ARG {name}=/run/secrets/ca\n" for name in trusting.VARIABLES["ca"])
    assert made.count(arguments) == 2
    assert (
        f"    AS one\n{arguments}run {CA} pip install x\nRUN {CA} <<END\nRUN of a script\n" in made
    )
    assert f"RUN {CA} \\\n    # why\n    pip install y && \\\n    RUN=1\n" in made
    assert made.replace(arguments, "").replace(f" {CA}", "") == TEXT


def test_another_parser_is_not_fetched_where_no_registry_answers() -> None:
    made = trusting.text(
        "#syntax = docker/dockerfile:1.7-labs\n# escape=`\nFROM a\n", [], builtin=True
    )
    assert made == "#\n# escape=`\nFROM a\n"
    later = "FROM a\n# syntax=docker/dockerfile:1\n"
    assert trusting.text(later, [], builtin=True) == later
    company = "# syntax=example.org/frontend:1\nFROM a\n"
    assert trusting.text(company, [], builtin=True) == company


def test_a_mirror_of_the_index_is_given_as_well() -> None:
    made = trusting.text("FROM a\nRUN pip install x\n", ["pip", "uv"], builtin=False)
    assert "ARG PIP_CONFIG_FILE=/run/secrets/pip\nARG UV_CONFIG_FILE=/run/secrets/uv\n" in made
    assert (
        "RUN --mount=type=secret,id=pip,mode=0444 --mount=type=secret,id=uv,mode=0444 pip" in made
    )


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in (*host.CA_VARIABLES, "PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    project.write("app/Dockerfile", "FROM python:3.13-slim\nRUN pip install x\n")
    project.write("app/Dockerfile.dockerignore", "*.log\n")
    project.table(TABLE)
    return project


class Built:
    """What a build was given: the text of its Dockerfile, and of the ignore file beside that."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file, self.text, self.ignored = "", "", ""
        monkeypatch.setattr(Shell, "logged", self)
        monkeypatch.setattr(Shell, "capture", lambda *_, **__: Completed(0, "", ""))

    def __call__(self, argv: Sequence[str], *_: Any, **kwargs: Any) -> int:
        self.file = argv[argv.index("--file") + 1]
        path = Path(kwargs["cwd"], self.file)
        self.text = path.read_text(encoding="utf-8")
        ignore = path.with_name("Dockerfile.dockerignore")
        self.ignored = ignore.read_text(encoding="utf-8") if ignore.is_file() else ""
        return 0


def test_a_named_bundle_reaches_a_dockerfile_that_knows_nothing_of_it(
    shop: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(shop.write("ca.pem", "")))
    built = Built(monkeypatch)
    build.run(shop.load(), Shell(), "docker", "own", Build("x:1"))
    assert f"RUN {CA} pip install x\n" in built.text
    assert built.ignored == "*.log\n"
    # Outside of the project, of which the build may copy all, and gone.
    assert not Path(built.file).is_relative_to(shop.root)
    assert not Path(built.file).exists()
    said = "app/Dockerfile: each RUN gets this machine's certificate authorities, in no layer."
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("run", "named"),
    [
        ("RUN pip install x", False),
        ("RUN --mount=type=secret,id=ca pip install x", True),
    ],
)
def test_one_that_mounts_secrets_itself_or_needs_none_stays_as_it_is(
    shop: Project, monkeypatch: pytest.MonkeyPatch, run: str, named: bool
) -> None:
    shop.write("app/Dockerfile", f"FROM python:3.13-slim\n{run}\n")
    if named:
        monkeypatch.setenv("SSL_CERT_FILE", str(shop.write("ca.pem", "")))
    built = Built(monkeypatch)
    build.run(shop.load(), Shell(), "docker", "own", Build("x:1"))
    assert built.file == "app/Dockerfile"


def test_djdocks_own_variants_stay_as_they_are(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(shop.write("ca.pem", "")))
    built = Built(monkeypatch)
    build.run(shop.load(), Shell(), "docker", "multi", Build("x:1"))
    assert built.file == "docker/multi.Dockerfile"


def test_which_secrets_are_meant(shop: Project) -> None:
    given = Secrets({"ca": Path("/ca.pem")}, {"pip": "[global]"})
    assert trusting.secrets(shop.load(), given, {}) == ["pip"]
    assert trusting.secrets(shop.load(), given, {"PIP_CERT": "/ca.pem"}) == ["ca", "pip"]
    assert trusting.secrets(shop.load(), Secrets(), {"PIP_CERT": "/ca.pem"}) == []
