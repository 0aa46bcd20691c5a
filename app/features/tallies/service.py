"""Service figures of a question, counted county by county and year by year and then put together.

A visit stands in one county and one year, so its figures may be added up over them; served units are kept as sets and
never added. Each county's year is remembered until a stamp says that something it counts has changed (storage/stamps):
after a visit has passed, one county's year is counted anew and the others are not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.divisions import contains, county_of, prefix_of
from app.domain.tallies import Dimension, Question, ServiceFigures
from app.domain.vocabulary import ServiceMode
from app.features.demands.models import Demand
from app.features.regions import queries as regions
from app.features.tallies import counted
from app.features.tallies.division import at_levels, division, plain
from app.features.visits.models import Participant, ServedUnit, Visit, VisitResult
from app.features.vocabulary.models import Industry
from app.storage.stamps import Stamps, remembered

# Dimensions in which every visit stands in one row only, so that its counts may be added up from the rows.
ONE_ROW_A_VISIT = (Dimension.COUNTY, Dimension.TOWNSHIP, Dimension.INDUSTRY, Dimension.YEAR)
OF_PARTICIPANTS = (Dimension.LEVEL, Dimension.KIND, Dimension.SOURCE)
COUNTS = ("visits", "online_visits", "confirmed_visits", "half_days")


@dataclass(frozen=True)
class Served:
    """What passed visits come to: events, half-days, the units themselves; and demands met."""

    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    units: frozenset[int] = frozenset()
    demands_met: int = 0

    @property
    def figures(self) -> ServiceFigures:
        named = dict(zip(COUNTS, self.counts, strict=True))
        return ServiceFigures(**named, served_units=len(self.units), demands_met=self.demands_met)


def together(parts: Iterable[Served]) -> Served:
    """Parts in each of which a visit or demand stands once, as one; a unit served in several is one unit."""
    known = list(parts)
    return Served(
        tuple(map(sum, zip(*(part.counts for part in known), strict=True))) if known else Served.counts,  # type: ignore[arg-type]
        frozenset().union(*(part.units for part in known)),
        sum(part.demands_met for part in known),
    )


def by_key(session: Session, question: Question, dimension: Dimension | None) -> dict[str, Served]:
    """The service of a question in each row of a table; without a dimension the only key is ''."""
    parts: dict[str, list[Served]] = {}
    for block, stamp in _blocks(session, question):
        key = ("service", block, dimension, stamp)
        for row, part in remembered(session, key, lambda block=block: _block(session, block, dimension)).items():  # type: ignore[misc]
            parts.setdefault(row, []).append(part)
    for row, met in _demands_met(session, question, dimension).items():
        parts.setdefault(row, []).append(Served(demands_met=met))
    return {row: together(found) for row, found in parts.items()}


def results(session: Session, question: Question) -> dict[int, tuple[int, int]]:
    """Kind of result → (claimed by passed visits, of it confirmed), in the kind's smallest unit."""
    sums: dict[int, tuple[int, int]] = {}
    for block, stamp in _blocks(session, question):
        key = ("results", block, stamp)
        for kind, (claimed, sure) in remembered(session, key, lambda block=block: _claimed(session, block)).items():  # type: ignore[misc]
            before = sums.get(kind, (0, 0))
            sums[kind] = (before[0] + claimed, before[1] + sure)
    return sums


def _blocks(session: Session, question: Question) -> Iterable[tuple[Question, tuple[int, int]]]:
    """The question for each county and year in which anything was done, with the stamp of what it counts."""
    if question.of_city_units:
        return
    stamps = Stamps(session)  # before anything is counted
    # Each for itself: asked together, SQLite walks the whole index instead of looking at its two ends.
    ends = [sa.select(end(Visit.service_date)).scalar_subquery() for end in (sa.func.min, sa.func.max)]
    first, last = session.execute(sa.select(ends[0], ends[1])).one()
    if first is None:
        return
    for place in _places(session, question):
        for year in range(max(question.first_year, first.year), min(question.last_year, last.year) + 1):
            block = replace(question, first_year=year, last_year=year, territory=place, county=None, township=None)
            yield block, stamps.of(county_of(place) or place, year)


def _places(session: Session, question: Question) -> list[str]:
    """The counties that a question looks into, or the one township."""
    narrowed = [place for place in (question.territory, question.county, question.township) if place]
    narrowest = max(narrowed, key=lambda place: len(prefix_of(place)))
    if county_of(narrowest) is None:
        return regions.county_codes(session, narrowest)
    return [narrowest] if all(contains(place, narrowest) for place in narrowed) else []


def _block(session: Session, question: Question, dimension: Dimension | None) -> Mapping[str, Served]:
    """The service of one county and year by key, without demands."""
    counts: dict[str, list[int]] = {}
    units: dict[str, set[int]] = {}
    events, half_days, served = (_by_participant if dimension in OF_PARTICIPANTS else _by_event)(
        session, question, dimension
    )

    def row_of(key: object) -> str:
        return plain(key)[:6] if dimension is Dimension.COUNTY else plain(key)

    for wanted, first in ((events, 0), (half_days, len(COUNTS) - 1)):
        for found in session.execute(wanted):
            mine = counts.setdefault(row_of(found[0]), [0] * len(COUNTS))
            for place, value in enumerate(found[1:], start=first):
                mine[place] += int(value)
    for key, unit in session.execute(served):
        units.setdefault(row_of(key), set()).add(unit)
    return {
        key: Served((mine[0], mine[1], mine[2], mine[3]), frozenset(units.get(key, ())))
        for key, mine in counts.items()
        if any(mine)
    }


def _by_event(session: Session, question: Question, dimension: Dimension | None) -> tuple[Any, Any, Any]:
    """Selections of (key, counts …), (key, half-days) and (key, unit) where a visit stands in one row."""
    key = division(dimension).visits
    visited, acting = counted.visits(session, question), counted.acting_as(question)

    def joined(wanted: Any) -> Any:
        if dimension is Dimension.INDUSTRY:
            wanted = wanted.join(Industry, Industry.id == Visit.industry_id)
        return wanted.where(*visited)

    def divided(wanted: Any) -> Any:
        return joined(wanted).group_by(key) if dimension else joined(wanted)

    on_site = sa.func.count(Visit.id).filter(Visit.mode == ServiceMode.ON_SITE)
    online = sa.func.count(Visit.id).filter(Visit.mode == ServiceMode.ONLINE)
    events = sa.select(key, on_site, online, sa.func.count(Visit.confirmed_on)).select_from(Visit)
    half_days = sa.select(key, sa.func.coalesce(sa.func.sum(Participant.half_days), 0)).select_from(
        sa.join(Participant, Visit, Visit.id == Participant.visit_id)
    )
    if acting:
        half_days = counted.with_appointments(half_days).where(*acting)
    served = sa.select(key, ServedUnit.organisation_id).select_from(
        sa.join(ServedUnit, Visit, Visit.id == ServedUnit.visit_id)
    )
    return divided(events), divided(half_days), joined(served).distinct()


def _by_participant(session: Session, question: Question, dimension: Dimension | None) -> tuple[Any, Any, Any]:
    """The same where the appointment divides: a visit stands in the row of every level (or source) present."""
    visited, acting = counted.visits(session, question), counted.acting_as(question)
    rows, key = _taking_part(question, dimension)

    def taken_part(*figures: Any) -> Any:
        return rows.add_columns(key, *figures).where(*acting, *visited)

    def distinct(condition: sa.ColumnElement[bool]) -> Any:
        return sa.func.count(sa.case((condition, Visit.id)).distinct())

    events = taken_part(
        distinct(Visit.mode == ServiceMode.ON_SITE),
        distinct(Visit.mode == ServiceMode.ONLINE),
        distinct(Visit.confirmed_on.is_not(None)),
    )
    served = taken_part(ServedUnit.organisation_id).join(ServedUnit, ServedUnit.visit_id == Visit.id)
    return events.group_by(key), taken_part(sa.func.sum(Participant.half_days)).group_by(key), served.distinct()


def _taking_part(question: Question, dimension: Dimension | None) -> tuple[Any, Any]:
    """Participants of visits with the appointment each acted under, and what the dimension divides them by."""
    joined = sa.select().select_from(sa.join(Participant, Visit, Visit.id == Participant.visit_id))
    rows = counted.with_appointments(joined)
    return at_levels(question, rows) if dimension is Dimension.LEVEL else (rows, division(dimension).visits)


def _claimed(session: Session, question: Question) -> Mapping[int, tuple[int, int]]:
    """Sums of what passed visits of one county and year claim, by kind of result, and of it what is confirmed."""
    confirmed = sa.case((Visit.confirmed_on.is_not(None), VisitResult.amount), else_=0)
    sums = session.execute(
        sa.select(VisitResult.kind_id, sa.func.sum(VisitResult.amount), sa.func.sum(confirmed))
        .join(Visit, Visit.id == VisitResult.visit_id)
        .where(*counted.visits(session, question))
        .group_by(VisitResult.kind_id)
    )
    return {kind_id: (int(total), int(sure)) for kind_id, total, sure in sums}


def _demands_met(session: Session, question: Question, dimension: Dimension | None) -> dict[str, int]:
    """Demands closed as met within the span by key, asked for live."""
    conditions = counted.demands(session, question)
    if dimension in OF_PARTICIPANTS:
        rows, key = _taking_part(question, dimension)
        wanted = rows.add_columns(key, sa.func.count(Demand.id.distinct())).join(Demand, Demand.id == Visit.demand_id)
        wanted = wanted.where(*counted.answers(), *counted.acting_as(question))
    else:
        key = division(dimension).demands
        wanted = sa.select(key, sa.func.count(Demand.id)).select_from(Demand)
        if dimension is Dimension.INDUSTRY:
            wanted = wanted.join(Industry, Industry.id == Demand.industry_id)
    wanted = wanted.where(*conditions)
    found: dict[str, int] = {}
    for row, met in session.execute(wanted.group_by(key) if dimension else wanted):
        name = plain(row)[:6] if dimension is Dimension.COUNTY else plain(row)
        found[name] = found.get(name, 0) + met
    return found
