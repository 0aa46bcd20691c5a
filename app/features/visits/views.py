"""Pages of the visits desk: the list and one record. Logging, confirming and reviewing have modules of their own."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, request

from app.domain.visits import MOVES, VisitState
from app.domain.vocabulary import ServiceMode
from app.features.regions import queries as regions
from app.features.visits import (
    actions,
    confirmation_views,
    confirmations,
    facts,
    log_views,
    queries,
    review_views,
    reviews,
)
from app.features.visits.forms import ReasonForm
from app.features.visits.models import Visit
from app.features.visits.pages import blueprint, history_of, shown_of, stored
from app.features.vocabulary import queries as vocabulary
from app.web.guards import actor, permitted
from app.web.pages import chips, done, page
from app.web.paging import PAGE_ROWS, cursor, paged
from app.web.platform import moment, platform, today
from app.web.session import commits, db

# Named, so that importing this module brings every route of the desk.
__all__ = ["blueprint", "confirmation_views", "log_views", "review_views"]

CONFIRMED = [("1", "受援单位已确认"), ("0", "尚未确认")]
FILTERS = {
    "state": "状态", "place": "乡镇", "industry": "产业", "mode": "方式", "confirmed": "确认",
    "from": "服务日期从", "to": "服务日期到", "mine": "参加",
}  # fmt: skip


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _asked() -> queries.VisitFilter:
    """The filters as they stand in the address; nonsense narrows nothing."""
    given = request.args
    industry, state, mode = (given.get(name, "") for name in ("industry", "state", "mode"))
    return queries.VisitFilter(
        states=(state,) if state in list(VisitState) else (),
        territory=given.get("place") if given.get("place", "").isdecimal() else None,
        industry_ids=tuple(vocabulary.with_parts(db(), int(industry))) if industry.isdecimal() else (),
        mode=mode if mode in list(ServiceMode) else None,
        first_day=_day("from"),
        last_day=_day("to"),
        confirmed={"1": True, "0": False}.get(given.get("confirmed", "")),
        person_id=actor().reach.person_id if given.get("mine") == "1" else None,
    )


@blueprint.get("/")
@permitted("visits.read")
def visit_list() -> Any:
    asked = _asked()
    # What waits is read from the longest waiting on; everything else from the newest service back.
    order = "waiting" if asked.states == (VisitState.SUBMITTED,) else "newest"
    found = queries.visits_page(db(), actor(), asked, order=order, after=cursor(), size=PAGE_ROWS)
    choices = {
        "state": VisitState.choices(),
        "place": _place_choices(),
        "industry": vocabulary.industry_choices(db(), today()),
        "mode": ServiceMode.choices(),
        "confirmed": CONFIRMED,
        "mine": [("1", "只看我参加的")],
    }
    return page(
        "visits/visit_list.html",
        rows=paged(found, lambda row: queries.sort_values(row, order)),
        choices=choices,
        chips=chips(
            (name, label, choices.get(name)) for name, label in FILTERS.items() if name in choices or _day(name)
        ),
        waiting=_waiting(),
        own=actor().reach.person_id is not None,
    )


def _waiting() -> int:
    """How many visits wait for this actor's word; 0 for whoever reviews nothing."""
    territory = actor().reach.territory
    return queries.waiting_for_review(db(), territory) if territory and actor().may("visits.review") else 0


def _place_choices() -> list[tuple[str, str]]:
    """The city's reader chooses among counties and townships, a county's among its townships."""
    territory = actor().reach.territory or platform().settings.city_code
    townships = regions.township_choices(db(), territory)
    if len(territory) == queries.COUNTY_DIGITS and not territory.endswith("00"):
        return [pair for pairs in townships.values() for pair in pairs]
    named = {row.name: row.code for row in regions.counties(db())}
    choices = []
    for county, pairs in townships.items():
        choices += [(named[county], county)] if county in named else []
        choices += [(code, f"{county} · {name}") for code, name in pairs]
    return choices


def _visit(uid: UUID) -> Visit:
    return queries.visit(db(), actor(), uid) or abort(404)


@blueprint.get("/<uuid:uid>")
@permitted("visits.read")
def visit(uid: UUID) -> Any:
    return record_page(_visit(uid), ReasonForm(formdata=None))


def record_page(found: Visit, form: ReasonForm) -> Any:
    """A visit with what this actor may do next."""
    own = actor().reach.person_id is not None and actor().may("visits.log")
    reviewer = reviews.may_review(db(), actor(), found)
    told = found.state not in (VisitState.DRAFT, VisitState.WITHDRAWN)
    return page(
        "visits/visit.html",
        found=found,
        form=form,
        shown=shown_of(found),
        history=history_of(found),
        agreement=facts.agreement_on(db(), found.match_id),
        may_edit=own and found.state in (VisitState.DRAFT, VisitState.RETURNED),
        may_submit=own and found.state == VisitState.DRAFT,
        may_withdraw=own and found.state in MOVES.moves["withdraw"].sources,
        may_ask=told and actor().may("visits.confirm_link") and (own or reviewer),
        may_review=reviewer and found.state == VisitState.SUBMITTED,
        may_return=reviewer and found.state == VisitState.PASSED,
        may_call=told and reviewer,
        may_see_demand=actor().may("demands.read"),
        to_confirm=told and not found.confirmed_on and _awaits_own_word(found),
    )


def _awaits_own_word(found: Visit) -> bool:
    """Whether a link to the unit for which this reader acts is open and unanswered."""
    unit = actor().reach.organisation_id
    asked = [one for one in found.confirmations if unit is not None and one.organisation_id == unit]
    return any(confirmations.link_state(one, found, moment()) is confirmations.LinkState.OPEN for one in asked)


@blueprint.post("/<uuid:uid>/withdraw")
@permitted("visits.log")
@commits
def withdraw(uid: UUID) -> Any:
    found, form = _visit(uid), ReasonForm()
    if form.accepts(lambda: actions.withdraw(db(), actor(), found, form.reason.data)):
        return done("服务记录已撤回，不再计入统计。", "visits.visit", uid=uid)
    return record_page(_visit(uid), form)


@blueprint.get("/photos/<uuid:uid>")
@permitted("visits.read")
def photo(uid: UUID) -> Any:
    return stored(queries.photo(db(), actor(), uid) or abort(404))
