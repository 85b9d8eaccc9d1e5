"""What could go from an image: how many bytes, why, and the line to change.

Each rule is a function from the image's files to those that could go. Rules may name the same file
(a test that is a duplicate, too), so the total counts each file once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from djdock.images import removable
from djdock.images.owners import Owned, Ownership

#: How many paths a finding shows.
SAMPLE = 3

INSTALL = "Dockerfile, in the RUN that installs the packages"


@dataclass(frozen=True)
class Finding:
    """Files that could go. ``safe`` says that nothing is lost; else ``why`` says what is."""

    rule: str
    title: str
    why: str
    change: str
    safe: bool
    files: tuple[Owned, ...]

    @property
    def size(self) -> int:
        """The bytes that would go."""
        return sum(file.size for file in self.files)

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON has it, with its largest files."""
        largest = sorted(self.files, key=lambda file: (-file.size, file.path))[:SAMPLE]
        return {
            "rule": self.rule,
            "title": self.title,
            "bytes": self.size,
            "files": len(self.files),
            "safe": self.safe,
            "why": self.why,
            "change": self.change,
            "largest": [{"path": f"/{file.path}", "bytes": file.size} for file in largest],
        }


#: One row each: name, title, whether nothing is lost, the files, why, the line to change.
Rule = tuple[str, str, bool, Callable[[removable.Files], Iterable[Owned]], str, str]

RULES: tuple[Rule, ...] = (
    ("compilers", "compilers and build tools", True, removable.compilers,
     "they are for building, and what was built does not need them",
     "Dockerfile: build in a stage of its own, FROM python:…-slim for the last, COPY --from"),
    ("headers", "headers and static libraries", True, removable.headers,
     "they are for building, and what was built does not need them",
     "Dockerfile: build in a stage of its own; no -dev packages in the last one"),
    ("documentation", "documentation and manual pages", True, removable.documentation,
     "nobody reads them in a container; copyright notices are not counted, they stay",
     "Dockerfile: FROM a -slim base, whose dpkg leaves them out"),
    ("po", "sources of translations (.po)", True, removable.translation_sources,
     "gettext reads the compiled .mo files only",
     f"{INSTALL}: && find / -xdev -name '*.po' -path '*-packages/*' -delete"),
    ("locales", "translations into languages that the site does not offer", False, removable.locales,
     "LANGUAGES of Django's settings decides; where it says nothing, the project's own translations",
     f"settings: LANGUAGES; and {INSTALL}: delete the other folders of */locale/"),
    ("tests", "tests inside of packages", True, removable.tests,
     "they are their authors'",
     f"{INSTALL}: && find / -xdev -type d -name tests -path '*-packages/*' -exec rm -r {{}} +"),
    ("installers", "pip, setuptools and other installers", True, removable.installers,
     "nothing is installed into an image that is finished",
     "Dockerfile: build the environment with `uv venv` in a stage of its own, which has no pip"),
    ("ensurepip", "pip's copy in the standard library", True, removable.ensurepip,
     "`python -m venv` is what needs it, and only when it installs pip",
     "Dockerfile: RUN rm -r .../lib/python3.*/ensurepip, in the RUN that adds the interpreter"),
    ("apt", "package lists and downloads", True, removable.package_lists,
     "they are out of date by the time that somebody needs them",
     "Dockerfile: RUN apt-get update && apt-get install … && rm -rf /var/lib/apt/lists/*"),
    ("caches", "caches of pip, uv, npm and others", True, removable.caches,
     "they speed up the next build only",
     "Dockerfile: RUN --mount=type=cache,target=/root/.cache …, or pip install --no-cache-dir"),
    ("debug", "debug symbols", True, removable.debug_symbols,
     "a debugger alone reads them",
     "Dockerfile: install no -dbg packages; RUN strip --strip-debug in the builder stage"),
    ("sources", "C sources in Python packages", True, removable.c_sources,
     "the compiled modules beside them are what is loaded",
     f"{INSTALL}: && find / -xdev -path '*-packages/*' -name '*.[ch]' -delete"),
    ("orphans", "bytecode without a source", True, removable.orphans,
     "Python never loads a __pycache__ file whose source is gone",
     "Dockerfile: remove the folder __pycache__ with its sources"),
    ("foreign", "bytecode of other Python versions", True, removable.foreign_bytecode,
     "this image's interpreter does not load it",
     ".dockerignore: **/__pycache__; or compile with the image's own interpreter"),
    ("bytecode", "bytecode beside its source", False, removable.bytecode_beside_source,
     "without it every start compiles again: size is traded for time",
     "Dockerfile: ENV PYTHONDONTWRITEBYTECODE=1 and UV_COMPILE_BYTECODE=0"),
    ("git", "version control", True, removable.version_control,
     "the history may hold what was never meant to be published",
     ".dockerignore: **/.git"),
    ("node", "node_modules", False, removable.node_modules,
     "unless the site runs Node, its build is what is needed",
     "Dockerfile: build the front end in a stage of its own and COPY --from the result"),
    ("duplicates", "files that are there twice", False, removable.duplicates,
     "one of them would do, where both readers can be led to it",
     "Dockerfile: copy one, link the other; or install one of the packages only"),
)  # fmt: skip


def find(ownership: Ownership, *, least: int = 1) -> list[Finding]:
    """What could go, the largest first; nothing that is smaller than ``least`` bytes in all."""
    files = removable.Files(ownership.files, ownership.languages)
    found = [
        Finding(rule, title, why, change, safe, tuple(choose(files)))
        for rule, title, safe, choose, why, change in RULES
    ]
    kept = [finding for finding in found if finding.files and finding.size >= least]
    return sorted(kept, key=lambda finding: (-finding.size, finding.rule))


def total(findings: Sequence[Finding], *, safe: bool = True) -> int:
    """The bytes that would go, each file counted once; by default of the safe ones alone."""
    sizes = {
        file.path: file.size
        for finding in findings
        if finding.safe or not safe
        for file in finding.files
    }
    return sum(sizes.values())
