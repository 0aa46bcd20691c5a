"""What each role has to do now, gathered from the desks; every list is short, every count is of an index."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import SHANGHAI
from app.domain.demands import DemandState
from app.domain.roles import Actor
from app.domain.visits import VisitState
from app.features.agreements import queries as agreements
from app.features.demands import queries as demands
from app.features.matches import queries as matches
from app.features.menus import queries as menus
from app.features.regions import queries as regions
from app.features.visits import queries as visits
from app.storage import jobs, seals
from app.storage.seals import Verdict
from app.storage.trail import Event

SHOWN = 8
# The job that goes through the chain of seals, and what it is about: all of it.
TRAIL_CHECK, WHOLE_TRAIL = "trail.check", 0
END_SHOWN = 12


@dataclass(frozen=True)
class Todo:
    """One thing to do: what, of what kind, about whom or where, by when, and where it is done."""

    what: str
    kind: str
    endpoint: str
    arguments: dict[str, Any]
    about: str = ""
    due: str = ""
    urgency: str | None = None
    since: str = ""


@dataclass
class Work:
    """A box of the first page: its heading, things to do, how many in all, where all of them are.

    `duty` says whether the reader must act: only then do its rows count as waiting and may they be amber.
    """

    title: str
    items: list[Todo] = field(default_factory=list)
    count: int | None = None
    all_endpoint: str = ""
    all_arguments: dict[str, Any] = field(default_factory=dict)
    empty: str = "眼下没有等您办理的事。"
    duty: bool = True  # False: worth a look, but nobody waits for it


def demand_work(
    session: Session,
    actor: Actor,
    today: date,
    title: str,
    states: tuple[DemandState, ...],
    kind: str,
    *,
    empty: str = "",
    duty: bool = True,
) -> Work:
    """Demands of one's own that stand in one of `states`, the most pressing first."""
    asked = demands.DemandFilter(states=states, sort="due")
    rows = demands.demands_page(session, actor, today, asked, None, SHOWN)
    places = regions.place_names(session, [r.region_code for r in rows if r.region_code])
    items = [
        Todo(
            what=row.title, kind=kind, endpoint="matches.demand", arguments={"uid": row.uid},
            about=f"{places.get(row.region_code or '', '')} {row.unit or ''}".strip(),
            due=_due(row, today), urgency="overdue" if row.overdue else ("waiting" if duty and row.due_on else None),
        )
        for row in rows[:SHOWN]
    ]  # fmt: skip
    count = demands.waiting_counts(session, actor, today).of(*states)
    state = states[0].value if len(states) == 1 else ""
    return Work(
        title,
        items,
        count,
        "demands.demand_list",
        {"state": state, "sort": "due"} if state else {"sort": "due"},
        empty or f"没有{title}。",
        duty,
    )


def _due(row: demands.DemandRow, today: date) -> str:
    if row.due_on is None:
        return ""
    if row.overdue:
        return f"已超期 {(today - row.due_on).days} 天"
    left = (row.due_on - today).days
    return "今天到期" if left == 0 else f"还有 {left} 天" if left > 0 else ""


def invitations(session: Session, actor: Actor, today: date) -> Work:
    """Invitations to answer."""
    keepers = menus.kept_commissioners(session, actor)
    rows = matches.waiting_for_commissioner(session, [k.id for k in keepers])
    items = []
    for row in rows[:SHOWN]:
        late = row.answer_by is not None and row.answer_by.date() < today
        items.append(
            Todo(
                row.demand.title, "邀请", "matches.match", {"uid": row.uid}, about=row.demand.region.name,
                due="已过希望答复的日期" if late else "请答复", urgency="overdue" if late else "waiting",
            )
        )  # fmt: skip
    return Work("等您答复的邀请", items, len(rows), "matches.match_list", {"state": "invited"}, "没有等您答复的邀请。")


def in_hand(session: Session, actor: Actor) -> Work:
    """Demands taken on and not finished: agree, then visit."""
    keepers = menus.kept_commissioners(session, actor)
    rows = matches.accepted_of(session, [k.id for k in keepers])
    items = []
    for row in rows[:SHOWN]:
        ready = row.demand.state in (DemandState.AGREED, DemandState.IN_SERVICE)
        endpoint, arguments = (
            ("visits.log_visit", {"demand": row.demand.uid}) if ready else ("matches.match", {"uid": row.uid})
        )
        due = "记一次服务" if ready else "签订三方协议"
        items.append(Todo(row.demand.title, row.demand.state.label, endpoint, arguments, row.demand.region.name, due))
    empty = "手上没有在办的需求；可以看看全市待对接的需求。"
    return Work("手上的需求", items, len(rows), "matches.match_list", {"state": "accepted"}, empty)


def applications(session: Session, actor: Actor) -> Work:
    """Applications to choose from."""
    rows = matches.waiting_applications(session, actor)
    items = [
        Todo(r.demand.title, "申请", "matches.match", {"uid": r.uid}, r.commissioner.name, "等您选定", "waiting")
        for r in rows[:SHOWN]
    ]
    return Work("等您选定的申请", items, len(rows), "matches.match_list", {"state": "applied"}, "没有等您选定的申请。")


def asked_of_us(session: Session, actor: Actor) -> Work:
    """Demands for which other counties (or one's own) ask this county or city to find somebody."""
    rows = matches.escalations_to_answer(session, actor)
    items = [
        Todo(
            r.demand.title,
            "求助",
            "matches.demand",
            {"uid": r.demand.uid},
            r.demand.region.name,
            r.asked.label,
            "waiting",
        )
        for r in rows[:SHOWN]
    ]
    return Work("请您帮忙找人选", items, len(rows), "demands.demand_list", {"city": 1}, "没有别处来的求助。")


def agreements_to_make(session: Session, actor: Actor) -> Work:
    """Accepted matches without an agreement on file."""
    rows = agreements.waiting_for_agreement(session, actor, SHOWN)
    items = [
        Todo(r.demand.title, "协议", "agreements.of_match", {"uid": r.uid}, r.commissioner.name, "待签协议", "waiting")
        for r in rows
    ]
    count = agreements.count_waiting_for_agreement(session, actor)
    return Work("等签三方协议", items, count, "agreements.agreement_list", {}, "没有等签的协议。")


def _visit_todo(row: visits.VisitRow, due: str, endpoint: str) -> Todo:
    about = f"{row.county}{row.place} · {row.who} · {row.service_date}"
    return Todo(row.work_done[:40], "服务", endpoint, {"uid": row.uid}, about, due, "waiting")


def to_review(session: Session, actor: Actor) -> Work:
    """Visits that wait for one's word, the longest waiting first."""
    wanted = visits.VisitFilter(states=(VisitState.SUBMITTED.value,), territory=actor.reach.territory)
    rows = visits.visits_page(session, actor, wanted, order="waiting", size=SHOWN)
    items = [_visit_todo(row, "待审核", "visits.visit") for row in rows[:SHOWN]]
    count = visits.waiting_for_review(session, actor.reach.territory or "")
    return Work("等您审核的服务", items, count, "visits.review_queue", {}, "没有等您审核的服务。")


def returned_visits(session: Session, actor: Actor) -> Work:
    """One's visits that came back with words."""
    rows = visits.to_mend(session, actor.reach.person_id or 0)
    items = [_visit_todo(row, "改好再提交", "visits.edit_visit") for row in rows[:SHOWN]]
    state = {"state": VisitState.RETURNED.value}
    return Work("退回给您的服务记录", items, len(rows), "visits.visit_list", state, "没有被退回的服务记录。")


def unconfirmed_visits(session: Session, actor: Actor, today: date) -> Work:
    """One's visits of the last three months that no served unit has confirmed."""
    rows = visits.to_confirm(session, actor.reach.person_id or 0, today - timedelta(days=90))
    items = [_visit_todo(row, "请受援单位确认", "visits.visit") for row in rows[:SHOWN]]
    return Work("还没有确认的服务", items, len(rows), "visits.visit_list", {}, "近三个月的服务都已确认。")


@dataclass(frozen=True)
class TrailFilter:
    tag: str = ""
    day: date | None = None


def trail_page(session: Session, wanted: TrailFilter, after: int | None, size: int) -> list[Event]:
    """Events, newest first, at most size + 1. They hold no personal value in clear."""
    found = sa.select(Event).order_by(Event.id.desc()).limit(size + 1)
    if wanted.tag:
        found = found.where(Event.tag.startswith(wanted.tag, autoescape=True))
    if wanted.day:
        first = _midnight(wanted.day)
        found = found.where(Event.at >= first, Event.at < first + timedelta(days=1))
    if after is not None:
        found = found.where(Event.id < after)
    return list(session.scalars(found))


@dataclass(frozen=True)
class Sealed:
    """How far the trail is sealed, and what the last check of the chain found."""

    events: int
    end: str  # the last seal's first digits, to be written down and compared
    waiting: int
    checked_at: datetime | None
    checked: Verdict | None
    being_checked: bool


def sealed(session: Session) -> Sealed:
    """For the auditor's page."""
    end, found = seals.last(session), seals.latest_check(session)
    return Sealed(
        events=end.sequence if end else 0,
        end=end.seal[:END_SHOWN] if end else "",
        waiting=seals.waiting(session),
        checked_at=found[0] if found else None,
        checked=found[1] if found else None,
        being_checked=being_checked(session),
    )


def being_checked(session: Session) -> bool:
    """Whether a check of the chain is waiting or under way."""
    job = jobs.of_subject(session, [TRAIL_CHECK], WHOLE_TRAIL)
    return job is not None and job.state in (jobs.JobState.WAITING, jobs.JobState.LEASED)


def own_day(at: datetime) -> date:
    """The Shanghai date of a moment."""
    return at.astimezone(SHANGHAI).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)
