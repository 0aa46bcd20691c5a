"""The table behind the map as a workbook."""

import io
from collections.abc import Mapping, Sequence
from datetime import date

import xlsxwriter

from app.domain.calendar import Period
from app.domain.coverage import TownshipCover
from app.domain.divisions import Denominator
from app.domain.vocabulary import CoverDefinition

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_ROW = 4  # below title, scope and headings
HEADS = (
    "县（市、区）", "乡镇", "代码", *(d.label for d in CoverDefinition),
    "任命（项）", "全县申报（项）", "服务（次）", "确认（次）", "解决需求（件）", "界线",
)  # fmt: skip


def cover_workbook(
    cover: Sequence[TownshipCover],
    kinds: Mapping[str, str],
    scope: str,
    measured: Denominator,
    period: Period,
    today: date,
) -> bytes:
    """A sheet with a row a township, and one that says what each column means.

    `kinds`: township code → how far its line on the map may be trusted; `scope`: place and industry in words;
    `measured`: what cover is measured against.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("覆盖")
    bold, title = book.add_format({"bold": True, "bottom": 1}), book.add_format({"bold": True, "font_size": 14})
    sheet.write_string(0, 0, f"科技特派员乡镇覆盖（{period.first:%Y-%m-%d} 至 {period.last:%Y-%m-%d}）", title)
    sheet.write_string(
        1,
        0,
        f"统计范围：{scope}　分母：{measured.in_words}　任命以 {period.closing_day(today):%Y-%m-%d} 在任为准"
        f"　导出日期：{today}",
    )
    for column, head in enumerate(HEADS):
        sheet.write_string(FIRST_ROW - 1, column, head, bold)
    for row, t in enumerate(cover, start=FIRST_ROW):
        words = [t.county, t.name, t.code, *("是" if t.covered(d) else "否" for d in CoverDefinition)]
        for column, text in enumerate(words):
            sheet.write_string(row, column, text)
        figures = (t.appointments, t.county_wide, t.visits, t.confirmed_visits, t.demands_met)
        for column, figure in enumerate(figures, start=len(words)):
            sheet.write_number(row, column, figure)
        sheet.write_string(row, len(HEADS) - 1, kinds.get(t.code, "没有"))
    sheet.set_column(0, len(HEADS) - 1, 13)
    sheet.freeze_panes(FIRST_ROW, 2)
    _meanings(book)
    book.close()
    return out.getvalue()


def _meanings(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("口径说明")
    for row, definition in enumerate(CoverDefinition):
        sheet.write_string(row, 0, definition.label)
        sheet.write_string(row, 1, definition.meaning)
    sheet.write_string(len(CoverDefinition), 0, "全县申报")
    sheet.write_string(len(CoverDefinition), 1, "只写“全县”的申报不计入任何一个乡镇的覆盖。")
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 100)
