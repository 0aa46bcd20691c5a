"""Reading an uploaded workbook safely: nothing is unpacked unweighed, and every refusal says what to do.

An .xlsx is a zip of XML. Weighed before openpyxl sees it: the file, the number of its parts, what they unpack to, how
far they were compressed, and that no part declares entities. While reading, rows, columns and cell lengths are capped:
one far-away cell must not become a million rows in memory.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from app.domain.refusals import RuleBroken
from app.domain.rosters.workbook import EXCEL_EPOCH, Sheet, SheetRow, Value
from app.storage.files import LARGEST_SHEET_BYTES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_PARTS = 2_000
MOST_UNPACKED_BYTES = 80 * 1024 * 1024
# XML of tables shrinks about tenfold; a thousandfold is made on purpose.
HIGHEST_RATIO = 200
RATIO_MATTERS_FROM = 10 * 1024 * 1024
MOST_SHEETS = 60
MOST_ROWS = 10_000
MOST_COLUMNS = 120
MOST_CHARACTERS = 2_000
LAST_ROW = 1_048_576  # where Excel itself ends

OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")

SAVE_AS = "请用 Excel 或 WPS 打开，“另存为”选择“Excel 工作簿（*.xlsx）”，再上传新文件。"
DAMAGED = f"这个工作簿已损坏，无法读取。{SAVE_AS}"


def read_workbook(content: bytes, field: str = "workbook") -> list[Sheet]:
    """The sheets of an .xlsx, without blank rows. Refused (naming `field`): what is none, or too large."""
    try:
        with _weighed(content) as archive:
            return list(_sheets(content, archive))
    except RuleBroken as refusal:
        raise RuleBroken(refusal.message, field=field) from None
    except Exception:  # openpyxl answers a damaged file with whatever it stumbled over
        raise RuleBroken(DAMAGED, field=field) from None


def _weighed(content: bytes) -> zipfile.ZipFile:
    """The archive of a workbook that may be unpacked."""
    if len(content) > LARGEST_SHEET_BYTES:
        limit = LARGEST_SHEET_BYTES // 1024**2
        raise RuleBroken(f"工作簿超过{limit} MB。请删去图片和无关的工作表，或分成几个文件后再上传。")
    if content.startswith(OLD_OFFICE):
        if ENCRYPTED_STREAM in content:
            raise RuleBroken(
                "这个工作簿设了打开密码，系统读不了。请在 Excel 中取消密码（文件—信息—保护工作簿）后再上传。"
            )
        raise RuleBroken(f"这是旧格式（.xls 或 .et）的文件，只能导入 .xlsx。{SAVE_AS}")
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise RuleBroken(
            f"这个文件不是 Excel 工作簿（.xlsx），改扩展名不会改变格式。{SAVE_AS}"
            if content
            else "文件是空的，请重新选择。"
        )
    archive = zipfile.ZipFile(io.BytesIO(content))
    _weigh_parts(archive.infolist())
    names = set(archive.namelist())
    if "xl/workbook.bin" in names or "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise RuleBroken(f"这个文件不是 .xlsx 工作簿。{SAVE_AS}")
    for name in names:
        if name.endswith((".xml", ".rels", ".vml")) and _declares_entities(archive.read(name)):
            raise RuleBroken(f"工作簿里有不允许的内容（XML 实体声明），为安全起见不予读取。{SAVE_AS}")
    return archive


def _weigh_parts(parts: list[zipfile.ZipInfo]) -> None:
    unpacked, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise RuleBroken("这个文件加了密码，系统读不了。请取消密码后再上传。")
    bomb = unpacked > RATIO_MATTERS_FROM and unpacked > HIGHEST_RATIO * max(packed, 1)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES or bomb:
        raise RuleBroken(
            f"这个工作簿解压后过大（{max(unpacked // 1024**2, 1):,} MB），为安全起见不予读取。"
            "请只保留名册这一张表，把内容复制到新建的工作簿中再上传。"
        )


def _declares_entities(part: bytes) -> bool:
    """Whether a part of XML declares a document type; written in two bytes a letter it does not look like ASCII."""
    return bool(ENTITIES.search(part) or ENTITIES.search(part.replace(b"\0", b"")))


def _sheets(content: bytes, archive: zipfile.ZipFile) -> Iterator[Sheet]:
    from openpyxl import load_workbook  # 15 MB of modules that a worker serving forms does not need

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about validation lists and styles, which are not read here
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            if len(book.worksheets) > MOST_SHEETS:
                raise RuleBroken(f"工作簿有{len(book.worksheets)}张工作表，最多{MOST_SHEETS}张。请只保留名册。")
            room = MOST_ROWS
            for sheet in book.worksheets:
                read = _sheet(sheet, archive, room)
                room -= len(read.rows)
                yield read
        finally:
            book.close()


def _sheet(sheet: Any, archive: zipfile.ZipFile, room: int) -> Sheet:
    sheet.reset_dimensions()  # some programs write a size that cuts rows off
    rows = _rows(sheet.title, sheet.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS, values_only=True), room)
    merged = _merged(archive.read(sheet._worksheet_path), rows[-1].number if rows else 0)
    epoch = sheet.parent.epoch.date() if sheet.parent.epoch else EXCEL_EPOCH
    return Sheet(sheet.title, tuple(_filled_down(rows, merged)), sheet.sheet_state != "visible", epoch)


def _rows(name: str, rows: Iterable[tuple[Any, ...]], room: int) -> list[SheetRow]:
    """The rows that hold anything, with their numbers; `room` is how many may still come."""
    found: list[SheetRow] = []
    for number, values in enumerate(rows, start=1):
        if not any(value is not None for value in values):
            continue
        plain = tuple(_plain(value) for value in values)
        if not any(value is not None for value in plain):
            continue
        if len(found) == room:
            raise RuleBroken(f"工作表“{name[:30]}”到第{number}行已超过{MOST_ROWS:,}行，请分成几个文件导入。")
        last = max(place for place, value in enumerate(plain) if value is not None)
        found.append(SheetRow(number, plain[: last + 1]))
    return found


def _plain(value: Any) -> Value:
    """A value that the policy knows; text without blanks at its ends, cut where no field is that long."""
    if isinstance(value, str):
        return value[:MOST_CHARACTERS].strip() or None
    if value is None or isinstance(value, bool | int | float | date | datetime):
        return value
    return str(value)[:MOST_CHARACTERS]


def _merged(part: bytes, last: int) -> list[tuple[int, int, int]]:
    """(column, first row, last row) of cells merged downwards; openpyxl does not tell when reading only."""
    areas = []
    for left, top, _, bottom in MERGED.findall(part):
        first, end = int(top), min(int(bottom), last)
        if first < end:
            areas.append((_column(left), first, end))
    return areas[:MOST_ROWS]


def _column(letters: bytes) -> int:
    """A → 0, AA → 26."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1


def _filled_down(rows: list[SheetRow], merged: list[tuple[int, int, int]]) -> Iterator[SheetRow]:
    """The rows with the value of a merged cell in each row that it spans, as a reader sees it.

    Rows that hold nothing else stay away: a merged cell alone makes no row.
    """
    by_number = {row.number: row for row in rows}
    filled: dict[int, dict[int, Value]] = {}
    for column, first, end in merged:
        top = by_number.get(first)
        if top is None or top.value(column) is None:
            continue
        for number in range(first + 1, end + 1):
            if number in by_number:
                filled.setdefault(number, {})[column] = top.value(column)
    for row in rows:
        more = filled.get(row.number)
        if more is None:
            yield row
            continue
        values = list(row.values) + [None] * (max(more) + 1 - len(row.values))
        for column, value in more.items():
            values[column] = value if values[column] is None else values[column]
        yield SheetRow(row.number, tuple(values))
