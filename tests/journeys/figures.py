"""What map and tally say, as they say it to people: the map's data, the tally's page, and the command."""

import json
from typing import Any

from flask import Flask
from playwright.sync_api import Page

from tests import told_by_map

TILES = {"现场服务": "visits", "已确认的服务": "confirmed visits", "已解决的需求": "demands met"}


def of_the_map(page: Page, address: str, township: str) -> dict[str, int]:
    """The map's data for 2026 as its script gets it, in the browser of somebody who may see it."""
    page.goto(f"{address}/coverage/?from=2026&to=2026&by=visited")
    covered, townships = told_by_map.covered(page.content()), told_by_map.townships(page.content())
    here = townships[township]
    return {
        "visits here": here["visits"],
        "confirmed visits here": here["confirmed_visits"],
        "demands met here": here["demands_met"],
        "townships visited": covered["visited"],
        "townships confirmed": covered["confirmed"],
        "visits anywhere": sum(t["visits"] for t in townships.values()),
    }


def of_the_tally_page(page: Page, address: str) -> dict[str, int]:
    """The tiles of 2026 as they can be read; nothing counted yet is shown as an empty page."""
    page.goto(f"{address}/tallies/?from=2026&to=2026")
    tiles = page.locator(".tile")
    read = dict.fromkeys(TILES.values(), 0)
    for n in range(tiles.count()):
        label = tiles.nth(n).locator(".tile-label").inner_text().strip()
        if label in TILES:
            number = tiles.nth(n).locator(".tile-number").inner_text()
            read[TILES[label]] = int("".join(c for c in number if c.isdigit()))
    return read


def of_the_command(app: Flask) -> dict[str, Any]:
    answer = app.test_cli_runner().invoke(args=["tally", "--from", "2026", "--to", "2026", "--format", "json"])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    return {name: told[key] for name, key in (("visits", "visits"), ("confirmed visits", "confirmed_visits"),
                                              ("demands met", "demands_met"))}  # fmt: skip
