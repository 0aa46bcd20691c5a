"""The coverage page and what it opens, as people ask for them."""

import io
import json
import re
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from app.domain.roles import Role
from app.domain.vocabulary import CoverDefinition
from app.features.vocabulary import queries as vocabulary
from app.storage.session import reading
from config import MapSettings
from tests import told_by_map
from tests.builders import CITY, COUNTY, TOWNSHIP

OTHER = "350424100"  # 翠江镇


@pytest.fixture
def city(client):
    """A city bureau's browser: 石壁镇 is appointed in tea and visited, 翠江镇 stands under 全县 only."""
    client.sign_in(Role.CITY_HEAD)
    with client.building() as build:
        tea = build.industry_id("agriculture.tea")
        named = build.appointment(cover=[(TOWNSHIP, tea)])
        build.appointment(cover=[(COUNTY, build.industry_id("steel_equipment"))])
        build.passed_visit(named, industry_id=tea)
        build.visit(named, industry_id=tea, region_code=OTHER, service_date=date(2026, 5, 3))
    return client


def industry(client, code: str, scheme: str = "leading_four") -> int:
    with reading(client.platform.engine, client.platform.keyring) as session:
        return vocabulary.industry_by_code(session, code, scheme).id


def another(build, n: int):
    """A commissioner who is none of the fixture's."""
    return build.commissioner(person=build.person(f"林另外{n}", phone=f"1380000000{n}"))


def squeezed(page) -> str:
    return re.sub(r"\s", "", page.text)


def covered(client, query: str = "") -> dict[str, int]:
    return told_by_map.covered(client.get(f"/coverage/?{query}").html)


def townships(client, query: str = "") -> dict[str, dict[str, int]]:
    return told_by_map.townships(client.get(f"/coverage/?{query}").html)


def test_the_three_definitions_stand_side_by_side_out_of_141(city):
    page = city.get("/coverage/")
    assert told_by_map.covered(page.html) == {"appointed": 1, "visited": 1, "confirmed": 0}
    assert page.text.count("/ 141 个乡镇") == 3


def test_an_unreviewed_visit_leaves_a_gap_that_leads_to_the_township(city):
    page = city.get("/coverage/?by=visited&territory=" + COUNTY)
    assert "服务覆盖的空白15个乡镇" in squeezed(page)
    link = next(href for href in page.links if f"/townships/{OTHER}" in href)
    assert "只申报了“全县”的任命（不计入）1项" in squeezed(city.get(link))
    assert "查看茶园，教修剪和清园" in city.get(link.replace(OTHER, TOWNSHIP)).text


def test_a_county_wide_declaration_is_told_where_appointments_are_asked_for_and_nowhere_else(city):
    said = {by: city.get(f"/coverage/?by={by}&territory={COUNTY}").text for by in CoverDefinition}
    assert {by for by, words in said.items() if "仅全县申报" in words} == {CoverDefinition.APPOINTED}


def test_a_part_of_an_industry_can_be_asked_for_and_its_whole_holds_it(city):
    for code, appointed in (("agriculture.tea", 1), ("agriculture", 1), ("agriculture.bees", 0), ("new_materials", 0)):
        assert covered(city, f"industry={industry(city, code)}")["appointed"] == appointed, code


def test_a_matrix_cell_says_covered_out_of_all_and_hatches_what_is_only_declared(city):
    page = city.get("/coverage/?by=appointed")
    row = re.search(r"<th scope=\"row\">宁化县</th>(.*?)</tr>", page.html, re.DOTALL).group(1)
    steel, _, _, farming = row.split("<td")[1:5]
    assert "heat-declared" in steel
    assert '0<span class="of">/16' in steel
    assert '1<span class="of">/16' in farming
    assert "heat-declared" not in re.search(
        r"<th scope=\"row\">宁化县</th>(.*?)</tr>", city.get("/coverage/?by=visited").html, re.DOTALL
    ).group(1)


def test_coverage_can_be_checked_against_the_22_chains(city):
    page = city.get("/coverage/?by=visited")
    assert page.html.count('class="heat-none"') == 8 * 11 - 22
    assert "22 条县域产业链" in page.text
    with city.building() as build:
        held = build.appointment(another(build, 1), cover=[(TOWNSHIP, build.industry_id("new_materials.silicon"))])
        build.passed_visit(held, industry_id=build.industry_id("new_materials.silicon"), service_date=date(2026, 5, 4))
    silicon = industry(city, "silicon.350424", "county_chains")
    page = city.get(f"/coverage/?by=visited&industry={silicon}")
    assert "产业链：宁化县有机硅" in page.text
    assert covered(city, f"industry={silicon}")["visited"] == 1
    assert len(townships(city, f"industry={silicon}")) == 16
    safety = industry(city, "steel_equipment.350424", "county_chains")
    assert covered(city, f"industry={safety}")["visited"] == 0


def test_a_period_that_has_ended_is_judged_on_its_last_day_and_a_running_one_today(city):
    with city.building() as build:
        farming = build.industry_id()
        terms = [
            (date(2025, 1, 1), date(2025, 6, 30), "350424101"),
            (date(2025, 7, 1), date(2025, 12, 31), "350424102"),
            (date(2026, 1, 1), date(2026, 5, 31), "350424104"),
            (date(2026, 1, 1), date(2026, 6, 1), "350424105"),
        ]
        for n, (begins, ends, place) in enumerate(terms):
            term = {"begins": begins, "ends": ends, "batch_year": begins.year}
            build.appointment(another(build, n), cover=[(place, farming)], **term)

    def appointed(query: str) -> set[str]:
        return {code for code, t in townships(city, query).items() if t["appointments"]}

    assert appointed("from=2025&to=2025") == {"350424102"}
    assert appointed("") == {TOWNSHIP, "350424105"}


def test_the_table_says_of_every_township_how_far_its_line_may_be_trusted(city):
    page = city.get(f"/coverage/?territory={COUNTY}")
    assert page.text.count("示意服务单元") >= 16
    assert "示意服务单元" in city.get(f"/coverage/townships/{TOWNSHIP}").text
    sheet = openpyxl.load_workbook(io.BytesIO(city.http.get(f"/coverage/cover.xlsx?territory={COUNTY}").data))["覆盖"]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert len(rows) == 4 + 16
    assert {row[-1] for row in rows[4:]} == {"示意服务单元"}
    said = dict(zip(rows[3], next(row for row in rows if row[2] == TOWNSHIP), strict=True))
    assert (said["任命覆盖"], said["有效覆盖"], said["服务（次）"]) == ("是", "否", 1)


def test_the_map_is_skipped_to_its_table_by_keyboard_and_county_views_show_the_county_alone(city):
    page = city.get(f"/coverage/?territory={COUNTY}")
    assert page.links["#townships"] == "不看地图，看同样内容的表格"
    assert 'id="townships" tabindex="-1"' in page.html
    facts = json.loads(re.search(r"map_coverage_data\">(.*?)</script>", page.html, re.DOTALL).group(1))
    assert {code[:6] for code in facts["values"]} == {COUNTY}
    assert "不在所看的范围" in page.text and "不在所看的范围" not in city.get("/coverage/").text
    (south, west), (north, east) = facts["bounds"]
    assert north - south < 1.5
    assert east - west < 1.5


@pytest.mark.parametrize("query", ["industry=99999", "territory=110000", "territory=x", "by=moon", "from=1066&to=x"])
def test_nonsense_in_the_address_narrows_nothing(city, query):
    assert "已选" not in city.get(f"/coverage/?{query}").text


def test_review_number_attribution_and_tiles_are_settings_and_nothing_outside_is_asked_by_default(city):
    plain = city.get("/coverage/")
    assert "//" not in re.sub(
        r"http://www.w3.org/2000/svg", "", " ".join(re.findall(r"(?:src|href)=\"([^\"]+)\"", plain.html))
    )
    settings = MapSettings(
        basemap_url="https://t{s}.tianditu.gov.cn/vec_w/wmts?x={x}&y={y}&z={z}",
        attribution="天地图",
        review_number="GS(2024)0650号",
        maker="三明市科技局",
    )
    city.platform.settings = replace(city.platform.settings, map=settings)
    page = city.http.get("/coverage/")
    body = page.get_data(as_text=True)
    assert "GS(2024)0650号" in body
    assert "制图：三明市科技局" in body
    assert "tianditu.gov.cn" in body


def test_every_definition_has_its_words():
    assert all(definition.meaning.endswith("。") for definition in CoverDefinition)
    assert CITY == "350400"
