"""The county's word on a visit: what waits, what a reviewer should look at, passing and returning.

The county where a visit was made reviews it; the one that recommended its people sees it and waits with them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import shanghai_date
from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor
from app.domain.visits import (
    LONGEST_STAY_DAYS,
    MOVES,
    Concern,
    ConfirmationAnswer,
    Stay,
    VisitState,
    check_reviewer,
    concerns,
    reviews_at,
    stands_confirmed,
)
from app.domain.wording import spoken
from app.features.accounts.models import Grant
from app.features.visits import queries
from app.features.visits.models import Confirmation, Participant, Visit
from app.features.visits.queries import VisitRow
from app.storage import trail
from app.storage.reach import inside, nothing
from app.storage.versions import raise_version

ELSEWHERE = 20
MOST_AT_ONCE = 100
CHANGED = "这条记录在您打开后改过，请重新查看后再审核。"


def review(
    session: Session,
    actor: Actor,
    today: date,
    visit: Visit,
    verb: str,
    words: str | None = None,
    version: int | None = None,
) -> Visit:
    """Pass a visit, or return it with words (verb "pass" or "return"). Only a passed visit counts.

    Refused: a visit served in another county (that county reviews it), one's own visits, a step that its state
    does not allow, and a visit that has changed since the page of `version` was opened.
    """
    queries.hold(session, visit)
    _check_may_review(session, actor, visit)
    if version is not None and version != visit.version:
        raise AlreadyDone(CHANGED)
    words = spoken(words)
    target = VisitState(MOVES.take(visit.state, verb, words))
    visit.state = target
    visit.passed_on = today if target == VisitState.PASSED else None
    visit.review_words = words
    raise_version(visit)
    trail.record(session, actor, f"visits.{verb}", visit, words=words)
    session.flush()
    return visit


def pass_together(
    session: Session, actor: Actor, today: date, chosen: Iterable[tuple[UUID, int]]
) -> tuple[int, list[str]]:
    """Pass several visits, each as of the version that was on the page: (how many, why the others were not).

    One that cannot be passed keeps none of the others from it. Refused: more than a hundred, or none.
    """
    wanted = list(dict.fromkeys(chosen))
    if not wanted:
        raise RuleBroken("请先勾选要通过的服务记录。")
    if len(wanted) > MOST_AT_ONCE:
        raise RuleBroken(f"一次最多通过{MOST_AT_ONCE}条，请分次办理。")
    passed, refused = 0, []
    for uid, version in wanted:
        found = queries.visit(session, actor, uid)
        if found is None:
            refused.append("有一条记录已不在您的审核范围内。")
            continue
        try:
            with session.begin_nested():
                review(session, actor, today, found, "pass", version=version)
            passed += 1
        except RuleBroken as refusal:
            refused.append(f"{found.service_date:%Y-%m-%d} {found.region.name}：{refusal.message}")
    return passed, refused


def _check_may_review(session: Session, actor: Actor, visit: Visit) -> None:
    if actor.role is None:
        return  # the platform itself, loading its demonstration
    if not reviews_at(actor, visit.region_code):
        raise RuleBroken("这次服务在其他县（区），由服务所在地的科技局审核。")
    check_reviewer(
        took_part=took_part(session, actor, visit),
        wrote_it=actor.account_id is not None and visit.writer_id == actor.account_id,
    )


def took_part(session: Session, actor: Actor, visit: Visit) -> bool:
    """Whether the person behind an account took part in a visit, in whatever grant the account acts now."""
    mine = sa.select(Grant.person_id).where(Grant.account_id == actor.account_id, Grant.person_id.is_not(None))
    wanted = sa.select(Participant.id).where(Participant.visit_id == visit.id, Participant.person_id.in_(mine))
    return actor.account_id is not None and session.scalar(wanted.limit(1)) is not None


def may_review(session: Session, actor: Actor, visit: Visit) -> bool:
    """Whether this actor decides on this visit (whatever its state)."""
    try:
        _check_may_review(session, actor, visit)
    except RuleBroken:
        return False
    return actor.role is not None


def _to_review(actor: Actor) -> sa.ColumnElement[bool]:
    """Submitted visits that this actor decides on: of the territory, and not his or her own."""
    territory = actor.reach.territory
    if not territory or not actor.may("visits.review"):
        return nothing()
    conditions = [Visit.state == VisitState.SUBMITTED, inside(Visit.region_code, territory)]
    if actor.account_id is not None:
        mine = sa.select(Grant.person_id).where(Grant.account_id == actor.account_id, Grant.person_id.is_not(None))
        own = sa.select(Participant.visit_id).where(Participant.person_id.in_(mine))
        written = sa.func.coalesce(Visit.writer_id, 0) == actor.account_id
        conditions += [Visit.id.not_in(own), sa.not_(written)]
    return sa.and_(*conditions)


@dataclass(frozen=True)
class Waiting:
    """A visit of the queue with what a reviewer should know before opening it.

    `answer`: how the served side's words stand on what the visit says now (None: nobody has answered).
    """

    row: VisitRow
    answer: ConfirmationAnswer | None
    concerns: list[Concern]

    @property
    def plain(self) -> bool:
        """Nothing stands out: may be passed together with others."""
        return not self.concerns


def queue(session: Session, actor: Actor, after: Sequence[object] | None, size: int) -> list[Waiting]:
    """Visits waiting for this actor's word, those waiting longest first, at most size + 1."""
    keys = queries.ORDERS["waiting"]
    narrowed = (_to_review(actor), queries.waiting_behind(after))
    rows = queries.rows(session, narrowed, keys, size + 1)
    return looked_at(session, rows)


def next_to_review(session: Session, actor: Actor, decided: Visit) -> UUID | None:
    """Which visit to show after this one: the next of the queue, then its first. None: nothing is left."""
    keys = queries.ORDERS["waiting"]
    behind_it = queries.waiting_behind([decided.submitted_at, decided.id])
    for condition in (behind_it, sa.true()):
        wanted = sa.select(Visit.uid).where(_to_review(actor), Visit.id != decided.id, condition)
        found = session.scalar(wanted.order_by(*(column for column, _ in keys)).limit(1))
        if found is not None:
            return found
    return None


def reviewed_elsewhere(session: Session, actor: Actor) -> list[VisitRow]:
    """Submitted visits of this territory's own people that another county reviews, longest waiting first."""
    territory = actor.reach.territory
    if not territory:
        return []
    narrowed = (
        Visit.state == VisitState.SUBMITTED,
        queries.within(actor.reach),
        sa.not_(inside(Visit.region_code, territory)),
    )
    return queries.rows(session, narrowed, queries.ORDERS["waiting"], ELSEWHERE)


def looked_at(session: Session, rows: Sequence[VisitRow]) -> list[Waiting]:
    """The rows with the served side's words and whatever stands out, in a fixed number of queries."""
    ids = [row.id for row in rows]
    words = _words(session, ids)
    crowded = _same_time(session, ids)
    seen = []
    for row in rows:
        given = words.get(row.id, {})
        disputed = ConfirmationAnswer.DISPUTED in given.values()
        answer = ConfirmationAnswer.CONFIRMED if stands_confirmed(given.items()) else None
        found = concerns(
            disputed=disputed,
            last_day=row.service_date + timedelta(days=row.days - 1),
            submitted_on=shanghai_date(row.submitted_at) if row.submitted_at else row.service_date,
            same_time=row.id in crowded,
        )
        seen.append(Waiting(row, ConfirmationAnswer.DISPUTED if disputed else answer, found))
    return seen


def _words(session: Session, visit_ids: Sequence[int]) -> dict[int, dict[int, ConfirmationAnswer]]:
    """Visit → served unit → its latest word on what the visit says now."""
    found: dict[int, dict[int, ConfirmationAnswer]] = {}
    wanted = (
        sa.select(Confirmation.visit_id, Confirmation.organisation_id, Confirmation.answer)
        .join(Visit, Visit.id == Confirmation.visit_id)
        .where(Confirmation.visit_id.in_(visit_ids), Confirmation.answer.is_not(None))
        .where(Confirmation.content_hash == Visit.fingerprint)
        .order_by(Confirmation.answered_at, Confirmation.id)
    )
    for visit_id, unit_id, answer in session.execute(wanted):
        if answer is not None:
            found.setdefault(visit_id, {})[unit_id] = answer
    return found


def _stays(session: Session, condition: sa.ColumnElement[bool]) -> list[tuple[int, Stay]]:
    """(person, stay) of participants of visits that were not withdrawn or left as drafts."""
    told = Visit.state.in_((VisitState.SUBMITTED, VisitState.PASSED, VisitState.RETURNED))
    wanted = (
        sa.select(Participant.person_id, Visit.id, Visit.service_date, Visit.days, Participant.half_days)
        .join(Visit, Visit.id == Participant.visit_id)
        .where(condition, told)
        .order_by(Participant.id)
    )
    return [(row[0], Stay(row[1], row[2], row[3], row[4])) for row in session.execute(wanted)]


def same_time_as(session: Session, visit: Visit) -> list[int]:
    """Ids of other visits that cannot all be true beside this one, for one of its participants."""
    return _same_time(session, [visit.id]).get(visit.id, [])


def _same_time(session: Session, visit_ids: Sequence[int]) -> dict[int, list[int]]:
    """Visit → the other visits of its people that do not fit beside it in time."""
    mine = _stays(session, Participant.visit_id.in_(visit_ids))
    if not mine:
        return {}
    reach = timedelta(days=LONGEST_STAY_DAYS)
    first, last = min(stay.first for _, stay in mine) - reach, max(stay.last for _, stay in mine)
    # By the people, never by the days: a queue may reach back over a year of everybody's visits.
    theirs = sa.select(Participant.visit_id).where(Participant.person_id.in_(people := {person for person, _ in mine}))
    near = sa.and_(Visit.id.in_(theirs), Participant.person_id.in_(people), Visit.service_date.between(first, last))
    others: dict[int, list[Stay]] = {}
    for person, stay in _stays(session, near):
        others.setdefault(person, []).append(stay)
    found: dict[int, list[int]] = {}
    for person, stay in mine:
        for other in others.get(person, []):
            if other.visit_id != stay.visit_id and not stay.fits_with(other):
                found.setdefault(stay.visit_id, []).append(other.visit_id)
    return found
