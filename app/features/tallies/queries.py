"""The year-end tally: one set of conditions for the figures and for the rows behind them, so that none can differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.counting import FIGURE_OF_KIND, Headcount
from app.domain.demands import DemandState, Outcome
from app.domain.divisions import contains, county_of
from app.domain.tallies import Dimension, Question, ResultFigure, ServiceFigures, Tally, TallyRow
from app.domain.visits import VisitState
from app.domain.vocabulary import Kind, Level, ServiceMode, Source
from app.features.commissioners.models import (
    Appointment,
    AppointmentState,
    Commissioner,
    CommissionerIndustry,
    TeamMember,
)
from app.features.demands.models import Demand
from app.features.regions import queries as regions
from app.features.visits.models import Participant, ServedUnit, Visit, VisitResult
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary.models import Industry, ResultKind
from app.storage.reach import inside

Condition = sa.ColumnElement[bool]


def of_commissioner(session: Session, question: Question) -> list[Condition]:
    """Narrowing by kind, source and industry of the commissioner behind an appointment."""
    wanted: list[Condition] = []
    if question.kind:
        wanted.append(Commissioner.kind == question.kind)
    if question.source:
        wanted.append(Commissioner.source == question.source)
    if question.industry_id:
        works_in = sa.select(CommissionerIndustry.commissioner_id).where(
            CommissionerIndustry.industry_id.in_(vocabulary.with_parts(session, question.industry_id))
        )
        wanted.append(Commissioner.id.in_(works_in))
    return wanted


def counted_appointments(session: Session, question: Question) -> list[Condition]:
    """Which appointments a question counts (joined with their commissioners): in force, by batch year."""
    wanted = [
        Appointment.state == AppointmentState.IN_FORCE,
        Appointment.batch_year.between(question.first_year, question.last_year),
        *of_commissioner(session, question),
    ]
    county = county_of(question.territory)
    if county is not None:  # the whole city is asked for with its own and the province's units
        wanted.append(inside(Appointment.county_code, county))
    if question.level:
        wanted.append(Appointment.level == question.level)
    return wanted


def counted_visits(session: Session, question: Question) -> list[Condition]:
    """Which visits a question counts: passed, by service date, in the territory of service.

    Narrowed by level, kind or source, a visit counts when one of its participants acted under such an appointment.
    """
    wanted = [
        Visit.state == VisitState.PASSED,
        Visit.service_date.between(question.period.first, question.period.last),
        inside(Visit.region_code, question.territory),
    ]
    if question.industry_id:
        wanted.append(Visit.industry_id.in_(vocabulary.with_parts(session, question.industry_id)))
    acting = acting_as(question)
    if acting:
        wanted.append(Visit.id.in_(_participants_of(sa.select(Participant.visit_id)).where(*acting)))
    return wanted


def acting_as(question: Question) -> list[Condition]:
    """Narrowing of participants by the appointment they acted under."""
    wanted: list[Condition] = []
    if question.level:
        wanted.append(Appointment.level == question.level)
    if question.kind:
        wanted.append(Commissioner.kind == question.kind)
    if question.source:
        wanted.append(Commissioner.source == question.source)
    return wanted


def _participants_of(wanted: Any) -> Any:
    return wanted.join(Appointment, Appointment.id == Participant.appointment_id).join(
        Commissioner, Commissioner.id == Appointment.commissioner_id
    )


def counted_demands(session: Session, question: Question) -> list[Condition]:
    """Demands closed as met within the span."""
    wanted = [
        Demand.state == DemandState.CLOSED,
        Demand.outcome == Outcome.MET,
        Demand.closed_on.between(question.period.first, question.period.last),
        inside(Demand.region_code, question.territory),
    ]
    if question.industry_id:
        wanted.append(Demand.industry_id.in_(vocabulary.with_parts(session, question.industry_id)))
    return wanted


@dataclass(frozen=True)
class _Division:
    """The SQL expressions that divide appointments, visits and demands by a dimension (None: not divided so)."""

    appointments: Any
    visits: Any
    demands: Any


def _division(dimension: Dimension) -> _Division:
    match dimension:
        case Dimension.COUNTY:
            return _Division(
                Appointment.county_code,
                sa.func.substr(Visit.region_code, 1, 6),
                sa.func.substr(Demand.region_code, 1, 6),
            )
        case Dimension.LEVEL:
            return _Division(Appointment.level, None, None)
        case Dimension.SOURCE:
            return _Division(Commissioner.source, None, None)
        case Dimension.INDUSTRY:
            return _Division(_top_industry(), _top_industry(), _top_industry())
        case Dimension.YEAR:
            return _Division(
                Appointment.batch_year, sa.extract("year", Visit.service_date), sa.extract("year", Demand.closed_on)
            )


def _top_industry() -> Any:
    return sa.func.coalesce(Industry.parent_id, Industry.id)


def tally(
    session: Session,
    question: Question,
    asked_on: date,
    dimension: Dimension = Dimension.COUNTY,
) -> Tally:
    """The whole tally: totals by level, the table divided by a dimension, and the results of passed visits."""
    levels, together = _headcounts(session, question, None)
    by_level, by_all = _headcounts(session, question, dimension)
    service = _service(session, question, None).get("", ServiceFigures())
    by_service = _service(session, question, dimension)
    keys = set(by_all) | set(by_service)
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
            for key, title in _titles(session, question, dimension, keys)
        ],
        levels={level: levels.get(("", level), Headcount()) for level in Level},
        all_levels=together.get("", Headcount()),
        team_members=_team_members(session, question),
        service=service,
        results=_results(session, question),
    )


def _headcounts(
    session: Session, question: Question, dimension: Dimension | None
) -> tuple[dict[tuple[str, Level], Headcount], dict[str, Headcount]]:
    """Headcounts by (key, level) and by key; without a dimension the only key is ''.

    Persons are counted distinct in each group by the database: they cannot be added up from groups.
    """
    key = _division(dimension).appointments if dimension else sa.literal("")
    base = sa.select().select_from(Appointment).join(Commissioner, Commissioner.id == Appointment.commissioner_id)
    if dimension is Dimension.INDUSTRY:
        base = base.join(CommissionerIndustry, CommissionerIndustry.commissioner_id == Commissioner.id).join(
            Industry, Industry.id == CommissionerIndustry.industry_id
        )
    base = base.where(*counted_appointments(session, question))
    counts = [sa.func.count(Appointment.id.distinct()), sa.func.count(Commissioner.person_id.distinct())]

    def gathered(rows: Iterable[Any], width: int) -> dict[Any, Headcount]:
        figures: dict[Any, dict[str, int]] = {}
        for row in rows:
            group = (
                str(getattr(row[0], "value", row[0])) if width == 1 else (str(getattr(row[0], "value", row[0])), row[1])
            )
            mine = figures.setdefault(group, {})
            mine[FIGURE_OF_KIND[row[width]]] = row[width + 1]
            if row[width] is Kind.INDIVIDUAL:
                mine["individual_people"] = row[width + 2]
        return {group: Headcount(**mine) for group, mine in figures.items()}

    by_level = session.execute(
        base.add_columns(key, Appointment.level, Commissioner.kind, *counts).group_by(
            *([key] if dimension else []), Appointment.level, Commissioner.kind
        )
    )
    by_all = session.execute(
        base.add_columns(key, Commissioner.kind, *counts).group_by(*([key] if dimension else []), Commissioner.kind)
    )
    return gathered(by_level, 2), gathered(by_all, 1)


def _service(session: Session, question: Question, dimension: Dimension | None) -> dict[str, ServiceFigures]:
    """Figures of passed visits and met demands by key; dimensions of the commissioner divide by participant."""
    if dimension in (Dimension.LEVEL, Dimension.SOURCE):
        return _service_by_participant(session, question, dimension)
    division = _division(dimension) if dimension else _Division(sa.literal(""), sa.literal(""), sa.literal(""))
    figures: dict[str, dict[str, int]] = {}

    def grouped(wanted: Any, key: Any, industry: Any, names: tuple[str, ...]) -> None:
        if dimension is Dimension.INDUSTRY:
            wanted = wanted.join(Industry, Industry.id == industry)
        if dimension:
            wanted = wanted.group_by(key)
        for row in session.execute(wanted):
            figures.setdefault(_plain(row[0]), {}).update(zip(names, row[1:], strict=True))

    visited = counted_visits(session, question)
    on_site = sa.func.count(Visit.id).filter(Visit.mode == ServiceMode.ON_SITE)
    online = sa.func.count(Visit.id).filter(Visit.mode == ServiceMode.ONLINE)
    grouped(
        sa.select(division.visits, on_site, online, sa.func.count(Visit.confirmed_on)).where(*visited),
        division.visits,
        Visit.industry_id,
        ("visits", "online_visits", "confirmed_visits"),
    )
    half_days = sa.select(division.visits, sa.func.coalesce(sa.func.sum(Participant.half_days), 0)).select_from(
        sa.join(Participant, Visit, Visit.id == Participant.visit_id)
    )
    acting = acting_as(question)
    if acting:
        half_days = _participants_of(half_days).where(*acting)
    grouped(half_days.where(*visited), division.visits, Visit.industry_id, ("half_days",))
    served = sa.select(division.visits, sa.func.count(ServedUnit.organisation_id.distinct())).select_from(
        sa.join(ServedUnit, Visit, Visit.id == ServedUnit.visit_id)
    )
    grouped(served.where(*visited), division.visits, Visit.industry_id, ("served_units",))
    met = sa.select(division.demands, sa.func.count(Demand.id)).where(*counted_demands(session, question))
    grouped(met, division.demands, Demand.industry_id, ("demands_met",))
    return {key: ServiceFigures(**{n: int(v) for n, v in mine.items()}) for key, mine in figures.items()}


def _service_by_participant(session: Session, question: Question, dimension: Dimension) -> dict[str, ServiceFigures]:
    """Visits once for each level (or source) present among their participants; demands cannot be divided so."""
    key = _division(dimension).appointments
    rows = session.execute(
        _participants_of(
            sa.select(
                key,
                sa.func.count(sa.case((Visit.mode == ServiceMode.ON_SITE, Visit.id)).distinct()),
                sa.func.count(sa.case((Visit.mode == ServiceMode.ONLINE, Visit.id)).distinct()),
                sa.func.count(sa.case((Visit.confirmed_on.is_not(None), Visit.id)).distinct()),
                sa.func.sum(Participant.half_days),
            ).select_from(sa.join(Participant, Visit, Visit.id == Participant.visit_id))
        )
        .where(*counted_visits(session, question), *acting_as(question))
        .group_by(key)
    )
    return {
        _plain(row[0]): ServiceFigures(
            visits=row[1], online_visits=row[2], confirmed_visits=row[3], half_days=int(row[4] or 0)
        )
        for row in rows
    }


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
                known.append((city.code, "市直及省属单位"))
            return [(k, t) for k, t in known if contains(question.territory, k) or k in keys]
        case Dimension.LEVEL:
            return [(level.value, level.label) for level in Level]
        case Dimension.SOURCE:
            return [(source.value, source.label) for source in Source if source.value in keys]
        case Dimension.INDUSTRY:
            industries = vocabulary.industries_by_id(session)
            found = sorted((i for i in industries.values() if str(i.id) in keys), key=lambda i: (i.scheme_id, i.place))
            return [(str(i.id), i.title) for i in found]
        case Dimension.YEAR:
            return [(str(y), f"{y}年") for y in range(question.first_year, question.last_year + 1)]


def _team_members(session: Session, question: Question) -> int:
    """Distinct members of the teams that hold a counted appointment."""
    wanted = (
        sa.select(sa.func.count(TeamMember.person_id.distinct()))
        .join(Commissioner, Commissioner.id == TeamMember.commissioner_id)
        .join(Appointment, Appointment.commissioner_id == Commissioner.id)
        .where(*counted_appointments(session, question))
    )
    return session.scalar(wanted) or 0


def _results(session: Session, question: Question) -> list[ResultFigure]:
    """Sums of what passed visits claim, by kind of result, and of it what is confirmed."""
    confirmed = sa.case((Visit.confirmed_on.is_not(None), VisitResult.amount), else_=0)
    rows = session.execute(
        sa.select(
            ResultKind.code,
            ResultKind.title,
            ResultKind.unit,
            ResultKind.per_unit,
            sa.func.sum(VisitResult.amount),
            sa.func.sum(confirmed),
        )
        .select_from(VisitResult)
        .join(Visit, Visit.id == VisitResult.visit_id)
        .join(ResultKind, ResultKind.id == VisitResult.kind_id)
        .where(*counted_visits(session, question))
        .group_by(ResultKind.code, ResultKind.title, ResultKind.unit, ResultKind.per_unit, ResultKind.place)
        .order_by(ResultKind.place)
    )
    return [ResultFigure(code, title, unit, per, int(total), int(sure)) for code, title, unit, per, total, sure in rows]
