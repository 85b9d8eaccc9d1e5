"""How the page is used: with a mouse, with the keyboard alone, on paper, in the dark, on a telephone."""

from __future__ import annotations

import re
from typing import Any

import pytest
import reports
from axe_playwright_python.sync_playwright import Axe
from conftest import Open
from playwright.sync_api import Page, expect

MAP = "#image-2-owners-map"


def way(page: Page) -> list[str]:
    return page.locator("#image-2-owners .crumbs li").all_inner_texts()


def tile(page: Page, name: str) -> Any:
    return page.locator(f"{MAP} > button[aria-label^='{name}']")


def focused(page: Page) -> str:
    text: str = page.evaluate(
        "(document.activeElement.ariaLabel ?? document.activeElement.textContent).trim()"
    )
    return text


# --- the treemap -----------------------------------------------------------------------------------


def test_a_click_zooms_in_and_the_way_leads_back(show: Open) -> None:
    page = show(reports.report())
    assert way(page) == ["multi"]
    tile(page, "packages").locator(".head").click()
    assert way(page) == ["multi", "packages"]
    expect(page.locator("#image-2-owners .about")).to_contain_text("36.9 MB · 30.0 % of the image")
    tile(page, "Django").locator(".inner").first.click()
    assert way(page) == ["multi", "packages", "Django", "contrib"]
    expect(page.locator("#said")).to_have_text(
        "contrib, 14.8 MB, 12.0 % of the image, 120 files, in 2 parts"
    )
    page.locator("#image-2-owners .crumbs").get_by_role("button", name="packages").click()
    assert way(page) == ["multi", "packages"]
    page.locator("#image-2-owners .crumbs").get_by_role("button", name="multi").click()
    assert way(page) == ["multi"]


def test_the_list_beside_it_zooms_too(show: Open) -> None:
    page = show(reports.report())
    rows = page.locator("#image-2-owners .list")
    rows.get_by_role("button", name="system").click()
    assert way(page) == ["multi", "system"]
    assert focused(page) == "gcc-14"
    rows.get_by_role("button", name="libc6").click()
    assert way(page) == ["multi", "system", "libc6"]
    names = rows.locator("tbody th").all_inner_texts()
    assert [name.strip() for name in names] == ["lib", "share"]


def test_an_owner_is_found_without_knowing_its_group(show: Open) -> None:
    page = show(reports.report())
    table = page.locator("#image-2-owners .list table").nth(1)
    expect(table.locator("caption")).to_have_text("The 8 largest of 8 owners")
    table.get_by_role("button", name="Django").click()
    assert way(page) == ["multi", "packages", "Django"]


def test_the_tiles_are_to_scale(show: Open) -> None:
    data = reports.report()
    page = show(data)
    areas = page.eval_on_selector_all(
        f"{MAP} > button",
        "all => all.map(one => [one.dataset.group, one.offsetWidth * one.offsetHeight])",
    )
    groups, total = data["variants"][1]["groups"], data["variants"][1]["bytes"]
    whole = sum(area for _, area in areas)
    assert {name for name, _ in areas} == {name for name, size in groups.items() if size}
    for name, area in areas:
        assert area / whole == pytest.approx(groups[name] / total, abs=0.02)


def test_what_is_too_small_to_see_is_one_tile_that_opens(show: Open) -> None:
    data = reports.report()
    item = data["variants"][1]
    small = [
        reports.owner("system", f"tiny{number}", "", "debian", {"lib": 1}, 20)
        for number in range(300)
    ]
    item["owners"] += small
    page = show(data)
    tile(page, "system").locator(".head").click()
    page.locator(f"{MAP} > button[aria-label^='300 smaller']").focus()
    page.keyboard.press("Enter")
    assert way(page) == ["multi", "system", "300 smaller"]
    assert page.locator("#image-2-owners .list tbody tr").count() == 300


def test_the_treemap_is_laid_out_anew_for_another_width(show: Open) -> None:
    page = show(reports.report())
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_function(f"document.querySelector('{MAP}').clientWidth < 400")
    sizes = page.eval_on_selector_all(
        f"{MAP} > button", "all => all.map(one => [one.offsetWidth, one.offsetHeight])"
    )
    assert all(min(size) > 4 for size in sizes)


# --- the keyboard ----------------------------------------------------------------------------------


def test_the_page_can_be_walked_with_the_keyboard_alone(show: Open) -> None:
    page = show(reports.report())
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.role") == "tab":
            break
    assert focused(page).startswith("multi")
    page.keyboard.press("ArrowRight")
    assert focused(page).startswith("minimal")
    assert page.locator("#image-3").is_visible()
    page.keyboard.press("Home")
    assert page.locator("#image-1").is_visible()
    page.keyboard.press("ArrowLeft")  # round to the last
    assert page.locator("#image-3").is_visible()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#image-2").is_visible()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.parentElement.matches('{MAP}')"):
            break
    assert focused(page).startswith("system")
    page.keyboard.press("ArrowRight")
    assert focused(page).startswith("packages")
    page.keyboard.press("Enter")
    assert way(page) == ["multi", "packages"]
    assert focused(page).startswith("Django")
    page.keyboard.press("End")
    assert focused(page).startswith("psycopg2-binary")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert way(page) == ["multi"]
    assert focused(page).startswith("packages")
    page.keyboard.press("Escape")  # there is nothing above
    assert way(page) == ["multi"]


def test_the_treemap_is_one_stop_on_the_way_through_the_page(show: Open) -> None:
    page = show(reports.report())
    stops = page.locator(f"{MAP} > button[tabindex='0']")
    assert stops.count() == 1
    tile(page, "interpreter").focus()
    page.keyboard.press("ArrowUp")
    assert stops.count() == 1
    assert stops.get_attribute("aria-label") == focused(page)


def test_focus_is_seen(show: Open) -> None:
    page = show(reports.report())
    tile(page, "system").focus()
    page.keyboard.press("ArrowRight")
    outline = "getComputedStyle(document.activeElement)"
    assert page.evaluate(f"{outline}.outlineStyle") == "solid"
    assert page.evaluate(f"parseFloat({outline}.outlineWidth)") >= 2


def test_a_link_leads_into_an_image_that_is_not_shown(show: Open) -> None:
    page = show(reports.report(), at="#image-3-layers")
    assert page.locator("#image-3-layers").is_visible()
    links = page.locator("nav.sections ul ul a")
    assert links.first.get_attribute("href") == "#image-3-owners"
    page.get_by_role("tab", name="single").click()
    assert links.first.get_attribute("href") == "#image-1-owners"


# --- light, dark, still, paper, narrow -------------------------------------------------------------


def ground(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_dark_and_light_as_the_system_says_until_somebody_chooses(show: Open) -> None:
    page = show(reports.report(), color_scheme="dark")
    dark = ground(page)
    button = page.get_by_role("button", name="Dark", exact=True)
    assert button.get_attribute("aria-pressed") == "true"
    page.emulate_media(color_scheme="light")
    expect(button).to_have_attribute("aria-pressed", "false")
    light = ground(page)
    assert light != dark
    button.click()
    assert ground(page) == dark
    page.emulate_media(color_scheme="dark")
    page.emulate_media(color_scheme="light")
    assert ground(page) == dark
    button.click()
    assert (ground(page), button.get_attribute("aria-pressed")) == (light, "false")


COUNT = """() => {
  const animate = Element.prototype.animate;
  window.moved = 0;
  Element.prototype.animate = function (...words) {
    window.moved += 1;
    return animate.apply(this, words);
  };
}"""


@pytest.mark.parametrize(("motion", "moved"), [("no-preference", 1), ("reduce", 0)])
def test_nothing_moves_for_whom_it_shall_not(show: Open, motion: Any, moved: int) -> None:
    page = show(reports.report(), reduced_motion=motion)
    page.evaluate(COUNT)
    tile(page, "packages").locator(".head").click()
    assert page.evaluate("window.moved") == moved


def test_on_paper_everything_is_there_and_light(show: Open) -> None:
    page = show(reports.report(), color_scheme="dark")
    closed = page.locator("details:not([open])")
    before = closed.count()
    assert before > 5
    page.emulate_media(media="print")
    expect(closed).to_have_count(0)
    for number in (1, 2, 3):
        assert page.locator(f"#image-{number}").is_visible()
        assert page.locator(f"#image-{number}-layers").is_visible()
    assert not page.locator("nav.sections").is_visible()
    assert not page.locator("[role=tablist]").is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 32, 41)"
    page.emulate_media(media="screen")
    expect(closed).to_have_count(before)
    # One image begins a page, and each takes more than one.
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 6


@pytest.mark.parametrize("width", [320, 360, 720, 721, 768, 900, 1001, 1600])
def test_no_width_scrolls_sideways(show: Open, width: int) -> None:
    page = show(reports.report(), width=width)
    for number in (1, 2, 3):
        page.get_by_role("tab").nth(number - 1).click()
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [320, 500])
def test_the_button_beside_a_long_line_is_one_line_high(show: Open, width: int) -> None:
    page = show({**reports.report(), "quick": True}, width=width)
    box = page.locator(".theme").bounding_box()
    assert box is not None
    assert box["height"] < 40 < box["width"]


def test_without_scripts_the_page_says_where_the_figures_are(show: Open) -> None:
    page = show(reports.report(), java_script_enabled=False)
    expect(page.locator("main .note")).to_contain_text("images.json")


# --- for everybody ---------------------------------------------------------------------------------

#: The contrast of every text on the colour behind it, by the formula of WCAG 2.
CONTRAST = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => numbers(colour).slice(0, 3)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    return numbers(colour)[3] === 0 ? behind(one.parentElement) : colour;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !one.checkVisibility() || one.closest("script")) continue;
    const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), one.textContent.slice(0, 40)]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(show: Open, scheme: Any) -> None:
    page = show(reports.report(), color_scheme=scheme)
    found = page.evaluate(CONTRAST)
    assert len(found) > 300
    assert [row for row in found if row[0] < 4.5] == []
    for name in ("system", "packages", "interpreter", "static files", "project"):
        page.locator("#image-2-owners .list button", has_text=name).first.click()
        assert [row for row in page.evaluate(CONTRAST) if row[0] < 4.5] == []
        page.locator("#image-2-owners .crumbs button").first.click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(show: Open, scheme: Any, width: int) -> None:
    # axe comes from the test, not from the page, so the page's policy is not asked about it.
    page = show(reports.report(), color_scheme=scheme, width=width, bypass_csp=True)
    for act in (
        lambda: None,
        lambda: page.get_by_role("tab", name="single").click(),
        lambda: page.locator("#image-1-owners-map > button").first.click(position={"x": 9, "y": 9}),
    ):
        act()
        page.wait_for_function("document.getAnimations().length === 0")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
