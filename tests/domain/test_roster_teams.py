"""Teams in one row or in several, and legal entities."""

from app.domain.identity import credit_check_character
from app.domain.vocabulary import Kind, OrganisationKind
from tests.domain.roster_books import TEA, one, read, reasons, sheet

FIRST17 = "9135042400000000A"
CODE = FIRST17 + credit_check_character(FIRST17)


def names(entry):
    return [person.name for person in entry.people]


def test_a_team_in_one_row_with_its_members_in_one_cell():
    entry = one(
        ["类别", "团队名称", "负责人", "负责人电话", "成员"],
        "团队",
        "茶产业团队",
        "陈某",
        "13900000001",
        "林某（宁化县农业农村局）、王某13900000002，张 三；李某某（教授）",
    )
    assert (entry.kind, entry.name, names(entry)) == (
        Kind.TEAM,
        "茶产业团队",
        ["陈某", "林某", "王某", "张三", "李某某"],
    )
    leader, lin, wang, _, li = entry.people
    assert leader.phone == "13900000001"
    assert (lin.employer, wang.phone, li.employer) == ("宁化县农业农村局", "13900000002", "")


def test_a_team_in_several_rows_says_who_leads():
    rows = [
        ["类别", "团队名称", "姓名", "负责人/成员", "工作单位", "服务乡镇", "产业"],
        ["团队", "茶产业团队", "林某", "成员", "甲单位", "淮土镇", "茶叶"],
        ["团队", "茶产业团队", "陈某", "负责人", "乙单位", "石壁镇", "茶叶"],
        ["个人", None, "王某", None, None, None, None],
        ["团队", "茶产业团队", "张某", "成员", None, None, None],
    ]
    team, person = read(sheet(*rows)).entries
    assert (names(team), team.rows, team.sending_unit) == (["陈某", "林某", "张某"], (2, 3, 5), "乙单位")
    assert team.cover == (("350424103", TEA), ("350424106", TEA))
    assert (person.kind, person.name) == (Kind.INDIVIDUAL, "王某")
    assert len({mention.key for mention in team.people}) == 3


def test_without_a_word_the_first_leads_and_it_is_said():
    rows = [["类别", "团队名称", "姓名"], ["团队", "茶产业团队", "林某"], ["团队", "茶产业团队", "陈某"]]
    team = read(sheet(*rows)).entries[0]
    assert names(team) == ["林某", "陈某"]
    assert "没有注明负责人，按第一位林某" in team.notes


def test_the_leader_who_also_stands_among_the_members_is_one_person():
    entry = one(["类别", "团队名称", "负责人", "成员"], "团队", "茶产业团队", "陈某", "陈某、林某")
    assert names(entry) == ["陈某", "林某"]


def test_a_leader_in_a_column_and_members_in_rows():
    rows = [
        ["类别", "团队名称", "负责人", "姓名", "电话"],
        ["团队", "茶产业团队", "陈某", "陈某", "13900000001"],
        ["团队", "茶产业团队", "陈某", "林某", "13900000002"],
    ]
    team = read(sheet(*rows)).entries[0]
    assert [(p.name, p.phone) for p in team.people] == [("陈某", "13900000001"), ("林某", "13900000002")]


def test_a_team_without_a_name_or_without_anybody_is_refused():
    assert "团队要写团队名称" in reasons(one(["类别", "团队名称", "姓名"], "团队", None, "陈某"))[0]
    assert "团队要写负责人" in reasons(one(["类别", "团队名称", "姓名"], "团队", "茶产业团队", None))[0]


def test_one_wrong_member_keeps_the_whole_team_out():
    rows = [["类别", "团队名称", "姓名", "身份证号"], ["团队", "队", "林某", None], ["团队", "队", "陈某", "123"]]
    team = read(sheet(*rows)).entries[0]
    assert [(p.row, p.column) for p in team.problems] == [(3, "身份证号")]


def test_a_sheet_called_teams_needs_no_kind_column():
    rows = [["团队名称", "姓名", "角色"], ["茶产业团队", "陈某", "负责人"], ["茶产业团队", "林某", "成员"]]
    assert read(sheet(*rows, name="团队")).entries[0].kind is Kind.TEAM
    assert one(["团队名称", "负责人", "成员"], "茶产业团队", "陈某", "林某").kind is Kind.TEAM


def test_teams_of_one_name_in_two_counties_are_two():
    rows = [["类别", "团队名称", "负责人", "县"], ["团队", "队", "陈某", "宁化县"], ["团队", "队", "林某", "泰宁县"]]
    assert len(read(sheet(*rows)).entries) == 2


def test_a_legal_entity():
    entry = one(
        ["类别", "单位名称", "统一社会信用代码", "联系电话", "负责人"],
        "法人",
        "测试茶叶专业合作社",
        CODE,
        "13900000001",
        "陈某",
    )
    assert (entry.kind, entry.name, entry.people) == (Kind.ENTITY, "测试茶叶专业合作社", ())
    facts = entry.entity
    assert (facts.kind, facts.credit_code) == (OrganisationKind.COOPERATIVE, CODE)
    assert (facts.contact_name, facts.contact_phone) == ("陈某", "13900000001")


def test_an_entity_may_stand_in_the_column_of_names():
    entry = one(["姓名", "类别"], "测试茶业有限公司", "法人")
    assert (entry.kind, entry.entity.name, entry.entity.kind) == (
        Kind.ENTITY,
        "测试茶业有限公司",
        OrganisationKind.ENTERPRISE,
    )


def test_an_entity_with_a_wrong_code_or_without_a_name_is_refused():
    assert "校验码不对" in reasons(one(["类别", "单位名称", "信用代码"], "法人", "某公司", FIRST17 + "X"))[0]
    assert "要写单位名称" in reasons(one(["类别", "单位名称", "姓名", "电话"], "法人", None, None, "13900000001"))[0]
