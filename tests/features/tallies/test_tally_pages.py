"""The tally page, the rows behind its numbers and its workbooks, as people ask for them."""

import io
import re
from datetime import date

import openpyxl
import pytest

from app.domain.roles import Role
from app.domain.vocabulary import Kind, Level, ServiceMode, Source
from tests.builders import COUNTY

OTHER = "350424100"  # 翠江镇


@pytest.fixture
def city(client):
    """A city bureau's browser over a small year: one person at three levels, a team, a visit there and one on line."""
    client.sign_in(Role.CITY_HEAD)
    with client.building() as build:
        person = build.commissioner(source=Source.BEIJING)
        held = [build.appointment(person, level=level) for level in Level]
        build.appointment(build.commissioner(Kind.TEAM), level=Level.PROVINCE, cover=[(OTHER, build.industry_id())])
        build.passed_visit(held[0], days=2, participants=[(person.person_id, 3)])
        build.passed_visit(held[0], mode=ServiceMode.ONLINE, region_code=OTHER, service_date=date(2026, 5, 2))
        build.visit(held[0], work_done="还没有审核", service_date=date(2026, 5, 3))
    return client


def numbers(page, label: str) -> list[str]:
    """The figures that stand under a label in the page's table, the last of them the sum."""
    cells = re.findall(rf'data-label="{label}">(.*?)</td>', page.html, re.DOTALL)
    return [re.sub(r"<[^>]+>|\s", "", cell) for cell in cells]


def address(page, words: str) -> str:
    """Where the link goes that begins with these words."""
    return next(href for href, text in page.links.items() if words in text)


def test_one_person_at_three_levels_is_one_at_each_and_one_in_total(city):
    page = city.get("/tallies/")
    assert "县级个人1名（1人次）；市级个人1名（1人次）；省级个人1名（1人次）、团队1组次" in page.text
    assert numbers(page, "个人 名")[-1] == "1"
    assert numbers(page, "个人 人次")[-1] == "3"


def test_on_line_visits_stand_apart_and_unreviewed_ones_nowhere(city):
    page = city.get("/tallies/?by=township")
    assert numbers(page, "现场服务 次")[-1] == "1"
    assert numbers(page, "线上服务 次")[-1] == "1"
    assert "还没有审核" not in city.get("/tallies/rows/visits").text
    assert "共 1 条" in city.get("/tallies/rows/online_visits").text


def test_the_conditions_in_force_are_chips_that_one_tap_takes_away(city):
    page = city.get(f"/tallies/?county={COUNTY}&township={OTHER}&level=province&source=beijing&from=2024")
    for words in ("推荐或服务地：宁化县", "乡镇：宁化县翠江镇", "层级：省级", "来源：北京（京闽）"):
        assert words in page.text
    without = address(page, "层级：省级")
    assert "level=" not in without
    assert f"county={COUNTY}" in without
    assert "from=2024" in without
    assert "township" not in address(page, "推荐或服务地：宁化县")


def test_a_township_counts_what_is_declared_for_it_and_what_happened_there(city):
    page = city.get(f"/tallies/?county={COUNTY}&township={OTHER}")
    assert numbers(page, "团队 组次")[-1] == "1"
    assert numbers(page, "个人 名")[-1] == "0"
    assert numbers(page, "线上服务 次")[-1] == "1"
    assert numbers(page, "现场服务 次")[-1] == "0"


@pytest.mark.parametrize(
    "query",
    [
        "from=abc&to=9999",
        "county=999999",
        "county=350424103",
        "township=350424",
        "township=350424999",
        "industry=9999999999",
        "industry=99999",
        "level=king",
        "by=moon",
    ],
)
def test_nonsense_in_the_address_narrows_nothing(city, query):
    assert "已选" not in city.get(f"/tallies/?{query}").text


def test_a_county_sees_its_own_figures_whatever_the_address_says(client):
    client.sign_in(Role.COUNTY_HEAD, region_code="350421")
    with client.building() as build:
        build.passed_visit()
    page = client.get(f"/tallies/?county={COUNTY}")
    assert "这些条件下没有记录" in page.text
    assert "没有记录" in client.get(f"/tallies/rows/visits?county={COUNTY}").text


def test_a_year_without_records_says_so_and_how_to_go_on(city):
    page = city.get("/tallies/?from=2001&to=2001&level=city")
    assert "这些条件下没有记录" in page.text
    assert "level=" not in address(page, "全部清除")


def test_years_in_the_wrong_order_are_turned_round_and_a_span_shows_its_trend(city):
    page = city.get("/tallies/?from=2026&to=2024")
    assert "2024—2026年" in page.text
    assert "逐年变化" in page.text
    assert "逐年变化" not in city.get("/tallies/").text


def test_the_workbook_holds_the_figures_of_the_page_and_what_they_mean(city):
    answer = city.http.get("/tallies/tally.xlsx?by=level")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["统计", "成果", "指标说明"]
    rows = [list(row) for row in book["统计"].iter_rows(values_only=True)]
    heads = rows[3]
    total = next(row for row in rows if row[0] == "合计")
    said = dict(zip(heads, total, strict=True))
    assert (said["合计个人（名）"], said["合计个人（人次）"], said["县级个人（名）"]) == (1, 3, 1)
    assert (said["现场服务（次）"], said["线上服务（次）"], said["服务时间（天）"]) == (1, 1, 2.5)
    assert "统计范围：三明市" in rows[1][0]
    assert any("按人去重" in str(cell) for row in book["指标说明"].iter_rows(values_only=True) for cell in row)


def test_the_rows_of_a_number_can_be_taken_away(city):
    answer = city.http.get("/tallies/rows/individual_appointments/rows.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert "共3条" in rows[1][0]
    assert [row[2] for row in rows[4:]] == [level.label for level in Level]
    assert city.http.get("/tallies/rows/nothing/rows.xlsx").status_code == 404
    assert city.http.get("/tallies/rows/claimed/rows.xlsx?result=unknown").status_code == 404


def test_words_that_look_like_a_formula_stay_words_in_the_workbook(client):
    client.sign_in(Role.CITY_HEAD)
    with client.building() as build:
        build.passed_visit(work_done="=1+1，看了茶园")
    answer = client.http.get("/tallies/rows/visits/rows.xlsx")
    cell = openpyxl.load_workbook(io.BytesIO(answer.data)).active["A5"]
    assert (cell.value, cell.data_type) == ("=1+1，看了茶园", "s")


def test_those_who_may_not_open_a_record_see_its_row_without_a_link(city):
    city.sign_in(Role.FINANCE_OFFICER)
    page = city.get("/tallies/rows/visits")
    assert "查看茶园，教修剪和清园" in page.text
    assert not [href for href in page.links if re.match("/visits/[0-9a-f]{8}", href)]


def test_the_city_decides_at_which_levels_an_appointment_counts_and_says_why(city):
    page = city.get("/tallies/rule")
    refused = city.submit(page.form("rule"), 422, rule="inclusive", because="")
    assert "请写明依据" in refused.text
    page = city.submit(page.form("rule"), rule="inclusive", because="明科〔2026〕1号")
    assert "统计口径已更改" in page.text
    assert "县级个人1名（3人次）；市级个人1名（2人次）；省级个人1名（1人次）、团队1组次" not in page.text
    assert (
        "县级个人1名（3人次）、团队1组次；市级个人1名（2人次）、团队1组次；省级个人1名（1人次）、团队1组次" in page.text
    )
    assert numbers(page, "个人 人次")[-1] == "3"
    assert "共 3 条" in city.get("/tallies/rows/individual_appointments?level=county").text
    assert "明科〔2026〕1号" in city.get("/tallies/rule").text
    again = city.submit(city.get("/tallies/rule").form("rule"), 422, rule="inclusive", because="再说一次")
    assert "不需要更改" in again.text


def test_only_the_city_bureau_decides_how_is_counted(client):
    client.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    assert client.http.get("/tallies/rule").status_code == 403
    assert "层级统计口径" not in client.get("/tallies/").text


@pytest.mark.parametrize("path", ["/tallies/", "/coverage/"])
def test_a_page_of_figures_is_printed_by_a_link_that_leads_to_words_where_no_script_runs(city, path):
    page = city.get(path)
    assert page.links["#print"] == "打印"
    assert re.search(r'id="print"[^>]*>没有出现打印窗口时', page.html)
    assert re.search(r'<script type="module" src="/static/js/print.js[^"]*" nonce="', page.html)


def test_the_workbook_by_township_says_which_townships_it_lists(city):
    book = openpyxl.load_workbook(io.BytesIO(city.http.get("/tallies/tally.xlsx?by=township").data))
    assert "乡镇：141个乡镇（不含6个统计用区划）" in book["统计"]["A2"].value
