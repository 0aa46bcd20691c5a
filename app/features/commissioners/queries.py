"""Reads of commissioners: the roll and its filters, one record, what a person holds.

Names, units, levels and terms of commissioners are published facts and are seen city-wide; phones are masked, and
only the county that keeps a record (or the city) changes it.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.divisions import contains
from app.domain.roles import Actor
from app.domain.visits import HeldAppointment
from app.domain.vocabulary import Kind
from app.features.commissioners.models import (
    Appointment,
    AppointmentState,
    Commissioner,
    CommissionerIndustry,
    TeamMember,
)

MOST_ROWS = 200


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
