"""How a roster is read: headings, which rows are nobody's, names, numbers, kinds, levels, sources."""

import pytest

from app.domain.identity import id_check_digit
from app.domain.refusals import RuleBroken
from app.domain.rosters.headings import Field, find_headings, read_heading
from app.domain.vocabulary import Ground, Kind, Source
from tests.domain.roster_books import one, read, reasons, sheet

FIRST17 = "35042419800517123"
NUMBER = FIRST17 + id_check_digit(FIRST17)


# ----- headings


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("姓名", Field.NAME),
        ("姓　名", Field.NAME),
        ("名字", Field.NAME),
        ("科技特派员姓名", Field.NAME),
        ("*身份证号码", Field.ID_NUMBER),
        ("证件号", Field.ID_NUMBER),
        ("手机（必填）", Field.PHONE),
        ("联系电话:", Field.PHONE),
        ("派出单位", Field.SENDING_UNIT),
        ("所在单位", Field.EMPLOYER),
        ("职务/职称", Field.TITLE),
        ("专业/特长/服务领域", Field.SPECIALITY),
        ("类别（个人/团队/法人）", Field.KIND),
        ("县(市、区)", Field.COUNTY),
        ("聘期", Field.TERM),
        ("聘期（起）", Field.BEGINS),
        ("任期止", Field.ENDS),
        ("聘期起止时间", Field.TERM),
        ("选认起", Field.BEGINS),
        ("有效期截止日期", Field.ENDS),
        ("任期\n开始时间", Field.BEGINS),
        ("服务乡镇（街道）", Field.TOWNSHIPS),
        ("负责人/成员", Field.ROLE),
        ("成员2", Field.MEMBERS),
        ("统一社会信用代码", Field.CREDIT_CODE),
        ("银行卡号", Field.REMARK),
        ("喜欢的颜色", None),
        (2026, None),
        (None, None),
    ],
)
def test_headings_are_known_in_many_wordings(words, meant):
    assert read_heading(words) is meant


def test_titles_stand_above_the_headings_and_may_name_the_county():
    rows = [
        ["尤溪县2026年科技特派员名册"],
        ["填报单位：尤溪县科技局"],
        [None],
        ["序号", "姓名", "电话"],
        [1, "陈某", None],
    ]
    reading = read(sheet(*rows), county_code=None)
    assert [(e.name, e.rows, e.county_code) for e in reading.entries] == [("陈某", (5,), "350426")]


def test_headings_over_two_rows():
    rows = [
        ["姓名", "聘期", None, "职称"],
        [None, "起", "止", None],
        ["陈某", "2026.1", "2026.12", "农艺师"],
    ]
    found = find_headings(sheet(*rows))
    assert set(found.columns) == {Field.NAME, Field.BEGINS, Field.ENDS, Field.TITLE}
    entry = read(sheet(*rows)).entries[0]
    assert (str(entry.begins), str(entry.ends), entry.people[0].title) == ("2026-01-01", "2026-12-31", "农艺师")


def test_columns_may_stand_in_any_order_and_unknown_ones_are_named():
    reading = read(sheet(["喜欢的颜色", "手机", "姓名"], ["绿", "13900000001", "陈某"]))
    assert reading.entries[0].people[0].phone == "13900000001"
    assert reading.remarks == ("工作表“名册”中未读取的列：喜欢的颜色",)


def test_a_sheet_without_headings_is_passed_over_and_said():
    reading = read(sheet(["填表须知"], ["请如实填写"], name="说明"), sheet(["姓名"], ["陈某"]))
    assert [entry.name for entry in reading.entries] == ["陈某"]
    assert "工作表“说明”没有可识别的表头" in reading.remarks[0]


@pytest.mark.parametrize("rows", [[["甲", "乙"], ["丙", "丁"]], [["身份证号", "电话"], [NUMBER, "13900000001"]]])
def test_a_workbook_without_any_naming_column_is_refused(rows):
    with pytest.raises(RuleBroken, match="没有找到表头") as refused:
        read(sheet(*rows))
    assert refused.value.field == "workbook"


def test_a_workbook_without_people_is_refused():
    with pytest.raises(RuleBroken, match="没有人员"):
        read(sheet(["姓名", "电话"], ["合计", None], ["备注：以上名单已公示"]))


def test_sums_remarks_repeated_headings_and_bare_numbers_are_nobody():
    rows = [
        ["序号", "姓名", "电话", "备注"],
        [1, "陈某", "13900000001", None],
        ["序号", "姓名", "电话", "备注"],
        [2, "林某", None, "注意：备注栏里的字不要紧"],
        [3, None, None, None],
        ["合计", "2人", None, None],
        ["备注：名单按姓氏笔画排列", None, None, None],
        [None, "填表人：王某", None, None],
        ["审核人：", None, None, None],
    ]
    assert [entry.name for entry in read(sheet(*rows)).entries] == ["陈某", "林某"]


def test_a_person_called_by_a_closing_word_is_a_person():
    assert [e.name for e in read(sheet(["姓名", "电话"], ["注文", "13900000001"], ["合计", None])).entries] == ["注文"]


def test_hidden_sheets_are_not_read():
    from dataclasses import replace

    hidden = replace(sheet(["姓名", "电话"], ["旧名单", None], name="去年"), hidden=True)
    reading = read(hidden, sheet(["姓名", "电话"], ["陈某", None]))
    assert [entry.name for entry in reading.entries] == ["陈某"]
    assert reading.remarks == ("工作表“去年”是隐藏的，未读取",)


# ----- names and numbers


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张 三", "张三"),
        ("张　三", "张三"),
        ("张\u00a0三", "张三"),
        ("\u200b陈某\ufeff", "陈某"),
        ("陈某（女）", "陈某"),
        ("阿不都•热西提", "阿不都·热西提"),
        ("Ｊａｎｅ  Doe", "Jane Doe"),
    ],
)
def test_names_are_made_plain(written, name):
    assert one(["姓名", "电话"], written, "13900000001").people[0].name == name


@pytest.mark.parametrize(
    ("written", "reason"),
    [("张三、李四", "几个姓名"), ("张三2", "姓名里有数字"), ("#N/A", "公式错误"), ("张" * 61, "最多60个字")],
)
def test_what_is_no_name_is_refused_with_its_column(written, reason):
    (told,) = reasons(one(["姓名", "电话"], written, "13900000001"))
    assert told.startswith("姓名：")
    assert reason in told


@pytest.mark.parametrize(
    "written", [NUMBER, f" {NUMBER}", f"'{NUMBER}", NUMBER.replace("3504", "３５０４", 1), int(NUMBER)]
)
def test_identity_numbers_are_read(written):
    assert one(["姓名", "身份证号"], "陈某", written).people[0].id_number == NUMBER


@pytest.mark.parametrize("written", [3.50424198005171e17, 350424198005171000, "3.50424E+17", "3.50424198005171E+17"])
def test_an_identity_number_that_excel_has_spoilt_says_so_and_what_to_do(written):
    (told,) = reasons(one(["姓名", "身份证号码"], "陈某", written))
    assert told.startswith("身份证号码：Excel 把身份证号当成数字")
    assert "设为“文本”" in told


def test_a_wrong_check_digit_is_refused_and_shown_masked():
    wrong = NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1")
    (problem,) = one(["姓名", "身份证号"], "陈某", wrong).problems
    assert "校验码不对" in problem.reason
    assert (problem.sheet, problem.row, problem.column) == ("名册", 2, "身份证号")
    assert problem.value == f"{wrong[:3]}{'*' * 11}{wrong[-4:]}"


def test_numbers_of_persons_never_stand_in_clear_in_a_problem():
    entry = one(["姓名", "联系电话", "服务乡镇"], f"陈某{NUMBER}", "1390000000", "13900000001")
    told = " ".join(f"{p.value}{p.reason}" for p in entry.problems)
    assert NUMBER not in told
    assert "13900000001" not in told
    assert "1390000000" not in told


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        (13900000001, "13900000001"),
        (13900000001.0, "13900000001"),
        ("139-0000-0001", "13900000001"),
        ("+86 13900000001", "13900000001"),
        ("13900000001/0598-8221234", "13900000001"),
        ("０５９８－８２２１２３４", "05988221234"),
        ("无", None),
        ("—", None),
    ],
)
def test_phones_are_read(written, digits):
    assert one(["姓名", "手机"], "陈某", written).people[0].phone == digits


def test_foreign_papers_are_not_taken_for_identity_numbers():
    entry = one(["姓名", "证件号", "来源"], "陈某", "01234567", "台湾")
    assert entry.people[0].id_number is None
    assert entry.source is Source.TAIWAN
    assert "证件号不登记" in entry.notes[0]


def test_a_sex_that_contradicts_the_number_is_said():
    assert any("性别写的是女" in note for note in one(["姓名", "性别", "身份证号"], "陈某", "女", NUMBER).notes)


def test_all_problems_of_a_row_are_told_at_once():
    entry = one(["姓名", "身份证号", "电话", "聘期", "服务乡镇"], "陈某", "123", "12", "下个月", "火星镇")
    assert [p.column for p in entry.problems] == ["身份证号", "电话", "聘期", "服务乡镇"]


# ----- what is appointed


def test_without_a_kind_column_everybody_is_an_individual():
    assert one(["姓名", "团队名称"], "陈某", "茶产业团队").kind is Kind.INDIVIDUAL


@pytest.mark.parametrize(
    ("written", "kind"), [("个人", Kind.INDIVIDUAL), ("自然人", Kind.INDIVIDUAL), (None, Kind.INDIVIDUAL)]
)
def test_kinds(written, kind):
    assert one(["姓名", "类别"], "陈某", written).kind is kind


def test_an_unknown_kind_is_refused():
    assert "类别应为个人、团队或法人" in reasons(one(["姓名", "类别"], "陈某", "其它"))[0]


@pytest.mark.parametrize("written", ["县级", "县（市、区）级", "区级", None])
def test_the_level_of_the_import_is_accepted(written):
    assert one(["姓名", "级别"], "陈某", written).problems == ()


def test_another_level_or_year_belongs_into_its_own_import():
    told = reasons(one(["姓名", "级别", "选认年度"], "陈某", "市级", "2025年度"))
    assert "本次导入的是县级，这一行是市级" in told[0]
    assert "本次导入的是2026年度，这一行是2025年度" in told[1]


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ("本县", Source.COUNTY),
        ("京闽合作", Source.BEIJING),
        ("省外", Source.OTHER_PROVINCE),
        ("高校工作站", Source.UNIVERSITY_STATION),
    ],
)
def test_sources(written, source):
    assert one(["姓名", "来源"], "陈某", written).source is source


def test_a_source_that_is_not_known_is_refused_with_the_choices():
    assert "来源应为本县、本市、省内" in reasons(one(["姓名", "来源"], "陈某", "火星"))[0]


def test_grounds_and_documents():
    entry = one(["姓名", "选认依据", "文号"], "陈某", "领办创办经济实体", "明科农〔2026〕5号")
    assert (entry.ground, entry.document) == (Ground.LEADS_ENTITY, "明科农〔2026〕5号")
    vague = one(["姓名", "选认依据"], "陈某", "表现好")
    assert vague.ground is Ground.NOT_STATED
    assert "记为未注明" in " ".join(vague.notes)
