"""``[tool.djdock]`` in a ``pyproject.toml``, whose comments and formatting are kept."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import tomlkit
from tomlkit.exceptions import TOMLKitError

from djdock.errors import UsageError
from djdock.inspect.model import Decision, Given


def added(
    text: str, decisions: Sequence[Decision], variants: Mapping[str, Mapping[str, str]]
) -> str:
    """The text with the table at its end; unchanged when it has one.

    Each key stands under the reason for it. ``variants`` are the tables of Dockerfiles by the names
    that they get.
    Raises UsageError for what is no TOML.
    """
    if has(text):
        return text
    begin = text if not text or text.endswith("\n") else f"{text}\n"
    gap = "\n" if begin.strip() else ""
    made = f"{begin}{gap}[tool.djdock]\n" + "\n".join(_lines(decisions, variants)) + "\n"
    if "\r\n" in text:
        made = made.replace("\r\n", "\n").replace("\n", "\r\n")
    _parsed(made)  # what is written can be read
    return made


def has(text: str) -> bool:
    """Whether there is such a table. Raises UsageError for what is no TOML."""
    tool = _parsed(text).get("tool")
    return isinstance(tool, dict) and "djdock" in tool


def _parsed(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text.removeprefix("\ufeff"))
    except TOMLKitError as error:
        raise UsageError(
            f"pyproject.toml is not valid TOML: {error}.", "Correct it there."
        ) from error


def _item(value: Given) -> str:
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update(value)
        return table.as_string()
    return tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string()


def _lines(decisions: Sequence[Decision], variants: Mapping[str, Mapping[str, str]]) -> list[str]:
    lines = []
    for one in decisions:
        lines += [f"# {line}" for line in textwrap.wrap(" ".join(one.reason.split()), 96)[:3]]
        lines.append(f"{one.key} = {_item(one.value)}")
    for name, keys in variants.items():
        lines += ["", "# The project's own, to compare with."]
        lines += [f"[tool.djdock.variants.{name}]"]
        lines += [f"{key} = {_item(value)}" for key, value in keys.items()]
    return lines
