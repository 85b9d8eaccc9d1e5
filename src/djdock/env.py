"""``.env`` files: read, compare with ``.env.example``, create with generated secrets.

What is written means the same to python-dotenv, Compose and ``docker run --env-file``; see
:mod:`djdock.envfile`.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from djdock.envfile import python_dotenv
from djdock.errors import MissingError, UsageError

EXAMPLE = ".env.example"
FILE = ".env"

#: A value in ``.env.example`` that starts so is replaced by a generated one.
PLACEHOLDER = "change-me"

#: Names that hold a secret: BuildKit's list (its check SecretsUsedInArgOrEnv), and what it misses, as
#: PGPASSWORD, SENTRY_DSN and DB_PASS. A value that is masked in vain does no harm.
_SECRET_NAME = re.compile(
    r"apikey|credential|passw|passphrase|secret|token"
    r"|(^|_)(auth|dsn|key|pass|pat|pwd|pword)(_|$)",
    re.I,
)
#: The password in ``redis://:password@host/0``, in full (it may hold an @ of its own).
URL_PASSWORD = re.compile(r"://[^/\s:@]*:([^/\s]+)@")
#: What djdock takes for the name of a variable: what a shell does.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_OPTIONAL = re.compile(r"^#\s?([A-Z][A-Z0-9_]*)=", re.M)


@dataclass(frozen=True)
class Findings:
    """What ``env.check`` found: the names of variables, each list sorted."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    default: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way of ``up``; an unknown variable does not."""
        return not (self.missing or self.default)


def is_secret(name: str) -> bool:
    """Whether a variable's name says that its value is a secret (a path to one is not)."""
    return bool(_SECRET_NAME.search(name)) and not name.endswith("_FILE")


def text_of(path: Path) -> str:
    """The text of a ``.env`` as it stands, with its line ends and its byte order mark.

    Raises MissingError when there is no such file and UsageError when it is not UTF-8.
    """
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        raise MissingError(
            f"There is no {path.name} in {path.parent}.", "Make one with `invoke env.init`."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", "Save it as UTF-8 text.") from error


def read(
    path: Path, environ: Mapping[str, str] | None = None, *, lenient: bool = False
) -> dict[str, str]:
    """The variables of a ``.env`` file as python-dotenv reads them; ``lenient`` passes over bad lines.

    ``${NAME}`` is looked up in ``environ`` (ours by default), then in the lines before. Raises
    MissingError when there is no such file and UsageError, with the line's number but never its text
    (it may be a secret), for a line that is not ``NAME=value``.
    """
    reading = python_dotenv.read(text_of(path), os.environ if environ is None else environ)
    bad = [refusal.line for refusal in reading.refusals]
    good: dict[str, str] = {}
    for variable in reading.variables:
        if variable.value is None or not NAME.fullmatch(variable.name):
            bad.append(variable.line)
        else:
            good[variable.name] = variable.value
    if bad and not lenient:
        raise UsageError(
            f"Line {min(bad)} of {path.name} is not `NAME=value`.",
            f"Correct it in {path}; {EXAMPLE} shows how each variable is written.",
        )
    return good


def optional(example: Path) -> frozenset[str]:
    """The variables that stand in ``.env.example`` as comments: known, but not needed."""
    return frozenset(_OPTIONAL.findall(example.read_text(encoding="utf-8-sig")))


def compare(values: Mapping[str, str], example: Path) -> Findings:
    """Compares a ``.env`` with its example. A secret may be given as ``NAME_FILE`` instead."""
    wanted = read(example)
    known = optional(example) | wanted.keys()
    known |= {f"{name}_FILE" for name in known if is_secret(name)}

    def given(name: str) -> bool:
        # What is empty in the example may be empty, but has to be there.
        if name in values and not wanted[name]:
            return True
        return bool(values.get(name) or (is_secret(name) and values.get(f"{name}_FILE")))

    return Findings(
        missing=tuple(sorted(name for name in wanted if not given(name))),
        unknown=tuple(sorted(name for name in values if name not in known)),
        default=tuple(sorted(n for n, value in values.items() if value.startswith(PLACEHOLDER))),
    )


def generate(length: int = 50) -> str:
    """A secret of ``length`` letters and digits, 5.95 bits each, from the system's random source."""
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(secrets.choice(alphabet) for _ in range(length))


def fill(example: str, fixed: Mapping[str, str]) -> str:
    """The text of a new ``.env``: the example's with secrets generated and ``fixed`` values set.

    Raises UsageError when a value, or a line of the example, cannot mean the same to python-dotenv,
    Compose and ``docker run --env-file``.
    """
    from djdock.envfile import differences
    from djdock.envfile.line import line as write

    given: dict[str, str] = {}

    def line(text: str) -> str:
        name, separator, value = text.partition("=")
        if not separator or not NAME.fullmatch(name):
            return text
        names = _REFERENCE.findall(value)
        known = bool(names) and all(one in given for one in names)
        # As python-dotenv has it, without quotes and a comment behind it: lines below may refer to it.
        read = python_dotenv.read(text, given).variables
        given[name] = (read[0].value if read else None) or ""
        if name in fixed:
            given[name] = fixed[name]
        elif value.startswith(PLACEHOLDER):
            given[name] = generate()
        elif not known:
            return text
        # ${NAME} of a line above is written out: `docker run --env-file` knows no variables.
        return write(name, given[name])

    # Not splitlines(): a value may hold what it takes for the end of a line.
    lines = example.replace("\r\n", "\n").removesuffix("\n").split("\n")
    filled = _alike("\n".join(line(text) for text in lines) + "\n")
    for found in differences.differences(filled, os.environ):
        raise UsageError(
            f"Line {found.line} of {EXAMPLE} is not read alike by python-dotenv, Compose and "
            f"`docker run --env-file`: {found.why}.",
            f"Write it as {found.instead}" if found.instead else "Give it another value.",
        )
    return filled


def _alike(text: str) -> str:
    """The text, with what its readers do not take for the same written as python-dotenv reads it.

    Of a variable that is set twice the last line stays. Where a line cannot be written so, it stays as
    it is.
    """
    from djdock.envfile import differences
    from djdock.envfile.line import line as write

    values = {one.name: one.value for one in python_dotenv.read(text, {}).variables}
    lines = text.split("\n")
    for found in differences.differences(text, {}):
        value = values.get(found.name)
        whole = re.match(rf"\s*(?:export\s+)?{re.escape(found.name)}\s*=", lines[found.line - 1])
        if not found.name or value is None or not whole or "\n" in value:
            continue
        try:
            lines[found.line - 1] = write(found.name, value)
        except UsageError:
            continue
    last = {name: number for number, one in enumerate(lines) if (name := _set(one))}
    return "\n".join(
        one for number, one in enumerate(lines) if last.get(_set(one), number) == number
    )


def _set(text: str) -> str:
    """The name of the variable that a line sets; empty when it sets none."""
    name, separator, _ = text.partition("=")
    return name if separator and NAME.fullmatch(name) else ""


def init(root: Path, fixed: Mapping[str, str] | None = None) -> Path | None:
    """Writes ``root/.env`` from the example with generated secrets and mode 0600.

    Returns its path, or None when there is one already: it is never overwritten. Raises MissingError
    when there is no example.
    """
    target, example = root / FILE, root / EXAMPLE
    if target.exists() or target.is_symlink():
        return None
    if not example.is_file():
        raise MissingError(
            f"There is no {EXAMPLE} in {root} to make {FILE} from.",
            "Take it from version control, or write one.",
        )
    text = fill(example.read_text(encoding="utf-8-sig"), fixed or {})
    # Written under another name first, so that a full disk or a kill leaves no half of a file.
    descriptor, name = tempfile.mkstemp(prefix=f"{FILE}.", suffix=".tmp", dir=root)  # mode 0600
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.link(partial, target)  # unlike a rename, this fails when somebody else was faster
    except FileExistsError:
        return None
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP):
            raise
        partial.rename(target)  # a file system without hard links: the look before has to do
    finally:
        partial.unlink(missing_ok=True)
    return target


def rewrite(path: Path, data: bytes) -> None:
    """Puts a new ``.env`` in the place of ``path``, complete or not at all; for its owner only.

    Behind a link it is the file that changes, not the link.
    """
    path = path.resolve()
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".tmp", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        before = path.stat()
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(partial, before.st_uid, before.st_gid)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
