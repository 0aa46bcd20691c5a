"""Terms as rosters write them, in one column or two, as text, numbers or dates."""

from datetime import date, datetime

import pytest

from app.domain.refusals import RuleBroken
from app.domain.rosters.terms import read_day, read_term, read_year
from tests.domain.roster_books import one, reasons

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    "written",
    [
        "2026.1-2026.12",
        "2026.01—2026.12",
        "2026.1.1-2026.12.31",
        "2026.1-12",
        "2026年1-12月",
        "2026.1.1-12.31",
        "2026年1月1日-2026年12月31日",
        "2026年1月1日至2026年12月31日",
        "自2026年1月至2026年12月止",
        "2026 年 1 月 ～ 2026 年 12 月",
        "2026-01-01至2026-12-31",
        "2026-01-01-2026-12-31",
        "2026/1/1~2026/12/31",
        "２０２６．１－２０２６．１２",
        "20260101-20261231",
        "2026年1月至2026年12月（一年）",
        "2026年1月1日起一年",
        "2026年",
        "2026年度",
        2026,
        2026.0,
    ],
)
def test_one_column_for_the_whole_term(written):
    found = read_term(written, None, None, YEAR)
    assert (found.begins, found.ends, found.note) == (*YEAR, "")


@pytest.mark.parametrize(
    "written",
    [
        datetime(2026, 1, 1),  # noqa: DTZ001  (as openpyxl gives it)
        date(2026, 1, 1),
        46023,
        46023.5,
        "2026-01-01 00:00:00",
        "2026年1月1日",
        20260101,
    ],
)
def test_a_beginning_of_its_own(written):
    found = read_term(None, written, "2028年12月", YEAR)
    assert (found.begins, found.ends) == (date(2026, 1, 1), date(2028, 12, 31))


def test_workbooks_of_old_macs_count_from_1904():
    assert read_day(46023 - 1462, date(1904, 1, 1)) == (date(2026, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("written", "begins", "ends", "said"),
    [
        ("三年", "2026-01-01", "2028-12-31", "只写了3年"),
        ("2年", "2026-01-01", "2027-12-31", "只写了2年"),
        ("2026年6月1日起三年", "2026-06-01", "2029-05-31", ""),
        ("2026年3月起", "2026-03-01", "2027-02-28", "按一年计"),
        ("2024年2月29日", "2024-02-29", "2025-02-28", "按一年计"),
        (None, "2026-01-01", "2026-12-31", "没有写聘期"),
    ],
)
def test_what_is_not_written_is_assumed_and_said(written, begins, ends, said):
    found = read_term(written, None, None, YEAR)
    assert (str(found.begins), str(found.ends)) == (begins, ends)
    assert said in found.note


def test_an_end_alone_begins_where_usual():
    found = read_term(None, None, "2027年6月", YEAR)
    assert (found.begins, found.ends) == (date(2026, 1, 1), date(2027, 6, 30))
    assert "没有写开始日期" in found.note


def test_october_and_january_are_one_number_to_excel():
    assert read_day(2026.1) == (date(2026, 1, 1), date(2026, 1, 31))
    assert read_day(2026.12, last=True) == (date(2026, 12, 1), date(2026, 12, 31))
    with pytest.raises(RuleBroken, match="分不清是1月还是10月。请写成 2027-01"):
        read_day(2027.1, last=True)


@pytest.mark.parametrize(
    "written", ["下个月", "26.1-26.12", "2026.13-2026.14", "2026.2.30-2026.12.31", "长期", 7, 999999]
)
def test_what_cannot_be_read_is_refused(written):
    with pytest.raises(RuleBroken):
        read_term(written, None, None, YEAR)


@pytest.mark.parametrize(
    ("written", "year"), [(2026, 2026), ("2026年", 2026), (2026.0, 2026), ("２０２６年度", 2026), (None, None)]
)
def test_years(written, year):
    assert read_year(written) == year


@pytest.mark.parametrize(
    ("begins", "ends", "column", "reason"),
    [
        ("2026-01-01", "2199-12-31", "聘期止", "超过10年"),
        ("2199-01-01", "2199-12-31", "聘期起", "开始日期应在"),
        ("2026-12-31", "2026-01-01", "聘期止", "早于开始日期"),
        ("2024-01-01", "2025-12-31", "聘期止", "选认年度"),
        ("2026-02-30", "2026-12-31", "聘期止", "没有2026-2-30这一天"),
    ],
)
def test_a_term_that_cannot_be_meant_is_refused_at_its_column(begins, ends, column, reason):
    (told,) = reasons(one(["姓名", "聘期起", "聘期止"], "陈某", begins, ends))
    assert reason in told
    assert told.startswith(column) or begins == "2026-02-30"


def test_the_usual_term_is_the_one_chosen_for_the_import():
    entry = one(["姓名", "电话"], "陈某", None, begins=date(2026, 6, 1), ends=date(2029, 5, 31))
    assert (entry.begins, entry.ends) == (date(2026, 6, 1), date(2029, 5, 31))
    assert "按2026-06-01至2029-05-31" in entry.notes[0]
