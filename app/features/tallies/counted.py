"""Which rows a question counts: one set of conditions for the figures and for the rows behind them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.demands import DemandState, Outcome
from app.domain.divisions import DivisionLevel, county_of, level_of
from app.domain.tallies import Question
from app.domain.visits import VisitState
from app.features.commissioners.models import (
    Appointment,
    AppointmentState,
    Commissioner,
    CommissionerIndustry,
    DeclaredCover,
    TeamMember,
)
from app.features.demands.models import Demand
from app.features.visits.models import Participant, Visit
from app.features.vocabulary import queries as vocabulary
from app.storage.reach import inside, nothing

Condition = sa.ColumnElement[bool]


def appointments(session: Session, question: Question) -> list[Condition]:
    """Appointments in force by batch year, joined with their commissioners."""
    wanted: list[Condition] = [
        Appointment.state == AppointmentState.IN_FORCE,
        Appointment.batch_year.between(question.first_year, question.last_year),
        *acting_as(question),
    ]
    if level_of(question.territory) in (DivisionLevel.TOWNSHIP, DivisionLevel.STATISTICAL):
        wanted.append(_declaring(question.territory))
    elif county_of(question.territory):  # the whole city is asked for with its own and the province's units
        wanted.append(Appointment.county_code == question.territory)
    if question.county:
        wanted.append(Appointment.county_code == question.county)
    if question.township:
        wanted.append(_declaring(question.township))
    if question.industry_id:
        works_in = sa.select(CommissionerIndustry.commissioner_id).where(
            CommissionerIndustry.industry_id.in_(vocabulary.with_parts(session, question.industry_id))
        )
        wanted.append(Commissioner.id.in_(works_in))
    return wanted


def _declaring(township: str) -> Condition:
    """Appointments that name the township as a place of service; 全县 names none."""
    return Appointment.id.in_(sa.select(DeclaredCover.appointment_id).where(DeclaredCover.region_code == township))


def acting_as(question: Question) -> list[Condition]:
    """Narrowing by the appointment that counts, or under which somebody took part in a visit."""
    wanted: list[Condition] = []
    if question.level:
        wanted.append(Appointment.level.in_(question.level_rule.counting_at(question.level)))
    if question.kind:
        wanted.append(Commissioner.kind == question.kind)
    if question.source:
        wanted.append(Commissioner.source == question.source)
    return wanted


def memberships() -> Condition:
    """Members of a team at some time of an appointment's term (joined with the appointment)."""
    return sa.and_(
        sa.or_(TeamMember.begins.is_(None), TeamMember.begins <= Appointment.ends),
        sa.or_(TeamMember.ends.is_(None), TeamMember.ends >= Appointment.begins),
    )


def _places(question: Question, column: Any) -> list[Condition]:
    wanted = [inside(column, question.territory)]
    if question.of_city_units:
        wanted.append(nothing())  # the city's own units are no place where anything happens
    elif question.county:
        wanted.append(inside(column, question.county))
    if question.township:
        wanted.append(column == question.township)
    return wanted


def visits(session: Session, question: Question) -> list[Condition]:
    """Passed visits by service date and place of service.

    Narrowed by level, kind or source, a visit counts when one of its participants acted under such an appointment.
    """
    wanted = [
        Visit.state == VisitState.PASSED,
        Visit.service_date.between(question.period.first, question.period.last),
        *_places(question, Visit.region_code),
    ]
    if question.industry_id:
        wanted.append(Visit.industry_id.in_(vocabulary.with_parts(session, question.industry_id)))
    acting = acting_as(question)
    if acting:
        wanted.append(Visit.id.in_(with_appointments(sa.select(Participant.visit_id)).where(*acting)))
    return wanted


def with_appointments(wanted: Any) -> Any:
    """Participants joined with the appointment each acted under and its commissioner."""
    return wanted.join(Appointment, Appointment.id == Participant.appointment_id).join(
        Commissioner, Commissioner.id == Appointment.commissioner_id
    )


def demands(session: Session, question: Question) -> list[Condition]:
    """Demands closed as met within the span.

    Narrowed by level, kind or source, a demand counts when a passed visit in answer to it was made under such an
    appointment.
    """
    wanted = [
        Demand.state == DemandState.CLOSED,
        Demand.outcome == Outcome.MET,
        Demand.closed_on.between(question.period.first, question.period.last),
        *_places(question, Demand.region_code),
    ]
    if question.industry_id:
        wanted.append(Demand.industry_id.in_(vocabulary.with_parts(session, question.industry_id)))
    acting = acting_as(question)
    if acting:
        answered = with_appointments(sa.select(Visit.id).join(Participant, Participant.visit_id == Visit.id))
        wanted.append(answered.where(Visit.demand_id == Demand.id, *answers(), *acting).exists())
    return wanted


def answers() -> list[Condition]:
    """Passed visits in answer to a demand."""
    # Said as an expression, so that the demand leads to its visits: by the state, all of them would be looked at.
    return [sa.func.coalesce(Visit.state, "") == VisitState.PASSED.value, Visit.demand_id.is_not(None)]
