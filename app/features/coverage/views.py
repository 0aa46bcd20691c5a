"""Pages of the coverage desk: the map with its table, the rows behind a township, the values alone."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from app.domain.calendar import FIRST_YEAR, Period, years
from app.domain.coverage import CoverSummary, TownshipCover, gaps, summaries
from app.domain.divisions import contains
from app.domain.vocabulary import CoverDefinition
from app.features.coverage import queries
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.web.guards import actor, permitted
from app.web.pages import page, static_url
from app.web.platform import platform, today
from app.web.security import csp_nonce
from app.web.session import db

blueprint = Blueprint("coverage", __name__)
CLASSES = ((0, "没有（空白）"), (1, "1"), (2, "2—4"), (5, "5 及以上"))
MARGIN = 0.2  # degrees round the outermost seats, so that the outer townships are not cut


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a span of years, an industry, a definition, a territory."""

    first: int
    last: int
    industry_id: int | None
    definition: CoverDefinition
    territory: str

    @property
    def period(self) -> Period:
        return years(self.first, self.last)

    def query(self, **changes: Any) -> dict[str, Any]:
        """The address's query, some of it changed."""
        asked: dict[str, Any] = {
            "from": self.first,
            "to": self.last,
            "industry": self.industry_id,
            "by": self.definition.value,
            "territory": self.territory,
        }
        return {k: v for k, v in (asked | changes).items() if v not in (None, "")}


def _asked() -> Asked:
    given, this = request.args, today().year
    first, last = _year(given.get("from"), this), _year(given.get("to"), this)
    by = given.get("by", "")
    industry = given.get("industry", "")
    territory = given.get("territory", "")
    known = territory and regions.region(db(), territory) is not None
    return Asked(
        min(first, last),
        max(first, last),
        int(industry) if industry.isdigit() and len(industry) < 10 else None,
        CoverDefinition(by) if by in list(CoverDefinition) else CoverDefinition.VISITED,
        territory if known else platform().settings.city_code,
    )


def _year(text: str | None, this: int) -> int:
    return int(text) if text and text.isdigit() and FIRST_YEAR <= int(text) <= this + 5 else this


def _cover(asked: Asked) -> list[TownshipCover]:
    return queries.cover(
        db(), period=asked.period, today=today(), territory=asked.territory, industry_id=asked.industry_id
    )


@blueprint.get("/")
@permitted("coverage.read")
def cover_map() -> Any:
    asked = _asked()
    leading = vocabulary.leading_industries(db(), today())
    keys = [asked.industry_id, *(industry.id for industry in leading)]
    by_industry = queries.covers(db(), period=asked.period, today=today(), territory=asked.territory, industry_ids=keys)
    cover = by_industry[asked.industry_id]
    return page(
        "coverage/cover_map.html",
        asked=asked,
        cover=cover,
        summaries=summaries(cover),
        gaps=gaps(cover, asked.definition),
        map=_map(asked, cover),
        matrix=_matrix(asked, [by_industry[industry.id] for industry in leading]),
        leading=leading,
        industries=vocabulary.industry_choices(db(), today()),
        counties=regions.county_choices(db()),
        year_choices=[(str(y), f"{y}年") for y in range(today().year, 2016, -1)],
        definitions=CoverDefinition,
    )


def _matrix(asked: Asked, by_industry: list[list[TownshipCover]]) -> list[tuple[str, str, list[CoverSummary]]]:
    """County by leading industry: covered townships out of all, by the definition asked for."""
    rows = []
    for county in regions.counties(db()):
        if not (contains(asked.territory, county.code) or contains(county.code, asked.territory)):
            continue
        cells = []
        for cover in by_industry:
            mine = [t for t in cover if t.county_code == county.code]
            cells.append(CoverSummary(asked.definition, sum(t.covered(asked.definition) for t in mine), len(mine)))
        rows.append((county.code, county.name, cells))
    return rows


def _lines(township: TownshipCover) -> tuple[str, ...]:
    lines = [
        f"{township.county}{township.name}",
        f"任命 {township.appointments} 项，服务 {township.visits} 次，确认 {township.confirmed_visits} 次",
    ]
    if township.demands_met:
        lines.append(f"办结并解决需求 {township.demands_met} 件")
    if township.county_wide:
        lines.append(f"另有“全县”申报 {township.county_wide} 项（不计入）")
    return tuple(lines)


def _map(asked: Asked, cover: list[TownshipCover]) -> Any:
    """The parts of the folium map; None when no lines are stored."""
    version = regions.current_boundaries(db())
    if version is None or not cover:
        return None
    from app.features.coverage import maps  # folium: only a worker that draws maps pays for it

    settings = platform().settings.map
    tiles = tuple(u for u in (settings.basemap_url, settings.annotation_url) if u)
    return maps.coverage_page_parts(
        geometry_url=url_for("regions.township_lines", version=version),
        county_url=url_for("regions.county_lines", version=version),
        values={t.code: _value(asked, t, maps) for t in cover},
        legend=maps.Legend(asked.definition.label, tuple(maps.LegendClass(*entry) for entry in CLASSES)),
        title=f"{asked.definition.label}，{asked.first}—{asked.last}年",
        bounds=_bounds(cover),
        static_url=static_url,
        nonce=csp_nonce(),
        basemap=maps.Basemap(tiles, settings.attribution) if settings.basemap_url else None,
        attribution=settings.attribution,
        review_no=settings.review_number,
        map_maker=settings.maker,
    )


def _value(asked: Asked, township: TownshipCover, maps: Any) -> Any:
    return maps.TownshipValue(
        township.degree(asked.definition),
        _lines(township),
        declared_countywide=asked.definition is CoverDefinition.APPOINTED and township.only_county_wide,
        href=url_for("coverage.township", code=township.code, **asked.query(territory=None)),
    )


def _bounds(cover: list[TownshipCover]) -> tuple[float, float, float, float]:
    """South, west, north, east round the seats of the townships shown."""
    seats = regions.seats(db())
    lons, lats = zip(*(seats[t.code] for t in cover if t.code in seats), strict=True)
    return min(lats) - MARGIN, min(lons) - MARGIN, max(lats) + MARGIN, max(lons) + MARGIN


@blueprint.get("/values.json")
@permitted("coverage.read")
def values() -> Any:
    """The map's values alone, as it and its table show them."""
    asked = _asked()
    cover = _cover(asked)
    return {
        "definition": asked.definition.value,
        "from": asked.first,
        "to": asked.last,
        "covered": {s.definition.value: s.covered for s in summaries(cover)},
        "townships": {
            t.code: {
                "appointments": t.appointments,
                "county_wide": t.county_wide,
                "visits": t.visits,
                "confirmed_visits": t.confirmed_visits,
                "demands_met": t.demands_met,
            }
            for t in cover
        },
    }


@blueprint.get("/townships/<code>")
@permitted("coverage.read")
def township(code: str) -> Any:
    """What stands behind one township: appointments, visits, met demands."""
    region = regions.region(db(), code)
    if region is None or region.rank not in ("township", "statistical_unit"):
        abort(404)
    asked = _asked()
    behind = queries.behind_township(db(), code=code, period=asked.period, today=today(), industry_id=asked.industry_id)
    industry = vocabulary.industries_by_id(db()).get(asked.industry_id or 0)
    place = regions.place_name(db(), code)
    own = actor().reach.territory
    return page(
        "coverage/township.html", asked=asked, behind=behind, place=place, industry=industry,
        may_open=actor().may("visits.read") and own is not None and contains(own, code),
    )  # fmt: skip


@blueprint.get("/cover.xlsx")
@permitted("coverage.read")
def download() -> Any:
    """The table behind the map as a workbook."""
    from app.features.coverage import exports  # only when somebody takes it away

    asked = _asked()
    content = exports.cover_workbook(_cover(asked), asked.first, asked.last, today())
    headers = {"Content-Disposition": "attachment; filename=cover.xlsx"}
    return Response(content, mimetype=exports.MEDIA_TYPE, headers=headers)
