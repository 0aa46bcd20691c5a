"""The tally as a workbook: the table, the results, and what each figure means."""

import io
from typing import Any

import xlsxwriter

from app.domain.tallies import HEADCOUNT_FIGURES, SERVICE_FIGURES, Figure, Tally
from app.domain.vocabulary import Level

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def tally_workbook(tally: Tally, place: str) -> bytes:
    """Three sheets; figures are numbers, so that they can be added up where that makes sense."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    bold = book.add_format({"bold": True})
    asked = tally.question
    title = f"{place}科技特派员统计 {asked.first_year}—{asked.last_year}年（{tally.asked_on:%Y-%m-%d} 导出）"
    _table(book.add_worksheet("统计"), bold, tally, title)
    _results(book.add_worksheet("成果"), bold, tally)
    meanings = book.add_worksheet("指标说明")
    for row, figure in enumerate(Figure):
        meanings.write_row(
            row, 0, [f"{figure.label}（{figure.unit}）" if figure.unit else figure.label, figure.meaning]
        )
    book.close()
    return out.getvalue()


def _table(sheet: Any, bold: Any, tally: Tally, title: str) -> None:
    sheet.write(0, 0, title, bold)
    heads = [tally.dimension.label]
    heads += [f"{level.label}{f.label}（{f.unit}）" for level in Level for f in HEADCOUNT_FIGURES]
    heads += [f"{f.label}（{f.unit}）" for f in SERVICE_FIGURES]
    sheet.write_row(2, 0, heads, bold)
    for number, row in enumerate(tally.rows, start=3):
        sheet.write_row(number, 0, [row.title, *_figures(row.levels, row.service)])
    sheet.write_row(3 + len(tally.rows), 0, ["合计", *_figures(tally.totals.levels, tally.totals.service)], bold)
    sheet.set_column(0, len(heads) - 1, 14)


def _figures(levels: Any, service: Any) -> list[float]:
    counts = [getattr(levels[level], figure.value) for level in Level for figure in HEADCOUNT_FIGURES]
    return counts + [_shown(figure, getattr(service, figure.value)) for figure in SERVICE_FIGURES]


def _shown(figure: Figure, value: int) -> float:
    """Half-days are shown as days; everything else as it is."""
    return value / 2 if figure is Figure.HALF_DAYS else value


def _results(sheet: Any, bold: Any, tally: Tally) -> None:
    sheet.write_row(0, 0, ["成果", "单位", "填报", "其中已确认"], bold)
    for number, result in enumerate(tally.results, start=1):
        amounts = [result.claimed / result.per_unit, result.confirmed / result.per_unit]
        sheet.write_row(number, 0, [result.title, result.unit, *amounts])
