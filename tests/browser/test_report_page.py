"""What the page shows: every section, with the figures of the data and no others."""

from __future__ import annotations

import random
from typing import Any

import pytest
import reports
from conftest import Open
from playwright.sync_api import Page

from djdock.units import human

SECTIONS = ["summary", "figures", "budget", "measurements", "images", "notes"]
PARTS = ["owners", "layers", "findings", "changes"]


def texts(page: Page, selector: str) -> list[str]:
    """The texts of what is shown, as people read them."""
    return [" ".join(text.split()) for text in page.locator(selector).all_inner_texts()]


def sections(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("main > section", "all => all.map(one => one.id)")
    return found


def parts(page: Page, number: int) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        f"#image-{number} > section", "all => all.map(one => one.id.split('-')[2])"
    )
    return found


def test_every_section_is_there(show: Open) -> None:
    page = show(reports.report())
    assert page.title() == "Images of shop"
    assert sections(page) == SECTIONS
    for number in (1, 2, 3):
        assert parts(page, number) == PARTS
    assert texts(page, "h1") == ["Images of shop"]
    assert texts(page, ".made") == [
        "2026-11-21 05:00 UTC · Docker Engine 26.1.5 · image store overlay2 · x86_64, 2 cpus"
    ]
    assert texts(page, ".verdict li") == reports.report()["complaints"]


def test_the_sizes_are_those_of_the_data(show: Open) -> None:
    data = reports.report()
    page = show(data)
    sizes = [item["figures"]["size"] for item in data["variants"]]
    assert texts(page, ".sizes .size") == [human(size) for size in sizes]
    assert texts(page, ".sizes .versus") == ["", "9.25 times smaller than single",
                                             "25.39 times smaller than single"]  # fmt: skip
    # The bars are to scale: their lengths are to one another as the bytes are.
    lengths = page.eval_on_selector_all(
        ".sizes .bar",
        """bars => bars.map(bar => [...bar.children].reduce(
            (sum, part) => sum + part.getBoundingClientRect().width, 0))""",
    )
    for size, length in zip(sizes, lengths, strict=True):
        assert length / lengths[0] == pytest.approx(size / sizes[0], abs=0.004)


def test_the_figures_side_by_side_are_those_of_the_data(show: Open) -> None:
    data = reports.report()
    page = show(data)

    def row(title: str) -> list[str]:
        return texts(page, f"#figures tr[data-figure='{title}'] td")

    figures = [item["figures"] for item in data["variants"]]
    assert row("Size") == [human(one["size"]) for one in figures]
    assert row("Compressed") == [human(one["compressed_size"]) for one in figures]
    assert row("Waste") == [human(one["waste"]) for one in figures]
    assert row("Files") == ["2,366"] * 3
    assert row("Setuid files") == ["2", "none", "none"]
    assert row("Could go") == [human(item["could_go"]) for item in data["variants"]]
    for group in ("system", "packages", "interpreter", "static files", "project"):
        assert row(group) == [human(item["groups"][group]) for item in data["variants"]]


def test_sizes_are_written_as_everywhere_in_djdock(show: Open) -> None:
    page = show(reports.report())
    chance = random.Random(7)
    numbers = [0, 1, 999, 1000, 1125, 9994, 9995, 9996, 99949, 99950, 999499, 999500, 123092913]
    numbers += [125 * 10**power for power in range(9)] + [1_000_000 + 5_000 * n for n in range(200)]
    numbers += [chance.randrange(10 ** chance.randrange(1, 13)) for _ in range(2000)]
    assert page.evaluate("all => all.map(human)", numbers) == [human(number) for number in numbers]


def test_the_budget_has_its_verdicts(show: Open) -> None:
    page = show(reports.report())
    assert texts(page, "#budget tbody tr") == [
        "max_size multi ✓kept multi has 123 MB, within max_size 135 MB.",
        "forbid multi ✕broken multi holds what forbid names: bash.",
        "max_growth multi ✕not checked max_growth cannot be checked.",
    ]


def test_a_budget_that_is_kept_is_said_in_one_line(show: Open) -> None:
    data = reports.report()
    data.update(ok=True, complaints=[], budget=data["budget"][:1])
    assert texts(show(data), ".verdict") == ["✓Within budget: 1 check passed."]


def test_measurements_have_their_median_spread_and_runs(show: Open) -> None:
    data = reports.report()
    page = show(data)
    names = page.eval_on_selector_all(
        ".measurement", "all => all.map(one => one.dataset.measurement)"
    )
    assert names == list(reports.SERIES)
    assert texts(page, "[data-measurement=first_200] tbody tr") == [
        "single 2.25 s 2.18 s to 2.40 s",
        "multi 1.50 s 1.45 s to 1.60 s",
        "minimal 0.75 sbest 0.73 s to 0.80 s",
    ]
    assert texts(page, "[data-measurement=memory_rest] tbody tr")[0] == (
        "single 88.2 MB 86.9 MB to 88.5 MB"
    )
    # More is better here, and the images that were made slower have more.
    assert "best" in texts(page, "[data-measurement=requests_per_second] tbody tr")[0]
    places = page.eval_on_selector_all(
        "[data-measurement=first_200] tr:first-child .run", "all => all.map(one => one.style.left)"
    )
    runs = data["variants"][0]["measurements"]["first_200"]["runs"]
    assert [float(place.rstrip("%")) for place in places] == [
        pytest.approx(100 * run / 2.5, abs=0.01) for run in runs
    ]
    page.locator("[data-measurement=first_200] summary").click()
    assert texts(page, "[data-measurement=first_200] dd")[0] == (
        "2.23 s, 2.30 s, 2.25 s, 2.18 s, 2.40 s"
    )


def test_layers_fall_from_one_to_the_next(show: Open) -> None:
    data = reports.report()
    page = show(data, at="#image-1")
    layers = data["variants"][0]["layers"]
    rows = texts(page, "#image-1-layers .layers tbody tr")
    assert [row.split()[0] for row in rows] == ["1", "2", "3"]
    assert human(layers[0]["size"]) in rows[0]
    assert human(layers[0]["waste"]) in rows[0]
    assert "base" in rows[0]
    assert "COPY /app /app" in rows[2]
    total = sum(layer["size"] for layer in layers)
    spans = page.eval_on_selector_all(
        "#image-1-layers .part.layer",
        "all => all.map(one => [parseFloat(one.style.left), parseFloat(one.style.width)])",
    )
    first, last = layers[0]["size"] * 100 / total, layers[2]["size"] * 100 / total
    assert spans == [pytest.approx([0, first], abs=0.01), pytest.approx([first, last], abs=0.01)]
    details = page.locator("#image-1-layers .instruction")
    assert details.count() == 1
    details.locator("summary").click()
    assert "lib39-dev" in details.inner_text()


def test_what_could_go_says_how_much_why_and_what_to_change(show: Open) -> None:
    data = reports.report()
    page = show(data)
    for item, text in zip(
        data["variants"][1]["findings"], texts(page, "#image-2 .finding"), strict=True
    ):
        assert item["title"] in text
        assert human(item["bytes"]) in text
        assert item["why"][1:] in text
        assert item["change"] in text
        assert ("nothing is lost" if item["safe"] else "weigh it") in text


def test_what_changed_since_the_baseline(show: Open) -> None:
    page = show(reports.report())
    assert texts(page, "#image-2-changes tbody tr") == [
        "pillow new 11.0.0 \u2013 9.80 MB +9.80 MB",
        "Django grew 5.1 → 5.2.19 20.0 MB 22.1 MB +2.10 MB",
        "six gone 1.16 40.0 kB \u2013 \u221240.0 kB",
    ]
    assert texts(page, "#image-2-changes section > p, #image-2-changes > p") == [
        "111 MB → 123 MB, +11.9 MB: Django +2.10 MB, new: pillow 9.80 MB, gone: six 40.0 kB."
    ]


def test_one_run_has_no_spread(show: Open) -> None:
    data = reports.report()
    one = {"unit": "s", "better": "less", "runs": [3.0], "median": 3.0, "least": 3.0, "most": 3.0}
    for item in data["variants"]:
        item["measurements"] = {"cold_build": one}
    assert texts(show(data), ".measurement tbody tr")[0] == "single 3.00 s one run"


# --- what is not there -----------------------------------------------------------------------------


def test_an_image_that_nobody_measured_has_no_empty_sections(show: Open) -> None:
    page = show(reports.unmeasured("python:3.13", "multi"))
    assert sections(page) == ["summary", "figures", "images", "notes"]
    assert parts(page, 1) == ["owners", "layers", "findings"]
    assert page.locator(".verdict").count() == 0


def test_one_image_needs_no_tabs(show: Open) -> None:
    page = show(reports.unmeasured("python:3.13"))
    assert page.locator("[role=tab], [role=tabpanel]").count() == 0
    assert texts(page, "#images > h2") == ["The image"]
    assert page.locator("#image-1").is_visible()
    assert texts(page, ".sizes .versus") == [""]


def test_measurements_that_failed_or_were_not_taken_say_so(show: Open) -> None:
    data = reports.report()
    problem = "The site did not answer within 120 seconds."
    for item in data["variants"]:
        item["measurements"]["cold_build"] = None
    data["variants"][1]["measurements"].update(first_200={"problem": problem}, memory_rest=None)
    data["variants"][2]["baseline"] = {"problem": "there is no baseline"}
    page = show(data)
    assert page.locator("[data-measurement=cold_build]").count() == 0
    assert texts(page, "[data-measurement=first_200] tbody tr")[1] == f"multi {problem}"
    assert texts(page, "[data-measurement=memory_rest] tbody tr")[1] == "multi not measured"
    page.get_by_role("tab", name="minimal").click()
    assert texts(page, "#image-3-changes p") == ["Not compared: there is no baseline."]


def test_a_measurement_that_failed_everywhere_is_still_shown(show: Open) -> None:
    data = reports.report()
    for item in data["variants"]:
        item["measurements"] = {"first_200": {"problem": "It did not start."}}
    assert texts(show(data), ".measurement tbody tr") == [
        f"{name} It did not start." for name in ("single", "multi", "minimal")
    ]


def empty(data: dict[str, Any]) -> dict[str, Any]:
    item = data["variants"][0]
    item.update(owners=[], layers=[], findings=[], wasted=[], groups={}, bytes=0, could_go=0)
    item["figures"].update(size=0, compressed_size=None, waste=0, files=0, shells=[])
    item["baseline"] = {"sentence": "no owner changed in size", "bytes": 0, "before": 0, "after": 0,
                        "changes": []}  # fmt: skip
    return data


def test_an_image_of_nothing_is_shown(show: Open) -> None:
    page = show(empty(reports.unmeasured("scratch")))
    assert texts(page, ".sizes .size") == ["0 B"]
    assert parts(page, 1) == ["changes"]
    assert texts(page, "#image-1-changes p") == ["0 B → 0 B, +0 B: no owner changed in size."]


def test_a_report_of_no_image_is_shown(show: Open) -> None:
    page = show({**reports.unmeasured()})
    assert sections(page) == ["summary", "notes"]
    assert "No image was read." in page.locator("#summary").inner_text()


def test_as_many_layers_as_an_engine_takes(show: Open) -> None:
    data = reports.unmeasured("deep")
    layer = data["variants"][0]["layers"][0]
    data["variants"][0]["layers"] = [{**layer, "number": number} for number in range(1, 128)]
    page = show(data)
    assert page.locator("#image-1-layers .layers tbody tr").count() == 127


# --- strangers' names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=window.hacked=1>",
        "</script><script>window.hacked=1</script>",
        "<!--<script>",
        "'\"><svg onload=window.hacked=1>",
        "\u2028\u2029\u202e\x00\ud800",
        "{{ script }}",
        "constructor",
        "__proto__",
        "a" * 5000,
    ],
)
def test_names_of_strangers_are_shown_and_nothing_else(show: Open, text: str) -> None:
    page = show(reports.hostile(reports.report(), text), width=360)
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main svg, main script, main iframe").count() == 0
    assert page.locator("script").count() == 2
    # What becomes of half a character is the browser's business.
    shown = text.removesuffix("\ud800")
    assert shown in page.locator("#image-2 h3").evaluate("one => one.textContent")
    tile = page.locator("#image-2-owners-map button").first
    tile.focus()
    page.keyboard.press("Enter")
    assert shown in page.locator("#image-2-owners-map").evaluate("one => one.textContent")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
