"""What the coverage page tells: its tiles, and the values of its map as the map's own script reads them."""

import json
import re

DEFINITIONS = ("appointed", "visited", "confirmed")
LINES = {
    "appointments": r"任命 (\d+) 项",
    "visits": r"服务 (\d+) 次",
    "confirmed_visits": r"确认 (\d+) 次",
    "demands_met": r"办结并解决需求 (\d+) 件",
    "county_wide": r"申报 (\d+) 项（不计入）",
}


def covered(html: str) -> dict[str, int]:
    """Definition to covered townships, by the three tiles."""
    tiles = re.findall(r"覆盖</a></p>\s*<p class=\"tile-number\">(\d+)<", html)
    return dict(zip(DEFINITIONS, map(int, tiles), strict=True))


def townships(html: str) -> dict[str, dict[str, int]]:
    """Township code to its figures, by the lines that the map shows for its shape."""
    facts = json.loads(re.search(r"map_coverage_data\">(.*?)</script>", html, re.DOTALL)[1])
    return {code: _figures(" ".join(told["t"])) for code, told in facts["values"].items()}


def _figures(words: str) -> dict[str, int]:
    found = {name: re.search(pattern, words) for name, pattern in LINES.items()}
    return {name: int(match[1]) if match else 0 for name, match in found.items()}
