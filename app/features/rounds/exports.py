"""The empty roster that counties may fill in: every heading that importing reads, in its own words."""

import io

from app.domain.rosters.headings import Field
from app.domain.vocabulary import Ground, Kind, Level, Source

COLUMNS = (
    Field.SERIAL, Field.NAME, Field.GENDER, Field.ID_NUMBER, Field.PHONE, Field.EMPLOYER, Field.TITLE, Field.EDUCATION,
    Field.SPECIALITY, Field.KIND, Field.LEVEL, Field.SOURCE, Field.YEAR, Field.BEGINS, Field.ENDS, Field.COUNTY,
    Field.TOWNSHIPS, Field.INDUSTRY, Field.GROUND, Field.DOCUMENT, Field.TEAM, Field.LEADER, Field.MEMBERS,
    Field.ENTITY, Field.CREDIT_CODE, Field.REMARK,
)  # fmt: skip
CHOICES = {Field.KIND: Kind, Field.LEVEL: Level, Field.SOURCE: Source, Field.GROUND: Ground}
ROWS_WITH_CHOICES = 2_000
HINTS = (
    "填写说明：除姓名（团队写团队名称和负责人，法人写单位名称）外，没有的内容可以空着；列的顺序可以改，也可以增减列。",
    "身份证号、联系电话、统一社会信用代码三列已设为文本格式，请直接填写，不要改成数字。",
    "服务乡镇有几个的，用顿号隔开；服务全县的写“全县”。团队可以一行写完（成员用顿号隔开），也可以每名成员一行。",
)
TEXT_COLUMNS = frozenset({Field.ID_NUMBER, Field.PHONE, Field.CREDIT_CODE, Field.BEGINS, Field.ENDS})


def empty_roster() -> bytes:
    """An .xlsx with the headings, text columns where Excel would spoil numbers, and lists to choose from."""
    from xlsxwriter import Workbook  # only when somebody asks for the file

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        heading = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter"})
        text = book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(COLUMNS):
            width = 22 if column in TEXT_COLUMNS else 14
            sheet.set_column(place, place, width, text if column in TEXT_COLUMNS else None)
            sheet.write_string(0, place, column.label, heading)
            if column in CHOICES:
                labels = [member.label for member in CHOICES[column]]
                sheet.data_validation(1, place, ROWS_WITH_CHOICES, place, {"validate": "list", "source": labels})
        hints = book.add_worksheet("填写说明")
        for row, words in enumerate(HINTS):
            hints.write_string(row, 0, words)
    return out.getvalue()
