"""Figures worth seeing on a first page, counted as the pages behind them count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import years
from app.domain.coverage import TownshipCover, summary
from app.domain.roles import Actor
from app.domain.tallies import Question
from app.domain.visits import VisitState
from app.domain.vocabulary import CoverDefinition
from app.features.commissioners import queries as commissioners
from app.features.commissioners.models import Appointment, Commissioner
from app.features.tallies import queries as tallies
from app.features.visits import queries as visits
from app.features.visits.models import Participant, Visit
from app.features.vocabulary.models import Industry
from app.storage.reach import inside

WEEKS = 8
HALF_DAYS_A_DAY = 2


@dataclass(frozen=True)
class Figure:
    """One number with its unit and name, and where its rows are. A number of days may end in a half."""

    value: float
    unit: str
    label: str
    note: str = ""
    endpoint: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sight:
    """A box of figures: `kind` is tiles, columns (over time) or bars; `maximum` is a bar's full width."""

    kind: str
    title: str
    figures: list[Figure]
    unit: str = ""
    head: str = ""
    maximum: int | None = None
    decimals: int = 0


def this_week(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def by_week(session: Session, territory: str, today: date) -> Sight:
    """Passed visits made in the territory in each of the last eight weeks, this one included, by service date."""
    first = this_week(today) - timedelta(weeks=WEEKS - 1)
    rows = session.execute(
        sa.select(Visit.service_date, sa.func.count())
        .where(
            Visit.state == VisitState.PASSED,
            Visit.service_date.between(first, today),
            inside(Visit.region_code, territory),
        )
        .group_by(Visit.service_date)
    )
    counts = dict.fromkeys((first + timedelta(weeks=week) for week in range(WEEKS)), 0)
    for served_on, count in rows:
        counts[this_week(served_on)] += count
    figures = [Figure(count, "次", f"{monday:%m-%d}") for monday, count in counts.items()]
    return Sight("columns", "近八周审核通过的服务", figures, "次", "周一的日期")


def by_industry(
    leading: Sequence[Industry], cover: Mapping[int | None, Sequence[TownshipCover]], territory: str, year: int
) -> Sight:
    """Townships with a passed visit in each leading industry (its parts included), as the map of the year counts."""
    visited = {i.id: summary(cover[i.id], CoverDefinition.VISITED) for i in leading}
    townships = max((found.townships for found in visited.values()), default=0)
    figures = [
        Figure(
            visited[i.id].covered, "个", i.title, "", "coverage.cover_map",
            {"by": "visited", "territory": territory, "industry": i.id},
        )
        for i in leading
    ]  # fmt: skip
    return Sight("bars", f"{year}年各产业服务到的乡镇", figures, f"个，共 {townships} 个", "产业", townships)


def own_year(session: Session, actor: Actor, today: date) -> Sight:
    """What passed visits of this year within one's reach come to: a person's, a team's, a unit's, a township's."""
    period = years(today.year, today.year)
    counted = sa.and_(
        visits.within(actor.reach),
        Visit.state == VisitState.PASSED,
        Visit.service_date.between(period.first, period.last),
    )
    time: sa.ColumnElement[int] = sa.func.sum(Participant.half_days)
    if actor.reach.person_id:
        time = time.filter(Participant.person_id == actor.reach.person_id)
    confirmed_visit = sa.case((Visit.confirmed_on.is_not(None), Visit.id))
    # In one go: finding what lies within reach costs more than adding it up.
    made, confirmed, half_days = session.execute(
        sa.select(sa.func.count(Visit.id.distinct()), sa.func.count(confirmed_visit.distinct()), time)
        .outerjoin(Participant, Participant.visit_id == Visit.id)
        .where(counted)
    ).one()
    days = (half_days or 0) / HALF_DAYS_A_DAY
    rows: dict[str, Any] = {"state": VisitState.PASSED.value, "from": period.first.isoformat()}
    shown = "visits.visit_list"
    figures = [
        Figure(made, "次", "审核通过的服务", "", shown, rows),
        Figure(days, "天", "服务时间", "本人" if actor.reach.person_id else "按参加的人相加"),
        Figure(confirmed, "次", "受援单位已确认", "", shown, rows | {"confirmed": "1"}),
    ]
    return Sight("tiles", f"{today.year}年的服务", figures, decimals=1)


def serving_from(session: Session, organisation_id: int, today: date) -> Sight:
    """How many individuals and teams of a sending unit serve today."""
    wanted = (
        sa.select(sa.func.count(Commissioner.id.distinct()))
        .join(Appointment, Appointment.commissioner_id == Commissioner.id)
        .where(Commissioner.sending_unit_id == organisation_id, commissioners.serving_on(today))
    )
    rows: dict[str, Any] = {"unit": "own", "when": "serving"}
    page = "commissioners.commissioner_list"
    return Sight(
        "tiles", "本单位", [Figure(session.scalar(wanted) or 0, "名（组）", "今天在任的科特派", "", page, rows)]
    )


def year_of_territory(session: Session, territory: str, today: date) -> list[Sight]:
    """This year's tally of a territory, with service days by county: the same figures as the tally's page."""
    found = tallies.tally(session, Question(today.year, today.year, territory), today)
    service = found.totals.service
    here: dict[str, Any] = {"from": today.year, "to": today.year}
    page = "tallies.tally"
    figures = [
        Figure(service.visits, "次", "现场服务", "", page, here),
        Figure(service.half_days / HALF_DAYS_A_DAY, "天", "服务时间", "按参加的人相加", page, here),
        Figure(service.confirmed_visits, "次", "受援单位已确认", "", page, here),
        Figure(service.served_units, "家", "受援单位", "", page, here),
    ]
    rows = [
        Figure(row.service.half_days / HALF_DAYS_A_DAY, "天", row.title) for row in found.rows if row.service.half_days
    ]
    return [
        Sight("tiles", f"{today.year}年的服务", figures, decimals=1),
        Sight("bars", f"{today.year}年各县（市、区）的服务时间", rows, "天", "县（市、区）", decimals=1),
    ]
