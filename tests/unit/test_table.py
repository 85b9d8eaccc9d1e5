"""Tables on terminals that are wide enough for them, and on others."""

from __future__ import annotations

import os
import sys

import pytest

from djdock import table

ROWS = [("redis", "cache", "", 87), ("postgres", "", "yes", 228)]
HEADERS = ("add-on", "role", "chosen", "MB")

WIDE = """\
add-on    role    chosen      MB
--------  ------  --------  ----
redis     cache               87
postgres          yes        228"""

NARROW = """\
redis
  role    cache
  MB      87
postgres
  chosen  yes
  MB      228"""


@pytest.mark.parametrize(
    ("terminal", "columns", "text"),
    [(True, 32, WIDE), (True, 31, NARROW), (False, 31, WIDE)],
)
def test_a_table_that_does_not_fit_is_blocks(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, columns: int, text: str
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    size = os.terminal_size((columns, 24))
    monkeypatch.setattr(table.shutil, "get_terminal_size", lambda: size)
    assert table.plain(ROWS, HEADERS, right="MB") == text


def test_an_empty_table_has_its_headers() -> None:
    assert table.plain([], ("backup", "made")) == "backup    made\n--------  ------"
    assert table.blocks([], ("backup", "made")) == ""
