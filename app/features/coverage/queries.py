"""Cover of townships, and the rows behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.calendar import Period
from app.domain.coverage import TownshipCover
from app.domain.demands import DemandState, Outcome
from app.domain.visits import VisitState
from app.features.commissioners.models import Appointment, AppointmentState, DeclaredCover
from app.features.coverage import counting
from app.features.demands.models import Demand
from app.features.regions import queries as regions
from app.features.visits.models import Participant, Visit
from app.features.vocabulary import queries as vocabulary
from app.storage.stamps import Stamps


def cover(
    session: Session, *, period: Period, today: date, territory: str, industry_id: int | None = counting.ANY
) -> list[TownshipCover]:
    """The townships of a territory with what covers each, in one industry (its sub-industries included) or in any.

    Every township that was counted on the period's closing day is there, covered or not.
    """
    asked = [industry_id]
    return covers(session, period=period, today=today, territory=territory, industry_ids=asked)[industry_id]


def covers(
    session: Session, *, period: Period, today: date, territory: str, industry_ids: Sequence[int | None]
) -> dict[int | None, list[TownshipCover]]:
    """`cover` for several industries at once (None: any), each row of a table read once however many are asked."""
    closing = period.closing_day(today)
    stamps = Stamps(session)  # before anything is counted
    asked = counting.Asked(session, industry_ids)
    counties = {county.code: county.name for county in regions.counties(session)}
    townships = [(t.code, t.name, t.parent_code or "") for t in regions.townships(session, territory, closing)]
    places = counting.Places(session, territory, [code for code, _, _ in townships])
    declared = counting.declared(session, closing, places, asked, stamps)
    visits, confirmed = counting.visited(session, period, places, asked, stamps)
    met = counting.met(session, period, places, asked)
    return {
        key: [
            TownshipCover(
                code=code,
                name=name,
                county_code=county,
                county=counties.get(county, ""),
                appointments=declared[key].get(code, 0),
                county_wide=declared[key].get(county, 0),
                visits=visits[key].get(code, 0),
                confirmed_visits=confirmed[key].get(code, 0),
                demands_met=met[key].get(code, 0),
            )
            for code, name, county in townships
        ]
        for key in industry_ids
    }


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
    listed = [row.code for row in regions.townships(session, code[:6], closing)]
    old = [alias for alias, means in regions.stands_for(session, listed).items() if means == code]
    return Behind(
        _declaring(session, [code, *old], closing, industries),
        _declaring(session, [code[:6]], closing, industries),
        _visits_behind(session, [code, *old], period, industries),
        _demands_behind(session, [code, *old], period, industries),
    )


def _declaring(session: Session, places: list[str], closing: date, industries: list[int] | None) -> list[Appointment]:
    pairs = sa.select(DeclaredCover.appointment_id).where(DeclaredCover.region_code.in_(places))
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


def _visits_behind(session: Session, places: list[str], period: Period, industries: list[int] | None) -> list[Visit]:
    wanted = sa.select(Visit).where(
        Visit.state == VisitState.PASSED,
        Visit.service_date.between(period.first, period.last),
        Visit.region_code.in_(places),
    )
    if industries is not None:
        wanted = wanted.where(Visit.industry_id.in_(industries))
    who = selectinload(Visit.participants).joinedload(Participant.person)
    newest = (Visit.service_date.desc(), Visit.id.desc())
    return list(session.scalars(wanted.options(who).order_by(*newest).limit(MOST_BEHIND)))


def _demands_behind(session: Session, places: list[str], period: Period, industries: list[int] | None) -> list[Demand]:
    wanted = sa.select(Demand).where(
        Demand.state == DemandState.CLOSED,
        Demand.outcome == Outcome.MET,
        Demand.closed_on.between(period.first, period.last),
        Demand.region_code.in_(places),
    )
    if industries is not None:
        wanted = wanted.where(Demand.industry_id.in_(industries))
    return list(session.scalars(wanted.order_by(Demand.closed_on.desc(), Demand.id.desc()).limit(MOST_BEHIND)))
