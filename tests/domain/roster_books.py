"""What reading a roster looks up, for tests that reach no database: some divisions of Sanming, some industries."""

from datetime import date
from typing import Any

from app.domain.divisions import COUNTY_ALIASES, TownshipEntry
from app.domain.rosters.entries import Entry, Reading, Setting
from app.domain.rosters.industries import IndustryBook, IndustryEntry
from app.domain.rosters.places import PlaceBook
from app.domain.rosters.reading import read_roster
from app.domain.rosters.rows import Books
from app.domain.rosters.workbook import Sheet, SheetRow
from app.domain.vocabulary import Level

TODAY = date(2026, 6, 1)
PLACES = PlaceBook(
    "350400",
    "三明市",
    (
        ("350404", "三元区"), ("350405", "沙县区"), ("350421", "明溪县"), ("350424", "宁化县"), ("350425", "大田县"),
        ("350426", "尤溪县"), ("350429", "泰宁县"), ("350481", "永安市"),
    ),
    (
        TownshipEntry("350404004", "城关街道"), TownshipEntry("350404100", "陈大镇"),
        TownshipEntry("350405101", "夏茂镇"),
        TownshipEntry("350421200", "城关乡"), TownshipEntry("350424103", "石壁镇"),
        TownshipEntry("350424106", "淮土镇"),
        TownshipEntry("350424207", "治平畲族乡"), TownshipEntry("350425100", "均溪镇"),
        TownshipEntry("350426100", "城关镇"),
        TownshipEntry("350429202", "大田乡"), TownshipEntry("350481100", "西洋镇"),
    ),
    COUNTY_ALIASES,
)  # fmt: skip
INDUSTRIES = IndustryBook(
    tuple(
        IndustryEntry(id_, code, title)
        for id_, (code, title) in enumerate(
            (
                ("steel_equipment", "钢铁与装备制造"), ("steel_equipment.casting", "铸造锻造"),
                ("new_materials", "新材料"),
                ("culture_tourism_health", "文旅康养"), ("agriculture", "特色现代农业"), ("agriculture.tea", "茶叶"),
                ("agriculture.camellia", "油茶"), ("agriculture.edible_fungi", "食用菌"), ("other", "其他"),
            ),
            start=1,
        )
    )
)  # fmt: skip
AGRICULTURE, TEA, CAMELLIA, FUNGI, OTHER = 5, 6, 7, 8, 9


def setting(**more: Any) -> Setting:
    return Setting(**{"level": Level.COUNTY, "year": 2026, "today": TODAY, "county_code": "350424", **more})


def sheet(*rows: Any, name: str = "名册") -> Sheet:
    """A sheet out of rows; blank ones are left out as reading does."""
    kept = [SheetRow(n, tuple(row)) for n, row in enumerate(rows, start=1) if any(v is not None for v in row)]
    return Sheet(name, tuple(kept))


def read(*sheets: Sheet, **more: Any) -> Reading:
    return read_roster(sheets, Books(PLACES, INDUSTRIES, setting(**more)))


def one(headings: Any, *values: Any, **more: Any) -> Entry:
    """The one entry of a roster of one row."""
    reading = read(sheet(headings, values), **more)
    assert len(reading.entries) == 1
    return reading.entries[0]


def reasons(entry: Entry) -> list[str]:
    return [f"{problem.column}：{problem.reason}" for problem in entry.problems]
