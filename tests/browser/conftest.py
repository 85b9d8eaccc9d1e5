"""A headless Chromium, and pages in it that may say nothing, ask for nothing and break nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from djdock.report import html

#: No sandbox, since containers run as root; nothing that a browser does by itself in the background.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or None
        launched = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of some data: ``show(data, width=360, color_scheme="dark")``."""
    complaints: list[str] = []
    contexts = []

    def opened(
        data: dict[str, Any], *, width: int = 1280, height: int = 900, at: str = "", **more: Any
    ) -> Page:
        path = tmp_path / f"page-{len(contexts)}.html"
        path.write_text(html.page(data), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)

        def routed(route: Route) -> None:
            if route.request.url.partition("#")[0] == path.as_uri():
                route.continue_()
            else:
                complaints.append(f"it asked for {route.request.url}")
                route.abort()

        page.route("**/*", routed)
        page.on("request", lambda sent: complaints.extend(_foreign(sent.url, path)))
        page.on("console", lambda message: complaints.append(f"it said {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"it broke: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"it asked {dialog.message}"))
        page.goto(path.as_uri() + at)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _foreign(url: str, path: Path) -> list[str]:
    own = url.partition("#")[0] == path.as_uri() or url == "data:,"
    return [] if own else [f"it asked for {url}"]
