"""Read settings from environment variables; every mistake is one sentence that names the variable.

An empty variable counts as unset: Compose passes `NAME=` for whatever is missing from `.env`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TRUE = ("true", "1", "yes", "on")
FALSE = ("false", "0", "no", "off")


class Env:
    """Typed access to one mapping of variables."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, default: str = "") -> str:
        return self._variables.get(name, "").strip() or default

    def boolean(self, name: str, default: bool = False) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value not in TRUE + FALSE:
            _refuse(name, value, f"use one of {', '.join(TRUE)} or {', '.join(FALSE)}")
        return value in TRUE

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            _refuse(name, value, f"use a whole number from {low} to {high}")
        return int(value)

    def choice(self, name: str, default: str, accepted: Iterable[str]) -> str:
        value = self.text(name, default).lower()
        if value not in (names := tuple(accepted)):
            _refuse(name, value, f"use one of {', '.join(names)}")
        return value

    def words(self, name: str, default: Iterable[str] = ()) -> list[str]:
        found = [word.strip() for word in self.text(name).split(",") if word.strip()]
        return found or list(default)

    def secret(self, name: str) -> str:
        """The value of NAME, or the content of the file that NAME_FILE names; `""` if neither."""
        value, file_name = self._variables.get(name, ""), f"{name}_FILE"
        path = self.text(file_name)
        if not path:
            return value
        if value:
            raise ImproperlyConfigured(f"{name} and {file_name} are both set; set only one.")
        try:
            value = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ImproperlyConfigured(
                f"{file_name} names {path}, which cannot be read: {why}."
            ) from None
        if not value:
            raise ImproperlyConfigured(f"{file_name} names {path}, which is empty.")
        return value


def _refuse(name: str, value: str, remedy: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name} is {value!r}; {remedy}.")
