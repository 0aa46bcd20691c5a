"""The year-end tally on paper: A4 lying down, an official head, its conditions, no table cut; asked for by a link.
The coverage map on paper: the whole map on the first of few sheets, from whatever window it is printed."""

import re
from dataclasses import replace

from playwright.sync_api import Browser

from tests.journeys.serving import Town

A4_LYING = ("842", "595")
# Room on a sheet in CSS pixels, without the margins of print.css.
ROOM = {"width": round((297 - 2 * 18) / 25.4 * 96), "height": round((210 - 2 * 16) / 25.4 * 96)}
UPRIGHT = {"width": round((210 - 2 * 18) / 25.4 * 96), "height": round((297 - 22 - 20) / 25.4 * 96)}
MOST_SHEETS = 4


def test_the_tally_is_printed_lying_down_with_its_conditions_and_whole_tables(town: Town, chromium: Browser) -> None:
    held = town.app.extensions["ketepai"]
    held.settings = replace(held.settings, demonstration=True)
    page = town.browser_of(chromium, "shiju", "/tallies/?from=2025&to=2026&level=county").page
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert {tuple(str(round(float(side))) for side in box) for box in boxes} == {A4_LYING}
    page.emulate_media(media="print")
    page.set_viewport_size(ROOM)
    told = page.locator("body").inner_text()
    for words in ("演示数据", "打印日期", "三明市科技特派员年终统计", "统计范围：三明市，2025—2026年，层级：县级。"):
        assert words in told
    assert not page.get_by_role("link", name="打印").is_visible()
    table = page.locator(".table-figures")
    assert table.evaluate("e => getComputedStyle(e.closest('.table-frame')).breakInside") == "avoid"
    assert table.bounding_box()["height"] < ROOM["height"]
    page.close()


def test_the_link_asks_the_browser_to_print_and_says_how_else(town: Town, chromium: Browser) -> None:
    page = town.browser_of(chromium, "shiju", "/tallies/").page
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.get_by_role("link", name="打印").click()
    page.wait_for_function("document.title === 'printed'")
    assert page.get_by_text("没有出现打印窗口时").is_visible()
    page.close()


def test_the_map_stands_on_the_first_of_few_sheets_whatever_the_window(town: Town, chromium: Browser) -> None:
    page = town.browser_of(chromium, "shiju", "/coverage/").page
    for width in (360, 1440):
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": width, "height": 780})
        page.locator(".coverage-county").first.wait_for(state="attached")
        sheets = re.findall(rb"/Type /Page\b(?!s)", page.pdf(prefer_css_page_size=True))
        assert 1 < len(sheets) <= MOST_SHEETS
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        page.set_viewport_size(UPRIGHT)
        whole = page.locator(".coverage-map").bounding_box()
        assert whole["y"] + whole["height"] < UPRIGHT["height"]
        frame = page.locator(".coverage-map-frame").bounding_box()
        counties = [line.bounding_box() for line in page.locator("svg g .coverage-county").all()]
        left, right = min(box["x"] for box in counties), max(box["x"] + box["width"] for box in counties)
        assert frame["x"] <= left and right <= frame["x"] + frame["width"]
        assert max(box["y"] + box["height"] for box in counties) <= frame["y"] + frame["height"]
        assert right - left > frame["width"] / 2
        page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.close()
