"""The table behind the map as a workbook."""

import io
from collections.abc import Sequence
from datetime import date

import xlsxwriter

from app.domain.coverage import TownshipCover

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADS = ("县（市、区）", "乡镇", "代码", "任命（项）", "全县申报（项）", "服务（次）", "确认（次）", "解决需求（件）")


def cover_workbook(cover: Sequence[TownshipCover], first: int, last: int, day: date) -> bytes:
    """One sheet: a title with its years and the day of export, headings, a row a township."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("覆盖")
    bold = book.add_format({"bold": True})
    sheet.write(0, 0, f"乡镇覆盖 {first}—{last}年（导出日期 {day:%Y-%m-%d}）", bold)
    for column, head in enumerate(HEADS):
        sheet.write(2, column, head, bold)
    for row, t in enumerate(cover, start=3):
        for column, words in enumerate((t.county, t.name, t.code)):
            sheet.write_string(row, column, words)
        figures = (t.appointments, t.county_wide, t.visits, t.confirmed_visits, t.demands_met)
        for column, figure in enumerate(figures, start=3):
            sheet.write_number(row, column, figure)
    sheet.set_column(0, len(HEADS) - 1, 14)
    book.close()
    return out.getvalue()
