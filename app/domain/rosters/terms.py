"""Years and terms as rosters write them: 2026.1-2026.12, 2026年1月1日, 三年, serial numbers, real dates."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.refusals import RuleBroken
from app.domain.rosters.cells import text_of
from app.domain.rosters.workbook import EXCEL_EPOCH, Value

Span = tuple[date, date]  # the first and the last day that a date without day or month may mean

EARLIEST_YEAR, LATEST_YEAR = 1990, 2200
_CHINESE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_YEAR = re.compile(r"(\d{4})(?:年度?)?")
_MONTH = re.compile(r"(\d{4})[年./-](\d{1,2})(?:月份?)?")
# One separator throughout: 2026.1-12 is a span of months, not a day.
_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?")
_MARKED_DAY = re.compile(r"(?=\d{4}([./-])\d{1,2}\1)(\d{4})[./-](\d{1,2})[./-](\d{1,2})[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_WITHOUT_YEAR = re.compile(r"(\d{1,2})(?:月|[月./-](\d{1,2})[日号]?)?")
_LASTING = re.compile(r"(.*?)(?:起)?(?:共|为期|聘期|任期|期限)?([1-9]|10|[一二两三四五])(?:个)?年(?:期)?")
_BETWEEN = re.compile(r"[至到~～—–―]+|--+")
UNCLEAR = "看不懂这个日期，请写成 2026-01-01 这样。"


@dataclass(frozen=True)
class Term:
    """First and last day; `note` says in Chinese what was assumed, "" where all was written."""

    begins: date
    ends: date
    note: str = ""


def read_year(value: Value) -> int | None:
    """2026, 2026年, 2026年度, 2026.0; None for an empty cell. Refused: anything else."""
    text = unicodedata.normalize("NFKC", text_of(value)).replace(" ", "")
    if not text:
        return None
    found = re.fullmatch(r"(\d{4})(?:年度?)?(?:第.*|-.*)?", text)
    if found is None:
        raise RuleBroken("选认年度应为四位年份，如2026。")
    return int(found[1])


def read_day(value: Value, epoch: date = EXCEL_EPOCH, *, last: bool = False) -> Span | None:
    """The days that a cell may mean; None for an empty cell.

    `last` says that the end of a term is read: the number 2026.1 may then be January or October, which Excel
    does not tell apart, and is refused; at the beginning it is taken for January.
    """
    if isinstance(value, datetime):
        return value.date(), value.date()
    if isinstance(value, date):
        return value, value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _numeric_day(value, epoch, last=last)
    text = _plain(text_of(value))
    if not text:
        return None
    found = _partial(text)
    if found is None:
        raise RuleBroken(UNCLEAR)
    return found


def read_term(term: Value, begins: Value, ends: Value, usual: Span, epoch: date = EXCEL_EPOCH) -> Term:
    """The term of a row out of one column (聘期) or two (起, 止); `usual` is taken where nothing is written.

    Only a beginning is written: one year. Only an end: from the usual beginning. Refused: what cannot be read.
    """
    first, last = read_day(begins, epoch), read_day(ends, epoch, last=True)
    if first is None and last is None:
        first, last, years = _whole(term, epoch)
        if years is not None:
            start = first[0] if first else usual[0]
            return Term(start, _after_years(start, years), "" if first else f"聘期只写了{years}年，从{start}算起")
    if first is None and last is None:
        return Term(*usual, f"没有写聘期，按{usual[0]}至{usual[1]}")
    if first is None and last is not None:
        return Term(usual[0], last[1], f"没有写开始日期，按{usual[0]}")
    assert first is not None
    if last is None:
        if first[0] != first[1] and (first[0].month, first[1].month) == (1, 12):
            return Term(*first)  # 2026年 alone: that year
        end = _after_years(first[0], 1)
        return Term(first[0], end, f"没有写结束日期，按一年计至{end}")
    return Term(first[0], last[1])


def _whole(value: Value, epoch: date) -> tuple[Span | None, Span | None, int | None]:
    """(first, last, years) out of one cell."""
    if not isinstance(value, str):
        return read_day(value, epoch), None, None
    text = re.sub(r"\([^)]*\)", "", _plain(text_of(value)))
    text = re.sub(r"^(?:自|从|聘期|任期)|(?:止|内)$", "", text)
    if not text:
        return None, None, None
    for parts in _halves(text):
        first = _partial(parts[0].removesuffix("起"))
        last = _partial(parts[1], first[0].year) if first else None
        if first and last:
            return first, last, None
    single = _partial(text.removesuffix("起"))
    if single:
        return single, None, None
    lasting = _LASTING.fullmatch(text)
    if lasting:
        start = _partial(lasting[1].rstrip(",，")) if lasting[1] else None
        if start or not lasting[1]:
            years = _CHINESE.get(lasting[2]) or int(lasting[2])
            return start, None, years
    raise RuleBroken("看不懂这个聘期，请写成 2026-01-01至2026-12-31 这样。")


def _halves(text: str) -> list[tuple[str, str]]:
    """The ways to part a span: at words and waves that only part, else at each hyphen (not 2026-12, a month)."""
    parts = _BETWEEN.split(text)
    if len(parts) == 2:
        return [(parts[0], parts[1])]
    if _partial(text):
        return []
    return [(text[:place], text[place + 1 :]) for place, mark in enumerate(text) if mark == "-"]


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?$", "", plain)
    return re.sub(r"\s", "", plain).replace("。", ".").replace("、", "-") if plain else ""


def _partial(text: str, year: int | None = None) -> Span | None:
    """The days a text may mean; without a year only where one is given from before. None: no date."""
    for form in (_DAY, _MARKED_DAY, _MONTH, _YEAR, _COMPACT):
        found = form.fullmatch(text.rstrip("."))
        if found:
            return _span(*(int(part) for part in found.groups() if part and part.isdigit()))
    found = _WITHOUT_YEAR.fullmatch(text)
    if found and year is not None:
        return _span(year, *(int(part) for part in found.groups() if part))
    return None


def _span(year: int, month: int | None = None, day: int | None = None) -> Span:
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError:
        written = "-".join(str(part) for part in (year, month, day) if part is not None)
        raise RuleBroken(f"没有{written}这一天，请检查月和日。") from None


def _numeric_day(value: int | float, epoch: date, *, last: bool) -> Span:
    """A number in a column of dates: a year, 202601, 20260101, 2026.1, or Excel's count of days."""
    if float(value).is_integer():
        whole = int(value)
        if EARLIEST_YEAR <= whole <= LATEST_YEAR:
            return _span(whole)
        if len(str(whole)) in (6, 8) and EARLIEST_YEAR <= int(str(whole)[:4]) <= LATEST_YEAR:
            found = _partial(str(whole))
            if found:
                return found
    elif EARLIEST_YEAR <= value < LATEST_YEAR and re.fullmatch(r"\d{4}\.\d{1,2}", str(value)):
        if last and str(value).endswith(".1"):
            raise RuleBroken(
                "Excel 把2026.1和2026.10都存成同一个数字，分不清是1月还是10月。请写成 2026-01 或 2026-10。".replace(
                    "2026", str(value)[:4]
                )
            )
        year, month = str(value).split(".")
        return _span(int(year), int(month))
    days = int(value)
    if not 30_000 <= days <= 110_000:  # 1982 to 2201
        raise RuleBroken(UNCLEAR)
    day = epoch + timedelta(days=days)
    return day, day


def _after_years(begins: date, years: int) -> date:
    """The last day of a term of whole years."""
    try:
        return begins.replace(year=begins.year + years) - timedelta(days=1)
    except ValueError:  # 29 February
        return begins.replace(year=begins.year + years, day=28)
