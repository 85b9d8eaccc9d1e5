"""Which images a Dockerfile starts FROM or copies from, and its stages.

Sources: the Dockerfile reference (parser directives, line continuation, heredocs, "Understand how ARG
and FROM interact") and BuildKit's frontend/dockerfile/parser. The parsers on PyPI do not know
heredocs, in which a line may begin with FROM, or are binaries of Go.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*")
_HEREDOC = re.compile(r"""(?<!\S)\d*<<(-?)(["']?)([^\s<"']+)\2(?!\S)""")
_FLAG = re.compile(r"--([\w-]+)=(\S*)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?:(:?[-+])([^}]*))?\}|(\w+))")


@dataclass(frozen=True)
class Dockerfile:
    """What a Dockerfile is made of: the images that it names, and the names of its stages."""

    images: tuple[str, ...]
    stages: tuple[str, ...]


def read(path: Path, arguments: Mapping[str, str] | None = None) -> Dockerfile:
    """Reads a Dockerfile; ``arguments`` are the build arguments that it will get.

    ``scratch`` and stages are no images. A name that depends on an argument without a value is
    passed over: BuildKit will say what is wrong with it.
    """
    return parse(path.read_text(encoding="utf-8-sig", errors="replace"), arguments)


def parse(text: str, arguments: Mapping[str, str] | None = None) -> Dockerfile:
    """The same of a text."""
    given = dict(arguments or {})
    known: dict[str, str] = {}
    images: list[str] = []
    stages: list[str] = []
    count = 0
    for word, rest in instructions(text):
        if word == "ARG" and not count:  # those in stages say nothing to FROM
            for name, value in _assignments(rest, known):
                known[name] = given.get(name, value)
        elif word == "FROM":
            count += 1
            words = [item for item in rest.split() if not item.startswith("--")]
            _add(images, stages, _expand(words[0], known) if words else "")
            if len(words) == 3 and words[1].lower() == "as":
                stages.append(words[2].lower())
        elif word in ("COPY", "ADD"):
            flags = dict(_FLAG.findall(rest))
            if "from" in flags and not flags["from"].isdecimal():
                _add(images, stages, flags["from"])  # arguments are not expanded here
    return Dockerfile(tuple(dict.fromkeys(images)), tuple(stages))


def _add(images: list[str], stages: list[str], image: str) -> None:
    usable = image and "$" not in image and image != "scratch"
    if usable and image.lower() not in stages:
        images.append(image)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Each instruction's word, in capitals, and what follows it on its joined lines."""
    for item in located(text):
        yield item.word, item.rest


@dataclass(frozen=True)
class Instruction:
    """One instruction; ``first`` and ``last`` are its lines, from 0, its heredocs included."""

    word: str
    rest: str
    first: int
    last: int


def located(text: str) -> Iterator[Instruction]:
    """The same with where each stands."""
    lines = text.splitlines()
    escape = _escape(lines)
    continued = re.compile(rf"{re.escape(escape)}[ \t]*$")
    at = 0
    while at < len(lines):
        whole, first = "", at
        while at < len(lines):
            line = lines[at]
            at += 1
            first = first if whole else at - 1
            if line.lstrip().startswith("#") or (whole and not line.strip()):
                continue  # comments and empty lines do not end what is continued
            part, more = continued.subn("", line)
            whole += part
            if not more:
                break
        word, rest = (*whole.split(None, 1), "", "")[:2]
        if word.upper() in ("RUN", "COPY", "ADD"):
            at = _behind_heredocs(rest, lines, at)
        if word:
            yield Instruction(word.upper(), rest.strip(), first, at - 1)


def _escape(lines: list[str]) -> str:
    """The character that continues a line: what the directive at the top says, else a backslash."""
    for line in lines:
        found = _DIRECTIVE.fullmatch(line.strip())
        if not found:
            break
        if found[1].lower() == "escape" and found[2] in ("\\", "`"):
            return found[2]
    return "\\"


def _behind_heredocs(rest: str, lines: list[str], at: int) -> int:
    for tabs, _, end in _HEREDOC.findall(rest):
        for number in range(at, len(lines)):
            if (lines[number].lstrip("\t") if tabs else lines[number]) == end:
                at = number + 1
                break
    return at


def _assignments(rest: str, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    try:
        words = shlex.split(rest)
    except ValueError:  # a quote that does not end: BuildKit will say so
        return
    for word in words:
        name, _, value = word.partition("=")
        yield name, _expand(value, known)


def _expand(text: str, known: Mapping[str, str]) -> str:
    """A text with its variables' values; a variable without one stays, dollar and all."""

    def value(found: re.Match[str]) -> str:
        name, operator, word = found[1] or found[4], found[2] or "", found[3] or ""
        there = known.get(name, "")
        if operator.endswith("-"):
            return there or _expand(word, known)
        if operator.endswith("+"):
            return _expand(word, known) if there else ""
        return there or found[0]

    return _VARIABLE.sub(value, text.strip("\"'"))
