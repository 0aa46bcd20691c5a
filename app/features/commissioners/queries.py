"""Reads of commissioners: the roll and its filters, one record, what a person holds.

Names, units, levels and terms of commissioners are published facts and are seen city-wide; phones are masked, and
only the county that keeps a record (or the city) changes it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.domain.divisions import contains
from app.domain.masking import masked_phone
from app.domain.roles import Actor
from app.domain.visits import HeldAppointment
from app.domain.vocabulary import Kind, Level, Source
from app.features.commissioners.models import (
    Appointment,
    AppointmentState,
    Commissioner,
    CommissionerIndustry,
    TeamMember,
)
from app.features.organisations.models import Organisation
from app.features.organisations.queries import contact_phone_of
from app.features.people.models import Person
from app.features.people.queries import phone_of
from app.features.regions.models import Region
from app.features.vocabulary.models import Industry
from app.storage.keyset import behind, ordering

MOST_ROWS = 200
NEVER_APPOINTED = 0


def in_force() -> sa.ColumnElement[bool]:
    """Appointments that count: withdrawn ones do not."""
    return Appointment.state == AppointmentState.IN_FORCE


def serving_on(day: date) -> sa.ColumnElement[bool]:
    """Appointments in force whose term includes the day (在任)."""
    return sa.and_(in_force(), Appointment.begins <= day, Appointment.ends >= day)


def may_change(actor: Actor, county_code: str) -> bool:
    """Whether a record kept by this county (or by the city) lies in the actor's territory."""
    territory = actor.reach.territory
    return bool(territory) and contains(territory or "", county_code)


def _whole() -> sa.Select[Commissioner]:
    """A commissioner with everything its page shows, in a fixed number of queries."""
    return sa.select(Commissioner).options(
        joinedload(Commissioner.person),
        joinedload(Commissioner.organisation),
        joinedload(Commissioner.sending_unit),
        selectinload(Commissioner.appointments).selectinload(Appointment.cover),
        selectinload(Commissioner.members).joinedload(TeamMember.person),
        selectinload(Commissioner.industries),
    )


def commissioner(session: Session, uid: UUID) -> Commissioner | None:
    """One commissioner with appointments, members and industries."""
    return session.scalar(_whole().where(Commissioner.uid == uid))


def commissioner_to_change(session: Session, actor: Actor, uid: UUID) -> Commissioner | None:
    """The commissioner, if the actor's territory keeps the record."""
    found = commissioner(session, uid)
    return found if found is not None and may_change(actor, found.county_code) else None


def locked(session: Session, found: Commissioner) -> Commissioner:
    """The same row locked for a change and read afresh, so that its version is today's."""
    wanted = sa.select(Commissioner).where(Commissioner.id == found.id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def commissioners_of_person(session: Session, person_id: int) -> list[Commissioner]:
    """What a person acts as: his or her own record, then the teams he or she belongs to, the oldest first."""
    teams = sa.select(TeamMember.commissioner_id).where(TeamMember.person_id == person_id, TeamMember.ends.is_(None))
    return list(
        session.scalars(
            sa.select(Commissioner)
            .where(sa.or_(Commissioner.person_id == person_id, Commissioner.id.in_(teams)))
            .order_by(Commissioner.person_id.is_(None), Commissioner.id)
            .limit(MOST_ROWS)
        )
    )


def held_appointments(session: Session, person_id: int) -> list[HeldAppointment]:
    """Appointments in force under which a person may act: the own ones, and a team's while he or she is a member."""
    own = session.execute(
        sa.select(Appointment.id, Appointment.level, Appointment.begins, Appointment.ends)
        .join(Commissioner, Commissioner.id == Appointment.commissioner_id)
        .where(in_force(), Commissioner.person_id == person_id)
        .order_by(Appointment.id)
        .limit(MOST_ROWS)
    )
    held = [HeldAppointment(id_, level, begins, ends) for id_, level, begins, ends in own]
    teams = session.execute(
        sa.select(Appointment.id, Appointment.level, Appointment.begins, Appointment.ends, TeamMember)
        .join(TeamMember, TeamMember.commissioner_id == Appointment.commissioner_id)
        .where(in_force(), TeamMember.person_id == person_id)
        .order_by(Appointment.id)
        .limit(MOST_ROWS)
    )
    for id_, level, begins, ends, member in teams:
        first, last = max(begins, member.begins or begins), min(ends, member.ends or ends)
        if first <= last:
            held.append(HeldAppointment(id_, level, first, last))
    return held


def representatives(session: Session, commissioner_ids: Iterable[int]) -> dict[int, list[int]]:
    """Commissioner → the persons who answer for it: the person, the present members (leader first); entities none."""
    wanted = sorted(set(commissioner_ids))
    found: dict[int, list[int]] = {id_: [] for id_ in wanted}
    own = sa.select(Commissioner.id, Commissioner.person_id).where(
        Commissioner.id.in_(wanted), Commissioner.person_id.is_not(None)
    )
    for id_, person_id in session.execute(own):
        found[id_] += [person_id] if person_id is not None else []
    members = (
        sa.select(TeamMember.commissioner_id, TeamMember.person_id)
        .where(TeamMember.commissioner_id.in_(wanted), TeamMember.ends.is_(None))
        .order_by(TeamMember.commissioner_id, TeamMember.leads.desc(), TeamMember.id)
    )
    for id_, person_id in session.execute(members):
        found[id_].append(person_id)
    return found


def team_by_name(session: Session, name: str, county_code: str) -> Commissioner | None:
    """The team of this name that a county keeps; the one recorded first where there are several."""
    return session.scalar(
        sa.select(Commissioner)
        .where(Commissioner.kind == Kind.TEAM, Commissioner.name == name, Commissioner.county_code == county_code)
        .order_by(Commissioner.id)
        .limit(1)
    )


def of_person(session: Session, person_id: int) -> Commissioner | None:
    return session.scalar(sa.select(Commissioner).where(Commissioner.person_id == person_id))


def of_organisation(session: Session, organisation_id: int) -> Commissioner | None:
    return session.scalar(sa.select(Commissioner).where(Commissioner.organisation_id == organisation_id))


def appointment(session: Session, uid: UUID) -> Appointment | None:
    return session.scalar(
        sa.select(Appointment).where(Appointment.uid == uid).options(joinedload(Appointment.commissioner))
    )


def locked_appointment(session: Session, appointment_id: int) -> Appointment:
    """The appointment locked for a change and read afresh."""
    wanted = sa.select(Appointment).where(Appointment.id == appointment_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def industry_ids(session: Session, commissioner_ids: Iterable[int]) -> dict[int, list[int]]:
    """Commissioner → the industries he, she or it works in."""
    found: dict[int, list[int]] = {}
    rows = session.execute(
        sa.select(CommissionerIndustry.commissioner_id, CommissionerIndustry.industry_id)
        .where(CommissionerIndustry.commissioner_id.in_(sorted(set(commissioner_ids))))
        .order_by(CommissionerIndustry.commissioner_id, CommissionerIndustry.industry_id)
    )
    for commissioner_id, industry_id in rows:
        found.setdefault(commissioner_id, []).append(industry_id)
    return found


@dataclass(frozen=True)
class Roll:
    """What the list of commissioners is narrowed by and how it is sorted; None and "" narrow nothing.

    `level` speaks of appointments in force: of `year`, or serving today where `serving` is set, or of any time.
    """

    words: str = ""
    level: Level | None = None
    kind: Kind | None = None
    county: str = ""
    source: Source | None = None
    industries: tuple[int, ...] = ()
    serving: bool = False
    year: int | None = None
    sending_unit: int | None = None
    sort: str = "pinyin"


@dataclass(frozen=True)
class RollRow:
    """A line of the list. `serving` are the levels in force today, `newest` the latest batch year (None: never)."""

    uid: UUID
    name: str
    kind: Kind
    source: Source
    county: str
    sending_unit: str | None
    industries: tuple[str, ...]
    serving: tuple[Level, ...]
    newest: int | None
    after: tuple[Any, ...]


def called(words: str) -> sa.ColumnElement[bool]:
    """Commissioners whose name contains the words, whose pinyin or initials begin with them, or a member's team."""
    text = words.strip()
    letters = text.lower().replace(" ", "")
    teams = sa.select(TeamMember.commissioner_id).join(Person, Person.id == TeamMember.person_id)
    return sa.or_(
        Commissioner.name.contains(text, autoescape=True),
        sa.func.replace(Commissioner.pinyin, " ", "").startswith(letters, autoescape=True),
        Commissioner.initials.startswith(letters, autoescape=True),
        Commissioner.id.in_(teams.where(Person.name == text)),
    )


def _narrowed(roll: Roll, day: date) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if roll.words.strip():
        wanted.append(called(roll.words))
    if roll.kind:
        wanted.append(Commissioner.kind == roll.kind)
    if roll.county:
        wanted.append(Commissioner.county_code == roll.county)
    if roll.sending_unit:
        wanted.append(Commissioner.sending_unit_id == roll.sending_unit)
    if roll.source:
        wanted.append(Commissioner.source == roll.source)
    if roll.industries:
        of_industry = sa.select(CommissionerIndustry.commissioner_id)
        wanted.append(Commissioner.id.in_(of_industry.where(CommissionerIndustry.industry_id.in_(roll.industries))))
    if roll.level or roll.serving or roll.year:
        held = sa.select(Appointment.id).where(Appointment.commissioner_id == Commissioner.id)
        held = held.where(serving_on(day) if roll.serving else in_force())
        if roll.level:
            held = held.where(Appointment.level == roll.level)
        if roll.year:
            held = held.where(Appointment.batch_year == roll.year)
        wanted.append(held.exists())
    return wanted


def roll_page(session: Session, roll: Roll, day: date, after: Sequence[Any] | None, size: int) -> list[RollRow]:
    """Lines of the list, at most size + 1: three queries whatever the size, no count.

    Sorted by name, by county, or by the newest batch year; always by name within it.
    """
    order = _order(roll.sort)
    rows = session.execute(
        sa.select(
            Commissioner.id,
            Commissioner.uid,
            Commissioner.name,
            Commissioner.kind,
            Commissioner.source,
            Region.name.label("county"),
            Organisation.name.label("sending_unit"),
            *(column.label(f"after_{place}") for place, (column, _) in enumerate(order)),
        )
        .join(Region, Region.code == Commissioner.county_code)
        .outerjoin(Organisation, Organisation.id == Commissioner.sending_unit_id)
        .where(*_narrowed(roll, day), behind(order, after if _fits(after, order) else None))
        .order_by(*ordering(order))
        .limit(size + 1)
    ).all()
    ids = [row.id for row in rows]
    years, serving = _appointments_of(session, ids, day)
    industries = _industries_of(session, ids)
    return [
        RollRow(
            uid=row.uid, name=row.name, kind=row.kind, source=row.source, county=row.county,
            sending_unit=row.sending_unit, industries=tuple(industries.get(row.id, ())),
            serving=tuple(serving.get(row.id, ())), newest=years.get(row.id), after=tuple(row[7:]),
        )
        for row in rows
    ]  # fmt: skip


def _order(sort: str) -> list[tuple[Any, bool]]:
    """The sort columns; batch years as text would mix with names, so a cursor's kinds tell a damaged one."""
    by_name: list[tuple[Any, bool]] = [(Commissioner.pinyin, False), (Commissioner.id, False)]
    if sort == "county":
        return [(Commissioner.county_code, False), *by_name]
    if sort == "newest":
        newest = (
            sa.select(sa.func.coalesce(sa.func.max(Appointment.batch_year), NEVER_APPOINTED))
            .where(Appointment.commissioner_id == Commissioner.id, in_force())
            .correlate(Commissioner)
            .scalar_subquery()
        )
        return [(newest, True), *by_name]
    return by_name


def _fits(after: Sequence[Any] | None, order: Sequence[tuple[Any, bool]]) -> bool:
    """Whether a cursor from an address has the kinds of values that this order compares."""
    if after is None or len(after) != len(order):
        return False
    return all(isinstance(value, column.type.python_type) for value, (column, _) in zip(after, order, strict=True))


def _appointments_of(session: Session, ids: Sequence[int], day: date) -> tuple[dict[int, int], dict[int, list[Level]]]:
    """Commissioner → newest batch year; commissioner → levels served at on the day, the highest first."""
    rows = session.execute(
        sa.select(
            Appointment.commissioner_id, Appointment.level, Appointment.batch_year, Appointment.begins, Appointment.ends
        ).where(Appointment.commissioner_id.in_(ids), in_force())
    )
    years: dict[int, int] = {}
    serving: dict[int, set[Level]] = {}
    for id_, level, year, begins, ends in rows:
        years[id_] = max(year, years.get(id_, NEVER_APPOINTED))
        if begins <= day <= ends:
            serving.setdefault(id_, set()).add(level)
    return years, {id_: sorted(levels, key=lambda level: -level.rank) for id_, levels in serving.items()}


def _industries_of(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """Commissioner → titles of the leading industries he, she or it works in, in the dictionary's order."""
    upper = aliased(Industry)
    rows = session.execute(
        sa.select(CommissionerIndustry.commissioner_id, sa.func.coalesce(upper.title, Industry.title))
        .join(Industry, Industry.id == CommissionerIndustry.industry_id)
        .outerjoin(upper, upper.id == Industry.parent_id)
        .where(CommissionerIndustry.commissioner_id.in_(ids))
        .order_by(CommissionerIndustry.commissioner_id, Industry.place)
    )
    found: dict[int, dict[str, None]] = {}
    for id_, title in rows:
        found.setdefault(id_, {})[title] = None
    return {id_: list(titles) for id_, titles in found.items()}


def batch_years(session: Session) -> range:
    """From the newest to the oldest batch year on the roll; empty where nobody was ever appointed."""
    first, last = session.execute(
        sa.select(
            sa.select(sa.func.min(Appointment.batch_year)).scalar_subquery(),
            sa.select(sa.func.max(Appointment.batch_year)).scalar_subquery(),
        )
    ).one()
    return range(last, first - 1, -1) if first else range(0)


def masked_phones(session: Session, found: Commissioner) -> dict[int, str]:
    """Person → masked phone, for the individual or the members; in the order of the page."""
    people = [found.person] if found.person else [row.person for row in found.members]
    phones = {person.id: phone_of(session, person) for person in people if person is not None}
    return {id_: masked_phone(phone) for id_, phone in phones.items() if phone}


def masked_contact(session: Session, found: Commissioner) -> str | None:
    """Masked phone of an entity's contact."""
    phone = contact_phone_of(session, found.organisation) if found.organisation else None
    return masked_phone(phone) if phone else None
