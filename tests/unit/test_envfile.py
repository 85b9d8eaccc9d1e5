"""What is written means the same to python-dotenv, Compose and docker; what does not is found.

That Compose and docker do read as these functions say is tested on them, in tests/engine.
"""

from __future__ import annotations

import io
from collections import Counter

import pytest
from dotenv import dotenv_values
from env_cases import COMPOSE, DOCKER, ENVIRON, VALUES, values
from hypothesis import given, settings

from djdock import env
from djdock.envfile import compose_dotenv, docker_env_file, python_dotenv
from djdock.envfile.differences import differences, remarks
from djdock.envfile.line import READERS, line, why_not
from djdock.errors import UsageError

# --- writing ---------------------------------------------------------------------------------------


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(VALUES)
def test_what_is_written_is_read_back_by_all_three_or_refused(value: str) -> None:
    if why_not("NAME", value):
        with pytest.raises(UsageError, match="The value of NAME cannot be written into"):
            line("NAME", value)
        # No value is refused that all three would have read back.
        text = f"NAME={value}\n"
        read = [reader(text, {}) for reader in READERS.values()]
        assert "\0" in value or any(r.refusals or r.values != {"NAME": value} for r in read)
        return
    written = line("NAME", value)
    assert dotenv_values(stream=io.StringIO(f"{written}\n")) == {"NAME": value}
    text = f"BEFORE=1\n{written}\nAFTER=2\n"
    assert differences(text, {}) == ()
    for reader in READERS.values():
        assert reader(text, {}).values == {"BEFORE": "1", "NAME": value, "AFTER": "2"}


def test_of_the_values_that_hurt_many_can_be_written_and_each_cause_of_a_refusal_is_met() -> None:
    said = Counter(why_not("NAME", value) for value in values(1000))
    assert said[""] > 300
    assert len(said) > 6


@pytest.mark.parametrize(
    "value",
    ["", "x", "a b", "a  b", "it's", 'say "x"', "a#b", "#a", "a\\nb", "C:\\x", "a=b", "=", "100$", "$1",
     "a$.b", '{"a": [1, 2]}', "日本🐘", "שלום", "x" * 65_000, "export A=1", "a\tb"],
)  # fmt: skip
def test_values_that_mean_the_same_bare(value: str) -> None:
    assert line("NAME", value) == f"NAME={value}"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("a\nb", "docker ends a value with its line"),
        ("a\rb", "python-dotenv takes a carriage return for the end of a line"),
        ("a\r", "python-dotenv takes a carriage return for the end of a line"),
        (" a", "python-dotenv and Compose would drop the blanks at its beginning or end"),
        ("a\xa0", "python-dotenv and Compose would drop the blanks at its beginning or end"),
        ("a\x1c", "python-dotenv would drop the blanks at its beginning or end"),
        (
            "'a'",
            "python-dotenv and Compose would take the quote at its beginning for one around it",
        ),
        ('"', "python-dotenv and Compose would take the quote at its beginning for one around it"),
        ("a #b", "python-dotenv and Compose would take what follows a blank and a # for a comment"),
        ("a\t#b", "python-dotenv would take what follows a blank and a # for a comment"),
        ("a$b", "Compose would take what follows a $ for a variable"),
        ("a$$", "Compose would take what follows a $ for a variable"),
        ("${", "Compose would take what follows a $ for a variable"),
        ("${A}", "python-dotenv and Compose would take what follows a $ for a variable"),
        ("x" * 65_536, "docker reads no line of more than 65535 bytes"),
        ("a\0", "no environment variable holds a NUL"),
        ("\ud800", "it is not valid Unicode"),
    ],
)
def test_a_value_that_cannot_mean_the_same_is_refused_with_the_reason(value: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        line("MY_KEY", value)
    assert str(caught.value) == (
        f"The value of MY_KEY cannot be written into .env: {why}.\n"
        "Choose another, or put it into a file and set MY_KEY_FILE to its path."
    )


def test_the_longest_line_is_counted_in_bytes_and_with_its_name() -> None:
    assert why_not("NAME", "x" * (docker_env_file.LONGEST - len("NAME="))) == ""
    assert why_not("NAMES", "x" * (docker_env_file.LONGEST - len("NAME="))) != ""
    assert why_not("NAME", "ä" * (docker_env_file.LONGEST // 2)) != ""


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "Ä", "A\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name of a variable"):
        line(name, "x")


def test_a_new_env_holds_no_line_that_is_read_in_several_ways() -> None:
    # What python-dotenv reads is written so that all do; the last of two lines counts for all of them.
    assert env.fill("A=1\nB='x y'\nexport C = 2 # c\nA=3\n", {}) == "B=x y\nC=2\nA=3\n"
    # So is what refers to a line above, whatever quotes and comments are around either.
    text = "A=http  # c\nB='x.y'\nC=${A}://${B}  # d\nD=\"${C}/e\"\nE=${E}f\n"
    assert env.fill(text, {}) == "A=http\nB=x.y\nC=http://x.y\nD=http://x.y/e\nE=f\n"
    with pytest.raises(UsageError) as caught:
        env.fill("A=1\nB='x\ny'\n", {})
    assert str(caught.value).startswith("Line 2 of .env.example is not read alike by python-dotenv")
    with pytest.raises(UsageError, match="The value of A cannot be written into"):
        env.fill("A=1\n", {"A": "x\ny"})
    assert env.fill("A=a\x85b\u2028c\r\n", {}) == "A=a\x85b\u2028c\n"


# --- reading ---------------------------------------------------------------------------------------


def set_by(reading: python_dotenv.Reading) -> dict[str, str] | None:
    found = {v.name: ENVIRON.get(v.name) if v.value is None else v.value for v in reading.variables}
    kept = {name: value for name, value in found.items() if value is not None}
    return None if reading.refusals else kept


@pytest.mark.parametrize(("text", "wanted"), COMPOSE.items())
def test_compose_reads(text: str, wanted: dict[str, str] | None) -> None:
    assert set_by(compose_dotenv.read(text, ENVIRON)) == wanted


@pytest.mark.parametrize(("text", "wanted"), DOCKER.items(), ids=lambda value: repr(value)[:30])
def test_docker_reads(text: str, wanted: dict[str, str] | None) -> None:
    assert set_by(docker_env_file.read(text, ENVIRON)) == wanted


def test_python_dotenv_looks_up_variables_as_its_load_dotenv_does() -> None:
    text = "A=1\nB=${A}.${OUT}.${X:-d}\nOUT=2\nC=${OUT}\nD=$A\n"
    assert python_dotenv.read(text, ENVIRON).values == {
        "A": "1", "B": "1.side.d", "OUT": "2", "C": "side", "D": "$A",
    }  # fmt: skip


# --- differences -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why", "instead", "stops"),
    [
        ("A='x y'", "docker knows no quotes: they are part of the value", "A=x y", False),
        ('A="$"', "docker knows no quotes: they are part of the value", "A=$", False),
        ('A="it\'s"', "docker knows no quotes: they are part of the value", "A=it's", False),
        ("A='x$y'", "docker knows no quotes: they are part of the value", "", False),
        ("A=x$y", "Compose takes what follows a $ for a variable", "", True),
        ("A=${OUT}", "docker knows no variables", "A=side", False),
        ("A=x # y", "docker knows no comments behind a value", "A=x", False),
        ("A= x", "docker keeps the blanks behind the =", "A=x", False),
        ("A=x ", "docker keeps the blanks at the end", "A=x", False),
        ("A =x", "docker allows no blank in or behind a name", "A=x", False),
        ("export A=x", "docker knows no `export`", "A=x", False),
        ("A", "without = it has no value of its own", "", True),
        ("A B", "without = it has no value of its own", "", True),
        ("=x", "it has no name", "", True),
        ("1A=x", "that is no name of a variable", "", True),
        ("A-B=x", "that is no name of a variable", "", True),
        ("A: x", "without = it has no value of its own", "", True),
        ("A='x", "a quote is not closed", "", True),
        ("A='x\ny'", "docker knows no quotes, and ends a value with its line", "", False),
        ("A=x\ry", "python-dotenv takes a carriage return for the end of a line", "", True),
        (f"A={'x' * 70_000}", "docker reads no line of more than 65535 bytes", "", False),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_line_that_is_read_in_several_ways_is_found(
    text: str, why: str, instead: str, stops: bool
) -> None:
    found = differences(f"BEFORE=1\n\n{text}\n", ENVIRON)
    assert [(d.line, d.why, d.instead, d.stops_up) for d in found] == [(3, why, instead, stops)]
    if instead:
        assert differences(f"{instead}\n", ENVIRON) == ()


def test_what_is_said_of_each_reader() -> None:
    said = differences("A=$OUT 'x\nB='a\nb'\nTLS_KEY='a'\nX\nD='redis://:pw@h/0'\n", ENVIRON)
    assert [tuple(d.meanings.values()) for d in said] == [
        ('A="$OUT \'x"', 'A="side \'x"', 'A="$OUT \'x"'),
        ("B='a\\nb'", "B='a\\nb'", 'B="\'a", and 1 more'),
        ("TLS_KEY=*** (1)", "TLS_KEY=*** (1)", "TLS_KEY=*** (2)"),
        (
            "(no name) is not set",
            "(no name) of the environment",
            "(no name) of the environment",
        ),
        ("D='redis://***@h/0'", "D='redis://***@h/0'", "D=\"'redis://***@h/0'\""),
    ]
    assert said[2].instead == "TLS_KEY=***"


def test_line_ends_of_windows_a_mark_and_a_name_that_stands_twice_are_remarked() -> None:
    text = "\ufeffA=1\r\nB=2\r\n\r\nA=3\r\n"
    assert differences(text, {}) == ()
    assert [(remark.line, remark.text.split(":")[0]) for remark in remarks(text)] == [
        (1, "a byte order mark"),
        (1, "lines end as on Windows (CRLF)"),
        (4, "A stands on line 1, too; the last counts"),
    ]
    assert remarks("A=1\nB=2\n") == ()
