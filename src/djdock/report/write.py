"""Writes the report's files, and says to GitHub Actions what it listens to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from djdock import whole
from djdock.report import html
from djdock.report.markdown import markdown


def as_json(report: Mapping[str, Any]) -> str:
    """The data themselves."""
    return json.dumps(report, indent=2) + "\n"


#: The files of a report, and what makes their text of it.
FORMS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "images.json": as_json,
    "images.md": markdown,
    "images.html": html.page,
}


def write(report: Mapping[str, Any], folder: Path) -> list[Path]:
    """Writes every form into ``folder``, each file whole or not at all; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / name: form(report) for name, form in FORMS.items()}
    return [whole.write(path, text) for path, text in texts.items()]


def announce(report: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
    """Under GitHub Actions: the step's summary, and an annotation for each complaint."""
    env = os.environ if environ is None else environ
    if summary := env.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8") as file:
            file.write(markdown(report))
    if env.get("GITHUB_ACTIONS") == "true":
        for sentence in report["complaints"]:
            print(f"::error title=images::{_escaped(sentence)}", flush=True)


def _escaped(text: str) -> str:
    """A message as a workflow command takes it (escapeData of actions/toolkit's command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
