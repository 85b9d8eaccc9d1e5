from __future__ import annotations

from typing import Any

import nox
import pytest
from reported import SINGLE
from support import Project

from djdock import sessions
from djdock.errors import Interrupted, UsageError
from djdock.images.baseline import Snapshot
from djdock.images.budget import Facts
from djdock.measure import lab, plan
from djdock.measure.lab import Measured
from djdock.report import write


class Session:
    """A session of nox with these words behind --."""

    def __init__(self, *words: str) -> None:
        self.posargs = list(words)

    def error(self, *text: str) -> None:
        raise SystemExit(" ".join(text))


def images(*words: str) -> None:
    session: Any = Session(*words)
    sessions.images.func(session)


def test_nox_shows_it_with_a_line() -> None:
    assert isinstance(sessions.images, nox._decorators.Func)
    assert (sessions.images.func.__doc__ or "").startswith("Build and measure the variants")


def test_help_needs_no_engine(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    images("--help")
    assert capsys.readouterr().out == plan.parser().format_help()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "legcy"), "There is no variant `legcy` in --only.\nDid you mean `legacy`?"),
        (("--runs", "0"), "--runs is 0.\nGive a number from 1 to 50."),
        ((), "There is no `docker` on PATH."),
    ],
)
def test_errors_end_the_session_with_their_sentence(
    project: Project, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    project.table('[tool.djdock.variants.legacy]\ndockerfile = "Dockerfile.old"')
    project.write("Dockerfile.old", "FROM scratch\n")
    with pytest.raises(SystemExit):
        images(*words)
    assert capsys.readouterr().err.startswith(f"error: {said}")


def test_djdocks_variants_come_first_then_those_that_the_project_names(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.table('[tool.djdock.variants.legacy]\ndockerfile = "Dockerfile.old"')
    project.write("Dockerfile.old", "FROM scratch\n")
    found: list[plan.Plan] = []

    def measured(config: object, asked: plan.Plan) -> None:
        found.append(asked)
        raise UsageError("enough")

    monkeypatch.setattr(sessions, "_measured", measured)
    with pytest.raises(SystemExit):
        images()
    assert found[0].variants == ("single", "multi", "minimal", "legacy")


def test_an_interrupt_is_noxs_own(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(config: object, asked: object) -> None:
        raise Interrupted(15)

    monkeypatch.setattr(sessions, "_measured", measured)
    with pytest.raises(KeyboardInterrupt):  # which nox ends with 130
        images()


def test_a_full_disk_is_said_in_a_sentence(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measured(config: object, asked: object) -> None:
        raise OSError(28, "No space left on device", "reports/images.json")

    monkeypatch.setattr(sessions, "_measured", measured)
    with pytest.raises(SystemExit):
        images()
    said = "error: reports/images.json: No space left on device.\nMend that and try again.\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("good", [True, False])
def test_the_report_is_written_whatever_it_says(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    good: bool,
) -> None:
    parts = ("variant", "dockerfile", "base_image", "measurements", "baseline")
    measured = Measured(
        "single",
        "docker/single.Dockerfile",
        "python:3.13",
        contents={key: value for key, value in SINGLE.items() if key not in parts},
        measurements={} if good else SINGLE["measurements"],
        facts=Facts("single", Snapshot("shop:single", "linux/amd64", "overlay2", 1, 1, {})),
    )

    class Sdk:
        def version(self) -> dict[str, str]:
            return {"Version": "29.1.0"}

        def info(self) -> dict[str, str]:
            return {"Driver": "overlay2"}

        def __enter__(self) -> Sdk:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(lab, "measure", lambda config, shell, asked, note: [measured])
    monkeypatch.setattr(sessions.engine, "client", Sdk)
    complaint = (
        "single: dependency rebuild could not be measured: "
        "shop:single-changed could not be built: see above."
    )
    if good:
        images("--only", "single")
    else:
        with pytest.raises(SystemExit) as caught:
            images("--only", "single", "--quick")
        assert str(caught.value) == "1 complaint, see above"
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split() == ["single"]
    assert (complaint in out) is not good
    assert err == f"\nWritten: {', '.join(f'reports/{name}' for name in write.FORMS)}\n"
    assert (project.root / "reports/images.json").is_file()
