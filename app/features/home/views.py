"""Each role's first page: its own list of what is to be done now, then figures worth seeing."""

from datetime import date
from typing import Any

from flask import Blueprint, request, url_for

from app.domain.calendar import years
from app.domain.coverage import CoverSummary, summaries
from app.domain.demands import DemandState
from app.domain.roles import Actor, Role
from app.features.coverage import queries as coverage
from app.features.home import queries, suggestions
from app.features.home.queries import Work
from app.web.guards import actor, permitted, signed_in
from app.web.pages import page
from app.web.paging import cursor, paged
from app.web.platform import platform, today
from app.web.session import db

blueprint = Blueprint("home", __name__)
PAGE = 50
D = DemandState


def _drawn(work: Work) -> dict[str, Any]:
    """A box as the template takes it: endpoints become addresses."""
    items = [
        {
            "what": t.what,
            "kind": t.kind,
            "about": t.about,
            "due": t.due,
            "urgency": t.urgency,
            "href": url_for(t.endpoint, **t.arguments),
        }
        for t in work.items
    ]
    more = url_for(work.all_endpoint, **work.all_arguments) if work.all_endpoint else None
    return {
        "title": work.title,
        "duty": work.duty,
        "items": items,
        "count": work.count,
        "all_url": more,
        "empty_words": work.empty,
    }


def _township_work(who: Actor, day: date) -> list[Work]:
    return [
        queries.demand_work(db(), who, day, "退回给您补充的需求", (D.RETURNED,), "需求"),
        queries.demand_work(db(), who, day, "待对接的需求", (D.OPEN, D.NONE_SUITABLE), "需求"),
        queries.demand_work(db(), who, day, "服务中的需求", (D.IN_SERVICE,), "需求"),
        queries.demand_work(db(), who, day, "等科技局分诊", (D.SUBMITTED,), "需求"),
    ]


def _commissioner_work(who: Actor, day: date) -> list[Work]:
    return [
        queries.invitations(db(), who, day),
        queries.in_hand(db(), who),
        queries.returned_visits(db(), who),
        queries.unconfirmed_visits(db(), who, day),
        suggestions.suiting_demands(db(), who, day, platform().settings.data_dir / "matching"),
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
        work.append(queries.demand_work(db(), who, day, "服务完成，等办结", (D.DONE, D.EVALUATED), "办结"))
    return work


def _cover(who: Actor, day: date) -> list[CoverSummary]:
    """This year's cover of the territory, by the three definitions."""
    if not who.reach.territory or len(who.reach.territory) > 6:
        return []
    found = coverage.cover(db(), period=years(day.year, day.year), today=day, territory=who.reach.territory)
    return summaries(found)


BUREAU = frozenset(
    {Role.COUNTY_TRIAGE, Role.COUNTY_REVIEWER, Role.COUNTY_HEAD, Role.CITY_TRIAGE, Role.CITY_REVIEWER, Role.CITY_HEAD}
)


@blueprint.get("/")
@signed_in
def first_page() -> Any:
    who, day = actor(), today()
    work: list[Work] = []
    if who.role is Role.TOWNSHIP_OFFICIAL:
        work = _township_work(who, day)
    elif who.role in (Role.COMMISSIONER, Role.TEAM_HEAD):
        work = _commissioner_work(who, day)
    elif who.role in BUREAU:
        work = _bureau_work(who, day)
    boxes = [_drawn(box) for box in work]
    return page(
        "home/first_page.html",
        boxes=[box for box in boxes if box["items"]],
        quiet=[box for box in boxes if not box["items"]],
        cover=_cover(who, day) if who.may("coverage.read") else [],
        year=day.year,
        no_password=queries.accounts_without_password(db()) if who.may("accounts.keep") else None,
        waiting=sum(box["count"] or len(box["items"]) for box in boxes if box["duty"]),
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
    return page("home/trail.html", rows=rows, wanted=wanted)
