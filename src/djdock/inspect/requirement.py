"""One requirement: a distribution, which versions of it, and where that is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from djdock.inspect.model import Evidence

NOWHERE = Evidence("", 0, "")


@dataclass(frozen=True)
class Needed:
    """A distribution by its canonical name; ``url`` is that of a git or other direct reference."""

    name: str
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    where: Evidence = NOWHERE
    extras: frozenset[str] = frozenset()
    marker: str = ""
    url: str = ""

    @property
    def pin(self) -> str:
        """The one version that it may be, or ""."""
        pins = [one.version for one in self.specifier if one.operator in ("==", "===")]
        return pins[0] if pins and "*" not in pins[0] else ""

    def applies(self, python: str) -> bool:
        """Whether its marker holds for a Python on Linux."""
        if not self.marker:
            return True
        environment = {
            "python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux",
            "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64",
            "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": "",
        }  # fmt: skip
        try:
            return Marker(self.marker).evaluate(environment)
        except (UndefinedComparison, UndefinedEnvironmentName, ValueError):
            return True


def parse(text: str, where: Evidence) -> Needed | None:
    """The requirement that a text is (PEP 508, a git URL with ``#egg=``, a wheel's URL); None: none."""
    text = text.strip()
    if not text or len(text) > 2_000:
        return None
    if re.match(r"(git|hg|svn|bzr)\+|https?://|file:|git@", text):
        return _direct(text, where)
    try:
        found = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return _loose(_spelled(text), where)
    return Needed(
        canonicalize_name(found.name),
        found.specifier,
        where,
        frozenset(found.extras),
        str(found.marker or ""),
        found.url or "",
    )


def _direct(text: str, where: Evidence) -> Needed:
    egg = re.search(r"[#&]egg=([\w.-]+)", text)
    whole = text.partition("#")[0].partition(";")[0].rstrip("/ ")
    # https://github.com/OWNER/NAME/archive/COMMIT.zip
    if not whole.endswith(".whl"):
        whole = re.sub(r"/(-/)?(archive|zipball|tarball|releases/download)/.*$", "", whole)
    path = whole.rpartition("/")[2]
    path = re.sub(r"(\.git)?(@.*)?$", "", path)
    if path.endswith(".whl"):
        path = path.partition("-")[0]
    name = egg[1] if egg else re.sub(r"(-v?\d[\w.]*)?(\.zip|\.tar\.gz)?$", "", path)
    url = text.partition(" ")[0].partition(";")[0]
    return Needed(canonicalize_name(name or "unnamed"), where=where, url=url)


def _spelled(text: str) -> str:
    """A requirement of what `pip list` and `conda list` print, or of an item of a list, as the build
    reads them, too (docker/dependencies/spelling.py).
    """
    text = re.sub(r"^[-*]\s+(?=\w)", "", text).strip("`\"',")
    table = re.match(r"([A-Za-z][\w.-]*)(?:\s+v?|=)(\d[\w.]*)(?:\s+\S+|=\w+)?$", text)
    if table:
        return f"{table[1]}=={table[2]}"
    return re.sub(r"(?<![<>=!~])=([<>])", r"\1=", text)


def _loose(text: str, where: Evidence) -> Needed | None:
    """What pip once took, and packaging does not: ``Django>=2.0.*``, ``foo==1.0dev-x``."""
    match = re.match(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;#]*)", text)
    if not match or not re.match(r"[=<>~!]|$", match[2].strip()):
        return None
    return Needed(canonicalize_name(match[1]), specifier(match[2]), where)


def specifier(text: object) -> SpecifierSet:
    """A specifier, also as Poetry and Pipenv write it (``^3.8``, ``*``); any version if it is none."""
    if not isinstance(text, str):
        return SpecifierSet()
    parts = []
    for part in re.split(r"\s*,\s*|\s+(?=[<>=!~^])", text.strip()):
        parts += _part(part.replace(" ", ""))
    try:
        return SpecifierSet(",".join(parts))
    except (InvalidSpecifier, ValueError):
        return SpecifierSet()


def _part(part: str) -> list[str]:
    if part in ("", "*"):
        return []
    caret = re.match(r"([~^])(?!=)v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$", part)
    if caret:
        numbers = [int(one) for one in caret.groups()[1:4] if one is not None]
        return [f">={'.'.join(map(str, numbers))}{caret[5]}", f"<{_ceiling(caret[1], numbers)}"]
    if re.match(r"\d", part):
        return [f"=={part}"]
    return [re.sub(r"^([<>]=?)(.*)\.\*$", r"\1\2", part)]


def _ceiling(kind: str, numbers: list[int]) -> str:
    """The first version that ``^`` or ``~`` leaves out: https://python-poetry.org/docs/dependency-specification/."""
    if kind == "~":
        return f"{numbers[0]}.{numbers[1] + 1}" if len(numbers) > 1 else f"{numbers[0] + 1}"
    for at, number in enumerate(numbers):
        if number or at == len(numbers) - 1:
            return ".".join(map(str, [*numbers[:at], number + 1]))
    return f"{numbers[0] + 1}"
