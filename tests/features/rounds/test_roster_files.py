"""What is sent instead of a workbook, and workbooks made to do harm: a clear message, and nothing is unpacked."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from app.domain.refusals import RuleBroken
from app.storage.files import LARGEST_SHEET_BYTES
from app.web import sheets
from app.web.sheets import read_workbook
from tests.features.rounds.workbooks import saved, workbook

OLD = bytes.fromhex("d0cf11e0a1b11ae1")


def refusal(content: bytes) -> str:
    with pytest.raises(RuleBroken) as refused:
        read_workbook(content)
    assert refused.value.field == "workbook"
    return refused.value.message


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def altered(content: bytes, name: str, change) -> bytes:
    """The same workbook with one part changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = change(parts.get(name, b""))
    return packed(parts)


SIMPLE = workbook(名册=[["姓名"], ["陈某"]])
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.7", "不是 Excel 工作簿"),
        ("姓名,电话\n陈某,1".encode(), "不是 Excel 工作簿"),
        (b"<html><table>", "不是 Excel 工作簿"),
        (OLD + b"\0" * 600, "旧格式"),
        (OLD + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        (packed({"content.xml": b"<office/>", "mimetype": b"application/vnd.oasis"}), "不是 .xlsx"),
        (packed({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"x"}), "不是 .xlsx"),
        (packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "不是 .xlsx"),
        (packed({"[Content_Types].xml": b"<Types", "xl/workbook.xml": b"<"}), "已损坏"),
        (SIMPLE[: len(SIMPLE) // 2], "不是 Excel 工作簿"),
        (altered(SIMPLE, SHEET, lambda xml: xml[:200]), "已损坏"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(content, told):
    message = refusal(content)
    assert told in message
    assert "请" in message


def test_too_large_a_file_is_refused_before_anything_is_read():
    assert f"超过{LARGEST_SHEET_BYTES // 1024**2} MB" in refusal(b"PK\x03\x04" + b"\0" * LARGEST_SHEET_BYTES)


def test_a_zip_bomb_is_not_unpacked():
    bomb = altered(SIMPLE, SHEET, lambda xml: xml + b" " * (sheets.MOST_UNPACKED_BYTES + 1))
    assert len(bomb) < 1024**2
    assert "解压后过大" in refusal(bomb)


def test_a_part_that_shrinks_a_thousandfold_is_a_bomb_too():
    assert "解压后过大" in refusal(altered(SIMPLE, SHEET, lambda xml: xml + b" " * (sheets.RATIO_MATTERS_FROM + 1)))


def test_thousands_of_parts_are_refused():
    parts = {f"xl/media/{n}.png": b"" for n in range(sheets.MOST_PARTS + 1)}
    assert "解压后过大" in refusal(packed({"[Content_Types].xml": b"<Types/>", **parts}))


def test_a_password_on_the_zip_is_told():
    content = bytearray(SIMPLE)
    content[6] |= 1
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    assert "加了密码" in refusal(bytes(content))


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused(coding):
    laughs = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'.encode(coding)
    assert "实体声明" in refusal(altered(SIMPLE, "xl/sharedStrings.xml", lambda _: laughs))


def test_more_rows_than_a_roster_has_are_refused(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 20)
    assert "超过20行" in refusal(workbook(一=[["陈某"]] * 15, 二=[["林某"]] * 6))
    assert len(read_workbook(workbook(一=[["陈某"]] * 15, 二=[["林某"]] * 5))) == 2


def test_one_far_away_cell_costs_nothing():
    book = Workbook()
    book.active["A1"], book.active["XFD1048576"], book.active["B1048576"] = "姓名", "远", "近"
    (sheet,) = read_workbook(saved(book))
    assert [(row.number, row.values) for row in sheet.rows] == [(1, ("姓名",)), (1_048_576, (None, "近"))]


def test_a_row_number_beyond_excel_is_not_counted_up_to():
    far = altered(SIMPLE, SHEET, lambda xml: xml.replace(b'r="2"', b'r="999999999"').replace(b"A2", b"A999999999"))
    (sheet,) = read_workbook(far)
    assert [row.number for row in sheet.rows] == [1]


def test_endless_text_is_cut():
    (sheet,) = read_workbook(workbook(名册=[["张" * 30_000]]))
    assert len(sheet.rows[0].values[0]) == sheets.MOST_CHARACTERS


def test_a_wrong_size_in_the_file_hides_no_row():
    wrong = altered(workbook(名册=[["姓名"], ["陈某"], ["林某"]]), SHEET, lambda x: x.replace(b"A1:A3", b"A1"))
    assert len(read_workbook(wrong)[0].rows) == 3


def test_blank_rows_are_left_out_and_numbers_stay_those_of_excel():
    (sheet,) = read_workbook(workbook(名册=[[None], ["姓名"], [" "], [None, None], ["陈某", 1, 2.5, None]]))
    assert [(row.number, row.values) for row in sheet.rows] == [(2, ("姓名",)), (5, ("陈某", 1, 2.5))]


def test_cells_merged_downwards_speak_for_each_of_their_rows():
    book = Workbook()
    for row in (["县", "姓名"], ["宁化县", "陈某"], [None, "林某"], [None, None], ["泰宁县", "王某"]):
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.active.merge_cells("C1:F1")
    (sheet,) = read_workbook(saved(book))
    assert [row.values for row in sheet.rows[1:]] == [("宁化县", "陈某"), ("宁化县", "林某"), ("泰宁县", "王某")]


def test_hidden_sheets_and_old_macs_are_told():
    from openpyxl.utils.datetime import MAC_EPOCH

    book = Workbook()
    book.epoch = MAC_EPOCH
    book.active.append(["姓名"])
    book.create_sheet("旧").append(["姓名"])
    book["旧"].sheet_state = "hidden"
    shown, hidden = read_workbook(saved(book))
    assert (shown.hidden, hidden.hidden) == (False, True)
    assert shown.epoch.year == 1904
