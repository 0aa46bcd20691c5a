"""Pages of the tallies desk: the year-end figures, the rows behind each, and the workbook to hand in."""

from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from app.domain.calendar import FIRST_YEAR
from app.domain.divisions import contains, county_of
from app.domain.tallies import HEADCOUNT_FIGURES, SERVICE_FIGURES, Dimension, Figure, Question
from app.domain.vocabulary import Kind, Level, Source
from app.features.regions import queries as regions
from app.features.tallies import queries, rows
from app.features.vocabulary import queries as vocabulary
from app.web.guards import permitted, reach
from app.web.pages import page
from app.web.paging import cursor, paged
from app.web.platform import platform, today
from app.web.session import db

blueprint = Blueprint("tallies", __name__)
PAGE = 50
OPENS = {
    "people": "commissioners.commissioner",
    "members": "commissioners.commissioner",
    "appointments": "commissioners.commissioner",
    "visits": "visits.visit",
    "participants": "visits.visit",
    "results": "visits.visit",
    "units": "organisations.organisation",
    "demands": "matches.demand",
}


def _year(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdigit() and FIRST_YEAR <= int(text) <= today().year + 5 else default


def _question() -> Question:
    """What the address asks, within the territory of the grant; nonsense narrows nothing."""
    given, this = request.args, today().year
    first, last = sorted((_year("from", this), _year("to", this)))
    own = reach().territory or platform().settings.city_code
    county, industry = given.get("county", ""), given.get("industry", "")
    known = county and contains(own, county) and regions.region(db(), county) is not None
    return Question(
        first,
        last,
        own,
        county=county if known and county_of(own) is None else None,
        level=Level(given["level"]) if given.get("level") in list(Level) else None,
        kind=Kind(given["kind"]) if given.get("kind") in list(Kind) else None,
        source=Source(given["source"]) if given.get("source") in list(Source) else None,
        industry_id=int(industry) if industry.isdigit() and len(industry) < 10 else None,
    )


def _query(question: Question, **more: Any) -> dict[str, Any]:
    """The question as the query of an address."""
    asked: dict[str, Any] = {
        "from": question.first_year,
        "to": question.last_year,
        "county": question.county,
        "level": question.level and question.level.value,
        "kind": question.kind and question.kind.value,
        "source": question.source and question.source.value,
        "industry": question.industry_id,
    }
    return {name: value for name, value in (asked | more).items() if value not in (None, "")}


def _dimension() -> Dimension:
    by = request.args.get("by", "")
    return Dimension(by) if by in list(Dimension) else Dimension.COUNTY


@blueprint.get("/")
@permitted("tallies.read")
def tally() -> Any:
    question, dimension = _question(), _dimension()

    def behind(figure: Figure, narrowed: Question = question, **more: Any) -> str:
        return url_for("tallies.rows_behind", figure=figure.value, **_query(narrowed, **more))

    return page(
        "tallies/tally.html",
        tally=queries.tally(db(), question, today(), dimension),
        behind=behind,
        narrowed=question.narrowed,
        query=_query,
        dimension=dimension,
        place=regions.place_name(db(), question.territory),
        choices=_choices(question),
        headcount=HEADCOUNT_FIGURES,
        service=SERVICE_FIGURES,
        figures=Figure,
        levels=Level,
    )


def _choices(question: Question) -> dict[str, Any]:
    return {
        "years": [(str(y), f"{y}年") for y in queries.known_years(db(), today())],
        "counties": regions.county_choices(db(), with_city=True) if county_of(question.territory) is None else [],
        "industries": vocabulary.industry_choices(db(), today()),
        "levels": Level.choices(),
        "kinds": Kind.choices(),
        "sources": Source.choices(),
        "dimensions": Dimension.choices(),
    }


@blueprint.get("/rows/<figure>")
@permitted("tallies.read")
def rows_behind(figure: str) -> Any:
    """The rows behind one number; their count is the number."""
    if figure not in list(Figure):
        abort(404)
    question, asked = _question(), Figure(figure)
    result = request.args.get("result", "")
    found = rows.listed(db(), question, asked, cursor(), PAGE, result)
    return page(
        "tallies/rows_behind.html",
        found=found,
        rows=paged(found.rows, lambda row: list(row.order), PAGE),
        figure=asked,
        endpoint=OPENS[asked.opens],
        places=rows.place_names(db(), found.rows),
        people=rows.participants_of(db(), found.rows) if asked.opens in ("visits", "participants", "results") else {},
        question=question,
        query=_query(question),
        place=regions.place_name(db(), question.county or question.territory),
    )


@blueprint.get("/tally.xlsx")
@permitted("tallies.read")
def download() -> Any:
    """The table, the results and what each figure means, as a workbook."""
    from app.features.tallies import exports  # only when somebody takes it away

    question = _question()
    found = queries.tally(db(), question, today(), _dimension())
    content = exports.tally_workbook(found, regions.place_name(db(), question.territory))
    name = f"tally-{question.first_year}-{question.last_year}.xlsx"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(content, mimetype=exports.MEDIA_TYPE, headers=headers)
