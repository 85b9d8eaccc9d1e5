from __future__ import annotations

import json
from pathlib import Path

import pytest
from reported import report

from djdock.report import write
from djdock.report.markdown import markdown


def test_every_form_is_written(tmp_path: Path) -> None:
    found, folder = report(), tmp_path / "deep" / "reports"
    assert [path.name for path in write.write(found, folder)] == list(write.FORMS)
    assert sorted(path.name for path in folder.iterdir()) == sorted(write.FORMS)
    assert json.loads((folder / "images.json").read_text(encoding="utf-8")) == found
    assert (folder / "images.md").read_text(encoding="utf-8") == markdown(found)


def test_a_form_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write.write(report(), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def fails(path: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fails)
    with pytest.raises(OSError, match="No space"):
        write.write(report(good=True), tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_github_is_told_what_it_listens_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    found = report() | {"complaints": ["100% full\r\nand more", "two"]}
    write.announce(found, {"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.read_text(encoding="utf-8") == "before\n" + markdown(found)
    assert capsys.readouterr().out == ""
    write.announce(found, {"GITHUB_ACTIONS": "true"})
    assert capsys.readouterr().out == (
        "::error title=images::100%25 full%0D%0Aand more\n::error title=images::two\n"
    )


def test_elsewhere_nothing_is_announced(capsys: pytest.CaptureFixture[str]) -> None:
    write.announce(report(), {})
    assert capsys.readouterr().out == ""
