"""The tally as a workbook: figures, results and what each figure means; and the rows behind one figure."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from app.domain.counting import Headcount
from app.domain.tallies import HEADCOUNT_FIGURES, SERVICE_FIGURES, Figure, Question, ServiceFigures, Tally
from app.domain.vocabulary import Level

Cell = str | int | float | date | None

# A whole city's visits of a year; beyond it somebody wants the exchange files, not a workbook.
MOST_ROWS = 50_000
FIRST_ROW = 4  # below title, scope and headings


class _Sheet:
    """A sheet that is ready to be printed and handed in: title, scope, headings that stay, page numbers."""

    def __init__(self, book: Any, name: str, title: str, scope: str, widths: Sequence[int]) -> None:
        self.sheet = book.add_worksheet(name)
        self.formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "vcenter"}),
            "sum": book.add_format({"bold": True, "top": 1}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "words": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        self.sheet.write_string(0, 0, title, self.formats["title"])
        self.sheet.write_string(1, 0, scope)
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&C第 &P 页，共 &N 页")
        self.sheet.repeat_rows(FIRST_ROW - 1)
        self.sheet.freeze_panes(FIRST_ROW, 1)

    def heads(self, heads: Sequence[str]) -> None:
        for column, head in enumerate(heads):
            self.sheet.write_string(FIRST_ROW - 1, column, head, self.formats["head"])

    def row(self, number: int, cells: Iterable[Cell], look: str | None = None) -> None:
        """Words as words (never as formulas), figures as figures, days as days."""
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                self.sheet.write_datetime(number, column, cell, self.formats["day"])
            elif isinstance(cell, int | float):
                self.sheet.write_number(number, column, cell, self.formats.get(look or ""))
            elif cell:
                self.sheet.write_string(number, column, cell, self.formats.get(look or ""))


def _title(question: Question, what: str) -> str:
    span = f"{question.first_year}—{question.last_year}年"
    return f"科技特派员{what}（{span if question.last_year > question.first_year else f'{question.first_year}年'}）"


def tally_workbook(tally: Tally, scope: str) -> bytes:
    """Three sheets; figures are numbers, so that they can be added up where that makes sense."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    said = f"统计范围：{scope}　导出日期：{tally.asked_on:%Y-%m-%d}"
    _figures_sheet(book, tally, said)
    results = _Sheet(book, "成果", _title(tally.question, "服务成果"), said, (28, 10, 16, 16))
    results.heads(["成果", "单位", "填报", "其中已确认"])
    for number, result in enumerate(tally.results, start=FIRST_ROW):
        amounts = (result.claimed / result.per_unit, result.confirmed / result.per_unit)
        results.row(number, (result.title, result.unit, *amounts))
    meanings = _Sheet(book, "指标说明", _title(tally.question, "指标说明"), said, (24, 110))
    meanings.heads(["指标", "怎么算"])
    notes = [("层级", tally.question.level_rule.meaning), (f"分{tally.dimension.label}", tally.dimension.adds_up)]
    notes += [(_named(figure), figure.meaning) for figure in Figure]
    for number, note in enumerate(notes, start=FIRST_ROW):
        meanings.row(number, note, "words")
    book.close()
    return out.getvalue()


def _named(figure: Figure) -> str:
    return f"{figure.label}（{figure.unit}）" if figure.unit else figure.label


def _figures_sheet(book: Any, tally: Tally, said: str) -> None:
    """A row for each part of the dimension and one for all: figures of each level, of all levels, and service."""
    heads = [tally.dimension.label]
    heads += [f"{label}{_named(f)}" for label in (*(x.label for x in Level), "合计") for f in HEADCOUNT_FIGURES]
    heads += [_named(f) for f in SERVICE_FIGURES]
    sheet = _Sheet(book, "统计", _title(tally.question, "年终统计"), said, (20, *[9] * (len(heads) - 1)))
    sheet.heads(heads)
    for number, row in enumerate(tally.rows, start=FIRST_ROW):
        sheet.row(number, (row.title, *_figures(row.levels, row.all_levels, row.service)))
    totals = tally.totals
    last = FIRST_ROW + len(tally.rows)
    sheet.row(last, ("合计", *_figures(totals.levels, totals.all_levels, totals.service)), "sum")
    sheet.row(last + 1, (_named(Figure.TEAM_MEMBERS), totals.team_members))


def _figures(levels: dict[Level, Headcount], together: Headcount, service: ServiceFigures) -> list[float]:
    """Half-days as days, everything else as it is."""
    heads = [getattr(count, f.value) for count in (*(levels[x] for x in Level), together) for f in HEADCOUNT_FIGURES]
    return heads + [getattr(service, f.value) / (2 if f is Figure.HALF_DAYS else 1) for f in SERVICE_FIGURES]


def rows_workbook(
    question: Question,
    figure: Figure,
    name: str,
    scope: str,
    count: int,
    heads: Sequence[str],
    lines: Iterable[Sequence[Cell]],
    day: date,
) -> bytes:
    """The rows behind one figure, called `name`; says so where there are more than it holds."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    said = f"统计范围：{scope}　共{count}条　导出日期：{day:%Y-%m-%d}"
    if count > MOST_ROWS:
        said += f"　只列出前{MOST_ROWS}条，请缩小范围分次导出"
    sheet = _Sheet(book, "明细", _title(question, f"{name}明细"), said, (32, *[18] * (len(heads) - 1)))
    sheet.heads(heads)
    for number, line in enumerate(lines, start=FIRST_ROW):
        sheet.row(number, line)
    sheet.sheet.write_string(2, 0, figure.meaning)
    book.close()
    return out.getvalue()
