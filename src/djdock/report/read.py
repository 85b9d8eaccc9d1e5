"""Reads ``reports/images.json`` back, to draw it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from djdock.errors import MissingError, UsageError
from djdock.report import shape
from djdock.report.data import VERSION

_REMEDY = "`nox -s images` writes it anew."


def read(path: Path) -> dict[str, Any]:
    """The report's data.

    Raises MissingError when the file is not there, and UsageError when it is of another version or not
    what djdock wrote.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MissingError(
            f"There is no report: {path} is not there.",
            "`nox -s images` builds and measures; `invoke image.report IMAGE` looks at an image that is "
            "there.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", _REMEDY) from error
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or "version" not in data:
            raise shape.Misshapen("it says no version")
        if data["version"] != VERSION:
            raise UsageError(
                f"{path} is of version {data['version']!r}, and this djdock draws {VERSION}.",
                _REMEDY,
            )
        shape.check(data)
    except ValueError as error:
        raise UsageError(f"{path} is no report that djdock wrote: no JSON.", _REMEDY) from error
    except RecursionError as error:
        raise UsageError(f"{path} is no report that djdock wrote: too deep.", _REMEDY) from error
    except shape.Misshapen as error:
        raise UsageError(f"{path} is no report that djdock wrote: {error}.", _REMEDY) from error
    return data
