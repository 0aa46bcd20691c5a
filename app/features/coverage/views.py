"""Pages of the coverage desk: the map with its table, and the rows behind a township."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from app.domain.calendar import FIRST_YEAR, Period, years
from app.domain.coverage import CoverSummary, TownshipCover, gaps, summaries, summary
from app.domain.divisions import Denominator, contains
from app.domain.vocabulary import CoverDefinition, GeometryKind
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
EARLIEST = 2017  # the first year of the published history
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
    """What the address asks for; nonsense narrows nothing. A county's chain is looked at in its county."""
    given, this = request.args, today().year
    first, last = sorted((_year(given.get("from"), this), _year(given.get("to"), this)))
    by, industry, territory = given.get("by", ""), given.get("industry", ""), given.get("territory", "")
    found = vocabulary.industries_by_id(db()).get(int(industry)) if industry.isdigit() else None
    city = platform().settings.city_code
    known = territory and contains(city, territory) and regions.region(db(), territory) is not None
    return Asked(
        first,
        last,
        found.id if found else None,
        CoverDefinition(by) if by in list(CoverDefinition) else CoverDefinition.VISITED,
        (found.county_code if found else None) or (territory if known else city),
    )


def _year(text: str | None, this: int) -> int:
    return int(text) if text and text.isdigit() and FIRST_YEAR <= int(text) <= this + 5 else this


def _cover(asked: Asked) -> list[TownshipCover]:
    return queries.cover(
        db(), period=asked.period, today=today(), territory=asked.territory, industry_id=asked.industry_id
    )


def _measured(asked: Asked) -> Denominator:
    """What cover is measured against: as it stood on the day on which the period is judged."""
    return regions.denominator(db(), asked.territory, asked.period.closing_day(today()))


def _figures(asked: Asked, cover: list[TownshipCover]) -> dict[str, Any]:
    """The three definitions side by side, the gaps by the one asked for, and what they are measured against."""
    return {"summaries": summaries(cover), "gaps": gaps(cover, asked.definition), "measured": _measured(asked)}


@dataclass(frozen=True)
class Cell:
    """A county's cover in one industry, and the industry asked for by pressing it."""

    county: str
    industry_id: int
    title: str
    cover: CoverSummary


@dataclass(frozen=True)
class Matrix:
    """Counties against industries; None where a county has no such chain."""

    heads: list[str]
    rows: list[tuple[str, list[Cell | None]]]


@blueprint.get("/")
@permitted("coverage.read")
def cover_map() -> Any:
    asked = _asked()
    leading, chains = vocabulary.leading_industries(db(), today()), vocabulary.chain_cells(db(), today())
    keys = [asked.industry_id, *(industry.id for industry in [*leading, *chains])]
    by_industry = queries.covers(db(), period=asked.period, today=today(), territory=asked.territory, industry_ids=keys)
    cover = by_industry[asked.industry_id]
    kinds, links = regions.line_kinds(db(), asked.territory), _links(asked, cover)
    return page(
        "coverage/cover_map.html",
        asked=asked,
        cover=cover,
        kinds=kinds,
        **_figures(asked, cover),
        links=links,
        map=_map(asked, cover, links, kinds),
        leading=_leading_matrix(asked, leading, by_industry),
        chains=_chain_matrix(asked, chains, by_industry),
        chain_parts=vocabulary.chain_parts(db()),
        place=regions.place_name(db(), asked.territory),
        choices=_choices(),
        chips=_chips(asked),
        spans=_spans(asked),
        definitions=CoverDefinition,
    )


def _links(asked: Asked, cover: list[TownshipCover]) -> dict[str, str]:
    """Township code to the address of the rows behind it."""
    return {t.code: url_for("coverage.township", code=t.code, **asked.query(territory=None)) for t in cover}


def _counties(asked: Asked) -> list[Any]:
    found = regions.counties(db())
    return [c for c in found if contains(asked.territory, c.code) or contains(c.code, asked.territory)]


def _of_county(asked: Asked, cover: list[TownshipCover], county: str) -> CoverSummary:
    return summary([t for t in cover if t.county_code == county], asked.definition)


def _leading_matrix(asked: Asked, leading: list[Any], by_industry: dict[int | None, list[TownshipCover]]) -> Matrix:
    """County by leading industry: covered townships out of all, by the definition asked for."""
    return Matrix(
        [industry.title for industry in leading],
        [
            (c.name, [Cell(c.code, i.id, i.title, _of_county(asked, by_industry[i.id], c.code)) for i in leading])
            for c in _counties(asked)
        ],
    )


def _chain_matrix(asked: Asked, chains: list[Any], by_industry: dict[int | None, list[TownshipCover]]) -> Matrix:
    """County by chain: only the cells that live, each by the leading industries that count towards it."""
    heads = vocabulary.chain_heads(db(), today())
    live = {(cell.county_code, cell.parent_id): cell for cell in chains}

    def at(county: str, head: int) -> Cell | None:
        cell = live.get((county, head))
        return cell and Cell(county, cell.id, cell.title, _of_county(asked, by_industry[cell.id], county))

    return Matrix([h.title for h in heads], [(c.name, [at(c.code, h.id) for h in heads]) for c in _counties(asked)])


def _choices() -> dict[str, Any]:
    this = today().year
    chains = [(str(cell.id), f"\u3000{cell.title}") for cell in vocabulary.chain_cells(db(), today())]
    return {
        "years": [(str(y), f"{y}年") for y in range(this, EARLIEST - 1, -1)],
        "industries": vocabulary.two_level_choices(db(), today()),
        "chains": chains,
        "counties": regions.county_choices(db()),
    }


def _chips(asked: Asked) -> list[dict[str, str]]:
    """The conditions in force, each with the address without it."""
    industry = vocabulary.industries_by_id(db()).get(asked.industry_id or 0)
    said = []
    if asked.territory != platform().settings.city_code:
        # A chain belongs to its county: without the county there is no chain either.
        also = {"industry": None} if industry and industry.county_code else {}
        said.append(("地方", regions.place_name(db(), asked.territory), {"territory": None, **also}))
    if industry is not None:
        said.append(("产业链" if industry.county_code else "产业", industry.title, {"industry": None}))
    return [
        {"label": label, "value": words, "remove_url": url_for("coverage.cover_map", **asked.query(**without))}
        for label, words, without in said
    ]


def _spans(asked: Asked) -> list[dict[str, Any]]:
    this = today().year
    spans = [("今年", this, this), ("去年", this - 1, this - 1), ("近三年", this - 2, this), ("近五年", this - 4, this)]
    return [
        {
            "label": label,
            "url": url_for("coverage.cover_map", **asked.query(**{"from": first, "to": last})),
            "current": (first, last) == (asked.first, asked.last),
        }
        for label, first, last in spans
    ]


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


def _map(asked: Asked, cover: list[TownshipCover], links: dict[str, str], kinds: dict[str, GeometryKind]) -> Any:
    """The parts of the folium map; `links`: township code to the page behind it. None when no lines are stored."""
    version, bounds = regions.current_boundaries(db()), _bounds(cover)
    if version is None or bounds is None:
        return None
    from app.features.coverage import maps  # folium: only a worker that draws maps pays for it

    settings = platform().settings.map
    tiles = tuple(u for u in (settings.basemap_url, settings.annotation_url) if u)
    return maps.coverage_page_parts(
        geometry_url=url_for("regions.township_lines", version=version),
        county_url=url_for("regions.county_lines", version=version),
        values={t.code: _value(asked, t, links[t.code], maps) for t in cover},
        legend=maps.Legend(asked.definition.label, tuple(maps.LegendClass(*entry) for entry in CLASSES)),
        title=f"{asked.definition.label}，{asked.first}—{asked.last}年",
        bounds=bounds,
        static_url=static_url,
        nonce=csp_nonce(),
        basemap=maps.Basemap(tiles, settings.attribution) if settings.basemap_url else None,
        attribution=settings.attribution,
        review_no=settings.review_number,
        map_maker=settings.maker,
        lines=kinds,
        in_part=asked.territory != platform().settings.city_code,
    )


def _value(asked: Asked, township: TownshipCover, link: str, maps: Any) -> Any:
    return maps.TownshipValue(
        township.degree(asked.definition),
        _lines(township),
        declared_countywide=asked.definition is CoverDefinition.APPOINTED and township.only_county_wide,
        href=link,
    )


def _bounds(cover: list[TownshipCover]) -> tuple[float, float, float, float] | None:
    """South, west, north, east round the seats of the townships shown; None where no seat is known."""
    seats = regions.seats(db())
    known = [seats[t.code] for t in cover if t.code in seats]
    if not known:
        return None
    lons, lats = zip(*known, strict=True)
    return min(lats) - MARGIN, min(lons) - MARGIN, max(lats) + MARGIN, max(lons) + MARGIN


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
        kind=regions.line_kinds(db(), code).get(code),
        may_open=actor().may("visits.read") and own is not None and contains(own, code),
    )  # fmt: skip


@blueprint.get("/cover.xlsx")
@permitted("coverage.read")
def download() -> Any:
    """The table behind the map as a workbook."""
    from app.features.coverage import exports  # only when somebody takes it away

    asked = _asked()
    scope = "，".join([regions.place_name(db(), asked.territory), *(c["value"] for c in _chips(asked)[-1:])])
    kinds = {code: kind.label for code, kind in regions.line_kinds(db(), asked.territory).items()}
    content = exports.cover_workbook(_cover(asked), kinds, scope, _measured(asked), asked.period, today())
    headers = {"Content-Disposition": "attachment; filename=cover.xlsx"}
    return Response(content, mimetype=exports.MEDIA_TYPE, headers=headers)
