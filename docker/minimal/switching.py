"""Which code shows a site in another language than LANGUAGE_CODE.

Django activates one per request in LocaleMiddleware only. All else is code that says so: `activate`,
`override`, a template's `{% language %}`
(https://docs.djangoproject.com/en/stable/topics/i18n/translation/).
"""

import os
import re
from pathlib import Path

#: Files that may be code or templates, by the end of their names.
SUFFIXES = (
    ".py", ".html", ".htm", ".txt", ".xml", ".jinja", ".jinja2", ".j2", ".mjml", ".md", ".tpl",
)  # fmt: skip

PASSED = {"node_modules", "__pycache__"}
#: Of packages, besides: Django's own code does what others ask of it.
OF_PACKAGES = {"django", "tests", "test"}

WORDS = (b"translation", b"trans_real", b"LocaleMiddleware", b"language", b"LANGUAGE_CODE")
SWITCHES = re.compile(
    rb"\bLocaleMiddleware\b"
    # In brackets up to the last of them, which is none in a comment.
    rb"|\butils\.translation\s+import\s*(?:\((?:[^)#]|#[^\n]*\n)*?|(?:\\\n|[^\n(])*?)"
    rb"(?:\b(?:activate|override)\b|\*)"
    rb"|\btrans_real\s*(?:\.|import)"
    # The environment says it, which is another one at build.
    rb"|\bLANGUAGE_CODE\b[^\n#]*(?:env|config)"
    rb"|\btranslation\s*\.\s*(?:activate|override)\b"
    rb"|\btranslation\s+as\s+\w"
    rb"|\{%[-+]?\s*language\s"
)


def switching(root, passed=frozenset()):
    """The first file below ``root`` that switches languages, relative to it; None where none does.
    Folders of these names are passed over.
    """
    top = str(root)
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(set(folders) - PASSED - passed)
        for name in sorted(names):
            if name.endswith(SUFFIXES) and switches(os.path.join(folder, name)):
                return os.path.relpath(os.path.join(folder, name), top)
    return None


def switches(path):
    """Whether a file switches languages."""
    try:
        with open(path, "rb", buffering=0) as file:
            data = file.readall()
    except OSError:
        return False
    # Most files have none of these words, and an alternation is slow to search for.
    return any(word in data for word in WORDS) and bool(SWITCHES.search(data))


def packages(venv):
    """The same for the packages of a virtual environment."""
    roots = sorted(Path(venv).glob("lib/python*/site-packages"))
    return next((name for root in roots for name in [switching(root, OF_PACKAGES)] if name), None)
