"""By what a tally's table is divided, as SQL expressions; and a group's key as text, the same on both databases."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.domain.tallies import Dimension, LevelRule, Question
from app.domain.vocabulary import Level
from app.features.commissioners.models import Appointment, Commissioner, DeclaredCover
from app.features.demands.models import Demand
from app.features.visits.models import Visit
from app.features.vocabulary.models import Industry


@dataclass(frozen=True)
class Division:
    """The SQL expressions that divide appointments, visits and demands by a dimension."""

    appointments: Any
    visits: Any
    demands: Any


def division(dimension: Dimension | None) -> Division:
    match dimension:
        case None:
            return Division(sa.literal(""), sa.literal(""), sa.literal(""))
        case Dimension.COUNTY:
            # By township first, which the index has in order; the counties are added up from it.
            return Division(Appointment.county_code, Visit.region_code, Demand.region_code)
        case Dimension.TOWNSHIP:
            return Division(DeclaredCover.region_code, Visit.region_code, Demand.region_code)
        case Dimension.LEVEL:
            return _same(Appointment.level)
        case Dimension.KIND:
            return _same(Commissioner.kind)
        case Dimension.SOURCE:
            return _same(Commissioner.source)
        case Dimension.INDUSTRY:
            return _same(sa.func.coalesce(Industry.parent_id, Industry.id))
        case Dimension.YEAR:
            return Division(
                Appointment.batch_year, sa.extract("year", Visit.service_date), sa.extract("year", Demand.closed_on)
            )


def _same(expression: Any) -> Division:
    return Division(expression, expression, expression)


def at_levels(question: Question, wanted: Any) -> tuple[Any, Any]:
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


def plain(key: object) -> str:
    """A group's key as text: enum by value, a year as digits whatever the database calls it."""
    value = getattr(key, "value", key)
    return value if isinstance(value, str) else str(int(value))  # type: ignore[call-overload]
