"""Pages of the tallies desk: the year-end figures, the rows behind each, and the workbook to hand in."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from app.domain.calendar import FIRST_YEAR
from app.domain.divisions import Denominator, DivisionLevel, contains, county_of, level_of
from app.domain.tallies import HEADCOUNT_FIGURES, SERVICE_FIGURES, Dimension, Figure, LevelRule, Question
from app.domain.vocabulary import Kind, Level, Source
from app.features.regions import queries as regions
from app.features.tallies import actions, listing, queries, rows
from app.features.tallies.forms import LevelRuleForm
from app.features.tallies.queries import CITY_UNITS
from app.features.vocabulary import queries as vocabulary
from app.web.guards import actor, permitted, reach
from app.web.pages import done, page
from app.web.paging import cursor, paged
from app.web.platform import platform, today
from app.web.session import commits, db

blueprint = Blueprint("tallies", __name__)
PAGE = 50
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What the pages are written with.
WORDS: dict[str, Any] = {
    "headcount": HEADCOUNT_FIGURES,
    "service": SERVICE_FIGURES,
    "figures": Figure,
    "levels": Level,
    "dimensions": Dimension,
}
COMMISSIONER = ("commissioners.commissioner", "commissioners.read")
VISIT = ("visits.visit", "visits.read")
# What a row behind a figure opens, and who may open it (one of the permissions is enough).
OPENS = {
    "people": COMMISSIONER,
    "members": COMMISSIONER,
    "appointments": COMMISSIONER,
    "visits": VISIT,
    "participants": VISIT,
    "results": VISIT,
    "units": ("organisations.organisation", "organisations.keep", "visits.review", "commissioners.keep"),
    "demands": ("matches.demand", "demands.read"),
}


def _year(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdigit() and FIRST_YEAR <= int(text) <= today().year + 5 else default


def _place(name: str, territory: str) -> str | None:
    """The division of the address, if there is such a county or township in the territory."""
    code = request.args.get(name, "")
    if not code or not contains(territory, code) or (len(code) == 9) != (name == "township"):
        return None
    return code if regions.region(db(), code) is not None else None


def _question() -> Question:
    """What the address asks, within the territory of the grant; nonsense narrows nothing."""
    given, this = request.args, today().year
    first, last = sorted((_year("from", this), _year("to", this)))
    own = reach().territory or platform().settings.city_code
    industry, known = given.get("industry", ""), vocabulary.industries_by_id(db())
    county = _place("county", own) if county_of(own) is None else None
    return Question(
        first,
        last,
        own,
        county=county,
        township=_place("township", county or own) if level_of(county or own) is not DivisionLevel.TOWNSHIP else None,
        level=Level(given["level"]) if given.get("level") in list(Level) else None,
        kind=Kind(given["kind"]) if given.get("kind") in list(Kind) else None,
        source=Source(given["source"]) if given.get("source") in list(Source) else None,
        level_rule=queries.level_rule(db()),
        industry_id=int(industry) if industry.isdigit() and int(industry) in known else None,
    )


def _query(question: Question, **more: Any) -> dict[str, Any]:
    """The question as the query of an address; `more` overrules it, and None takes a condition away."""
    asked: dict[str, Any] = {
        "from": question.first_year,
        "to": question.last_year,
        "county": question.county,
        "township": question.township,
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

    def asking(**changes: Any) -> str:
        return url_for("tallies.tally", **_query(question, **({"by": _by(dimension)} | changes)))

    found = queries.tally(db(), question, today(), dimension)
    return page(
        "tallies/tally.html",
        tally=found,
        trend=queries.trend(db(), question),
        behind=behind,
        narrowed_to=lambda level: lambda figure: behind(figure, level=level.value),
        asking=asking,
        query=_query(question, by=_by(dimension)),
        place=regions.place_name(db(), question.township or question.county or question.territory),
        choices=_choices(question),
        chips=_chips(question, asking),
        spans=_spans(question, queries.known_years(db(), today()), asking),
        measured=_measured(question, dimension),
        **WORDS,
    )


def _measured(question: Question, dimension: Dimension) -> Denominator | None:
    """What a table by township lists even where nothing was counted; None for other tables, one township, and 市直."""
    area = question.township or question.county or question.territory
    if dimension is not Dimension.TOWNSHIP or question.of_city_units or len(area) == 9:
        return None
    return regions.denominator(db(), area, question.period.closing_day(today()))


def _by(dimension: Dimension) -> str | None:
    """How the address names a dimension; the usual one goes without saying."""
    return None if dimension is Dimension.COUNTY else dimension.value


def _choices(question: Question) -> dict[str, Any]:
    of_city = county_of(question.territory) is None
    area = question.county or (question.township or "")[:6] or (None if of_city else question.territory)
    townships = regions.townships(db(), area) if area and len(area) == 6 and not question.of_city_units else []
    return {
        "years": [(str(y), f"{y}年") for y in queries.known_years(db(), today())],
        "counties": regions.county_choices(db(), with_city=True) if of_city else [],
        "townships": [(t.code, t.name) for t in townships],
        "industries": vocabulary.two_level_choices(db(), today()),
        "levels": Level.choices(),
        "kinds": Kind.choices(),
        "sources": Source.choices(),
    }


def _chips(question: Question, asking: Callable[..., str]) -> list[dict[str, str]]:
    """The conditions in force, each with the address without it."""
    industry = vocabulary.industries_by_id(db()).get(question.industry_id or 0)
    county = question.county and (CITY_UNITS if question.of_city_units else regions.place_name(db(), question.county))
    said = [
        ("county", "推荐或服务地", county, {"township": None}),
        ("township", "乡镇", question.township and regions.place_name(db(), question.township), {}),
        ("industry", "产业", industry.title if industry else None, {}),
        ("level", "层级", question.level and question.level.label, {}),
        ("kind", "类别", question.kind and question.kind.label, {}),
        ("source", "来源", question.source and question.source.label, {}),
    ]
    return [
        {"label": label, "value": words, "remove_url": asking(**{name: None}, **also)}
        for name, label, words, also in said
        if words
    ]


def _spans(question: Question, known: list[int], asking: Callable[..., str]) -> list[dict[str, Any]]:
    """Spans of years that are asked for again and again, each one tap away."""
    this, asked = today().year, (question.first_year, question.last_year)
    spans = [("今年", this, this), ("去年", this - 1, this - 1), ("近三年", this - 2, this), ("近五年", this - 4, this)]
    spans.append(("全部年度", min(known), this))
    return [
        {"label": label, "url": asking(**{"from": first, "to": last}), "current": (first, last) == asked}
        for label, first, last in spans
    ]


@blueprint.get("/rows/<figure>")
@permitted("tallies.read")
def rows_behind(figure: str) -> Any:
    """The rows behind one number; their count is the number."""
    if figure not in list(Figure):
        abort(404)
    question, asked = _question(), Figure(figure)
    kind = _result_kind(asked)
    found = rows.listed(db(), question, asked, cursor(), PAGE, kind.code if kind else "")
    places, people = rows.place_names(db(), found.rows), _people_of(asked, found.rows)
    per_unit = kind.per_unit if kind else 2 if asked is Figure.HALF_DAYS else 1
    shown = paged(found.rows, lambda row: list(row.order), PAGE)
    return page(
        "tallies/rows_behind.html",
        found=found,
        rows=shown,
        total=_said(found.amount / per_unit),
        lines=[listing.written(asked, row, places, people, per_unit) for row in shown.rows],
        heads=listing.HEADS[asked.opens],
        figure=asked,
        kind=kind,
        endpoint=_opens(asked),
        question=question,
        chips=_chips(question, lambda **_: ""),
        query=_query(question),
        place=regions.place_name(db(), question.territory),
    )


def _opens(figure: Figure) -> str | None:
    """The page of a record behind the figure, for those who may read it."""
    endpoint, *permissions = OPENS[figure.opens]
    return endpoint if any(actor().may(permission) for permission in permissions) else None


def _said(amount: float) -> str:
    return f"{amount:,.0f}" if amount == int(amount) else f"{amount:,.1f}"


def _result_kind(figure: Figure) -> Any:
    """The kind of result whose amounts are counted, where the figure counts results; 404 for an unknown one."""
    if figure.opens != "results":
        return None
    code = request.args.get("result", "")
    return next((kind for kind in vocabulary.every_result_kind(db()) if kind.code == code), None) or abort(404)


def _people_of(figure: Figure, found: Any) -> dict[Any, str]:
    return rows.participants_of(db(), found) if figure.opens in ("visits", "results") else {}


@blueprint.get("/rows/<figure>/rows.xlsx")
@permitted("tallies.read")
def rows_workbook(figure: str) -> Any:
    """All rows behind one number as a workbook, up to a stated bound."""
    if figure not in list(Figure):
        abort(404)
    from app.features.tallies import exports  # only when somebody takes it away

    question, asked = _question(), Figure(figure)
    kind = _result_kind(asked)
    found = rows.listed(db(), question, asked, None, exports.MOST_ROWS, kind.code if kind else "")
    taken = found.rows[: exports.MOST_ROWS]
    places, people = rows.place_names(db(), taken), _people_of(asked, taken)
    lines = (listing.written(asked, row, places, people, kind.per_unit if kind else 1) for row in taken)
    content = exports.rows_workbook(
        question,
        asked,
        kind.title if kind else f"{asked.label}（{asked.unit}）",
        _scope(question),
        found.count,
        listing.HEADS[asked.opens],
        lines,
        today(),
    )
    return _workbook(content, f"{asked.value}-{question.first_year}-{question.last_year}.xlsx")


def _scope(question: Question) -> str:
    """Where and to what a tally is narrowed, in words."""
    chips = _chips(question, lambda **_: "")
    return "，".join([regions.place_name(db(), question.territory), *(f"{c['label']}：{c['value']}" for c in chips)])


def _workbook(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(content, mimetype=WORKBOOK, headers=headers)


def _rule_page(form: LevelRuleForm) -> Any:
    meanings = {rule.value: rule.meaning for rule in LevelRule}
    return page("tallies/counting_rule.html", form=form, meanings=meanings, history=queries.rules_decided(db()))


@blueprint.get("/rule")
@permitted("tallies.decide")
def counting_rule() -> Any:
    return _rule_page(LevelRuleForm(data={"rule": queries.level_rule(db()).value}))


@blueprint.post("/rule")
@permitted("tallies.decide")
@commits
def decide_rule() -> Any:
    form = LevelRuleForm()

    def decide() -> None:
        actions.decide_level_rule(db(), actor(), today(), LevelRule(form.rule.data), form.because.data)

    if form.accepts(decide):
        return done("统计口径已更改，各年度的数字都按新口径计算。", "tallies.tally")
    return _rule_page(form)


@blueprint.get("/tally.xlsx")
@permitted("tallies.read")
def download() -> Any:
    """The table, the results and what each figure means, as a workbook."""
    from app.features.tallies import exports  # only when somebody takes it away

    question, dimension = _question(), _dimension()
    found, measured = queries.tally(db(), question, today(), dimension), _measured(question, dimension)
    scope = _scope(question) + (f"　乡镇：{measured.in_words}" if measured else "")
    return _workbook(exports.tally_workbook(found, scope), f"tally-{question.first_year}-{question.last_year}.xlsx")
