"""How ``docker run --env-file`` reads a file: docker/cli's ``parseKeyValueFile``.

https://github.com/docker/cli/blob/v26.1.5/opts/file.go, since v28 in ``pkg/kvfile/kvfile.go``: a line
is ``NAME=value`` to its end; there are no quotes, no escapes, no variables and no comments behind a
value.
"""

from __future__ import annotations

from collections.abc import Mapping

from djdock.envfile.reading import Reading, Refusal, Variable

#: ``bufio.MaxScanTokenSize`` less the line's end: the most that a line may have, in bytes.
LONGEST = 64 * 1024 - 1

#: ``unicode.IsSpace`` of Go (Python's ``str.isspace`` knows U+001C to U+001F besides).
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def read(text: str, _environ: Mapping[str, str]) -> Reading:
    """Reads ``text``; of a name without ``=`` the value is the environment's."""
    found, refused = [], []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if len(line.encode()) > LONGEST:
            refused.append(Refusal(number, f"it has more than {LONGEST} bytes"))
            continue
        line = line.removesuffix("\r").lstrip(SPACE)
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if " " in name or "\t" in name:
            refused.append(Refusal(number, "its name has a blank"))
        elif not name:
            refused.append(Refusal(number, "it has no name"))
        else:
            found.append(Variable(number, name, value if equals else None, number))
    return Reading(tuple(found), tuple(refused))
