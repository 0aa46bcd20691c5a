"""Pages of the plans desk: what-ifs side by side, one plan with its proofs, comparing on a map, publishing."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, request, url_for

from app.domain.divisions import contains
from app.domain.plans import MOVES, CountyLimits, Mode, PlanState, Travel, WhatIf
from app.domain.refusals import RuleBroken
from app.features.plans import actions, publishing, queries
from app.features.plans.forms import PlanForm
from app.features.plans.models import DispatchPlan
from app.features.regions import queries as regions
from app.web.guards import actor, permitted
from app.web.pages import done, page, static_url
from app.web.platform import moment, platform, today
from app.web.security import csp_nonce
from app.web.session import commits, db

blueprint = Blueprint("plans", __name__)
MARGIN = 0.06  # degrees round the outermost seats
CLASSES = ((0, "方案没有安排"), (1, "1位"), (2, "2位"), (3, "3位"), (4, "4位及以上"))
TELLS = {
    "fit": "让所有需求得到的匹配度加起来最高；已证明没有更好的排法。",
    "stable": "没有一对需求和科特派，都更愿意换成对方。",
    "cover": "每个乡镇的每个主导产业先都有人，再比路程和匹配度；补不上的给出证明。",
}


def _plan(uid: UUID) -> DispatchPlan:
    return queries.plan(db(), actor(), uid) or abort(404)


@blueprint.get("/")
@permitted("plans.keep")
def plan_list() -> Any:
    rows = queries.plans(db(), actor())
    return page(
        "plans/plan_list.html",
        rows=[(row, queries.shown(db(), row)) for row in rows],
        names=regions.names(db(), [row.territory for row in rows]),
        waiting=any(row.state == PlanState.WAITING for row in rows),
        most=queries.MOST_COMPARED,
    )


def _form() -> PlanForm:
    own = actor().reach.territory or ""
    form = PlanForm(data={"territory": own, "year": str(today().year)})
    places = [pair for pair in regions.county_choices(db(), with_city=True) if contains(own, pair[0])]
    form.territory.choices = places
    form.year.choices = [(str(y), f"{y}年") for y in (today().year, today().year + 1)]
    return form


def _counties() -> list[tuple[str, str]]:
    own = actor().reach.territory or ""
    return [pair for pair in regions.county_choices(db()) if contains(own, pair[0])]


@blueprint.get("/new")
@permitted("plans.keep")
def new_plan() -> Any:
    return page("plans/new_plan.html", form=_form(), counties=_counties(), tells=TELLS)


@blueprint.post("/new")
@permitted("plans.keep")
@commits
def make_plan() -> Any:
    form = _form()
    made: list[DispatchPlan] = []

    def make() -> None:
        what_if = WhatIf(
            Mode(form.mode.data), bool(form.needs.data), bool(form.renewal.data), form.each.data,
            Travel(form.travel.data), _limits(form.territory.data),
        )  # fmt: skip
        wanted = {"title": form.title.data, "territory": form.territory.data, "year": int(form.year.data)}
        made.append(actions.make(db(), actor(), moment(), what_if=what_if, **wanted))

    if form.accepts(make):
        return done("方案已交给后台计算，一般几秒钟就好；可以先离开。", "plans.plan", uid=made[0].uid)
    return page("plans/new_plan.html", form=form, counties=_counties(), tells=TELLS)


def _limits(territory: str) -> tuple[CountyLimits, ...]:
    """What was typed into the fields floor-CODE and cap-CODE of the counties planned for."""
    found = []
    for code, name in _counties():
        floor, cap = (_number(request.form.get(f"{side}-{code}", ""), name) for side in ("floor", "cap"))
        if contains(territory, code) and (floor is not None or cap is not None):
            found.append(CountyLimits(code, floor, cap))
    return tuple(found)


def _number(text: str, name: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text.strip()) > 5:
        raise RuleBroken(f"{name}的名额“{text.strip()}”应为整数，不限时留空。", field="each")
    return int(text.strip())


@blueprint.get("/<uuid:uid>")
@permitted("plans.keep")
def plan(uid: UUID) -> Any:
    row = _plan(uid)
    found = queries.shown(db(), row)
    return page(
        "plans/plan.html",
        row=row,
        found=found,
        what_if=WhatIf.from_json(row.what_if),
        names=regions.names(db(), [row.territory, *[one.county for one in WhatIf.from_json(row.what_if).limits]]),
        moves={move.verb for move in MOVES.moves.values() if row.state in move.sources},
        outcomes={outcome.pair: outcome for outcome in row.outcomes},
        map=_map(found, "plan") if found else None,
        tells=TELLS,
        most_unfolded=queries.MOST_UNFOLDED,
    )


@blueprint.get("/compare")
@permitted("plans.keep")
def compare() -> Any:
    """Two or three computed plans on maps and in tables; the address can be sent to a colleague."""
    uids = list(dict.fromkeys(request.args.getlist("plan")))[: queries.MOST_COMPARED]
    found = [queries.shown(db(), _plan(_uuid(uid))) for uid in uids]
    both = [one for one in found if one is not None]
    maps = [_map(one, f"plan{place}", patterns=place == 1) for place, one in enumerate(both, start=1)]
    counties = list(dict.fromkeys(county.name for one in both for county in one.counties))
    table = [(name, [next((c for c in one.counties if c.name == name), None) for one in both]) for name in counties]
    return page(
        "plans/compare.html", both=both, maps=maps, table_rows=table, people=_people(both),
        most_unfolded=queries.MOST_UNFOLDED,
    )  # fmt: skip


def _people(both: list[queries.Shown]) -> list[tuple[str, str, list[list[str]]]]:
    """(name, uid, townships in each plan) of everybody who is not in the same townships in all of them."""
    served: dict[str, tuple[str, list[list[str]]]] = {}
    for place, one in enumerate(both):
        for line in one.lines:
            _, columns = served.setdefault(line.commissioner_uid, (line.name, [[] for _ in both]))
            if line.place not in columns[place]:
                columns[place].append(line.place)
    rows = [(name, uid, columns) for uid, (name, columns) in served.items()]
    return sorted(row for row in rows if any(set(column) != set(row[2][0]) for column in row[2]))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def _map(found: queries.Shown, element_id: str, *, patterns: bool = True) -> Any:
    """The parts of a folium map of one plan; None when no lines are stored."""
    version = regions.current_boundaries(db())
    towns = regions.townships(db(), found.plan.territory)
    seats = regions.seats(db())
    at = [seats[town.code] for town in towns if town.code in seats]
    if version is None or not at:
        return None
    from app.features.coverage import maps  # folium: only a worker that draws maps pays for it

    settings = platform().settings.map
    tiles = tuple(u for u in (settings.basemap_url, settings.annotation_url) if u)
    lines = _told_on_the_map(found)
    return maps.coverage_page_parts(
        geometry_url=url_for("regions.township_lines", version=version),
        county_url=url_for("regions.county_lines", version=version),
        values={
            t.code: maps.TownshipValue(
                found.at.get(t.code, 0), tuple(lines.get(t.code, [])[:6]), href=f"{_address(found)}#t{t.code}"
            )
            for t in towns
        },
        legend=maps.Legend("方案安排的人次", tuple(maps.LegendClass(*entry) for entry in CLASSES)),
        title=found.plan.title,
        bounds=(
            min(lat for _, lat in at) - MARGIN, min(lon for lon, _ in at) - MARGIN,
            max(lat for _, lat in at) + MARGIN, max(lon for lon, _ in at) + MARGIN,
        ),
        static_url=static_url,
        nonce=csp_nonce(),
        basemap=maps.Basemap(tiles, settings.attribution) if settings.basemap_url else None,
        attribution=settings.attribution,
        review_no=settings.review_number,
        map_maker=settings.maker,
        lines=regions.line_kinds(db(), found.plan.territory),
        element_id=element_id,
        patterns=patterns,
    )  # fmt: skip


def _told_on_the_map(found: queries.Shown) -> dict[str, list[str]]:
    """Township → who serves it in what, and its gaps."""
    lines: dict[str, list[str]] = {}
    for line in found.lines:
        lines.setdefault(line.township, []).append(f"{line.name}：{line.industry or line.what}")
    for gap in found.gaps:
        lines.setdefault(gap.township, []).append(f"空缺：{gap.what}")
    return lines


def _address(found: queries.Shown) -> str:
    return url_for("plans.plan", uid=found.plan.uid)


@blueprint.post("/<uuid:uid>/publish")
@permitted("plans.keep")
@commits
def publish(uid: UUID) -> Any:
    told = publishing.publish(db(), actor(), moment(), _plan(uid), with_needs="needs" in request.form)
    words = f"已发出{told.invited}份邀请。" + (f"有{told.skipped}份没有发出，原因写在名单里。" if told.skipped else "")
    return done(words, "plans.plan", uid=uid)


@blueprint.post("/<uuid:uid>/drop")
@permitted("plans.keep")
@commits
def drop(uid: UUID) -> Any:
    actions.drop(db(), actor(), _plan(uid), request.form.get("reason"))
    return done("方案已放弃，记录还在。", "plans.plan_list")


@blueprint.post("/<uuid:uid>/retry")
@permitted("plans.keep")
@commits
def retry(uid: UUID) -> Any:
    actions.retry(db(), actor(), moment(), _plan(uid))
    return done("已重新交给后台计算。", "plans.plan", uid=uid)


@blueprint.post("/<uuid:uid>/check")
@permitted("plans.keep")
@commits
def check(uid: UUID) -> Any:
    actions.ask_check(db(), actor(), moment(), _plan(uid))
    return done("已交给后台按封存的输入复算，稍后刷新看结果。", "plans.plan", uid=uid)
