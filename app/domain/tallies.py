"""What each year-end figure means; the page, the export, the command and a sealed report use the same.

Appointments count by batch year. Visits count by service date, once per event, and only when passed; on-line visits
are shown apart; a visit counts once for each level present among its participants, and once for each person.
Service time is in half-days per participant. Results are what passed visits claim, and what of it is confirmed.
"""

from dataclasses import dataclass, field, replace
from datetime import date

from app.domain.calendar import Period, years
from app.domain.counting import Headcount
from app.domain.divisions import DivisionLevel, level_of
from app.domain.vocabulary import Kind, Labelled, Level, Source


class LevelRule(Labelled):
    """At which levels an appointment counts; the city's setting, since no written rule is known (decisions.md 3)."""

    OWN = ("own", "只计入自己的层级")
    INCLUSIVE = ("inclusive", "上级选认同时计入下级")

    @property
    def meaning(self) -> str:
        return _LEVEL_RULES[self.value]

    def counting_at(self, level: Level) -> tuple[Level, ...]:
        """The levels whose appointments count at `level`."""
        return (level,) if self is LevelRule.OWN else tuple(mine for mine in Level if mine.rank >= level.rank)


_LEVEL_RULES = {
    "own": "每项选认只计入认定它的层级；省级选认不在市级、县级重复计。",
    "inclusive": "省级选认同时计入市级、县级，市级选认同时计入县级；合计仍只计一次。",
}


class Dimension(Labelled):
    """By what a table's rows are divided."""

    COUNTY = ("county", "县（市、区）")
    TOWNSHIP = ("township", "乡镇")
    LEVEL = ("level", "层级")
    KIND = ("kind", "类别")
    SOURCE = ("source", "来源")
    INDUSTRY = ("industry", "产业")
    YEAR = ("year", "年度")

    @property
    def adds_up(self) -> str:
        """What a reader must know before adding the rows of a table divided so."""
        return _ADDS_UP[self.value]


_ADDS_UP = {
    "county": "选认按推荐县（市、区）计，服务和需求按服务所在地计。一人先后由两县推荐时两县各计1名，合计只计1名。",
    "township": "选认按申报的服务乡镇计，申报几个乡镇的各计一次，只申报“全县”的不计入任何乡镇；"
    "服务和需求按服务所在乡镇计。",
    "kind": "选认各属一个类别。一次服务有几个类别的科技特派员参加，每个类别各计1次，合计只计1次。",
    "level": "一人有几个层级的选认，每个层级各计1名，合计只计1名。一次服务有几个层级的人"
    "参加，每个层级各计1次，合计只计1次。",
    "source": "一次服务有几种来源的人参加，每种来源各计1次，合计只计1次。",
    "industry": "选认按科技特派员从事的产业计，从事几个产业的各计一次，合计只计一次；服务和需求各属一个产业。",
    "year": "选认按选认年度计，服务按服务日期计，需求按办结日期计。一人几个年度获选认，每年各计1名，合计只计1名。",
}


class Figure(Labelled):
    """Every number of the tally, by the name it has in JSON, with its heading."""

    INDIVIDUAL_PEOPLE = ("individual_people", "个人")
    INDIVIDUAL_APPOINTMENTS = ("individual_appointments", "个人")
    TEAM_APPOINTMENTS = ("team_appointments", "团队")
    ENTITY_APPOINTMENTS = ("entity_appointments", "法人")
    TEAM_MEMBERS = ("team_members", "团队成员")
    VISITS = ("visits", "现场服务")
    ONLINE_VISITS = ("online_visits", "线上服务")
    CONFIRMED_VISITS = ("confirmed_visits", "已确认的服务")
    HALF_DAYS = ("half_days", "服务时间")
    SERVED_UNITS = ("served_units", "受援单位")
    DEMANDS_MET = ("demands_met", "已解决的需求")
    CLAIMED = ("claimed", "成果")
    CONFIRMED = ("confirmed", "已确认的成果")

    @property
    def unit(self) -> str:
        """The unit as people say it; empty for results, whose kind has its own. Half-days are shown as days."""
        return _MEANINGS[self.value][0]

    @property
    def short(self) -> str:
        """The label where space is narrow, as in the heading of a column."""
        return _SHORT.get(self.value, self.label)

    @property
    def meaning(self) -> str:
        """What is counted and what not, in the words of the sheet that goes with every export."""
        return _MEANINGS[self.value][1]

    @property
    def opens(self) -> str:
        """Which rows stand behind the number."""
        return _OPENS[self.value]

    @property
    def kind(self) -> Kind | None:
        """The kind of commissioner whose appointments are counted, where it counts appointments."""
        return next((kind for kind in Kind if self.value == f"{kind.value}_appointments"), None)


HEADCOUNT_FIGURES = (
    Figure.INDIVIDUAL_PEOPLE,
    Figure.INDIVIDUAL_APPOINTMENTS,
    Figure.TEAM_APPOINTMENTS,
    Figure.ENTITY_APPOINTMENTS,
)
SERVICE_FIGURES = (
    Figure.VISITS,
    Figure.ONLINE_VISITS,
    Figure.CONFIRMED_VISITS,
    Figure.HALF_DAYS,
    Figure.SERVED_UNITS,
    Figure.DEMANDS_MET,
)

_SHORT = {"confirmed_visits": "已确认", "demands_met": "解决需求"}
_MEANINGS: dict[str, tuple[str, str]] = {
    "individual_people": (
        "名",
        "统计年度内持有个人选认的自然人，按人去重：一人在几个年度获选认，同一层级只计1名；有几个层级的，每个层级各计"
        "1名，合计只计1名。名数不能相加。",
    ),
    "individual_appointments": (
        "人次",
        "选认年度在统计年度内、未撤销的个人选认，每项计1人次。",
    ),
    "team_appointments": ("组次", "选认年度在统计年度内、未撤销的团队选认，每项计1组次，不论团队人数多少。"),
    "entity_appointments": ("家次", "选认年度在统计年度内、未撤销的法人选认，每项计1家次。"),
    "team_members": (
        "人",
        "在所计团队选认的任期内属于该团队的自然人（含负责人），按人去重；与个人的名数分开，不相加。",
    ),
    "visits": ("次", "服务日期在统计年度内、县（市、区）审核通过的现场服务。几人同去一次只计1次。"),
    "online_visits": ("次", "服务日期在统计年度内、审核通过的线上服务，与现场服务分开。"),
    "confirmed_visits": ("次", "上两项中，受援单位已确认属实的服务。"),
    "half_days": ("天", "审核通过的服务中，每位参加人的服务时间之和；按半天记录，折算为天。"),
    "served_units": ("个", "审核通过的服务所服务的村、合作社、企业等，按单位去重。"),
    "demands_met": (
        "件",
        "办结日期在统计年度内、结果为“已解决”的需求。按层级、类别或来源筛选时，只计有这类科技特派员审核通过的服务的需求。",
    ),
    "claimed": ("", "审核通过的服务所填报的成果之和，由科技特派员填报。"),
    "confirmed": ("", "填报的成果中，所属服务已由受援单位确认属实的部分。"),
}
_OPENS = {
    "individual_people": "people",
    "individual_appointments": "appointments",
    "team_appointments": "appointments",
    "entity_appointments": "appointments",
    "team_members": "members",
    "visits": "visits",
    "online_visits": "visits",
    "confirmed_visits": "visits",
    "half_days": "participants",
    "served_units": "units",
    "demands_met": "demands",
    "claimed": "results",
    "confirmed": "results",
}


@dataclass(frozen=True)
class Question:
    """What a tally is asked: a span of years and what it is narrowed to. The address of the page carries it whole.

    `territory` is where it looks: a county's appointments are those it recommended, a township's those that declare
    it as a place of service. `county` narrows further to one county; the city's own code means its own and
    provincial units (市直), which serve everywhere and where no visit takes place. `township` narrows to the
    appointments that declare it and to what happened there. `level_rule` is the city's setting, never the reader's.
    """

    first_year: int
    last_year: int
    territory: str
    county: str | None = None
    township: str | None = None
    level: Level | None = None
    kind: Kind | None = None
    source: Source | None = None
    industry_id: int | None = None
    level_rule: LevelRule = LevelRule.OWN

    @property
    def period(self) -> Period:
        return years(self.first_year, self.last_year)

    @property
    def of_city_units(self) -> bool:
        return self.county is not None and level_of(self.county) is DivisionLevel.CITY

    def narrowed(self, dimension: Dimension, key: str) -> "Question":
        """The question whose totals are one row of the table divided by `dimension`."""
        match dimension:
            case Dimension.COUNTY:
                return replace(self, county=key)
            case Dimension.TOWNSHIP:
                return replace(self, township=key)
            case Dimension.LEVEL:
                return replace(self, level=Level(key))
            case Dimension.KIND:
                return replace(self, kind=Kind(key))
            case Dimension.SOURCE:
                return replace(self, source=Source(key))
            case Dimension.INDUSTRY:
                # Asked for 茶叶, the only row is 特色现代农业, and what it counts is 茶叶.
                return self if self.industry_id else replace(self, industry_id=int(key))
            case Dimension.YEAR:
                return replace(self, first_year=int(key), last_year=int(key))


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
class YearPoint:
    """One year of a span, for the curves beside the figures."""

    year: int
    heads: Headcount
    visits: int
    online_visits: int


@dataclass(frozen=True)
class Totals:
    """The figures of a question as a whole."""

    levels: dict[Level, Headcount]
    all_levels: Headcount
    team_members: int
    service: ServiceFigures


@dataclass(frozen=True)
class Tally:
    """The answer to a question: its totals, a table divided by a dimension, and the results of passed visits."""

    question: Question
    asked_on: date
    dimension: Dimension
    rows: list[TallyRow]
    totals: Totals
    results: list[ResultFigure] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.totals.all_levels and self.totals.service == ServiceFigures()

    def as_json(self) -> dict[str, object]:
        """The command's contract: stable English keys, integers only."""
        return {
            "from": self.question.first_year,
            "to": self.question.last_year,
            "level_rule": self.question.level_rule.value,
            "levels": {level.value: vars(self.totals.levels[level]) for level in Level},
            "total": vars(self.totals.all_levels),
            "team_members": self.totals.team_members,
            **vars(self.totals.service),
            "results": {
                r.code: {"unit": r.unit, "per_unit": r.per_unit, "claimed": r.claimed, "confirmed": r.confirmed}
                for r in self.results
            },
            "by": self.dimension.value,
            "rows": [
                {"key": row.key, "title": row.title, **vars(row.all_levels), **vars(row.service)} for row in self.rows
            ],
        }

    def in_words(self) -> str:
        """The sentence of the year-end report: people and appointments each with their own unit, by level."""
        span = self.question
        when = f"{span.first_year}年" if span.first_year == span.last_year else f"{span.first_year}—{span.last_year}年"
        parts = [f"{level.label}{_said(self.totals.levels[level])}" for level in Level if self.totals.levels[level]]
        return f"{when}选认科技特派员：{'；'.join(parts)}。" if parts else f"{when}没有选认记录。"


def _said(count: Headcount) -> str:
    said = []
    if count.individual_people:
        said.append(f"个人{count.individual_people:,}名（{count.individual_appointments:,}人次）")
    if count.team_appointments:
        said.append(f"团队{count.team_appointments:,}组次")
    if count.entity_appointments:
        said.append(f"法人{count.entity_appointments:,}家次")
    return "、".join(said)
