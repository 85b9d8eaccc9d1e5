"""What a variable gets that nothing is known of, by what the settings make of it and by its name."""

from __future__ import annotations

import re

from djdock.inspect.interpret.state import Read

PLACEHOLDER = "the settings do not start without it; this is a placeholder"

_SECRET = re.compile(r"(?i)secret|passw|pwd$|token|api_?key|private|salt|_key$|^key|dsn|credential")
#: Of a file that holds a key, not of the key.
PLACE = re.compile(r"(?i)(^|_)(FILE(NAME)?|PATH|DIR|FOLDER|ROOT|LOGS?)$|^BASE_")
_EMPTY = re.compile(
    r"(?i)sentry|dsn|rollbar|newrelic|analytics|segment|raven|loggly|datadog|honeycomb"
)


def keeps(name: str) -> bool:
    """Whether a variable's value is a secret itself."""
    return bool(_SECRET.search(name)) and not PLACE.search(name)


def of(read: Read) -> str:
    """What a required variable gets that nothing is known of: what its cast takes, and does least."""
    casts = {"bool": "False", "int": "1", "float": "1", "list": "", "json": "{}", "dict": "", "db": "sqlite://:memory:",
             "cache": "locmemcache://", "email": "consolemail://", "search": "simple://"}  # fmt: skip
    return casts[read.cast] if read.cast in casts else of_name(read.name)


def of_name(name: str) -> str:
    """The same, by the name alone."""
    if _EMPTY.search(name):
        return ""
    low = name.lower()
    if low.endswith(("admin_url", "admin_path")):
        # A part of the site's own addresses.
        return "admin/"
    if low.endswith("email_backend"):
        return "django.core.mail.backends.console.EmailBackend"
    if low.endswith("email_url"):
        return "consolemail://"
    if low.endswith("port"):
        return "1"
    if low.endswith(("url", "uri", "origin")):
        return "http://localhost:8000"
    if low.endswith(("host", "domain", "hostname")):
        return "localhost"
    if ("email" in low or low.endswith("_mail")) and not keeps(name):
        return "site@example.org"
    return "change-me" if keeps(name) else "unset"
