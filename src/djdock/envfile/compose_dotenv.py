"""How Compose reads ``.env`` and ``env_file:``: compose-go's ``dotenv`` package.

https://github.com/compose-spec/compose-go/blob/v2.9.1/dotenv/parser.go; the names of the functions
there are given below. Older releases of Compose 2 read the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from djdock.envfile.compose_template import TemplateError, substitute
from djdock.envfile.docker_env_file import SPACE
from djdock.envfile.reading import Reading, Refusal, Variable

_BLANK = "\t\v\f\r \x85\xa0"  # isSpace
_EXPORT = re.compile(r"export[\t\n\f\r ]+")
_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0[0-9]{0,3})')
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class _RefusedError(Exception):
    pass


def read(text: str, environ: Mapping[str, str]) -> Reading:
    """Reads ``text``. Variables are looked up in ``environ``, then in the lines before.

    Compose stops at the first refusal; this goes on with the next line.
    """
    return _Parser(text.removeprefix("\ufeff"), environ).parse()


class _Parser:
    def __init__(self, text: str, environ: Mapping[str, str]) -> None:
        self.text, self.environ = text, environ
        self.place = 0
        self.found: list[Variable] = []
        self.refused: list[Refusal] = []
        self.values: dict[str, str] = {}

    def parse(self) -> Reading:
        while self._to_statement():
            start = self.place
            line = self._line(start)
            try:
                name, value = self._statement()
            except (_RefusedError, TemplateError) as error:
                self.refused.append(Refusal(line, str(error)))
                end = self.text.find("\n", start)
                self.place = len(self.text) if end < 0 else end + 1
                continue
            last = self._line(max(start, self.place - 1))
            self.found.append(Variable(line, name, value, last))
            if value is None:
                value = self.environ.get(name)
            if value is not None:
                self.values[name] = value
        return Reading(tuple(self.found), tuple(self.refused))

    def _line(self, place: int) -> int:
        return self.text.count("\n", 0, place) + 1

    def _skip(self, characters: str) -> None:
        while self.place < len(self.text) and self.text[self.place] in characters:
            self.place += 1

    def _to_statement(self) -> bool:
        # getStatementStart
        self._skip(SPACE)
        while self.text.startswith("#", self.place):
            end = self.text.find("\n", self.place)
            self.place = len(self.text) if end < 0 else end
            self._skip(SPACE)
        return self.place < len(self.text)

    def _statement(self) -> tuple[str, str | None]:
        name, inherited = self._name()
        if " " in name:
            raise _RefusedError("its name has a blank")
        return name, None if inherited else self._value()

    def _name(self) -> tuple[str, bool]:
        # locateKeyName
        if _EXPORT.match(self.text, self.place):
            self.place += len("export")
            self._skip(_BLANK)
        start = self.place
        name, inherited = "", False
        for place in range(start, len(self.text)):
            character = self.text[place]
            if character in "=:\n":
                name, inherited = self.text[start:place], character == "\n"
                self.place = place + 1
                break
            allowed = character in _BLANK + "_.-[]"
            if not allowed and unicodedata.category(character)[0] not in "LN":
                raise _RefusedError("its name has a character that Compose does not allow")
        if start == len(self.text):
            raise _RefusedError("it has no name")
        self._skip(_BLANK)
        return name.rstrip(SPACE), inherited

    def _value(self) -> str:
        # extractVarValue
        quote = self.text[self.place : self.place + 1]
        if quote not in ("'", '"') or not quote:
            end = self.text.find("\n", self.place)
            end = len(self.text) if end < 0 else end
            value = self.text[self.place : end].partition(" #")[0].rstrip(SPACE)
            self.place = min(end + 1, len(self.text))
            return substitute(value, self._lookup)
        characters: list[str] = []
        escaped = False
        for place in range(self.place + 1, len(self.text)):
            character = self.text[place]
            if character == "\\" and not escaped:
                escaped = True
                continue
            if character == quote and not escaped:
                self.place = place + 1
                value = "".join(characters)
                if quote == "'":
                    return value
                return substitute(_ESCAPE.sub(_unescape, value), self._lookup)
            if escaped and character != quote:
                characters.append("\\")
            characters.append(character)
            escaped = False
        raise _RefusedError("a quote is not closed")

    def _lookup(self, name: str) -> str | None:
        return self.environ.get(name, self.values.get(name))


def _unescape(match: re.Match[str]) -> str:
    # expandEscapes, and strconv.UnquoteChar of Go
    escape = match[0]
    if escape == r"\$":
        return "$$"
    if escape[1] == "0":
        escape = "\\" + escape[2:]
        octal = re.fullmatch(r"\\([0-7]{3})", escape)
        return chr(int(octal[1], 8)) if octal and int(octal[1], 8) < 256 else escape
    if escape[1] in '"\\':
        return escape[1]
    return _PLAIN.get(escape[1], escape)
