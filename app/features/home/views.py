"""Each role's first page: its own list of what is to be done now, then figures worth seeing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, request, url_for

from app.domain.calendar import years
from app.domain.coverage import CoverSummary, summaries
from app.domain.demands import DemandState
from app.domain.events import EVENTS, SUBJECTS
from app.domain.roles import Actor, Role
from app.features.coverage import queries as coverage
from app.features.home import actions, figures, queries, suggestions, watching
from app.features.home.figures import Sight
from app.features.home.queries import Work
from app.features.vocabulary import queries as vocabulary
from app.storage.trail import shown_words
from app.web.guards import actor, permitted, signed_in
from app.web.pages import chips, done, page
from app.web.paging import cursor, paged
from app.web.platform import moment, platform, today
from app.web.session import commits, db

blueprint = Blueprint("home", __name__)
PAGE = 50
D = DemandState


def _drawn(work: Work) -> dict[str, Any]:
    """A box as the template takes it: endpoints become addresses."""
    more = url_for(work.all_endpoint, **work.all_arguments) if work.all_endpoint else None
    items = [{**vars(item), "href": url_for(item.endpoint, **item.arguments)} for item in work.items]
    return {
        "title": work.title,
        "items": items,
        "count": work.count if work.duty else 0,
        "all_url": more,
        "empty_words": work.empty,
    }


def _seen(sight: Sight) -> dict[str, Any]:
    """A box of figures as the template takes it."""
    rows = [
        {**vars(row), "href": url_for(row.endpoint, **row.arguments) if row.endpoint else None} for row in sight.figures
    ]
    return {**vars(sight), "rows": rows}


def _township_work(who: Actor, day: date) -> list[Work]:
    def stand(title: str, *states: DemandState, duty: bool = False) -> Work:
        return queries.demand_work(db(), who, day, title, states, "需求", duty=duty)

    return [
        stand("退回给您补充的需求", D.RETURNED, duty=True),
        stand("正在服务的需求", D.IN_SERVICE),
        stand("正在找专家的需求", D.OPEN, D.NONE_SUITABLE),
        stand("等科技局分诊的需求", D.SUBMITTED),
        watching.recent_visits(db(), who, "最近来本乡镇的服务"),
    ]


def _commissioner_work(who: Actor, day: date) -> list[Work]:
    return [
        queries.invitations(db(), who, day),
        queries.in_hand(db(), who),
        queries.returned_visits(db(), who),
        queries.unconfirmed_visits(db(), who, day),
        suggestions.suiting_demands(db(), who, day, platform().settings.data_dir / "matching"),
    ]


def _contact_work(who: Actor, day: date) -> list[Work]:
    """A sending unit's contact, or a served unit's."""
    unit = who.reach.organisation_id or 0
    if who.role is Role.SENDING_CONTACT:
        work = [watching.agreements_to_sign(db(), who), watching.terms_ending(db(), unit, day)]
        return [*work, watching.recent_visits(db(), who, "本单位的人最近的服务")]
    waiting = (D.SUBMITTED, D.OPEN, D.CHOSEN, D.AGREED, D.IN_SERVICE)
    return [
        watching.to_be_confirmed(db(), who, moment()),
        watching.agreements_to_sign(db(), who),
        queries.demand_work(db(), who, day, "本单位在办的需求", waiting, "需求", duty=False),
        watching.recent_visits(db(), who, "最近来本单位的服务"),
    ]


def _bureau_work(who: Actor, day: date) -> list[Work]:
    """What the grant lets one do: triage, choosing, agreements, review; each only for those who may."""
    work: list[Work] = []
    if who.may("demands.triage"):
        work.append(queries.demand_work(db(), who, day, "等您分诊的需求", (D.SUBMITTED,), "分诊"))
        work.append(queries.demand_work(db(), who, day, "还没有人选的需求", (D.OPEN, D.NONE_SUITABLE), "找人"))
        work.append(queries.applications(db(), who))
        work.append(queries.agreements_to_make(db(), who))
        work.append(queries.asked_of_us(db(), who))
    if who.may("visits.review"):
        work.append(queries.to_review(db(), who))
    if who.may("demands.close"):
        work.append(queries.demand_work(db(), who, day, "等您办结的需求", (D.DONE, D.EVALUATED), "办结"))
    return work


@dataclass(frozen=True)
class _Territory:
    """What a bureau's first page says of its territory this year: cover by the three definitions, and figures."""

    cover: list[CoverSummary]
    sights: list[Sight]


def _territory(who: Actor, day: date) -> _Territory:
    """Counted once as the map counts, for all industries together and for each leading one."""
    place = who.reach.territory or ""
    leading = vocabulary.leading_industries(db(), day)
    asked = [None, *(industry.id for industry in leading)]
    found = coverage.covers(db(), period=years(day.year, day.year), today=day, territory=place, industry_ids=asked)
    by_industry = figures.by_industry(leading, found, place, day.year)
    return _Territory(summaries(found[None]), [figures.by_week(db(), place, day), by_industry])


BUREAU = frozenset(
    {Role.COUNTY_TRIAGE, Role.COUNTY_REVIEWER, Role.COUNTY_HEAD, Role.CITY_TRIAGE, Role.CITY_REVIEWER, Role.CITY_HEAD}
)
CONTACTS = frozenset({Role.SENDING_CONTACT, Role.SERVED_CONTACT})


def _work(who: Actor, day: date) -> list[Work]:
    """What this grant has to do now, the most pressing box first."""
    if who.role is Role.TOWNSHIP_OFFICIAL:
        return _township_work(who, day)
    if who.role in (Role.COMMISSIONER, Role.TEAM_HEAD):
        return _commissioner_work(who, day)
    if who.role in BUREAU:
        return _bureau_work(who, day)
    if who.role in CONTACTS:
        return _contact_work(who, day)
    if who.role is Role.FINANCE_OFFICER:
        return [watching.scans_missing(db(), who)]
    if who.role is Role.PANEL_MEMBER:
        return [watching.disputed_visits(db(), who), watching.unconfirmed_passed(db(), who)]
    if who.role is Role.AUDITOR:
        return [watching.broken_chain(db()), watching.shown_personal(db()), watching.changed_grants(db())]
    return watching.accounts_to_finish(db(), day) if who.role is Role.ADMINISTRATOR else []


def _sights(who: Actor, day: date) -> list[Sight]:
    """The figures beside the work of all but the bureaus: of one's own year, or of what one keeps."""
    territory = who.reach.territory or ""
    if who.role in (Role.FINANCE_OFFICER, Role.PANEL_MEMBER) and territory:
        return figures.year_of_territory(db(), territory, day)
    if who.role is Role.SENDING_CONTACT:
        unit = who.reach.organisation_id or 0
        return [figures.serving_from(db(), unit, day), figures.own_year(db(), who, day)]
    if who.role is Role.AUDITOR:
        return [watching.week_of_events(db(), moment())]
    if who.role is Role.ADMINISTRATOR:
        return [watching.keeping_figures(db(), moment()), watching.accounts_by_role(db(), day)]
    return [figures.own_year(db(), who, day)]


@blueprint.get("/")
@signed_in
def first_page() -> Any:
    who, day = actor(), today()
    work = _work(who, day)
    bureau = _territory(who, day) if who.role in BUREAU else None
    sights = [_seen(sight) for sight in (bureau.sights if bureau else _sights(who, day))]
    return page(
        "home/first_page.html",
        boxes=[_drawn(box) for box in work if box.items],
        quiet=[box.empty for box in work if not box.items],
        cover=bureau.cover if bureau else [],
        sights=[sight for sight in sights if sight["rows"]],
        year=day.year,
        waiting=sum(box.count or len(box.items) for box in work if box.duty),
    )


@blueprint.get("/trail")
@permitted("trail.read")
def trail() -> Any:
    """What happened, for the auditor; no personal value stands in it."""
    text = request.args.get("day", "")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = None
    wanted = queries.TrailFilter(request.args.get("tag", ""), day)
    after = cursor()
    first = after[0] if after and isinstance(after[0], int) else None
    rows = paged(queries.trail_page(db(), wanted, first, PAGE), lambda event: [event.id], PAGE)
    kinds = [*((f"{desk}.", label) for desk, label in SUBJECTS.items()), *EVENTS.items()]
    return page(
        "home/trail.html",
        rows=rows,
        words=shown_words(db(), rows.rows),
        sealed=queries.sealed(db()),
        wanted=wanted,
        kinds=kinds[: len(SUBJECTS)],
        chips=chips([("tag", "哪一类", kinds), ("day", "日期", None)]),
    )


@blueprint.post("/trail/check")
@permitted("trail.read")
@commits
def check_trail() -> Any:
    """Ask the worker to go through the chain of seals from its beginning."""
    asked = actions.ask_for_check(db(), actor(), moment())
    return done("正在核对，稍后刷新本页看结果。" if asked else "核对正在进行，稍后刷新本页看结果。", "home.trail")
