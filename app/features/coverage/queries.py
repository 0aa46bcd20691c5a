"""Cover of townships: appointments, visits and met demands gathered by township in three grouped queries."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.calendar import Period
from app.domain.coverage import TownshipCover
from app.domain.demands import DemandState, Outcome
from app.domain.visits import VisitState
from app.features.commissioners.models import Appointment, AppointmentState, DeclaredCover
from app.features.demands.models import Demand
from app.features.regions import queries as regions
from app.features.visits.models import Participant, Visit
from app.features.vocabulary import queries as vocabulary
from app.storage.reach import inside


def cover(
    session: Session, *, period: Period, today: date, territory: str, industry_id: int | None = None
) -> list[TownshipCover]:
    """The townships of a territory with what covers each, in one industry (its sub-industries included) or in any.

    Every township that was counted on the period's closing day is there, covered or not.
    """
    closing = period.closing_day(today)
    industries = vocabulary.with_parts(session, industry_id) if industry_id else None
    declared = _declared(session, closing, industries)
    visited = _visited(session, period, territory, industries)
    met = _met(session, period, territory, industries)
    counties = {county.code: county.name for county in regions.counties(session)}
    return [
        TownshipCover(
            code=township.code,
            name=township.name,
            county_code=township.parent_code or "",
            county=counties.get(township.parent_code or "", ""),
            appointments=declared.get(township.code, 0),
            county_wide=declared.get(township.parent_code or "", 0),
            visits=visited.get(township.code, (0, 0))[0],
            confirmed_visits=visited.get(township.code, (0, 0))[1],
            demands_met=met.get(township.code, 0),
        )
        for township in regions.townships(session, territory, closing)
    ]


def _declared(session: Session, closing: date, industries: list[int] | None) -> dict[str, int]:
    """Division code → appointments in force on the closing day that declare it (a county's code: 全县)."""
    wanted = (
        sa.select(DeclaredCover.region_code, sa.func.count(DeclaredCover.appointment_id.distinct()))
        .join(Appointment, Appointment.id == DeclaredCover.appointment_id)
        .where(
            Appointment.state == AppointmentState.IN_FORCE, Appointment.begins <= closing, Appointment.ends >= closing
        )
        .group_by(DeclaredCover.region_code)
    )
    if industries is not None:
        wanted = wanted.where(DeclaredCover.industry_id.in_(industries))
    return dict(session.execute(wanted).all())


def _visited(
    session: Session, period: Period, territory: str, industries: list[int] | None
) -> dict[str, tuple[int, int]]:
    """Township code → (passed visits, of them confirmed) with a service date in the period."""
    wanted = (
        sa.select(Visit.region_code, sa.func.count(), sa.func.count(Visit.confirmed_on))
        .where(
            Visit.state == VisitState.PASSED,
            Visit.service_date.between(period.first, period.last),
            inside(Visit.region_code, territory),
        )
        .group_by(Visit.region_code)
    )
    if industries is not None:
        wanted = wanted.where(Visit.industry_id.in_(industries))
    return {code: (visits, confirmed) for code, visits, confirmed in session.execute(wanted)}


def _met(session: Session, period: Period, territory: str, industries: list[int] | None) -> dict[str, int]:
    """Township code → demands closed as met in the period."""
    wanted = (
        sa.select(Demand.region_code, sa.func.count())
        .where(
            Demand.state == DemandState.CLOSED,
            Demand.outcome == Outcome.MET,
            Demand.closed_on.between(period.first, period.last),
            inside(Demand.region_code, territory),
        )
        .group_by(Demand.region_code)
    )
    if industries is not None:
        wanted = wanted.where(Demand.industry_id.in_(industries))
    return dict(session.execute(wanted).all())


@dataclass(frozen=True)
class Behind:
    """The rows behind a township's cover; each list bounded, newest first."""

    appointments: list[Appointment]
    county_wide: list[Appointment]
    visits: list[Visit]
    demands_met: list[Demand]


MOST_BEHIND = 200


def behind_township(
    session: Session, *, code: str, period: Period, today: date, industry_id: int | None = None
) -> Behind:
    """The appointments, visits and met demands that `cover` counts for a township (at most 200 of each)."""
    closing = period.closing_day(today)
    industries = vocabulary.with_parts(session, industry_id) if industry_id else None
    return Behind(
        _declaring(session, code, closing, industries),
        _declaring(session, code[:6], closing, industries),
        _visits_behind(session, code, period, industries),
        _demands_behind(session, code, period, industries),
    )


def _declaring(session: Session, region: str, closing: date, industries: list[int] | None) -> list[Appointment]:
    pairs = sa.select(DeclaredCover.appointment_id).where(DeclaredCover.region_code == region)
    if industries is not None:
        pairs = pairs.where(DeclaredCover.industry_id.in_(industries))
    wanted = (
        sa.select(Appointment)
        .where(
            Appointment.id.in_(pairs),
            Appointment.state == AppointmentState.IN_FORCE,
            Appointment.begins <= closing,
            Appointment.ends >= closing,
        )
        .options(joinedload(Appointment.commissioner))
        .order_by(Appointment.begins.desc(), Appointment.id.desc())
        .limit(MOST_BEHIND)
    )
    return list(session.scalars(wanted))


def _visits_behind(session: Session, code: str, period: Period, industries: list[int] | None) -> list[Visit]:
    wanted = sa.select(Visit).where(
        Visit.state == VisitState.PASSED,
        Visit.service_date.between(period.first, period.last),
        Visit.region_code == code,
    )
    if industries is not None:
        wanted = wanted.where(Visit.industry_id.in_(industries))
    who = selectinload(Visit.participants).joinedload(Participant.person)
    newest = (Visit.service_date.desc(), Visit.id.desc())
    return list(session.scalars(wanted.options(who).order_by(*newest).limit(MOST_BEHIND)))


def _demands_behind(session: Session, code: str, period: Period, industries: list[int] | None) -> list[Demand]:
    wanted = sa.select(Demand).where(
        Demand.state == DemandState.CLOSED,
        Demand.outcome == Outcome.MET,
        Demand.closed_on.between(period.first, period.last),
        Demand.region_code == code,
    )
    if industries is not None:
        wanted = wanted.where(Demand.industry_id.in_(industries))
    return list(session.scalars(wanted.order_by(Demand.closed_on.desc(), Demand.id.desc()).limit(MOST_BEHIND)))
