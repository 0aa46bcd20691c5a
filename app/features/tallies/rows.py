"""The rows behind a figure: the same conditions as the figure, listed instead of counted.

`Behind` holds one selection for each kind of row; the page lists it by keyset, and counts the very same selection,
so that the count line of the page is the figure that was pressed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.tallies import Figure, Question
from app.domain.vocabulary import Kind, ServiceMode
from app.features.commissioners.models import Appointment, Commissioner, TeamMember
from app.features.demands.models import Demand
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.features.regions import queries as regions
from app.features.tallies import counted
from app.features.visits.models import Participant, ServedUnit, Visit, VisitResult
from app.features.vocabulary.models import ResultKind
from app.storage.keyset import behind, ordering

BY_NAME: tuple[type, ...] = (str, int)
BY_DAY: tuple[type, ...] = (date, int)


@dataclass(frozen=True)
class BehindRow:
    """One row behind a figure.

    `uid` is that of the record it opens (a commissioner, visit, unit or demand); `amount` what the row adds to the
    figure (1, half-days, or smallest units of a result); `order` what the next page begins behind.
    """

    uid: UUID
    name: str
    region_code: str | None
    amount: int
    order: tuple[Any, int]
    day: date | None = None
    details: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Listed:
    """Rows of one page and what all of them come to."""

    rows: list[BehindRow]
    count: int
    amount: int


@dataclass(frozen=True)
class _Selection:
    """Columns in the order of BehindRow (uid, name, region, amount, sort value, id, day, details …) and their order."""

    wanted: Any
    order: tuple[tuple[Any, bool], tuple[Any, bool]]
    types: tuple[type, ...]


def listed(
    session: Session, question: Question, figure: Figure, after: Sequence[Any] | None, size: int, result: str = ""
) -> Listed:
    """At most size + 1 rows behind a figure in a stated order; `result` is the code of a result's kind."""
    chosen = _selection(session, question, figure, result)
    whole = chosen.wanted.subquery()
    count, amount = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(whole.c.amount), 0)).select_from(whole)
    ).one()
    page = chosen.wanted.where(behind(chosen.order, _fitting(after, chosen.types)))
    rows = session.execute(page.order_by(*ordering(chosen.order)).limit(size + 1)).all()
    return Listed(
        [BehindRow(row[0], row[1], row[2], row[3], (row[4], row[5]), row[6], tuple(row[7:])) for row in rows],
        count,
        int(amount),
    )


def _fitting(after: Sequence[Any] | None, types: tuple[type, ...]) -> Sequence[Any] | None:
    """A cursor as it comes from an address, or None when it was damaged."""
    if after is None or len(after) != len(types) or type(after[1]) is not int:
        return None
    if types[0] is str:
        return after if isinstance(after[0], str) else None
    try:
        return [date.fromisoformat(str(after[0])), after[1]]
    except ValueError:
        return None


def _selection(session: Session, question: Question, figure: Figure, result: str) -> _Selection:
    match figure.opens:
        case "people":
            return _people(session, question)
        case "appointments":
            return _appointments(session, question, figure)
        case "members":
            return _members(session, question)
        case "visits":
            return _visits(session, question, figure)
        case "participants":
            return _participants(session, question)
        case "units":
            return _units(session, question)
        case "demands":
            return _demands(session, question)
        case _:
            return _results(session, question, result, confirmed=figure is Figure.CONFIRMED)


def _one() -> Any:
    return sa.literal(1).label("amount")


def _no_day() -> Any:
    return sa.literal(None, sa.Date).label("day")


def _people(session: Session, question: Question) -> _Selection:
    """Persons (each has one commissioner's record), with their number of appointments and its first and last year."""
    wanted = (
        sa.select(
            Commissioner.uid,
            Commissioner.name,
            Commissioner.county_code,
            _one(),
            Commissioner.pinyin,
            Commissioner.id,
            _no_day(),
            sa.func.count(Appointment.id).label("times"),
            sa.func.min(Appointment.batch_year).label("first_year"),
            sa.func.max(Appointment.batch_year).label("last_year"),
        )
        .join(Appointment, Appointment.commissioner_id == Commissioner.id)
        .where(*counted.appointments(session, question), Commissioner.kind == Kind.INDIVIDUAL)
        .group_by(Commissioner.uid, Commissioner.name, Commissioner.county_code, Commissioner.pinyin, Commissioner.id)
    )
    return _Selection(wanted, ((Commissioner.pinyin, False), (Commissioner.id, False)), BY_NAME)


def _appointments(session: Session, question: Question, figure: Figure) -> _Selection:
    wanted = (
        sa.select(
            Commissioner.uid,
            Commissioner.name,
            Appointment.county_code,
            _one(),
            Commissioner.pinyin,
            Appointment.id,
            _no_day(),
            Appointment.level,
            Appointment.batch_year,
            Appointment.begins,
            Appointment.ends,
            Appointment.document,
        )
        .join(Commissioner, Commissioner.id == Appointment.commissioner_id)
        .where(*counted.appointments(session, question), Commissioner.kind == figure.kind)
    )
    return _Selection(wanted, ((Commissioner.pinyin, False), (Appointment.id, False)), BY_NAME)


def _members(session: Session, question: Question) -> _Selection:
    """Persons of teams; the record opened is one of the person's teams, named beside."""
    memberships = (
        sa.select(TeamMember.person_id, sa.func.min(TeamMember.commissioner_id).label("team_id"))
        .join(Commissioner, Commissioner.id == TeamMember.commissioner_id)
        .join(Appointment, Appointment.commissioner_id == Commissioner.id)
        .where(*counted.appointments(session, question), counted.memberships())
        .group_by(TeamMember.person_id)
        .subquery()
    )
    wanted = (
        sa.select(
            Commissioner.uid,
            Person.name,
            Commissioner.county_code,
            _one(),
            Person.pinyin,
            Person.id,
            _no_day(),
            Commissioner.name.label("team"),
        )
        .join(memberships, memberships.c.person_id == Person.id)
        .join(Commissioner, Commissioner.id == memberships.c.team_id)
    )
    return _Selection(wanted, ((Person.pinyin, False), (Person.id, False)), BY_NAME)


def _visits(session: Session, question: Question, figure: Figure) -> _Selection:
    narrowed = {
        Figure.VISITS: Visit.mode == ServiceMode.ON_SITE,
        Figure.ONLINE_VISITS: Visit.mode == ServiceMode.ONLINE,
        Figure.CONFIRMED_VISITS: Visit.confirmed_on.is_not(None),
    }
    wanted = sa.select(
        Visit.uid,
        Visit.work_done,
        Visit.region_code,
        _one(),
        Visit.service_date,
        Visit.id,
        Visit.service_date.label("day"),
        Visit.mode,
        Visit.confirmed_on,
        Visit.id.label("visit_id"),
    ).where(*counted.visits(session, question), narrowed[figure])
    return _Selection(wanted, ((Visit.service_date, True), (Visit.id, True)), BY_DAY)


def _participants(session: Session, question: Question) -> _Selection:
    wanted = (
        sa.select(
            Visit.uid,
            Person.name,
            Visit.region_code,
            Participant.half_days.label("amount"),
            Visit.service_date,
            Participant.id,
            Visit.service_date.label("day"),
            Visit.work_done,
        )
        .select_from(Participant)
        .join(Visit, Visit.id == Participant.visit_id)
        .join(Person, Person.id == Participant.person_id)
    )
    acting = counted.acting_as(question)
    if acting:
        wanted = counted.with_appointments(wanted).where(*acting)
    wanted = wanted.where(*counted.visits(session, question))
    return _Selection(wanted, ((Visit.service_date, True), (Participant.id, True)), BY_DAY)


def _units(session: Session, question: Question) -> _Selection:
    """Served units with the number of counted visits to each and the latest day of one."""
    columns = (
        Organisation.uid,
        Organisation.name,
        Organisation.region_code,
        Organisation.pinyin,
        Organisation.id,
        Organisation.kind,
    )
    wanted = (
        sa.select(
            Organisation.uid,
            Organisation.name,
            Organisation.region_code,
            _one(),
            Organisation.pinyin,
            Organisation.id,
            sa.func.max(Visit.service_date).label("day"),
            Organisation.kind,
            sa.func.count(Visit.id).label("times"),
        )
        .join(ServedUnit, ServedUnit.organisation_id == Organisation.id)
        .join(Visit, Visit.id == ServedUnit.visit_id)
        .where(*counted.visits(session, question))
        .group_by(*columns)
    )
    return _Selection(wanted, ((Organisation.pinyin, False), (Organisation.id, False)), BY_NAME)


def _demands(session: Session, question: Question) -> _Selection:
    wanted = sa.select(
        Demand.uid,
        Demand.title,
        Demand.region_code,
        _one(),
        Demand.closed_on,
        Demand.id,
        Demand.closed_on.label("day"),
        Demand.submitted_on,
    ).where(*counted.demands(session, question))
    return _Selection(wanted, ((Demand.closed_on, True), (Demand.id, True)), BY_DAY)


def _results(session: Session, question: Question, code: str, *, confirmed: bool) -> _Selection:
    wanted = (
        sa.select(
            Visit.uid,
            Visit.work_done,
            Visit.region_code,
            VisitResult.amount.label("amount"),
            Visit.service_date,
            VisitResult.id,
            Visit.service_date.label("day"),
            Visit.confirmed_on,
        )
        .select_from(VisitResult)
        .join(Visit, Visit.id == VisitResult.visit_id)
        .join(ResultKind, ResultKind.id == VisitResult.kind_id)
        .where(*counted.visits(session, question), ResultKind.code == code)
    )
    if confirmed:
        wanted = wanted.where(Visit.confirmed_on.is_not(None))
    return _Selection(wanted, ((Visit.service_date, True), (VisitResult.id, True)), BY_DAY)


def participants_of(session: Session, rows: Sequence[BehindRow]) -> dict[UUID, str]:
    """Who took part in the visits of a page, by the visit's uid."""
    people = session.execute(
        sa.select(Visit.uid, Person.name)
        .join(Participant, Participant.visit_id == Visit.id)
        .join(Person, Person.id == Participant.person_id)
        .where(Visit.uid.in_([row.uid for row in rows]))
        .order_by(Participant.id)
    )
    found: dict[UUID, list[str]] = {}
    for uid, name in people:
        found.setdefault(uid, []).append(name)
    return {uid: "、".join(names) for uid, names in found.items()}


def place_names(session: Session, rows: Sequence[BehindRow]) -> dict[str, str]:
    """Names of the places of a page's rows, with the county in front."""
    return regions.place_names(session, [row.region_code for row in rows if row.region_code])
