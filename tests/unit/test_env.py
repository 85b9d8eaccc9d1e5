from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from djdock import env
from djdock.errors import MissingError, UsageError

SECRET = "s3cr3t-that-must-not-show"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"", {}),
        (b"A=1\nB=two\n", {"A": "1", "B": "two"}),
        (b"A=1\r\nB=two\r\n", {"A": "1", "B": "two"}),
        (b"\xef\xbb\xbfA=1\n", {"A": "1"}),
        (b"# A=0\n\nA=1", {"A": "1"}),
        (b"A=\n", {"A": ""}),
        (b"A='x y'\nB=\"x\ny\"\n", {"A": "x y", "B": "x\ny"}),
        (b"A=$HOME/x\n", {"A": "$HOME/x"}),
        (b"A=1\nA=2\n", {"A": "2"}),
        (b"export A=1\n", {"A": "1"}),
        ("A=äöü\n".encode(), {"A": "äöü"}),
    ],
)
def test_values_are_read_as_they_are(tmp_path: Path, text: bytes, values: dict[str, str]) -> None:
    path = tmp_path / ".env"
    path.write_bytes(text)
    assert env.read(path) == values


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"BAD\n", 1),
        (b"BAD", 1),
        (b"A=1\nBAD\n", 2),
        (b"A=1\n\n\nBAD\n", 4),
        (b"A=1\n# comment\n\n# another\nBAD\nB=2\n", 5),
        (b"A=1\n  \n\t\n  BAD\n", 4),
        (b"A=1\r\n\r\nBAD\r\n", 3),
        (b"\xef\xbb\xbf\nBAD\n", 2),
        (b'A="x\ny\nz"\n\nBAD\n', 5),
        (b'A=1\nB="never closed\nC=2\n', 2),
        (b"A=1\n=2\n", 2),
        (b"A=1\nNA ME=2\n", 2),
        (b"A=1\nNA-ME=2\n", 2),
        (b"A=1\n1A=2\n", 2),
        (b"A=1\nB 2\n", 2),
    ],
)
def test_a_malformed_line_is_named_by_its_number(tmp_path: Path, text: bytes, line: int) -> None:
    path = tmp_path / ".env"
    path.write_bytes(text)
    with pytest.raises(UsageError) as caught:
        env.read(path)
    assert str(caught.value) == (
        f"Line {line} of .env is not `NAME=value`.\n"
        f"Correct it in {path}; .env.example shows how each variable is written."
    )


def test_a_malformed_line_is_never_quoted(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(f"DATABASE_PASSWORD {SECRET}\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        env.read(path)
    assert SECRET not in str(caught.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as caught:
        env.read(tmp_path / ".env")
    assert str(caught.value) == f"There is no .env in {tmp_path}.\nMake one with `invoke env.init`."


def test_what_is_no_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=\xff\n")
    with pytest.raises(UsageError, match="cannot be read"):
        env.read(path)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("DJANGO_SECRET_KEY", True),
        ("DATABASE_PASSWORD", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("API_TOKEN", True),
        ("password", True),
        ("DATABASE_PASSWORD_FILE", False),
        ("DATABASE_NAME", False),
        ("KEYBOARD", False),
        ("MONKEY_BUSINESS", False),
    ],
)
def test_names_tell_secrets(name: str, secret: bool) -> None:
    assert env.is_secret(name) is secret


EXAMPLE = """# Comment.
NAME=shop
SECRET_KEY=change-me
#OPTIONAL=1
# TOKEN=
EMPTY=
"""


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"NAME": "x", "SECRET_KEY": "y", "EMPTY": ""}, env.Findings((), (), ())),
        ({"NAME": "x", "SECRET_KEY": "y"}, env.Findings(("EMPTY",), (), ())),
        ({"NAME": "", "SECRET_KEY": "y", "EMPTY": ""}, env.Findings(("NAME",), (), ())),
        ({}, env.Findings(("EMPTY", "NAME", "SECRET_KEY"), (), ())),
        (
            {"NAME": "x", "SECRET_KEY": "change-me", "EMPTY": ""},
            env.Findings((), (), ("SECRET_KEY",)),
        ),
        (
            {"NAME": "x", "SECRET_KEY": "y", "EMPTY": "", "Z": "1", "OPTIONAL": "2", "TOKEN": "t"},
            env.Findings((), ("Z",), ()),
        ),
        (
            {"NAME": "x", "SECRET_KEY_FILE": "/run/key", "TOKEN_FILE": "/run/t", "EMPTY": ""},
            env.Findings((), (), ()),
        ),
        (
            {"NAME_FILE": "/x", "SECRET_KEY": "y", "EMPTY": ""},  # no secret: there is no such form
            env.Findings(("NAME",), ("NAME_FILE",), ()),
        ),
    ],
)
def test_comparison_with_the_example(
    tmp_path: Path, values: dict[str, str], found: env.Findings
) -> None:
    example = tmp_path / ".env.example"
    example.write_text(EXAMPLE, encoding="utf-8")
    assert env.compare(values, example) == found


def test_an_unknown_variable_stands_in_nobodys_way() -> None:
    assert env.Findings((), ("X",), ()).ok
    assert not env.Findings(("X",), (), ()).ok
    assert not env.Findings((), (), ("X",)).ok


def test_filling_replaces_placeholders_and_fixed_values_only() -> None:
    filled = env.fill("# K=change-me\nA=1\nK=change-me\nL=change-me-too\nB=2\n", {"B": "3"})
    comment, first, key, other, fixed = filled.splitlines()
    assert (comment, first, fixed) == ("# K=change-me", "A=1", "B=3")
    assert key.startswith("K=")
    assert len(key) == len("K=") + 50
    assert other.startswith("L=")
    assert key[2:] != other[2:]
    assert filled.endswith("\n")


def test_generated_secrets_differ_and_need_no_quotes() -> None:
    made = {env.generate() for _ in range(100)}
    assert len(made) == 100
    assert all(len(text) == 50 and text.isascii() and text.isalnum() for text in made)


def test_init_writes_for_the_owner_only_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    before = os.umask(0)
    try:
        path = env.init(tmp_path, {"NAME": "mine"})
    finally:
        os.umask(before)
    assert path == tmp_path / ".env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_nlink == 1
    values = env.read(path)
    assert values["NAME"] == "mine"
    assert len(values["SECRET_KEY"]) == 50
    assert sorted(p.name for p in tmp_path.glob(".env*")) == [".env", ".env.example"]


def test_init_copes_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_bytes(b"\xef\xbb\xbfSECRET_KEY=change-me\n")
    path = env.init(tmp_path)
    assert path is not None
    assert path.read_bytes().startswith(b"SECRET_KEY=")
    assert len(env.read(path)["SECRET_KEY"]) == 50


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / ".env").write_text("MINE=1\n", encoding="utf-8")
    assert env.init(tmp_path) is None
    assert (tmp_path / ".env").read_text(encoding="utf-8") == "MINE=1\n"


def test_init_does_not_write_through_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / ".env").symlink_to(tmp_path / "elsewhere")
    assert env.init(tmp_path) is None
    assert not (tmp_path / "elsewhere").exists()
    assert (tmp_path / ".env").is_symlink()


def test_init_yields_to_whoever_was_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    link = os.link

    def raced(source: Path, target: Path) -> None:
        target.write_text("THEIRS=1\n", encoding="utf-8")
        link(source, target)

    monkeypatch.setattr(os, "link", raced)
    assert env.init(tmp_path) is None
    assert (tmp_path / ".env").read_text(encoding="utf-8") == "THEIRS=1\n"
    assert sorted(p.name for p in tmp_path.glob(".env*")) == [".env", ".env.example"]


def test_init_is_not_stopped_by_what_a_killed_run_left(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    # In a container, process ids repeat from run to run.
    (tmp_path / f".env.{os.getpid()}.tmp").write_text("half", encoding="utf-8")
    assert env.init(tmp_path) == tmp_path / ".env"


def test_init_leaves_no_half_of_a_file_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE, encoding="utf-8")

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space left"):
        env.init(tmp_path)
    assert sorted(p.name for p in tmp_path.glob(".env*")) == [".env.example"]


def test_init_needs_an_example(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as caught:
        env.init(tmp_path)
    assert str(caught.value) == (
        f"There is no .env.example in {tmp_path} to make .env from.\n"
        "Take it from version control, or write one."
    )


def test_the_repositorys_own_example_makes_an_env_that_passes_its_check(tmp_path: Path) -> None:
    example = Path(__file__).resolve().parents[2] / ".env.example"
    (tmp_path / ".env.example").write_bytes(example.read_bytes())
    path = env.init(tmp_path)
    assert path is not None
    assert env.compare(env.read(path), example) == env.Findings((), (), ())
