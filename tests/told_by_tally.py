"""What the tally page and the pages behind its numbers tell, as a reader of the HTML sees it."""

import html
import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shown:
    """A number on the page, and the page that it opens (None where it is nought, or opens nothing)."""

    value: float
    href: str | None


def _shown(cell: str) -> Shown:
    link = re.search(r'href="([^"]+)"', cell)
    words = re.sub(r"<span class=\"unit\">.*?</span>|<[^>]+>|[\s,]", "", cell)
    return Shown(float(words), html.unescape(link[1]) if link else None)


def _part(page: str, title: str) -> str:
    """A section of the page, by the id of its heading."""
    found = re.search(rf'<section[^>]*aria-labelledby="{title}">(.*?)</section>', page, re.DOTALL)
    return found[1] if found else ""


def _rows(part: str) -> list[tuple[str, list[Shown]]]:
    """(heading, numbers) of each row of a table, its foot included; cells of words are left out."""
    found = re.findall(r"<tr role=\"row\"[^>]*>\s*<th scope=\"row\"[^>]*>(.*?)</th>(.*?)</tr>", part, re.DOTALL)
    number = re.compile(r'<td role="cell" class="number[^>]*>(.*?)</td>', re.DOTALL)
    return [(re.sub(r"<[^>]+>|\s", "", head), [_shown(c) for c in number.findall(cells)]) for head, cells in found]


def table(page: str) -> list[tuple[str, list[Shown]]]:
    """The divided table: 名, 人次, 组次, 家次 and the service figures of each row, then of all."""
    return _rows(_part(page, "rows-title"))


def results(page: str) -> list[tuple[str, list[Shown]]]:
    """(result with its unit, [claimed, confirmed])."""
    return _rows(_part(page, "results-title"))


def levels(page: str) -> dict[str, list[Shown]]:
    """Level (and 合计) to 名, 人次, 组次, 家次; of all levels the team members, too."""
    found = {}
    for card in re.findall(r'<li class="level-card">(.*?)</li>', _part(page, "heads-title"), re.DOTALL):
        people = re.search(r'<p class="tile-number">(.*?)</p>', card, re.DOTALL)[1]
        rest = re.findall(r"<dd>(.*?)</dd>", card, re.DOTALL)
        found[re.search(r"<h3>(.*?)</h3>", card)[1]] = [_shown(cell) for cell in (people, *rest)]
    return found


def service(page: str) -> list[float]:
    """The service figures of the tiles, in their order."""
    tiles = re.findall(r'<p class="tile-number">(.*?)</p>', _part(page, "service-title"), re.DOTALL)
    return [_shown(tile).value for tile in tiles]


def behind(http: Any, href: str) -> tuple[float, int, float]:
    """Of the page behind a number: the number in its heading, its rows over all pages, and the sum of their amounts.

    Rows that have no amount of their own (people, visits …) count one each.
    """
    stated, rows, amount = 0.0, 0, 0.0
    address: str | None = href
    while address:
        page = http.get(address).get_data(as_text=True)
        stated = _shown(re.search(r'heading-span">([\d.,]+)', page)[1]).value
        found = _rows(page)
        rows += len(found)
        of_amounts = "/half_days" in href or "/claimed" in href or "/confirmed?" in href
        amount += sum(cells[-1].value if of_amounts else 1 for _, cells in found)
        following = re.search(r'href="([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]+)"', page)
        address = html.unescape(following[1] or following[2]) if following else None
    return stated, rows, amount
