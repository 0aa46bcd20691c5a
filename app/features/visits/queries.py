"""Reads of visits: who may see which, lists for logging and reviewing, and what a confirmation link shows."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from app.domain.roles import Actor, Reach
from app.domain.visits import VisitState
from app.features.commissioners.models import Appointment, Commissioner, TeamMember
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.features.regions.models import Region
from app.features.visits.models import Confirmation, Participant, ServedUnit, Visit, VisitPhoto
from app.storage.files import StoredFile
from app.storage.keyset import behind, ordering
from app.storage.reach import inside, nothing

WHOLE = (
    selectinload(Visit.participants).joinedload(Participant.person),
    selectinload(Visit.participants).joinedload(Participant.appointment),
    selectinload(Visit.served).joinedload(ServedUnit.organisation),
    selectinload(Visit.results),
    selectinload(Visit.confirmations).joinedload(Confirmation.organisation),
    selectinload(Visit.photos),
    selectinload(Visit.region),
    selectinload(Visit.demand),
)


def teams_of(person_id: int) -> sa.Select[tuple[int]]:
    """Ids of the teams a person belongs to."""
    return sa.select(TeamMember.commissioner_id).where(TeamMember.person_id == person_id)


def within(reach: Reach) -> sa.ColumnElement[bool]:
    """Visits a grant reaches: served in the territory or made under an appointment it recommended; a person's own
    and his or her teams'; those that served an organisation or were made by people it sends."""
    if reach.territory:
        sent_from_here = (
            sa.select(Participant.visit_id)
            .join(Appointment, Appointment.id == Participant.appointment_id)
            .where(inside(Appointment.county_code, reach.territory))
        )
        return sa.or_(inside(Visit.region_code, reach.territory), Visit.id.in_(sent_from_here))
    if reach.person_id:
        mine = sa.select(Participant.visit_id).where(Participant.person_id == reach.person_id)
        of_my_teams = (
            sa.select(Participant.visit_id)
            .join(Appointment, Appointment.id == Participant.appointment_id)
            .where(Appointment.commissioner_id.in_(teams_of(reach.person_id)))
        )
        return sa.or_(Visit.id.in_(mine), Visit.id.in_(of_my_teams))
    if reach.organisation_id:
        served = sa.select(ServedUnit.visit_id).where(ServedUnit.organisation_id == reach.organisation_id)
        sent = (
            sa.select(Participant.visit_id)
            .join(Appointment, Appointment.id == Participant.appointment_id)
            .join(Commissioner, Commissioner.id == Appointment.commissioner_id)
            .where(Commissioner.sending_unit_id == reach.organisation_id)
        )
        return sa.or_(Visit.id.in_(served), Visit.id.in_(sent))
    return nothing()


def visit(session: Session, actor: Actor, uid: UUID) -> Visit | None:
    """The visit, whole, if this actor may know of it."""
    return session.scalar(sa.select(Visit).where(Visit.uid == uid, within(actor.reach)).options(*WHOLE))


def visit_by_uid(session: Session, uid: UUID) -> Visit | None:
    """The visit of a uid, whoever asks; only for deciding whether a report has arrived before."""
    return session.scalar(sa.select(Visit).where(Visit.uid == uid).options(*WHOLE))


@dataclass(frozen=True)
class VisitRow:
    """A line of a list of visits."""

    id: int
    uid: UUID
    service_date: date
    place: str
    county: str
    who: str
    work_done: str
    mode: str
    state: VisitState
    half_days: int
    confirmed_on: date | None
    submitted_at: datetime | None


ORDERS = {
    "newest": [(Visit.service_date, True), (Visit.id, True)],
    "waiting": [(Visit.submitted_at, False), (Visit.id, False)],
}


@dataclass(frozen=True)
class VisitFilter:
    """What a list of visits may be narrowed to; empty means all."""

    states: tuple[str, ...] = ()
    territory: str | None = None
    industry_id: int | None = None
    mode: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    confirmed: bool | None = None
    demand_id: int | None = None
    person_id: int | None = None
    to_review_in: str | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        wanted: list[sa.ColumnElement[bool]] = []
        if self.states:
            wanted.append(Visit.state.in_(self.states))
        if self.territory:
            wanted.append(inside(Visit.region_code, self.territory))
        if self.to_review_in:
            wanted.append(inside(Visit.region_code, self.to_review_in))
        if self.industry_id:
            wanted.append(Visit.industry_id == self.industry_id)
        if self.mode:
            wanted.append(Visit.mode == self.mode)
        if self.first_day:
            wanted.append(Visit.service_date >= self.first_day)
        if self.last_day:
            wanted.append(Visit.service_date <= self.last_day)
        if self.confirmed is not None:
            wanted.append(Visit.confirmed_on.is_not(None) if self.confirmed else Visit.confirmed_on.is_(None))
        if self.demand_id:
            wanted.append(Visit.demand_id == self.demand_id)
        if self.person_id:
            mine = sa.select(Participant.visit_id).where(Participant.person_id == self.person_id)
            wanted.append(Visit.id.in_(mine))
        return wanted


def visits_page(
    session: Session,
    actor: Actor,
    wanted: VisitFilter,
    *,
    order: str = "newest",
    after: Sequence[Any] | None = None,
    size: int = 50,
) -> list[VisitRow]:
    """At most size + 1 visits that the actor may see, narrowed by `wanted`, in a stated order."""
    township, county = aliased(Region), aliased(Region)
    columns = ORDERS[order]
    rows = session.execute(
        sa.select(
            Visit.id,
            Visit.uid,
            Visit.service_date,
            township.name,
            county.name,
            Visit.work_done,
            Visit.mode,
            Visit.state,
            Visit.confirmed_on,
            Visit.submitted_at,
        )
        .join(township, township.code == Visit.region_code)
        .join(county, county.code == township.parent_code)
        .where(within(actor.reach), *wanted.conditions(), behind(columns, after))
        .order_by(*ordering(columns))
        .limit(size + 1)
    ).all()
    people = _participants(session, [row[0] for row in rows])
    return [
        VisitRow(
            id=row[0],
            uid=row[1],
            service_date=row[2],
            place=row[3],
            county=row[4],
            who="、".join(name for name, _ in people.get(row[0], [])),
            work_done=row[5],
            mode=row[6].label,
            state=row[7],
            half_days=sum(half for _, half in people.get(row[0], [])),
            confirmed_on=row[8],
            submitted_at=row[9],
        )
        for row in rows
    ]


def _participants(session: Session, visit_ids: list[int]) -> dict[int, list[tuple[str, int]]]:
    """Names and half-days by visit."""
    found: dict[int, list[tuple[str, int]]] = {}
    rows = session.execute(
        sa.select(Participant.visit_id, Person.name, Participant.half_days)
        .join(Person, Person.id == Participant.person_id)
        .where(Participant.visit_id.in_(visit_ids))
        .order_by(Participant.id)
    )
    for visit_id, name, half_days in rows:
        found.setdefault(visit_id, []).append((name, half_days))
    return found


def waiting_for_review(session: Session, territory: str) -> int:
    """How many visits wait for the county's word."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Visit)
            .where(Visit.state == VisitState.SUBMITTED, inside(Visit.region_code, territory))
        )
        or 0
    )


def confirmation_by_token(session: Session, token: str, *, for_update: bool = False) -> Confirmation | None:
    """The request for confirmation that a link names, answered or not, expired or not."""
    hashed = hashlib.sha256(token.encode()).hexdigest()
    wanted = sa.select(Confirmation).where(Confirmation.token_hash == hashed)
    return session.scalar(wanted.with_for_update() if for_update else wanted)


def visit_of_confirmation(session: Session, confirmation: Confirmation) -> Visit:
    return session.scalars(sa.select(Visit).where(Visit.id == confirmation.visit_id).options(*WHOLE)).one()


def photo(session: Session, actor: Actor, uid: UUID) -> StoredFile | None:
    """The file of a visit's photo, if the actor may know of the visit."""
    return session.scalar(
        sa.select(StoredFile)
        .join(VisitPhoto, VisitPhoto.file_id == StoredFile.id)
        .join(Visit, Visit.id == VisitPhoto.visit_id)
        .where(VisitPhoto.uid == uid, within(actor.reach))
    )


def served_names(session: Session, organisation_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisation_ids)))
    return dict(rows.tuples().all())
