"""Reads of visits: who may see which, one record with its history, the list and its filters, what waits for whom.

Both counties see a visit: the one where it was made and the one that recommended who made it. Only the first
reviews it (reviews/queries.py). Drafts are seen by their people alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.domain.roles import Actor, Reach
from app.domain.visits import VisitState
from app.domain.vocabulary import ServiceMode
from app.features.commissioners.models import Appointment, Commissioner, TeamMember
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.features.regions.models import Region
from app.features.visits.models import Confirmation, Participant, ServedUnit, Visit, VisitPhoto
from app.storage.files import StoredFile
from app.storage.keyset import behind, ordering
from app.storage.reach import inside, nothing
from app.storage.trail import Event

MOST_WAITING = 50
LONGEST_HISTORY = 200
COUNTY_DIGITS = 6
WHOLE = (
    selectinload(Visit.participants).joinedload(Participant.person),
    selectinload(Visit.participants).joinedload(Participant.appointment).joinedload(Appointment.commissioner),
    selectinload(Visit.served).joinedload(ServedUnit.organisation),
    selectinload(Visit.results),
    selectinload(Visit.confirmations).joinedload(Confirmation.organisation),
    selectinload(Visit.confirmations).joinedload(Confirmation.scan),
    selectinload(Visit.photos),
    joinedload(Visit.region),
    joinedload(Visit.demand),
)


def teams_of(person_id: int) -> sa.Select[int]:
    """Ids of the teams a person belongs to."""
    return sa.select(TeamMember.commissioner_id).where(TeamMember.person_id == person_id)


def within(reach: Reach) -> sa.ColumnElement[bool]:
    """Visits a grant reaches.

    A territory: those made there, and those made elsewhere by people it recommended. A person: those he or she or
    one of his or her teams took part in, drafts too. An organisation: those that served it or were made by people
    it sends. The visits of either sort are put together first: of two conditions joined by "or" PostgreSQL would try
    both on every visit there is.
    """
    if reach.territory:
        return sa.and_(Visit.state != VisitState.DRAFT, _of_territory(reach.territory))
    if reach.person_id:
        return Visit.id.in_(sa.union(made_by(reach.person_id), _made_by_teams_of(reach.person_id)))
    if reach.organisation_id:
        served = sa.select(ServedUnit.visit_id).where(ServedUnit.organisation_id == reach.organisation_id)
        sent = _acting_under().where(Commissioner.sending_unit_id == reach.organisation_id)
        return sa.and_(Visit.state != VisitState.DRAFT, Visit.id.in_(sa.union(served, sent)))
    return nothing()


def _of_territory(territory: str) -> sa.ColumnElement[bool]:
    made_here = inside(Visit.region_code, territory)
    if len(territory) > COUNTY_DIGITS:  # townships recommend nobody
        return made_here
    # Asked row by row and only where the place does not decide: a list stops after its page, a county's people not.
    sent_from_here = (
        sa.exists()
        .where(Participant.visit_id == Visit.id, Participant.appointment_id == Appointment.id)
        .where(inside(Appointment.county_code, territory))
    )
    return sa.or_(made_here, sent_from_here)


def _acting_under() -> sa.Select[int]:
    """Ids of visits with the appointments and commissioners that people acted under."""
    return (
        sa.select(Participant.visit_id)
        .join(Appointment, Appointment.id == Participant.appointment_id)
        .join(Commissioner, Commissioner.id == Appointment.commissioner_id)
    )


def made_by(person_id: int) -> sa.Select[int]:
    """Ids of the visits a person took part in."""
    return sa.select(Participant.visit_id).where(Participant.person_id == person_id)


def _made_by_teams_of(person_id: int) -> sa.Select[int]:
    return _acting_under().where(Commissioner.id.in_(teams_of(person_id)))


def visit(session: Session, actor: Actor, uid: UUID) -> Visit | None:
    """The visit, whole, if this actor may know of it."""
    return session.scalar(sa.select(Visit).where(Visit.uid == uid, within(actor.reach)).options(*WHOLE))


def visit_to_change(session: Session, actor: Actor, uid: UUID) -> Visit | None:
    """The visit, whole and held until the transaction ends, if this actor may know of it."""
    found = session.scalar(sa.select(Visit.id).where(Visit.uid == uid, within(actor.reach)))
    return locked(session, found) if found is not None else None


def hold(session: Session, found: Visit) -> None:
    """Hold a visit until the transaction ends and read its columns afresh: two people may press at once."""
    held = sa.select(Visit).where(Visit.id == found.id).with_for_update()
    session.scalars(held.execution_options(populate_existing=True)).one()


def locked(session: Session, visit_id: int) -> Visit:
    """The visit, whole, held until the transaction ends and read afresh."""
    session.execute(sa.select(Visit.id).where(Visit.id == visit_id).with_for_update())
    wanted = sa.select(Visit).where(Visit.id == visit_id).options(*WHOLE).execution_options(populate_existing=True)
    return session.scalars(wanted).one()


def visit_by_uid(session: Session, uid: UUID) -> Visit | None:
    """The visit of a uid, whoever asks; only for deciding whether a report has arrived before."""
    return session.scalar(sa.select(Visit).where(Visit.uid == uid).options(*WHOLE))


@dataclass(frozen=True)
class VisitRow:
    """A line of a list of visits."""

    id: int
    uid: UUID
    service_date: date
    days: int
    region_code: str
    place: str
    county: str
    who: str
    served: str
    work_done: str
    mode: ServiceMode
    state: VisitState
    half_days: int
    confirmed_on: date | None
    submitted_at: datetime | None
    version: int


ORDERS: dict[str, list[tuple[Any, bool]]] = {
    "newest": [(Visit.service_date, True), (Visit.id, True)],
    "waiting": [(Visit.submitted_at, False), (Visit.id, False)],
}


def sort_values(row: VisitRow, order: str) -> list[Any]:
    """What the next page of a list begins behind."""
    return [row.service_date if order == "newest" else row.submitted_at, row.id]


def _behind_values(after: Sequence[Any] | None, order: str) -> list[Any] | None:
    """The sort values out of an address; None (the first page) when it was damaged."""
    if after is None or len(after) != 2 or not isinstance(after[1], int):
        return None
    parse = date.fromisoformat if order == "newest" else datetime.fromisoformat
    try:
        return [parse(str(after[0])), after[1]]
    except ValueError:
        return None


def waiting_behind(after: Sequence[Any] | None) -> sa.ColumnElement[bool]:
    """Visits that have waited for review less long than the row of these sort values."""
    return behind(ORDERS["waiting"], _behind_values(after, "waiting"))


@dataclass(frozen=True)
class VisitFilter:
    """What a list of visits may be narrowed to; empty means all. Days are service dates, both included.

    `to_review_in` keeps to visits made in a territory, whoever made them: those that it reviews.
    """

    states: tuple[str, ...] = ()
    territory: str | None = None
    industry_ids: tuple[int, ...] = ()
    mode: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    confirmed: bool | None = None
    demand_id: int | None = None
    person_id: int | None = None
    to_review_in: str | None = None

    def conditions(self) -> Iterable[sa.ColumnElement[bool]]:
        if self.states:
            yield Visit.state.in_(self.states)
        if self.territory:
            yield inside(Visit.region_code, self.territory)
        if self.to_review_in:
            yield inside(Visit.region_code, self.to_review_in)
        if self.industry_ids:
            yield Visit.industry_id.in_(self.industry_ids)
        if self.mode:
            yield Visit.mode == self.mode
        if self.first_day:
            yield Visit.service_date >= self.first_day
        if self.last_day:
            yield Visit.service_date <= self.last_day
        if self.confirmed is not None:
            yield Visit.confirmed_on.is_not(None) if self.confirmed else Visit.confirmed_on.is_(None)
        if self.demand_id:
            yield Visit.demand_id == self.demand_id
        if self.person_id:
            yield Visit.id.in_(made_by(self.person_id))


def visits_page(
    session: Session,
    actor: Actor,
    wanted: VisitFilter,
    *,
    order: str = "newest",
    after: Sequence[Any] | None = None,
    size: int = 50,
) -> list[VisitRow]:
    """At most size + 1 visits that the actor may see, narrowed by `wanted`: newest, or waiting longest, first."""
    keys = ORDERS[order]
    narrowed = (within(actor.reach), *wanted.conditions(), behind(keys, _behind_values(after, order)))
    return rows(session, narrowed, keys, size + 1)


def rows(
    session: Session, conditions: Iterable[sa.ColumnElement[bool]], order: Sequence[tuple[Any, bool]], most: int
) -> list[VisitRow]:
    """At most `most` visits under `conditions`, with names of people and units; three queries, whatever the number."""
    township, county = aliased(Region), aliased(Region)
    found = session.execute(
        sa.select(
            Visit.id,
            Visit.uid,
            Visit.service_date,
            Visit.days,
            Visit.region_code,
            township.name.label("place"),
            county.name.label("county"),
            Visit.work_done,
            Visit.mode,
            Visit.state,
            Visit.confirmed_on,
            Visit.submitted_at,
            Visit.version,
        )
        .join(township, township.code == Visit.region_code)
        .join(county, county.code == township.parent_code)
        .where(*conditions)
        .order_by(*ordering(order))
        .limit(most)
    ).all()
    ids = [row.id for row in found]
    people, units = _participants(session, ids), _served(session, ids)
    return [
        VisitRow(
            **row._mapping,
            who="、".join(name for name, _ in people.get(row.id, [])),
            half_days=sum(half for _, half in people.get(row.id, [])),
            served="、".join(units.get(row.id, [])),
        )
        for row in found
    ]


def _participants(session: Session, visit_ids: list[int]) -> dict[int, list[tuple[str, int]]]:
    """Names and half-days by visit."""
    found: dict[int, list[tuple[str, int]]] = {}
    wanted = (
        sa.select(Participant.visit_id, Person.name, Participant.half_days)
        .join(Person, Person.id == Participant.person_id)
        .where(Participant.visit_id.in_(visit_ids))
        .order_by(Participant.id)
    )
    for visit_id, name, half_days in session.execute(wanted):
        found.setdefault(visit_id, []).append((name, half_days))
    return found


def _served(session: Session, visit_ids: list[int]) -> dict[int, list[str]]:
    """Names of the served units by visit."""
    found: dict[int, list[str]] = {}
    wanted = (
        sa.select(ServedUnit.visit_id, Organisation.name)
        .join(Organisation, Organisation.id == ServedUnit.organisation_id)
        .where(ServedUnit.visit_id.in_(visit_ids))
        .order_by(ServedUnit.id)
    )
    for visit_id, name in session.execute(wanted):
        found.setdefault(visit_id, []).append(name)
    return found


def history(session: Session, found: Visit) -> list[Event]:
    """What happened to a visit and to the requests for its confirmation, the latest first."""
    asked = [row.id for row in found.confirmations]
    about = sa.and_(Event.subject_table == Visit.__tablename__, Event.subject_id == found.id)
    if asked:
        asking = sa.and_(Event.subject_table == Confirmation.__tablename__, Event.subject_id.in_(asked))
        about = sa.or_(about, asking)
    wanted = sa.select(Event).where(about).order_by(Event.id.desc()).limit(LONGEST_HISTORY)
    return list(session.scalars(wanted))


def waiting_for_review(session: Session, territory: str) -> int:
    """How many visits wait for the word of this territory's reviewers."""
    wanted = (
        sa.select(sa.func.count())
        .select_from(Visit)
        .where(Visit.state == VisitState.SUBMITTED, inside(Visit.region_code, territory))
    )
    return session.scalar(wanted) or 0


def to_mend(session: Session, person_id: int, most: int = MOST_WAITING) -> list[VisitRow]:
    """A person's drafts and returned visits, the oldest service first: what waits for the writer."""
    waiting = Visit.state.in_((VisitState.RETURNED, VisitState.DRAFT))
    return rows(
        session,
        (waiting, Visit.id.in_(made_by(person_id))),
        [(Visit.service_date, False), (Visit.id, False)],
        most,
    )


def to_confirm(session: Session, person_id: int, since: date, most: int = MOST_WAITING) -> list[VisitRow]:
    """A person's visits served since a day that no served unit has confirmed, the newest first."""
    waiting = sa.and_(
        Visit.state.in_((VisitState.SUBMITTED, VisitState.PASSED)),
        Visit.confirmed_on.is_(None),
        Visit.service_date >= since,
    )
    return rows(session, (waiting, Visit.id.in_(made_by(person_id))), ORDERS["newest"], most)


def photo(session: Session, actor: Actor, uid: UUID) -> StoredFile | None:
    """The file of a visit's photo, if the actor may know of the visit."""
    return session.scalar(
        sa.select(StoredFile)
        .join(VisitPhoto, VisitPhoto.file_id == StoredFile.id)
        .join(Visit, Visit.id == VisitPhoto.visit_id)
        .where(VisitPhoto.uid == uid, within(actor.reach))
    )


def unit_names(session: Session, organisation_ids: Sequence[int]) -> dict[int, str]:
    """Names of units by id."""
    wanted = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisation_ids))
    return dict(session.execute(wanted.order_by(Organisation.id)).all())
