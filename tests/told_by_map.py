"""What the coverage page tells: its tiles, and the values of its map as the map's own script reads them."""

import html
import json
import re
from dataclasses import dataclass

DEFINITIONS = ("appointed", "visited", "confirmed")
LINES = {
    "appointments": r"任命 (\d+) 项",
    "visits": r"服务 (\d+) 次",
    "confirmed_visits": r"确认 (\d+) 次",
    "demands_met": r"办结并解决需求 (\d+) 件",
    "county_wide": r"申报 (\d+) 项（不计入）",
}
# The columns of the page's table, and the headings of what stands behind a township.
IN_TABLE = ("appointments", "county_wide", "visits", "confirmed_visits", "demands_met")
BEHIND = {"appointments": "任命", "county_wide": "只申报了", "visits": "通过审核", "demands_met": "办结并解决"}


def covered(page: str) -> dict[str, int]:
    """Definition to covered townships, by the three tiles."""
    tiles = re.findall(r"覆盖</a></p>\s*<p class=\"tile-number\">(\d+)<", page)
    return dict(zip(DEFINITIONS, map(int, tiles), strict=True))


def townships(page: str) -> dict[str, dict[str, int]]:
    """Township code to its figures, by the lines that the map shows for its shape."""
    facts = json.loads(re.search(r"map_coverage_data\">(.*?)</script>", page, re.DOTALL)[1])
    return {code: _figures(" ".join(told["t"])) for code, told in facts["values"].items()}


def _figures(words: str) -> dict[str, int]:
    found = {name: re.search(pattern, words) for name, pattern in LINES.items()}
    return {name: int(match[1]) if match else 0 for name, match in found.items()}


@dataclass(frozen=True)
class TownshipRow:
    """A row of the page's table: whether it is covered by the definition asked for, its figures, what it opens."""

    covered: bool
    figures: dict[str, int]
    href: str


def table(page: str) -> dict[str, TownshipRow]:
    """Township code to its row in the table that says the same as the map."""
    part = page[page.index('id="townships"') :]
    found = {}
    for row in re.findall(r'<tr role="row"[^>]*>\s*<th scope="row".*?</tr>', part, re.DOTALL):
        href = html.unescape(re.search(r'href="([^"]+)"', row)[1])
        words = [re.sub(r"<[^>]+>|\s", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        figures = dict(zip(IN_TABLE, map(int, words[1:6]), strict=True))
        found[re.search(r"/townships/(\d+)", href)[1]] = TownshipRow(words[0] == "已覆盖", figures, href)
    return found


def out_of(page: str) -> list[int]:
    """What the three tiles are measured against."""
    return [int(number) for number in re.findall(r'<span class="unit">/ (\d+) 个', page)]


def gaps(page: str) -> set[str]:
    """Codes of the townships in the list of gaps."""
    part = re.search(r'<section class="gaps card".*?</section>', page, re.DOTALL)[0]
    return set(re.findall(r"/townships/(\d+)", part))


def matrix(page: str) -> list[tuple[int, int, str]]:
    """(covered, townships, what it opens) of each cell of the leading industries' matrix."""
    part = re.search(r'aria-label="按产业看">(.*?)</section>', page, re.DOTALL)[1]
    cells = re.findall(
        r'href="([^"]+)"[^>]*>(?:(?!</a>).)*?<span>(\d+)<span class="of">/(\d+)</span></span>', part, re.DOTALL
    )
    return [(int(covered), int(townships), html.unescape(href)) for href, covered, townships in cells]


def behind(page: str) -> dict[str, int]:
    """The figures of a township by the rows on its own page."""
    found = dict.fromkeys(IN_TABLE, 0)
    for title, rows in re.findall(r"<h2>(.*?)<.*?<tbody[^>]*>(.*?)</tbody>", page, re.DOTALL):
        name = next(name for name, words in BEHIND.items() if title.startswith(words))
        found[name] = rows.count('<th scope="row"')
        if name == "visits":
            found["confirmed_visits"] = rows.count("已确认")
    return found
