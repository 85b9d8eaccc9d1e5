"""The report's page as text: what is in it is safe, the same each time, and asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
import reports

from djdock.report import html

PACKAGE = files("djdock.report")


class Elements(HTMLParser):
    """What a browser would take for elements."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open = f"{tag} {dict(attrs).get('type', '')}".strip()

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def handle_data(self, data: str) -> None:
        self.texts[self.open] = self.texts.get(self.open, "") + data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def policy(elements: Elements) -> dict[str, str]:
    (meta,) = [m for m in elements.of("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    parts = (part.partition(" ") for part in str(meta["content"]).split("; "))
    return {name: value for name, _, value in parts}


def test_the_same_data_give_the_same_bytes() -> None:
    assert html.page(reports.report()) == html.page(reports.report())


def test_the_data_are_in_the_page_unchanged() -> None:
    data = reports.report()
    assert json.loads(Elements(html.page(data)).texts["script application/json"]) == data


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "<!--",
        "<script",
        "]]>",
        "&lt;/script&gt;",
        "\u2028\u2029",
        "\ud800",
        "{{ script }}{{ data }}{{ policy }}",
        "\\u003c/script>",
    ],
)
def test_no_name_leaves_the_data(text: str) -> None:
    usual = Elements(html.page(reports.report()))
    data = reports.hostile(reports.report(), text)
    page = html.page(data)
    elements = Elements(page)
    assert elements.tags == usual.tags
    assert json.loads(elements.texts["script application/json"]) == data
    embedded = re.search(r'id="data">(.*?)</script>', page)
    assert embedded is not None
    assert embedded[1].isascii()
    assert not set(embedded[1]) & set("<>&")


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    data = reports.report()
    data["variants"][0]["figures"]["efficiency"] = float("nan")
    with pytest.raises(ValueError, match="not JSON compliant"):
        html.page(data)


def test_only_this_script_and_this_style_run() -> None:
    elements = Elements(html.page(reports.report()))
    found = policy(elements)
    for name, element in (("script-src", "script"), ("style-src", "style")):
        digest = hashlib.sha256(elements.texts[element].encode()).digest()
        assert found[name] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert found["default-src"] == "'none'"
    assert found["require-trusted-types-for"] == "'script'"
    # The policy counts from where it stands: before everything that it is about.
    assert [tag for tag, _ in elements.tags][:4] == ["html", "head", "meta", "meta"]


def test_the_page_asks_for_nothing() -> None:
    elements = Elements(html.page(reports.report()))
    loaded = [
        value
        for _, attributes in elements.tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "data", "poster")
    ]
    assert loaded == ["data:,", "#report"]
    assert "url(" not in elements.texts["style"]
    assert "@import" not in elements.texts["style"]
    assert [attributes for attributes in elements.of("meta") if "charset" in attributes] == [
        {"charset": "utf-8"}
    ]


def test_data_are_never_made_into_markup() -> None:
    for entry in PACKAGE.joinpath("page").iterdir():
        if entry.name.endswith(".js"):
            text = entry.read_text(encoding="utf-8")
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser"
                r"|setHTML|createContextualFragment|new Function|javascript:",
                text,
            ), entry.name


def test_every_script_and_style_is_in_the_page() -> None:
    named = {name for name in (*html.SCRIPTS, *html.STYLES) if name.startswith("page/")}
    there = {
        f"page/{entry.name}"
        for entry in PACKAGE.joinpath("page").iterdir()
        if entry.name.endswith((".js", ".css"))
    }
    assert named == there


def test_what_is_vendored_is_what_was_written_down() -> None:
    vendor = PACKAGE.joinpath("vendor")
    record: dict[str, Any] = json.loads(vendor.joinpath("vendored.json").read_text("utf-8"))
    bundle = vendor.joinpath(record["bundle"]).read_bytes()
    assert hashlib.sha256(bundle).hexdigest() == record["sha256"]
    assert len(bundle) == record["bytes"]
    locked = json.loads(vendor.joinpath("package-lock.json").read_text("utf-8"))["packages"]
    licences = vendor.joinpath("LICENSES.txt").read_text("utf-8")
    for package in record["packages"]:
        assert locked[f"node_modules/{package['name']}"]["version"] == package["version"]
        assert f"{package['name']} {package['version']}\n" in licences
    assert licences in bundle.decode()


def test_the_lockfile_names_no_registry() -> None:
    text = PACKAGE.joinpath("vendor/package-lock.json").read_text("utf-8")
    assert "registry" not in text
    assert '"resolved"' not in text
