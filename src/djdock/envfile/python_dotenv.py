"""How python-dotenv reads a ``.env``: by the library itself, as its ``load_dotenv()`` does."""

from __future__ import annotations

import io
from collections.abc import Mapping

from djdock.envfile.reading import Reading, Refusal, Variable


def read(text: str, environ: Mapping[str, str]) -> Reading:
    """Reads ``text``. ``${NAME}`` is looked up in ``environ``, then in the lines before.

    A line that the library cannot read is passed over by it, with a warning.
    """
    from dotenv.parser import parse_stream
    from dotenv.variables import parse_variables

    # It opens files as text, which makes a line feed of any line's end; lines are counted as they stand.
    parts = [line.removesuffix("\r").split("\r") for line in text.split("\n")]
    numbers = [number for number, line in enumerate(parts, 1) for _ in line]
    text = "\n".join(part for line in parts for part in line)
    found, refused = [], []
    known: dict[str, str | None] = {}
    for binding in parse_stream(io.StringIO(text)):
        whole = binding.original.string
        # The parser counts the blank lines before a statement as its own.
        blank = whole[: len(whole) - len(whole.lstrip())].count("\n")
        line = binding.original.line + blank
        if binding.error:
            refused.append(Refusal(numbers[line - 1], "it is not NAME=value"))
        elif binding.key is not None:
            value = binding.value
            if value is not None:
                known_now = {**known, **environ}
                value = "".join(atom.resolve(known_now) for atom in parse_variables(value))
            known[binding.key] = value
            last = line + whole.strip().count("\n")
            found.append(Variable(numbers[line - 1], binding.key, value, numbers[last - 1]))
    return Reading(tuple(found), tuple(refused))
