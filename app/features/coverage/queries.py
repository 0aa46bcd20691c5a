"""Cover of townships: appointments, visits and met demands gathered by township in three grouped queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

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

ANY = None  # in place of an industry: whatever the industry
Counts = dict[int | None, dict[str, int]]


def cover(
    session: Session, *, period: Period, today: date, territory: str, industry_id: int | None = ANY
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
    asked = _Asked(session, industry_ids)
    counties = {county.code: county.name for county in regions.counties(session)}
    townships = [(t.code, t.name, t.parent_code or "") for t in regions.townships(session, territory, closing)]
    places = _Places(session, territory, [code for code, _, _ in townships])
    declared = _declared(session, closing, places, asked)
    visits, confirmed = _visited(session, period, places, asked)
    met = _met(session, period, places, asked)
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


class _Places:
    """Where rows count: in their own township, or in the one that took its place (old codes are kept as aliases)."""

    def __init__(self, session: Session, territory: str, listed: Sequence[str]) -> None:
        self.territory = territory
        self.old = regions.stands_for(session, listed)

    def of(self, code: str) -> str:
        return self.old.get(code, code)

    def today(self, column: Any) -> Any:
        """`of` as an expression of the database."""
        return sa.case(self.old, value=column, else_=column) if self.old else column

    def inside(self, column: Any) -> sa.ColumnElement[bool]:
        """Rows of the territory, those under an old code that means a place in it included."""
        here = inside(column, self.territory)
        return sa.or_(here, column.in_(sorted(self.old))) if self.old else here


class _Asked:
    """Which of the industries asked for a row counts in: its own, the one above it, and any."""

    def __init__(self, session: Session, industry_ids: Sequence[int | None]) -> None:
        self.keys = list(dict.fromkeys(industry_ids))
        known = vocabulary.parts_of_each(session, [key for key in self.keys if key is not None])
        self.parts = {key: frozenset(parts) for key, parts in known.items()}
        self._of: dict[int | None, list[int | None]] = {}

    def of(self, industry_id: int | None) -> list[int | None]:
        """The keys that a row of this industry counts under; a row without an industry counts in any."""
        if industry_id not in self._of:
            self._of[industry_id] = [k for k in self.keys if k is None or industry_id in self.parts[k]]
        return self._of[industry_id]

    def narrowed(self, column: Any) -> sa.ColumnElement[bool]:
        """Only rows that count somewhere."""
        return sa.true() if ANY in self.keys else column.in_(sorted(frozenset().union(*self.parts.values())))

    def added_up(self, rows: Iterable[Any]) -> Counts:
        """Rows of (place, industry, count) added up by key and place."""
        found: Counts = {key: {} for key in self.keys}
        for place, industry_id, count in rows:
            for key in self.of(industry_id):
                found[key][place] = found[key].get(place, 0) + count
        return found


def _declared(session: Session, closing: date, places: _Places, asked: _Asked) -> Counts:
    """Division code → appointments in force on the closing day that declare it (a county's code: 全县).

    An appointment counts once in a place however many parts of an industry it declares there. So the database counts
    the appointments of a place that declare the same industries, and each such handful counts where one of them does.
    """
    in_force = sa.select(Appointment.id).where(
        Appointment.state == AppointmentState.IN_FORCE, Appointment.begins <= closing, Appointment.ends >= closing
    )
    declared = (
        sa.select(
            places.today(DeclaredCover.region_code).label("place"),
            DeclaredCover.appointment_id,
            DeclaredCover.industry_id,
        )
        .where(
            DeclaredCover.appointment_id.in_(in_force),
            sa.or_(places.inside(DeclaredCover.region_code), DeclaredCover.region_code == places.territory[:6]),
            asked.narrowed(DeclaredCover.industry_id),
        )
        .subquery()
    )
    together = sa.func.aggregate_strings(sa.cast(declared.c.industry_id, sa.String), " ")
    one_each = (
        sa.select(declared.c.place, together.label("industries"))
        .group_by(declared.c.place, declared.c.appointment_id)
        .subquery()
    )
    place, industries = one_each.c
    found: Counts = {key: {} for key in asked.keys}
    for code, ids, count in session.execute(sa.select(place, industries, sa.func.count()).group_by(place, industries)):
        for key in {key for id_ in ids.split(" ") for key in asked.of(int(id_))}:
            found[key][code] = found[key].get(code, 0) + count
    return found


def _visited(session: Session, period: Period, places: _Places, asked: _Asked) -> tuple[Counts, Counts]:
    """Township code → passed visits with a service date in the period; and how many of them are confirmed."""
    wanted = (
        sa.select(Visit.region_code, Visit.industry_id, sa.func.count(), sa.func.count(Visit.confirmed_on))
        .where(
            Visit.state == VisitState.PASSED,
            Visit.service_date.between(period.first, period.last),
            places.inside(Visit.region_code),
            asked.narrowed(Visit.industry_id),
        )
        .group_by(Visit.region_code, Visit.industry_id)
    )
    rows = [(places.of(place), *more) for place, *more in session.execute(wanted)]
    visits = asked.added_up((place, industry, count) for place, industry, count, _ in rows)
    return visits, asked.added_up((place, industry, sure) for place, industry, _, sure in rows)


def _met(session: Session, period: Period, places: _Places, asked: _Asked) -> Counts:
    """Township code → demands closed as met in the period."""
    wanted = (
        sa.select(Demand.region_code, Demand.industry_id, sa.func.count())
        .where(
            Demand.state == DemandState.CLOSED,
            Demand.outcome == Outcome.MET,
            Demand.closed_on.between(period.first, period.last),
            places.inside(Demand.region_code),
            asked.narrowed(Demand.industry_id),
        )
        .group_by(Demand.region_code, Demand.industry_id)
    )
    return asked.added_up((places.of(place), industry, count) for place, industry, count in session.execute(wanted))


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
