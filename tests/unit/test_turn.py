"""Two `up` of one project, one after the other."""

from __future__ import annotations

import threading

import pytest
from support import Project

from djdock.stack.turn import turn


def test_the_second_waits_for_the_first_and_says_so(project: Project) -> None:
    config = project.load()
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        def note(text: str) -> None:
            order.append(text)
            waiting.set()

        with turn(config, note):
            order.append("second")

    with turn(config, order.append):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    said = "Another `up` of this project is at work; this one begins when it is done."
    assert order == [said, "first", "second"]


def test_it_is_over_early_or_by_an_error(project: Project) -> None:
    notes: list[str] = []
    config = project.load()
    with turn(config, notes.append) as first:
        first.end()
        with pytest.raises(ValueError, match="x"), turn(config, notes.append):
            raise ValueError("x")
        with turn(config, notes.append):
            pass
    assert notes == []


def test_a_dry_run_waits_for_nobody_and_writes_nothing(project: Project) -> None:
    config = project.load()
    with turn(config, print, dry=True):
        pass
    assert not config.scratch.exists()
