"""The figures are one truth in every place they are told in, on both databases.

For one question the tally page (as its HTML reads), `flask --app app tally --format json`, the workbook, and the rows
behind each number are the same. So are, for cover, the page's tiles, its gaps, its matrix, its table, the values of its
map, the workbook, and the rows behind each township.
"""

import io
import json
from datetime import date
from random import Random
from typing import Any

import openpyxl
import pytest

from app.domain.demands import Outcome
from app.domain.roles import Role, system_actor
from app.domain.tallies import HEADCOUNT_FIGURES, SERVICE_FIGURES
from app.domain.visits import VisitState
from app.domain.vocabulary import Kind, Level, ServiceMode
from app.features.regions import actions as regions
from app.features.vocabulary import queries as vocabulary
from app.storage.session import reading, writing
from tests import told_by_map, told_by_tally
from tests.browser import Browser
from tests.features.tallies import worlds

ZONE = "350405400"
ALL_ZONES = ("350404500", "350405400", "350405402", "350405403", "350425400", "350430400")
TODAY = date(2026, 6, 1)


def plan(random: Random) -> dict[str, Any]:
    """A world of every level, kind, county, source, mode and state, one of its places a statistical unit."""
    places = [*worlds.TOWNSHIPS, ZONE]
    days = [date(2024, 1, 1), date(2024, 12, 31), date(2025, 6, 1), date(2025, 12, 31), date(2026, 1, 1), TODAY]

    def some(choices: Any, most: int) -> set[Any]:
        return set(random.sample(list(choices), random.randint(1, most)))

    taken: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for _ in range(40):
        who, level, year = random.randrange(9), random.choice(list(Level)), random.choice(worlds.YEARS)
        county, withdrawn = random.choice([*worlds.COUNTIES, worlds.CITY]), random.random() < 0.2
        taken[who, level, year] = (who, level, year, county, withdrawn, some([*places, worlds.COUNTIES[0]], 3))
    acting = range(len(taken))
    return {
        "commissioners": [
            (list(Kind)[n % 3], worlds.SOURCES[n % 2], some(worlds.INDUSTRIES, 2)) for n in range(9)
        ],
        "appointments": list(taken.values()),
        "visits": [
            (
                random.choice(places),
                random.choice(days),
                random.choice(worlds.INDUSTRIES),
                random.choice(list(ServiceMode)),
                random.choice([VisitState.PASSED] * 4 + [VisitState.SUBMITTED, VisitState.RETURNED]),
                random.random() < 0.5,
                {n: random.randint(1, 5) for n in some(acting, 3)},
                some(range(3), 3),
                {n: random.randint(1, 5000) for n in some(range(2), 2)},
                random.choice([None, 0, 1, 2]),
            )
            for _ in range(60)
        ],
        "demands": [
            (random.choice(places), random.choice(worlds.INDUSTRIES), random.choice(list(Outcome)), random.choice(days))
            for _ in range(8)
        ],
    }  # fmt: skip


@pytest.fixture
def city(app_on_both):
    browser = Browser(app_on_both)
    browser.sign_in(Role.CITY_HEAD)
    with writing(browser.platform.engine, browser.platform.keyring) as session:
        worlds.build(session, plan(Random(2026)))
    return browser


def count_zones(city: Browser) -> None:
    with writing(city.platform.engine, city.platform.keyring) as session:
        regions.count_units(
            session,
            system_actor("tests"),
            TODAY,
            codes=ALL_ZONES,
            counted=True,
            holds_from=date(2026, 1, 1),
            because="明科〔2026〕2号",
        )


def industry(city: Browser, code: str) -> int:
    with reading(city.platform.engine, city.platform.keyring) as session:
        return vocabulary.industry_by_code(session, code).id


def printed(city: Browser, *options: str) -> dict[str, Any]:
    """What the command prints."""
    run = city.app.test_cli_runner().invoke(args=["tally", *options, "--format", "json"])
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def sheet(city: Browser, address: str, name: str) -> list[list[Any]]:
    """A sheet's rows below its headings."""
    book = openpyxl.load_workbook(io.BytesIO(city.http.get(address).data))
    return [list(row) for row in book[name].iter_rows(min_row=5, values_only=True)]


def of_json(row: dict[str, Any]) -> list[float]:
    """The figures of a row of the command's answer as the page writes them."""
    service = [row[f.value] / (2 if f.value == "half_days" else 1) for f in SERVICE_FIGURES]
    return [*of_heads(row), *service]


def of_heads(row: dict[str, Any]) -> list[float]:
    return [row[f.value] for f in HEADCOUNT_FIGURES]


def values(shown: list[told_by_tally.Shown]) -> list[float]:
    return [one.value for one in shown]


def same_everywhere(city: Browser, query: str, options: tuple[str, ...]) -> int:
    """Compares all places that tell a tally; how many numbers of the page were opened."""
    page = city.get(f"/tallies/?{query}").html
    told, book = printed(city, *options), sheet(city, f"/tallies/tally.xlsx?{query}", "统计")
    table, levels = told_by_tally.table(page), told_by_tally.levels(page)
    heads, every = table[:-1], table[-1][1]

    assert [(title, values(cells)) for title, cells in heads] == [(r["title"], of_json(r)) for r in told["rows"]]
    assert [(row[0], row[-10:]) for row in book[: len(heads)]] == [(r["title"], of_json(r)) for r in told["rows"]]
    whole = [*of_heads(told["total"]), *of_json({**told["total"], **told})[4:]]
    assert values(every) == whole == book[len(heads)][-10:]
    assert told_by_tally.service(page) == whole[4:]
    assert book[len(heads) + 1][1] == told["team_members"]
    asked = [level for level in Level if level.label in levels]
    for level in asked:
        assert values(levels[level.label]) == of_heads(told["levels"][level.value])
    in_book = [told["levels"][level.value][f.value] for level in Level for f in HEADCOUNT_FIGURES]
    assert book[len(heads)][1:13] == in_book
    if len(asked) == len(Level):
        assert values(levels["合计"]) == [*of_heads(told["total"]), told["team_members"]]

    results = told_by_tally.results(page)
    said = [[r["claimed"] / r["per_unit"], r["confirmed"] / r["per_unit"]] for r in told["results"].values()]
    assert [values(cells) for _, cells in results] == [[round(x, 1) for x in pair] for pair in said]
    assert [row[2:4] for row in sheet(city, f"/tallies/tally.xlsx?{query}", "成果")] == said

    numbers = [cell for _, cells in (*table, *levels.items(), *results) for cell in cells]
    for number in numbers:
        assert (number.href is None) == (number.value == 0)
    opened = {number.href: number.value for number in numbers if number.href}
    for href, value in opened.items():
        stated, rows, amount = told_by_tally.behind(city.http, href)
        assert (href, stated, round(amount, 1)) == (href, value, value)
        assert rows, href
    return len(opened)


def test_a_tally_is_the_same_on_the_page_from_the_command_in_the_workbook_and_behind_each_number(city):
    tea = industry(city, "agriculture.tea")
    asked = [
        ("from=2025&to=2025", ("--from", "2025", "--to", "2025")),
        ("from=2024&to=2026&by=year", ("--from", "2024", "--to", "2026", "--by", "year")),
        ("level=province&by=source", ("--level", "province", "--by", "source")),
        ("kind=team&from=2024&by=level", ("--kind", "team", "--from", "2024", "--by", "level")),
        ("county=350424&by=industry", ("--territory", "350424", "--by", "industry")),
        (f"industry={tea}&from=2024&by=kind", ("--industry", "agriculture.tea", "--from", "2024", "--by", "kind")),
        ("source=beijing&from=2025", ("--source", "beijing", "--from", "2025")),
    ]
    opened = 0
    for query, options in asked:
        for name, year in (("from", "2026"), ("to", "2026")):
            if f"--{name}" not in options:
                options = (*options, f"--{name}", year)
        opened += same_everywhere(city, query, options)
    assert opened > 150


def test_by_township_a_tally_lists_statistical_units_as_the_city_counts_them(city):
    options = ("--from", "2026", "--to", "2026", "--by", "township")

    def rows() -> dict[str, list[float]]:
        same_everywhere(city, "by=township", options)
        return {row["key"]: of_json(row) for row in printed(city, *options)["rows"]}

    before = rows()
    assert len(before) == 141 + 1  # in one of the units something was counted, and it is not hidden
    assert any(before[ZONE])
    count_zones(city)
    after = rows()
    assert len(after) == 147
    assert {key: figures for key, figures in after.items() if any(figures)} == {
        key: figures for key, figures in before.items() if any(figures)
    }


def cover_is_the_same(city: Browser, query: str, townships: int) -> int:
    """Compares all places that tell cover; how many townships have anything behind them."""
    opened = 0
    for place, by in enumerate(told_by_map.DEFINITIONS):
        page = city.get(f"/coverage/?{query}&by={by}").html
        mapped, table = told_by_map.townships(page), told_by_map.table(page)
        assert len(table) == townships
        assert mapped == {code: row.figures for code, row in table.items()}
        book = {row[2]: row for row in sheet(city, f"/coverage/cover.xlsx?{query}&by={by}", "覆盖")}
        assert {code: tuple(row.figures.values()) for code, row in table.items()} == {
            code: tuple(row[6:11]) for code, row in book.items()
        }
        covered = {code for code, row in table.items() if row.covered}
        assert covered == {code for code, row in book.items() if row[3 + place] == "是"}
        assert told_by_map.covered(page)[by] == len(covered)
        assert told_by_map.out_of(page) == [townships] * 3
        assert told_by_map.gaps(page) == table.keys() - covered
        if "industry" not in query:
            cells = told_by_map.matrix(page)
            assert sum(total for _, total, _ in cells) == 4 * townships
            for inside, total, href in (cell for cell in cells if cell[0]):
                county = city.http.get(href).get_data(as_text=True)
                assert (told_by_map.covered(county)[by], told_by_map.out_of(county)) == (inside, [total] * 3), href
    for code, row in table.items():
        if any(row.figures.values()) or code in worlds.TOWNSHIPS:
            assert told_by_map.behind(city.http.get(row.href).get_data(as_text=True)) == row.figures, code
            opened += 1
    return opened


def test_cover_is_the_same_on_the_map_in_its_table_in_the_workbook_and_behind_each_township(city):
    tea = industry(city, "agriculture.tea")
    opened = sum(
        cover_is_the_same(city, query, townships)
        for query, townships in (
            ("from=2025&to=2025", 141),
            ("from=2024&to=2026", 141),
            (f"from=2024&to=2026&industry={tea}", 141),
            ("territory=350424", 16),
        )
    )
    count_zones(city)
    assert cover_is_the_same(city, "from=2026&to=2026", 147)
    assert cover_is_the_same(city, "from=2025&to=2025", 141)
    assert opened > 20
