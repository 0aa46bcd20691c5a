"""The year-end tally: figures by level and in a divided table, selected and grouped by the database.

The page, the export, the command and later a sealed report all call `tally`; what counts is said in `counted.py`.
"""

from collections.abc import Iterable
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
from app.domain.vocabulary import Kind, Level, Source
from app.features.commissioners.models import (
    Appointment,
    Commissioner,
    CommissionerIndustry,
    DeclaredCover,
    TeamMember,
)
from app.features.regions import queries as regions
from app.features.tallies import counted, service
from app.features.tallies.division import at_levels, division, plain
from app.features.tallies.models import TallyRule
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary.models import Industry

MOST_RULES = 20
CITY_UNITS = "市直及省属单位"


def tally(session: Session, question: Question, asked_on: date, dimension: Dimension = Dimension.COUNTY) -> Tally:
    """The whole tally: totals by level, the table divided by a dimension, and the results of passed visits."""
    by_level, by_all = _headcounts(session, question, dimension)
    served = service.by_key(session, question, dimension)
    by_service = {key: found.figures for key, found in served.items()}
    # Where a visit stands in one row only, the whole is the rows put together; otherwise it is counted anew.
    whole = service.together(served.values()) if dimension in service.ONE_ROW_A_VISIT else None
    titles = _titles(session, question, asked_on, dimension, set(by_all) | set(by_service))
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
        totals=totals(session, question, whole.figures if whole else None),
        results=_results(session, question),
    )


def totals(session: Session, question: Question, known: ServiceFigures | None = None) -> Totals:
    """The figures of a question without a table: what first pages show. `known`: its service, if it is."""
    levels, together = _headcounts(session, question, None)
    return Totals(
        levels={level: levels.get(("", level), Headcount()) for level in Level},
        all_levels=together.get("", Headcount()),
        team_members=_team_members(session, question),
        service=known or service.together(service.by_key(session, question, None).values()).figures,
    )


def trend(session: Session, question: Question) -> list[YearPoint]:
    """Appointments and visits of each year of the span, for the columns beside the figures; one year has no trend."""
    if question.first_year == question.last_year:
        return []
    _, heads = _headcounts(session, question, Dimension.YEAR)
    served = service.by_key(session, question, Dimension.YEAR)
    visits = {year: (found.figures.visits, found.figures.online_visits) for year, found in served.items()}
    return [
        YearPoint(year, heads.get(str(year), Headcount()), *visits.get(str(year), (0, 0)))
        for year in range(question.first_year, question.last_year + 1)
    ]


def level_rule(session: Session) -> LevelRule:
    """The rule in force; each appointment counts at its own level until the city decides otherwise."""
    return session.scalar(sa.select(TallyRule.level_rule).order_by(TallyRule.id.desc()).limit(1)) or LevelRule.OWN


def rules_decided(session: Session) -> list[TallyRule]:
    """The latest decisions about counting, newest first."""
    return list(session.scalars(sa.select(TallyRule).order_by(TallyRule.id.desc()).limit(MOST_RULES)))


def known_years(session: Session, today: date) -> list[int]:
    """The years somebody was appointed in, up to today's, latest first: what a span may be chosen from."""
    first, last = session.execute(
        sa.select(sa.func.min(Appointment.batch_year), sa.func.max(Appointment.batch_year))
    ).one()
    return list(range(max(last or 0, today.year), min(first or today.year, today.year) - 1, -1))


def _headcounts(
    session: Session, question: Question, dimension: Dimension | None
) -> tuple[dict[tuple[str, Level], Headcount], dict[str, Headcount]]:
    """Headcounts by (key, level) and by key; without a dimension the only key is ''.

    Where every appointment counts at one level, appointments are added up over levels. Persons never are: the
    database counts them distinct in each group.
    """
    base, key = _divided_appointments(session, question, dimension)
    groups = [key] if dimension else []
    leveled, level = at_levels(question, base)
    found = session.execute(
        leveled.add_columns(key, level, Commissioner.kind, *_HEADS).group_by(*groups, level, Commissioner.kind)
    ).all()
    by_level = _added(((plain(row[0]), row[1]), row[2], row[3]) for row in found)
    for row in found:
        if row[2] is Kind.INDIVIDUAL:
            by_level[plain(row[0]), row[1]]["individual_people"] = row[4]
    if question.level_rule is LevelRule.OWN:
        together = _added((plain(row[0]), row[2], row[3]) for row in found)
    else:
        once = session.execute(base.add_columns(key, Commissioner.kind, *_HEADS).group_by(*groups, Commissioner.kind))
        together = _added((plain(row[0]), row[1], row[2]) for row in once)
    for group, count in session.execute(base.add_columns(key, _HEADS[1]).group_by(*groups)):
        together.setdefault(plain(group), {})["individual_people"] = count
    return (
        {group: Headcount(**mine) for group, mine in by_level.items()},
        {group: Headcount(**mine) for group, mine in together.items()},
    )


_HEADS = (sa.func.count(Appointment.id.distinct()), sa.func.count(Commissioner.person_id.distinct()))


def _divided_appointments(session: Session, question: Question, dimension: Dimension | None) -> tuple[Any, Any]:
    """The counted appointments, joined with what the dimension divides them by, and that expression."""
    base = sa.select().select_from(Appointment).join(Commissioner, Commissioner.id == Appointment.commissioner_id)
    key = division(dimension).appointments
    match dimension:
        case Dimension.INDUSTRY:
            base = _joined_industries(session, base, question)
        case Dimension.TOWNSHIP:
            base = base.join(DeclaredCover, DeclaredCover.appointment_id == Appointment.id)
        case Dimension.LEVEL:
            base, key = at_levels(question, base)
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


def _titles(
    session: Session, question: Question, asked_on: date, dimension: Dimension, keys: set[str]
) -> list[tuple[str, str]]:
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
            return _township_titles(session, question, asked_on, keys)
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


def _township_titles(session: Session, question: Question, asked_on: date, keys: set[str]) -> list[tuple[str, str]]:
    """The townships asked about, those without any figure too, by code; 全县 is no township.

    Beside the townships that cover is measured against stand all places where something was counted.
    """
    around = [code for code in (question.territory, question.county, question.township) if code]
    closing = question.period.closing_day(asked_on)
    known = {row.code for row in regions.townships(session, question.territory, closing)}
    codes = known | {key for key in keys if len(key) == 9}
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
    claimed = service.results(session, question)
    return [
        ResultFigure(kind.code, kind.title, kind.unit, kind.per_unit, *claimed[kind.id])
        for kind in vocabulary.every_result_kind(session)
        if kind.id in claimed
    ]
