"""Writes a variable so that python-dotenv, Compose and ``docker run --env-file`` read it alike."""

from __future__ import annotations

import re

from djdock.env import NAME
from djdock.envfile import compose_dotenv, docker_env_file, python_dotenv
from djdock.errors import UsageError

READERS = {
    "python-dotenv": python_dotenv.read,
    "Compose": compose_dotenv.read,
    "docker run --env-file": docker_env_file.read,
}

#: What a value has -> why not all three read it back. The first that is found is said.
_CAUSES = (
    (r"\n", "docker ends a value with its line"),
    (r"\r", "python-dotenv takes a carriage return for the end of a line"),
    (r"\A['\"]", "{} would take the quote at its beginning for one around it"),
    (r"\A\s|\s\Z", "{} would drop the blanks at its beginning or end"),
    (r"\s#", "{} would take what follows a blank and a # for a comment"),
    (r"\$", "{} would take what follows a $ for a variable"),
)


def line(name: str, value: str) -> str:
    """``NAME=value``, which all three read back as ``value``.

    There is one such form: the bare value, because docker takes a line as it stands. Raises UsageError,
    with the reader that is in the way but never the value, when one of them would read another.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"`{name}` is no name of a variable.", "Use letters, digits and underscores."
        )
    problem = why_not(name, value)
    if problem:
        raise UsageError(
            f"The value of {name} cannot be written into .env: {problem}.",
            f"Choose another, or put it into a file and set {name}_FILE to its path.",
        )
    return f"{name}={value}"


def why_not(name: str, value: str) -> str:
    """Why a value cannot be written bare, as half a sentence; empty when it can."""
    if "\0" in value:
        return "no environment variable holds a NUL"
    text = f"{name}={value}\n"
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "it is not valid Unicode"
    if size > docker_env_file.LONGEST + 1 and "\n" not in value:
        return f"docker reads no line of more than {docker_env_file.LONGEST} bytes"
    wanted = [(name, value)]
    others = [
        reader
        for reader, reading in ((reader, read(text, {})) for reader, read in READERS.items())
        if reading.refusals or [(v.name, v.value) for v in reading.variables] != wanted
    ]
    if not others:
        return ""
    for pattern, cause in _CAUSES:
        if re.search(pattern, value):
            return cause.format(" and ".join(others))
    return f"{' and '.join(others)} would read another"
