"""The small files that ``init`` writes, and the lines that it adds to those that are there."""

from __future__ import annotations

TASKS = '''"""invoke's door to djdock: `invoke --list` shows every task."""

from djdock.tasks import namespace

__all__ = ["namespace"]
'''

NOX = '''"""nox's door to djdock: `nox --list` shows every session."""

from djdock.sessions import images, matrix

__all__ = ["images", "matrix"]
'''

#: Added to a tasks.py of invoke's that is there.
TASKS_LINE = """
# djdock's tasks, beside those above: `invoke --list` shows them all.
import djdock  # noqa: E402

namespace = djdock.joined(globals())
"""

#: Put at the head of a tasks.py of invoke's that cannot be loaded here.
FALLBACK_LINE = (
    "import djdock.fallback  # noqa: F401 - if an import below fails, djdock's tasks go on\n"
)

#: Added to a noxfile.py that is there.
NOX_LINE = """
# djdock's sessions, beside those above.
from djdock.sessions import images, matrix  # noqa: E402, F401
"""

#: Where a tasks.py is there that is none of invoke's.
OTHER_TASKS = "djdock_tasks"

#: What an image is made of, less what has no business in it.
DOCKERIGNORE = """# What builds do not see.
**/.git
**/.hg
**/.env
**/.env.*
**/.venv
**/venv
**/env/bin
**/env/lib
**/node_modules
**/__pycache__
**/*.py[co]
**/.*_cache
**/.tox
**/.nox
**/.coverage*
**/htmlcov
**/.DS_Store
**/.idea
**/.vscode
**/*.sqlite3-*
**/*.log
.djdock
backups
reports
"""

#: Folders that djdock makes in the root, by names that a project's own may have.
OUTPUT = ("backups", "reports")

#: For files that git shall not see.
IGNORED = (".env", ".djdock/", "backups/", "reports/")

GITHUB = """name: stack

on:
  push:
  pull_request:

jobs:
  stack:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pip install djdock
      - run: invoke up
      - run: invoke migrate --check
      - run: invoke check
      - run: nox -s images -- --quick
"""
