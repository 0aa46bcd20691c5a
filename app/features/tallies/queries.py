"""The year-end tally: figures by level and in a divided table, selected and grouped by the database.

The page, the export, the command and later a sealed report all call `tally`; what counts is said in `counted.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.counting import FIGURE_OF_KIND, Headcount
from app.domain.divisions import contains
from app.domain.tallies import (
    Dimension,
    LevelRule,
    Question,
    ResultFigure,
    ServiceFigures,
    Tally,
    TallyRow,
    Totals,
    YearPoint,
)
from app.domain.vocabulary import Kind, Level, ServiceMode, Source
from app.features.commissioners.models import (
    Appointment,
    Commissioner,
    CommissionerIndustry,
    DeclaredCover,
    TeamMember,
)
from app.features.demands.models import Demand
from app.features.regions import queries as regions
from app.features.tallies import counted
from app.features.visits.models import Participant, ServedUnit, Visit, VisitResult
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary.models import Industry

CITY_UNITS = "市直及省属单位"
# Dimensions in which every visit stands in one row only, so that its counts may be added up from the rows.
ONE_ROW_A_VISIT = (Dimension.COUNTY, Dimension.TOWNSHIP, Dimension.INDUSTRY, Dimension.YEAR)
OF_PARTICIPANTS = (Dimension.LEVEL, Dimension.KIND, Dimension.SOURCE)


def tally(session: Session, question: Question, asked_on: date, dimension: Dimension = Dimension.COUNTY) -> Tally:
    """The whole tally: totals by level, the table divided by a dimension, and the results of passed visits."""
    by_level, by_all = _headcounts(session, question, dimension)
    by_service = _service(session, question, dimension)
    service = _added_up(session, question, by_service) if dimension in ONE_ROW_A_VISIT else None
    titles = _titles(session, question, dimension, set(by_all) | set(by_service))
    return Tally(
        question=question,
        asked_on=asked_on,
        dimension=dimension,
        rows=[
            TallyRow(
                key=key,
                title=title,
                levels={level: by_level.get((key, level), Headcount()) for level in Level},
                all_levels=by_all.get(key, Headcount()),
                service=by_service.get(key, ServiceFigures()),
            )
            for key, title in titles
        ],
        totals=totals(session, question, service),
        results=_results(session, question),
    )


def totals(session: Session, question: Question, service: ServiceFigures | None = None) -> Totals:
    """The figures of a question without a table: what first pages show. `service`, if it is known already."""
    levels, together = _headcounts(session, question, None)
    return Totals(
        levels={level: levels.get(("", level), Headcount()) for level in Level},
        all_levels=together.get("", Headcount()),
        team_members=_team_members(session, question),
        service=service or _service(session, question, None).get("", ServiceFigures()),
    )


def _added_up(session: Session, question: Question, rows: dict[str, ServiceFigures]) -> ServiceFigures:
    """The service of a question from rows in each of which a visit stands once; units and demands are asked anew."""
    served, met = list(_by_event(session, question, None))[2:]
    return ServiceFigures(
        visits=sum(row.visits for row in rows.values()),
        online_visits=sum(row.online_visits for row in rows.values()),
        confirmed_visits=sum(row.confirmed_visits for row in rows.values()),
        half_days=sum(row.half_days for row in rows.values()),
        served_units=session.execute(served[0]).one()[1],
        demands_met=session.execute(met[0]).one()[1],
    )


def trend(session: Session, question: Question) -> list[YearPoint]:
    """Appointments and visits of each year of the span, for the columns beside the figures; one year has no trend."""
    if question.first_year == question.last_year:
        return []
    _, heads = _headcounts(session, question, Dimension.YEAR)
    events, _names = next(iter(_by_event(session, question, Dimension.YEAR)))
    visits = {_plain(row[0]): (row[1], row[2]) for row in session.execute(events)}
    return [
        YearPoint(year, heads.get(str(year), Headcount()), *visits.get(str(year), (0, 0)))
        for year in range(question.first_year, question.last_year + 1)
    ]


def known_years(session: Session, today: date) -> list[int]:
    """The years somebody was appointed in, up to today's, latest first: what a span may be chosen from."""
    first, last = session.execute(
        sa.select(sa.func.min(Appointment.batch_year), sa.func.max(Appointment.batch_year))
    ).one()
    return list(range(max(last or 0, today.year), min(first or today.year, today.year) - 1, -1))


@dataclass(frozen=True)
class _Division:
    """The SQL expressions that divide appointments, visits and demands by a dimension."""

    appointments: Any
    visits: Any
    demands: Any


def _division(dimension: Dimension | None) -> _Division:
    match dimension:
        case None:
            return _Division(sa.literal(""), sa.literal(""), sa.literal(""))
        case Dimension.COUNTY:
            # By township first, which the index has in order; the counties are added up from it.
            return _Division(Appointment.county_code, Visit.region_code, Demand.region_code)
        case Dimension.TOWNSHIP:
            return _Division(DeclaredCover.region_code, Visit.region_code, Demand.region_code)
        case Dimension.LEVEL:
            return _same(Appointment.level)
        case Dimension.KIND:
            return _same(Commissioner.kind)
        case Dimension.SOURCE:
            return _same(Commissioner.source)
        case Dimension.INDUSTRY:
            return _same(sa.func.coalesce(Industry.parent_id, Industry.id))
        case Dimension.YEAR:
            return _Division(
                Appointment.batch_year, sa.extract("year", Visit.service_date), sa.extract("year", Demand.closed_on)
            )


def _same(expression: Any) -> _Division:
    return _Division(expression, expression, expression)


def _at_levels(question: Question, wanted: Any) -> tuple[Any, Any]:
    """`wanted`, which selects from appointments, with the level each counts at: a row for each such level."""
    rule = question.level_rule
    if rule is LevelRule.OWN:
        return wanted, Appointment.level
    kind = Appointment.level.type
    pairs = sa.union_all(
        *(
            sa.select(sa.literal(own, kind).label("own"), sa.literal(level, kind).label("counts_at"))
            for level in Level
            for own in rule.counting_at(level)
        )
    ).subquery()
    return wanted.join(pairs, pairs.c.own == Appointment.level), pairs.c.counts_at


def _headcounts(
    session: Session, question: Question, dimension: Dimension | None
) -> tuple[dict[tuple[str, Level], Headcount], dict[str, Headcount]]:
    """Headcounts by (key, level) and by key; without a dimension the only key is ''.

    Where every appointment counts at one level, appointments are added up over levels. Persons never are: the
    database counts them distinct in each group.
    """
    base, key = _divided_appointments(session, question, dimension)
    groups = [key] if dimension else []
    leveled, level = _at_levels(question, base)
    found = session.execute(
        leveled.add_columns(key, level, Commissioner.kind, *_HEADS).group_by(*groups, level, Commissioner.kind)
    ).all()
    by_level = _added(((_plain(row[0]), row[1]), row[2], row[3]) for row in found)
    for row in found:
        if row[2] is Kind.INDIVIDUAL:
            by_level[_plain(row[0]), row[1]]["individual_people"] = row[4]
    if question.level_rule is LevelRule.OWN:
        together = _added((_plain(row[0]), row[2], row[3]) for row in found)
    else:
        once = session.execute(base.add_columns(key, Commissioner.kind, *_HEADS).group_by(*groups, Commissioner.kind))
        together = _added((_plain(row[0]), row[1], row[2]) for row in once)
    for group, count in session.execute(base.add_columns(key, _HEADS[1]).group_by(*groups)):
        together.setdefault(_plain(group), {})["individual_people"] = count
    return (
        {group: Headcount(**mine) for group, mine in by_level.items()},
        {group: Headcount(**mine) for group, mine in together.items()},
    )


_HEADS = (sa.func.count(Appointment.id.distinct()), sa.func.count(Commissioner.person_id.distinct()))


def _divided_appointments(session: Session, question: Question, dimension: Dimension | None) -> tuple[Any, Any]:
    """The counted appointments, joined with what the dimension divides them by, and that expression."""
    base = sa.select().select_from(Appointment).join(Commissioner, Commissioner.id == Appointment.commissioner_id)
    key = _division(dimension).appointments
    match dimension:
        case Dimension.INDUSTRY:
            base = _joined_industries(session, base, question)
        case Dimension.TOWNSHIP:
            base = base.join(DeclaredCover, DeclaredCover.appointment_id == Appointment.id)
        case Dimension.LEVEL:
            base, key = _at_levels(question, base)
    return base.where(*counted.appointments(session, question)), key


def _added(rows: Iterable[tuple[Any, Kind, int]]) -> dict[Any, dict[str, int]]:
    """Appointments by group and by the figure of their kind."""
    figures: dict[Any, dict[str, int]] = {}
    for group, kind, count in rows:
        mine = figures.setdefault(group, {})
        mine[FIGURE_OF_KIND[kind]] = mine.get(FIGURE_OF_KIND[kind], 0) + count
    return figures


def _joined_industries(session: Session, base: Any, question: Question) -> Any:
    """One row for each industry a commissioner works in; of those asked for, if any are."""
    joined = base.join(CommissionerIndustry, CommissionerIndustry.commissioner_id == Commissioner.id).join(
        Industry, Industry.id == CommissionerIndustry.industry_id
    )
    if question.industry_id:
        joined = joined.where(Industry.id.in_(vocabulary.with_parts(session, question.industry_id)))
    return joined


def _service(session: Session, question: Question, dimension: Dimension | None) -> dict[str, ServiceFigures]:
    """Figures of passed visits and met demands by key."""
    figures: dict[str, dict[str, int]] = {}
    parts = _by_participant if dimension in OF_PARTICIPANTS else _by_event
    for wanted, names in parts(session, question, dimension):
        for row in session.execute(wanted):
            key = _plain(row[0])
            mine = figures.setdefault(key[:6] if dimension is Dimension.COUNTY else key, {})
            for name, count in zip(names, row[1:], strict=True):
                mine[name] = mine.get(name, 0) + int(count)
    return {key: ServiceFigures(**mine) for key, mine in figures.items() if any(mine.values())}


def _by_event(session: Session, question: Question, dimension: Dimension | None) -> Iterable[tuple[Any, Sequence[str]]]:
    """Selections of (key, figures …) where a visit or demand stands in one row."""
    key = _division(dimension)
    visited = counted.visits(session, question)

    def divided(wanted: Any, by: Any, industry: Any) -> Any:
        if dimension is Dimension.INDUSTRY:
            wanted = wanted.join(Industry, Industry.id == industry)
        return wanted.group_by(by) if dimension else wanted

    on_site = sa.func.count(Visit.id).filter(Visit.mode == ServiceMode.ON_SITE)
    online = sa.func.count(Visit.id).filter(Visit.mode == ServiceMode.ONLINE)
    events = sa.select(key.visits, on_site, online, sa.func.count(Visit.confirmed_on)).where(*visited)
    yield divided(events, key.visits, Visit.industry_id), ("visits", "online_visits", "confirmed_visits")
    half_days = sa.select(key.visits, sa.func.coalesce(sa.func.sum(Participant.half_days), 0)).select_from(
        sa.join(Participant, Visit, Visit.id == Participant.visit_id)
    )
    acting = counted.acting_as(question)
    if acting:
        half_days = counted.with_appointments(half_days).where(*acting)
    yield divided(half_days.where(*visited), key.visits, Visit.industry_id), ("half_days",)
    # A unit that is served in two townships of a county is one unit of it: these cannot be added up.
    place = sa.func.substr(Visit.region_code, 1, 6) if dimension is Dimension.COUNTY else key.visits
    served = sa.select(place, sa.func.count(ServedUnit.organisation_id.distinct())).select_from(
        sa.join(ServedUnit, Visit, Visit.id == ServedUnit.visit_id)
    )
    yield divided(served.where(*visited), place, Visit.industry_id), ("served_units",)
    met = sa.select(key.demands, sa.func.count(Demand.id)).where(*counted.demands(session, question))
    yield divided(met, key.demands, Demand.industry_id), ("demands_met",)


def _by_participant(
    session: Session, question: Question, dimension: Dimension | None
) -> Iterable[tuple[Any, Sequence[str]]]:
    """The same where the appointment divides: a visit stands in the row of every level (or source) present."""
    acting = counted.acting_as(question)
    visited = counted.visits(session, question)

    def taken_part(*figures: Any) -> Any:
        rows = sa.select().select_from(sa.join(Participant, Visit, Visit.id == Participant.visit_id))
        rows, key = counted.with_appointments(rows), _division(dimension).visits
        if dimension is Dimension.LEVEL:
            rows, key = _at_levels(question, rows)
        return rows.add_columns(key, *figures).where(*acting).group_by(key)

    def distinct(condition: sa.ColumnElement[bool]) -> Any:
        return sa.func.count(sa.case((condition, Visit.id)).distinct())

    yield (
        taken_part(
            distinct(Visit.mode == ServiceMode.ON_SITE),
            distinct(Visit.mode == ServiceMode.ONLINE),
            distinct(Visit.confirmed_on.is_not(None)),
            sa.func.sum(Participant.half_days),
        ).where(*visited),
        ("visits", "online_visits", "confirmed_visits", "half_days"),
    )
    served = taken_part(sa.func.count(ServedUnit.organisation_id.distinct()))
    yield served.join(ServedUnit, ServedUnit.visit_id == Visit.id).where(*visited), ("served_units",)
    met = taken_part(sa.func.count(Demand.id.distinct())).join(Demand, Demand.id == Visit.demand_id)
    yield met.where(*counted.answers(), *counted.demands(session, question)), ("demands_met",)


def _plain(key: object) -> str:
    """A group's key as text: enum by value, a year as digits whatever the database calls it."""
    value = getattr(key, "value", key)
    return value if isinstance(value, str) else str(int(value))  # type: ignore[call-overload]


def _titles(session: Session, question: Question, dimension: Dimension, keys: set[str]) -> list[tuple[str, str]]:
    """Keys with their titles in the order people expect, the empty ones of a closed set included."""
    match dimension:
        case Dimension.COUNTY:
            known = [(c.code, c.name) for c in regions.counties(session)]
            city = regions.city(session)
            if city is not None:
                known.append((city.code, CITY_UNITS))
            known += [(k, t) for k, t in sorted(regions.names(session, keys - {k for k, _ in known}).items())]
            if question.county:
                return [(k, t) for k, t in known if k == question.county]
            return [(k, t) for k, t in known if k in keys or contains(question.territory, k)]
        case Dimension.TOWNSHIP:
            return _township_titles(session, question, keys)
        case Dimension.LEVEL:
            return [(level.value, level.label) for level in Level if question.level in (None, level)]
        case Dimension.KIND:
            return [(kind.value, kind.label) for kind in Kind if question.kind in (None, kind)]
        case Dimension.SOURCE:
            return [(source.value, source.label) for source in Source if source.value in keys]
        case Dimension.INDUSTRY:
            industries = vocabulary.industries_by_id(session)
            found = sorted((i for i in industries.values() if str(i.id) in keys), key=lambda i: (i.scheme_id, i.place))
            return [(str(i.id), i.title) for i in found]
        case Dimension.YEAR:
            return [(str(y), f"{y}年") for y in range(question.first_year, question.last_year + 1)]


def _township_titles(session: Session, question: Question, keys: set[str]) -> list[tuple[str, str]]:
    """The townships asked about, those without any figure too, by code; 全县 is no township."""
    around = [code for code in (question.territory, question.county, question.township) if code]
    codes = {row.code for row in regions.townships(session, question.territory)} | {k for k in keys if len(k) == 9}
    wanted = [code for code in codes if all(contains(area, code) for area in around)]
    return sorted(regions.place_names(session, wanted).items())


def _team_members(session: Session, question: Question) -> int:
    """Distinct members of the teams that hold a counted appointment."""
    wanted = (
        sa.select(sa.func.count(TeamMember.person_id.distinct()))
        .join(Commissioner, Commissioner.id == TeamMember.commissioner_id)
        .join(Appointment, Appointment.commissioner_id == Commissioner.id)
        .where(*counted.appointments(session, question), counted.memberships())
    )
    return session.scalar(wanted) or 0


def _results(session: Session, question: Question) -> list[ResultFigure]:
    """Sums of what passed visits claim, by kind of result, and of it what is confirmed."""
    confirmed = sa.case((Visit.confirmed_on.is_not(None), VisitResult.amount), else_=0)
    sums = session.execute(
        sa.select(VisitResult.kind_id, sa.func.sum(VisitResult.amount), sa.func.sum(confirmed))
        .join(Visit, Visit.id == VisitResult.visit_id)
        .where(*counted.visits(session, question))
        .group_by(VisitResult.kind_id)
    )
    claimed = {kind_id: (int(total), int(sure)) for kind_id, total, sure in sums}
    return [
        ResultFigure(kind.code, kind.title, kind.unit, kind.per_unit, *claimed[kind.id])
        for kind in vocabulary.every_result_kind(session)
        if kind.id in claimed
    ]
