from __future__ import annotations

import pytest

from djdock.errors import (
    CheckFailed,
    CommandFailed,
    DjdockError,
    Interrupted,
    MissingError,
    UsageError,
    one_of,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DjdockError("x"), 1),
        (CheckFailed("x"), 1),
        (UsageError("x"), 2),
        (MissingError("x"), 3),
        (CommandFailed(["x"], 1), 1),
        (CommandFailed(["x"], 42), 42),
        (CommandFailed(["x"], -9), 137),  # killed by signal 9, as shells count
        (Interrupted(), 130),
        (Interrupted(15), 143),
    ],
)
def test_each_error_has_its_exit_code(error: DjdockError, code: int) -> None:
    assert error.exit_code == code


def test_an_error_is_its_problem_and_then_its_remedy() -> None:
    assert str(UsageError("It is wrong.", "Do this.")) == "It is wrong.\nDo this."
    assert str(UsageError("It is wrong.")) == "It is wrong."


def test_a_failed_command_is_shown_as_a_shell_takes_it() -> None:
    error = CommandFailed(["docker", "run", "a b"], 7)
    assert str(error) == "`docker run 'a b'` failed with exit code 7."
    assert str(CommandFailed(["x"], 7, problem="Why.", remedy="What.")) == "Why.\nWhat."


def test_interruptions_say_what_happened() -> None:
    assert str(Interrupted()) == "Interrupted; what was started has been stopped."
    assert str(Interrupted(15)) == "Terminated."


@pytest.mark.parametrize(
    ("given", "valid", "remedy"),
    [
        ("mutli", ["single", "multi"], "Did you mean `multi`?"),
        ("xyz", ["single", "multi"], "Choose from: multi, single."),
        ("xyz", [], "Choose from: none."),
    ],
)
def test_an_unknown_word_leads_to_the_nearest_or_to_all(
    given: str, valid: list[str], remedy: str
) -> None:
    error = one_of("variant", given, valid)
    assert (error.exit_code, error.problem) == (2, f"There is no variant `{given}`.")
    assert error.remedy == remedy


def test_an_unknown_word_names_the_file_it_stands_in() -> None:
    assert one_of("key", "x", ["y"], where="[tool.djdock]").problem == (
        "There is no key `x` in [tool.djdock]."
    )
