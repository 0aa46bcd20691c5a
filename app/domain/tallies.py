"""What each year-end figure means; the page, the export, the command and a sealed report use the same.

Appointments count by batch year. Visits count by service date, once per event, and only when passed; on-line visits
are shown apart; a visit counts once for each level present among its participants, and once for each person.
Service time is in half-days per participant. Results are what passed visits claim, and what of it is confirmed.
"""

from dataclasses import dataclass, field
from datetime import date

from app.domain.calendar import Period, years
from app.domain.counting import Headcount
from app.domain.vocabulary import Kind, Labelled, Level, Source


class Dimension(Labelled):
    """By what a table's rows are divided."""

    COUNTY = ("county", "县（市、区）")
    LEVEL = ("level", "层级")
    SOURCE = ("source", "来源")
    INDUSTRY = ("industry", "产业")
    YEAR = ("year", "年度")


class Figure(Labelled):
    """Every number of the tally, by the name it has in JSON, with its heading and unit."""

    INDIVIDUAL_PEOPLE = ("individual_people", "个人（名）")
    INDIVIDUAL_APPOINTMENTS = ("individual_appointments", "个人（人次）")
    TEAM_APPOINTMENTS = ("team_appointments", "团队（组次）")
    ENTITY_APPOINTMENTS = ("entity_appointments", "法人（家次）")
    TEAM_MEMBERS = ("team_members", "团队成员（人）")
    VISITS = ("visits", "现场服务（次）")
    ONLINE_VISITS = ("online_visits", "线上服务（次）")
    CONFIRMED_VISITS = ("confirmed_visits", "其中已确认（次）")
    HALF_DAYS = ("half_days", "服务时间（天）")
    SERVED_UNITS = ("served_units", "受援单位（个）")
    DEMANDS_MET = ("demands_met", "办结并解决的需求（件）")

    @property
    def opens(self) -> str:
        """Which rows stand behind the number: appointments, people, visits, units or demands."""
        if self is Figure.INDIVIDUAL_PEOPLE or self is Figure.TEAM_MEMBERS:
            return "people"
        if self.value.endswith("_appointments"):
            return "appointments"
        if self is Figure.SERVED_UNITS:
            return "units"
        return "demands" if self is Figure.DEMANDS_MET else "visits"


@dataclass(frozen=True)
class Question:
    """What a tally is asked: a span of years and what it is narrowed to. The address of the page carries it whole."""

    first_year: int
    last_year: int
    territory: str
    level: Level | None = None
    kind: Kind | None = None
    source: Source | None = None
    industry_id: int | None = None

    @property
    def period(self) -> Period:
        return years(self.first_year, self.last_year)


@dataclass(frozen=True)
class ServiceFigures:
    """What passed visits of the span come to."""

    visits: int = 0  # on site, events
    online_visits: int = 0
    confirmed_visits: int = 0  # of both
    half_days: int = 0  # sum over participants
    served_units: int = 0  # distinct
    demands_met: int = 0  # closed as met within the span


@dataclass(frozen=True)
class ResultFigure:
    """One kind of result: claimed by passed visits, and of that confirmed, in the kind's smallest unit."""

    code: str
    title: str
    unit: str
    per_unit: int
    claimed: int
    confirmed: int


@dataclass(frozen=True)
class TallyRow:
    """One row of the table: a county, a source …; its figures by level and together."""

    key: str
    title: str
    levels: dict[Level, Headcount]
    all_levels: Headcount
    service: ServiceFigures


@dataclass(frozen=True)
class Tally:
    question: Question
    asked_on: date
    dimension: Dimension
    rows: list[TallyRow]
    levels: dict[Level, Headcount]
    all_levels: Headcount
    team_members: int
    service: ServiceFigures
    results: list[ResultFigure] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The command's contract: stable English keys, integers only."""
        return {
            "from": self.question.first_year,
            "to": self.question.last_year,
            "levels": {level.value: vars(self.levels[level]) for level in Level},
            "total": vars(self.all_levels),
            "team_members": self.team_members,
            **vars(self.service),
            "results": {
                r.code: {"unit": r.unit, "per_unit": r.per_unit, "claimed": r.claimed, "confirmed": r.confirmed}
                for r in self.results
            },
        }
