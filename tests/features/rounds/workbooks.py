"""Workbooks made in the test: a roster as a county would type it, with whatever a test wants to go wrong."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

HEADINGS = (
    "序号",
    "姓名",
    "性别",
    "身份证号",
    "联系电话",
    "工作单位",
    "职称",
    "专业特长",
    "县（市、区）",
    "服务乡镇",
    "产业",
)
TITLE = "科技特派员名册"


def workbook(**sheets: Iterable[Sequence[Any]]) -> bytes:
    """An .xlsx with these sheets of rows."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def roster(people: Iterable[dict[str, Any]], headings: Sequence[str] = HEADINGS, title: str | None = TITLE) -> bytes:
    """One sheet: a title, the headings, one row a person; `people` say only what they fill."""
    rows: list[list[Any]] = [[title]] if title else []
    rows.append(list(headings))
    for number, person in enumerate(people, start=1):
        unknown = set(person) - set(headings)
        assert not unknown, f"no such column: {unknown}"
        rows.append([person.get(h, number if h == "序号" else None) for h in headings])
    return workbook(名册=rows)
