"""What covers townships, counted by place and industry: appointments, passed visits, demands met.

Appointments and visits are remembered until a stamp says that something in them has changed (storage/stamps).
Demands met are few: they are counted each time.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import Period
from app.domain.demands import DemandState, Outcome
from app.domain.divisions import prefix_of
from app.domain.visits import VisitState
from app.features.commissioners.models import Appointment, AppointmentState, DeclaredCover
from app.features.demands.models import Demand
from app.features.regions import queries as regions
from app.features.visits.models import Visit
from app.features.vocabulary import queries as vocabulary
from app.storage.reach import inside
from app.storage.stamps import Stamps, remembered

ANY = None  # in place of an industry: whatever the industry
Counts = dict[int | None, dict[str, int]]


class Places:
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

    @property
    def counties(self) -> tuple[str, ...]:
        """What the codes of the counties begin with in which rows may count."""
        return (prefix_of(self.territory)[:6], *sorted({code[:6] for code in self.old}))

    @property
    def key(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What tells these places from others."""
        return self.territory, tuple(sorted(self.old.items()))


class Asked:
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

    def added_up(self, rows: Iterable[Any]) -> Counts:
        """Rows of (place, industry, count) added up by key and place."""
        found: Counts = {key: {} for key in self.keys}
        for place, industry_id, count in rows:
            for key in self.of(industry_id):
                found[key][place] = found[key].get(place, 0) + count
        return found


def declared(session: Session, closing: date, places: Places, asked: Asked, stamps: Stamps) -> Counts:
    """Division code → appointments in force on the closing day that declare it (a county's code: 全县).

    An appointment counts once in a place however many parts of an industry it declares there. So the database counts
    the appointments of a place that declare the same industries, and each such handful counts where one of them does.
    """
    known_by = ("declared", places.key, closing, stamps.of_appointments())
    rows = remembered(session, known_by, lambda: _declared_together(session, closing, places))
    found: Counts = {key: {} for key in asked.keys}
    for code, industries, count in rows:
        for key in {key for industry in industries for key in asked.of(industry)}:
            found[key][code] = found[key].get(code, 0) + count
    return found


def _declared_together(session: Session, closing: date, places: Places) -> list[tuple[str, tuple[int, ...], int]]:
    """(place, industries, how many appointments in force declare just these there)."""
    in_force = sa.select(Appointment.id).where(
        Appointment.state == AppointmentState.IN_FORCE, Appointment.begins <= closing, Appointment.ends >= closing
    )
    each = (
        sa.select(
            places.today(DeclaredCover.region_code).label("place"),
            DeclaredCover.appointment_id,
            DeclaredCover.industry_id,
        )
        .where(
            DeclaredCover.appointment_id.in_(in_force),
            sa.or_(places.inside(DeclaredCover.region_code), DeclaredCover.region_code == places.territory[:6]),
        )
        .subquery()
    )
    together = sa.func.aggregate_strings(sa.cast(each.c.industry_id, sa.String), " ")
    one_each = (
        sa.select(each.c.place, together.label("industries")).group_by(each.c.place, each.c.appointment_id).subquery()
    )
    place, industries = one_each.c
    rows = session.execute(sa.select(place, industries, sa.func.count()).group_by(place, industries))
    return [(code, tuple(int(id_) for id_ in ids.split(" ")), count) for code, ids, count in rows]


def visited(session: Session, period: Period, places: Places, asked: Asked, stamps: Stamps) -> tuple[Counts, Counts]:
    """Township code → passed visits with a service date in the period; and how many of them are confirmed."""
    known_by = ("visited", places.key, period, stamps.of_years(places.counties, period.first.year, period.last.year))
    rows = remembered(session, known_by, lambda: _visits_by_place(session, period, places))
    visits = asked.added_up((place, industry, count) for place, industry, count, _ in rows)
    return visits, asked.added_up((place, industry, sure) for place, industry, _, sure in rows)


def _visits_by_place(session: Session, period: Period, places: Places) -> list[tuple[str, int, int, int]]:
    """(place, industry, passed visits, how many of them are confirmed)."""
    wanted = (
        sa.select(Visit.region_code, Visit.industry_id, sa.func.count(), sa.func.count(Visit.confirmed_on))
        .where(
            Visit.state == VisitState.PASSED,
            Visit.service_date.between(period.first, period.last),
            places.inside(Visit.region_code),
        )
        .group_by(Visit.region_code, Visit.industry_id)
    )
    return [(places.of(place), industry, count, sure) for place, industry, count, sure in session.execute(wanted)]


def met(session: Session, period: Period, places: Places, asked: Asked) -> Counts:
    """Township code → demands closed as met in the period."""
    wanted = (
        sa.select(Demand.region_code, Demand.industry_id, sa.func.count())
        .where(
            Demand.state == DemandState.CLOSED,
            Demand.outcome == Outcome.MET,
            Demand.closed_on.between(period.first, period.last),
            places.inside(Demand.region_code),
        )
        .group_by(Demand.region_code, Demand.industry_id)
    )
    return asked.added_up((places.of(place), industry, count) for place, industry, count in session.execute(wanted))
