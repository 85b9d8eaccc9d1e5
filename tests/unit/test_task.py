from __future__ import annotations

import io
import logging
import sys

import pytest
from support import Invoke, Project

from djdock import config
from djdock.errors import CheckFailed, CommandFailed, DjdockError, Interrupted, UsageError
from djdock.tasks import _task


@pytest.mark.parametrize(
    ("argv", "rest"),
    [
        (["invoke", "manage"], []),
        (["invoke", "manage", "--"], []),
        (["invoke", "manage", "--", "check", "--deploy"], ["check", "--deploy"]),
        (["invoke", "manage", "--", "a b", ""], ["a b", ""]),
        (["invoke", "exec", "--", "sh", "--", "x"], ["sh", "--", "x"]),
    ],
)
def test_what_stands_behind_the_dashes_is_kept_word_by_word(
    argv: list[str], rest: list[str]
) -> None:
    assert _task.remainder(argv) == rest


class Stream(io.StringIO):
    def __init__(self, text: str = "", *, tty: bool) -> None:
        super().__init__(text)
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


@pytest.mark.parametrize(
    ("environ", "tty", "coloured"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_for_terminals_and_whoever_asks(
    environ: dict[str, str], tty: bool, coloured: bool
) -> None:
    assert _task.colour(Stream(tty=tty), environ) is coloured


def test_yes_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    _task.confirm("Delete?", yes=True)


def test_without_a_terminal_the_flag_is_the_only_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stream("y\n", tty=False))
    with pytest.raises(UsageError) as caught:
        _task.confirm("Delete?", yes=False)
    assert str(caught.value) == "Delete? Nobody is here to ask.\nAdd `--yes` to agree."


@pytest.mark.parametrize("answer", ["y", "Y", " yes "])
def test_a_yes_on_a_terminal_is_enough(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Stream(f"{answer}\n", tty=True))
    _task.confirm("Delete?", yes=False)
    assert capsys.readouterr() == ("", "Delete? [y/N] ")


@pytest.mark.parametrize("answer", ["", "n", "yess", "no"])
def test_anything_else_is_no(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(sys, "stdin", Stream(f"{answer}\n", tty=True))
    with pytest.raises(CheckFailed, match=r"^Nothing was done\.$"):
        _task.confirm("Delete?", yes=False)


class TestErrors:
    """What a task's error leaves on the terminal, and its exit code."""

    @pytest.fixture(autouse=True)
    def _broken(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        self.raised: BaseException = DjdockError("x")

        def load(**_: object) -> None:
            raise self.raised

        monkeypatch.setattr(config, "load", load)

    @pytest.mark.parametrize(
        ("raised", "code", "text"),
        [
            (CheckFailed("No.", "Do."), 1, "error: No.\nDo.\n"),
            (UsageError("No."), 2, "error: No.\n"),
            (CommandFailed(["x"], 42), 42, "error: `x` failed with exit code 42.\n"),
            (
                KeyboardInterrupt(),
                130,
                "Interrupted; what was started has been stopped.\n",
            ),
            (Interrupted(15), 143, "Terminated.\n"),
            (BrokenPipeError(), 141, ""),
        ],
    )
    def test_an_error_is_two_sentences_and_a_code(
        self, invoke: Invoke, raised: BaseException, code: int, text: str
    ) -> None:
        self.raised = raised
        ended = invoke("ps")
        assert (ended.code, ended.out, ended.err) == (code, "", text)

    def test_colour_marks_the_word_error_only(
        self, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        self.raised = UsageError("No.")
        assert invoke("ps").err == "\033[31merror:\033[0m No.\n"

    def test_debug_adds_the_traceback_and_keeps_the_code(
        self, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # As `invoke --debug` sets it; a real --debug would change logging for all other tests.
        monkeypatch.setattr(logging.getLogger("invoke"), "level", logging.DEBUG)
        monkeypatch.setattr(logging.getLogger("invoke"), "_cache", {})
        self.raised = UsageError("No.", "Do.")
        ended = invoke("ps")
        assert ended.code == 2
        assert "Traceback (most recent call last):" in ended.err
        assert ended.err.endswith("error: No.\nDo.\n")
