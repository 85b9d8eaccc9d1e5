"""How long until an edit is live with `invoke up --dev`: python benchmarks/dev.py [--runs N] [WORD …]

Brings up a copy of this repository as a stack of its own (WORDs are more flags of `up`), edits a view,
the settings, a template and a style sheet in turn, N times each (10 when not given), and asks for the
page every 10 ms until it shows the edit. Each edit comes at a random time after the one before was live,
as Django's own reloader looks once a second. Prints the least, the median and the most, in seconds.
The copy and its data are removed at the end.
"""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from djdock import config, engine

ROOT = Path(__file__).resolve().parents[1]
PORT = "18742"

#: Makes the page show the view's own word, the settings' and the template's.
VIEW = """
from django.template.loader import render_to_string
EDITED = "view-0"
IndexView.get = lambda self, request: HttpResponse(
    f"{EDITED} {settings.EDITED} {render_to_string('edited.html')}"
)
"""

#: What is edited: the file, what is appended to it at first, and the page that shows it.
KINDS = {
    "view": ("polls/views.py", VIEW, ""),
    "settings": ("config/settings.py", 'EDITED = "settings-0"\n', ""),
    "template": ("polls/templates/edited.html", "template-0\n", ""),
    "style sheet": (
        "polls/static/polls/site.css",
        "/* style sheet-0 */\n",
        "static/polls/site.css",
    ),
}


def wait(path: str, word: str) -> float:
    """Seconds until a page shows a word."""
    began = time.monotonic()
    while time.monotonic() < began + 60:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/{path}", timeout=30) as page:
                if word in page.read().decode():
                    return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.01)
    raise SystemExit(f"/{path} never showed {word}")


def main(runs: int, flags: list[str]) -> None:
    """Measures."""
    with tempfile.TemporaryDirectory(prefix="dev-") as name:
        site = Path(name) / "site"
        shutil.copytree(ROOT, site, ignore=shutil.ignore_patterns(
            ".git", ".env", ".venv*", ".djdock", "backups", "reports", ".*_cache", ".nox"))  # fmt: skip
        source = site / "src" / "demo"
        for file, text, _ in KINDS.values():
            with (source / file).open("a", encoding="utf-8") as opened:
                opened.write(text)
        env = {**os.environ, "WEB_PORT": PORT}
        invoke = [sys.executable, "-m", "invoke"]
        took: dict[str, list[float]] = {kind: [] for kind in KINDS}
        try:
            subprocess.run([*invoke, "up", "--dev", *flags], cwd=site, env=env, check=True)
            for kind, (_, _, path) in KINDS.items():
                wait(path, f"{kind}-0")
            for run in range(1, runs + 1):
                for kind, (file, _, path) in KINDS.items():
                    time.sleep(1 + random.random())  # noqa: S311
                    text = (source / file).read_text(encoding="utf-8")
                    (source / file).write_text(
                        text.replace(f"{kind}-{run - 1}", f"{kind}-{run}"), encoding="utf-8"
                    )
                    took[kind].append(wait(path, f"{kind}-{run}"))
        finally:
            subprocess.run([*invoke, "down", "--volumes", "--yes"], cwd=site, env=env, check=False)
            image = dataclasses.replace(config.load(site), dev=True).image("multi")
            subprocess.run([engine.docker_binary(), "image", "rm", image], check=False)
        for kind, seconds in took.items():
            least, middle, most = min(seconds), statistics.median(seconds), max(seconds)
            print(f"{kind:12} {least:5.2f} {middle:5.2f} {most:5.2f}")


if __name__ == "__main__":
    words = sys.argv[1:]
    number = int(words[1]) if words[:1] == ["--runs"] else 10
    main(number, words[2:] if words[:1] == ["--runs"] else words)
