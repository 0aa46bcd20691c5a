"""Where a period begins and ends, and what "today" is; nowhere else."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.domain.refusals import RuleBroken

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR = 1999  # the commissioner system began in Nanping in 1999; nothing can be older
YEARS_AHEAD = 5


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included (Shanghai dates)."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise RuleBroken("结束日期早于开始日期，请检查。", field="to")

    def contains(self, day: date) -> bool:
        return self.first <= day <= self.last

    def overlaps(self, begins: date, ends: date) -> bool:
        return begins <= self.last and ends >= self.first

    def closing_day(self, today: date) -> date:
        """The day on which a state of affairs is judged: the last day, or today if that is earlier."""
        return min(self.last, today)


def years(first: int, last: int) -> Period:
    """The calendar years `first` to `last`, both included."""
    if last < first:
        raise RuleBroken("结束年份早于开始年份，请检查。", field="to")
    return Period(date(first, 1, 1), date(last, 12, 31))


def shanghai_date(moment: datetime) -> date:
    """The Shanghai date of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def check_year(year: int, today: date, field: str = "year") -> int:
    """Refuse a year before the system existed or more than five ahead."""
    if not FIRST_YEAR <= year <= today.year + YEARS_AHEAD:
        raise RuleBroken(f"年度应在{FIRST_YEAR}到{today.year + YEARS_AHEAD}之间，请检查。", field=field)
    return year
