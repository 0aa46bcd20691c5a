"""Where a roster's people come from and serve: counties by code and old name, townships, industries."""

import pytest

from app.domain.vocabulary import Level
from tests.domain.roster_books import AGRICULTURE, CAMELLIA, FUNGI, OTHER, TEA, one, read, reasons, sheet

# ----- places


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("宁化县", "350424"),
        ("宁化", "350424"),
        ("三明市宁化县", "350424"),
        ("福建省三明市宁化县", "350424"),
        ("宁 化 县", "350424"),
        (350424, "350424"),
        (350424.0, "350424"),
        ("350424 宁化县", "350424"),
        ("宁化县科技局", "350424"),
        ("永安", "350481"),
        ("大田", "350425"),
        ("市直", "350400"),
        ("三明市", "350400"),
        ("350402", "350404"),
        (350403, "350404"),
        ("350427", "350405"),
        ("梅列区", "350404"),
        ("梅列", "350404"),
        ("沙县", "350405"),
        ("沙县区", "350405"),
        ("三元", "350404"),
    ],
)
def test_counties_by_code_name_and_old_name(written, code):
    entry = one(["姓名", "县（市、区）"], "陈某", written, county_code=None)
    assert (entry.county_code, entry.problems) == (code, ())


@pytest.mark.parametrize(
    ("written", "note"), [("350427", "沙县"), ("梅列区", "梅列区现为三元区"), ("沙县", "沙县现为沙县区")]
)
def test_an_obsolete_county_is_accepted_and_said(written, note):
    assert any(note in words for words in one(["姓名", "县"], "陈某", written).notes)


@pytest.mark.parametrize("written", ["厦门市", "350200", "350424999999", "350424 泰宁县"])
def test_what_is_no_county_of_the_city_is_refused(written):
    assert len(one(["姓名", "县"], "陈某", written).problems) == 1


def test_a_county_importer_brings_in_only_its_own_people():
    told = reasons(one(["姓名", "县"], "陈某", "泰宁县", territory="350424", county_code=None))
    assert "泰宁县不在您的辖区" in told[0]
    assert one(["姓名", "电话"], "陈某", None, territory="350424", county_code=None).county_code == "350424"


def test_a_county_appointment_must_say_which_county():
    assert "县级选认要写明推荐的县" in reasons(one(["姓名", "电话"], "陈某", None, county_code=None))[0]
    city = one(["姓名", "电话"], "陈某", None, county_code=None, level=Level.CITY)
    assert (city.county_code, city.problems) == ("350400", ())


def test_the_county_may_be_told_by_the_sheet_or_by_the_unit():
    by_sheet = read(sheet(["姓名", "电话"], ["陈某", None], name="泰宁"), county_code=None).entries[0]
    by_unit = one(["姓名", "工作单位"], "陈某", "尤溪县农业农村局", county_code=None)
    assert (by_sheet.county_code, by_unit.county_code) == ("350429", "350426")
    assert "记为泰宁县" in by_sheet.notes[0]


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("石壁镇", ["350424103"]),
        ("石壁镇、淮土镇", ["350424103", "350424106"]),
        ("石壁镇,淮土镇", ["350424103", "350424106"]),
        ("石壁镇，淮土镇；治平乡", ["350424103", "350424106", "350424207"]),
        ("石壁镇/淮土镇", ["350424103", "350424106"]),
        ("石壁镇 淮土镇", ["350424103", "350424106"]),
        ("石 壁 镇", ["350424103"]),
        ("宁化县石壁镇", ["350424103"]),
        ("石壁镇石碧村", ["350424103"]),
        ("石壁镇、淮土镇等2个乡镇", ["350424103", "350424106"]),
        ("350424103", ["350424103"]),
        ("全县", ["350424"]),
        ("宁化县", ["350424"]),
        ("宁化县全县", ["350424"]),
        ("全县各乡镇", ["350424"]),
        ("石壁镇、石壁", ["350424103"]),
    ],
)
def test_service_townships(written, codes):
    entry = one(["姓名", "服务乡镇", "产业"], "陈某", written, "茶叶")
    assert entry.problems == ()
    assert [code for code, _ in entry.cover] == codes


def test_a_township_of_another_county_is_refused_and_says_where_it_is():
    (problem,) = one(["姓名", "服务乡镇"], "陈某", "石壁镇、大田乡").problems
    assert problem.value == "大田乡"
    assert "所填的县里没有“大田乡”" in problem.reason
    assert "350429202" in problem.reason


def test_townships_of_one_name_are_told_apart_by_their_county():
    for county, township, code in (
        ("明溪县", "城关乡", "350421200"),
        ("尤溪县", "城关镇", "350426100"),
        ("三元区", "城关街道", "350404004"),
    ):
        entry = one(["姓名", "县", "服务乡镇"], "陈某", county, township, county_code=None)
        assert [c for c, _ in entry.cover] == [code]
    assert len(one(["姓名", "县", "服务乡镇"], "陈某", "尤溪县", "城关街道", county_code=None).problems) == 1


def test_a_city_appointment_may_serve_any_county_but_not_the_whole_city():
    entry = one(
        ["姓名", "县", "服务县", "服务乡镇", "产业"],
        "陈某",
        "市直",
        "泰宁县",
        "大田乡",
        "茶叶",
        county_code=None,
        level=Level.CITY,
    )
    assert entry.cover == (("350429202", TEA),)
    whole = one(["姓名", "服务乡镇"], "陈某", "全市", county_code=None, level=Level.CITY)
    assert whole.cover == ()
    assert any("全市" in note for note in whole.notes)


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("茶叶", [TEA]),
        ("茶产业", [TEA]),
        ("油茶", [CAMELLIA]),
        ("茶叶、食用菌", [TEA, FUNGI]),
        ("特色现代农业", [AGRICULTURE]),
        ("现代农业", [AGRICULTURE]),
        ("量子计算", [OTHER]),
    ],
)
def test_industries(written, ids):
    assert list(one(["姓名", "产业"], "陈某", written).industry_ids) == ids


def test_without_an_industry_the_speciality_tells_it():
    entry = one(["姓名", "专业", "特长", "服务乡镇"], "陈某", "农学", "油茶栽培", "石壁镇")
    assert entry.specialities == "农学、油茶栽培"
    assert entry.cover == (("350424103", AGRICULTURE), ("350424103", CAMELLIA))
    assert any("按专业特长记为" in note for note in entry.notes)
    assert one(["姓名", "服务乡镇"], "陈某", "石壁镇").cover == (("350424103", OTHER),)
