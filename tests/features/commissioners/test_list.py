"""The list of commissioners: narrowed, sorted, paged, and in as many queries for one row as for fifty."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.domain.roles import Role
from app.domain.vocabulary import Kind, Level, OrganisationKind, Source
from app.features.commissioners import actions, queries
from app.features.commissioners.queries import Roll
from app.features.vocabulary import queries as vocabulary
from tests.builders import CITY

ELSEWHERE = "350429"


def names(session, today, roll=None, **filters) -> list[str]:
    return [row.name for row in queries.roll_page(session, roll or Roll(**filters), today, None, 50)]


def test_names_stand_in_the_order_of_their_pinyin(session, build, today):
    for name in ("郑测试", "陈测试", "单测试", "安测试"):
        build.commissioner(name=name)
    assert names(session, today) == ["安测试", "陈测试", "单测试", "郑测试"]  # 单 is read Shan as a surname


def test_by_county_the_citys_own_stand_first(session, build, today):
    build.commissioner(name="陈测试", county_code=ELSEWHERE)
    build.commissioner(name="郑测试", county_code=CITY)
    build.commissioner(name="林测试")
    assert names(session, today, sort="county") == ["郑测试", "林测试", "陈测试"]


def test_by_newest_batch_year_those_never_appointed_stand_last(session, build, today):
    build.commissioner(name="安测试")
    build.appointment(build.commissioner(name="陈测试"), batch_year=2024)
    build.appointment(build.commissioner(name="郑测试"), batch_year=2026)
    build.appointment(build.commissioner(name="林测试"), batch_year=2024)
    assert names(session, today, sort="newest") == ["郑测试", "陈测试", "林测试", "安测试"]


def test_a_row_says_what_one_looks_for(session, build, today):
    unit = build.organisation("测试农林大学", kind=OrganisationKind.SENDING_UNIT, region_code=None)
    ids = [build.industry_id("agriculture.tea"), build.industry_id("agriculture"), build.industry_id("new_materials")]
    one = build.commissioner(name="陈测试", sending_unit_id=unit.id, source=Source.BEIJING, industry_ids=ids)
    build.appointment(one, level=Level.COUNTY, batch_year=2025)
    build.appointment(one, level=Level.COUNTY)
    build.appointment(one, level=Level.PROVINCE)
    (row,) = queries.roll_page(session, Roll(), today, None, 50)
    assert (row.name, row.county, row.sending_unit, row.source) == ("陈测试", "宁化县", "测试农林大学", Source.BEIJING)
    assert row.industries == ("新材料", "特色现代农业")
    assert row.serving == (Level.PROVINCE, Level.COUNTY)
    assert row.newest == 2026


def test_a_withdrawn_appointment_neither_serves_nor_counts_as_newest(session, build, today):
    row = build.appointment(build.commissioner(name="陈测试"))
    actions.withdraw_appointment(session, build.bureau, today, row, "本人调离")
    (line,) = queries.roll_page(session, Roll(), today, None, 50)
    assert (line.serving, line.newest) == ((), None)
    assert names(session, today, serving=True) == []
    assert names(session, today, level=Level.COUNTY) == []


@pytest.fixture
def roll(build):
    """Three kinds, two counties, several years."""
    one = build.commissioner(name="陈测试", source=Source.BEIJING, industry_ids=[build.industry_id("agriculture.tea")])
    build.appointment(one, level=Level.CITY, batch_year=2024)
    build.appointment(one, level=Level.COUNTY, batch_year=2026)
    team = build.commissioner(Kind.TEAM, name="茶产业团队", leader=build.person("林负责"), county_code=ELSEWHERE)
    build.appointment(team, level=Level.PROVINCE, batch_year=2026, county_code=ELSEWHERE, cover=[])
    build.commissioner(Kind.ENTITY, organisation=build.organisation("测试公司", kind=OrganisationKind.ENTERPRISE))


@pytest.mark.usefixtures("roll")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"kind": Kind.TEAM}, ["茶产业团队"]),
        ({"county": ELSEWHERE}, ["茶产业团队"]),
        ({"source": Source.BEIJING}, ["陈测试"]),
        ({"level": Level.CITY}, ["陈测试"]),
        ({"level": Level.CITY, "serving": True}, []),
        ({"level": Level.CITY, "year": 2024}, ["陈测试"]),
        ({"level": Level.CITY, "year": 2026}, []),
        ({"serving": True}, ["茶产业团队", "陈测试"]),
        ({"year": 2024}, ["陈测试"]),
        ({"words": "陈"}, ["陈测试"]),
        ({"words": "chence"}, ["陈测试"]),
        ({"words": "Chen Ce"}, ["陈测试"]),
        ({"words": "ccs"}, ["陈测试"]),
        ({"words": "林负责"}, ["茶产业团队"]),
        ({"words": "%"}, []),
        ({"words": "陈", "kind": Kind.TEAM}, []),
    ],
)
def test_the_list_is_narrowed(session, today, filters, found):
    assert names(session, today, **filters) == found


@pytest.mark.usefixtures("roll")
def test_who_works_in_a_part_works_in_the_industry(session, build, today):
    whole = tuple(vocabulary.with_parts(session, build.industry_id("agriculture")))
    assert names(session, today, industries=whole) == ["陈测试"]
    assert names(session, today, industries=(build.industry_id("new_materials"),)) == []


@pytest.mark.parametrize("sort", ["pinyin", "county", "newest"])
def test_pages_follow_one_another_without_gap_or_doubling(session, build, today, sort):
    for n in range(7):
        one = build.commissioner(name="陈测试", county_code=ELSEWHERE if n % 2 else CITY)
        if n % 3:
            build.appointment(one, batch_year=2024 + n % 3, cover=[])
    seen, after = [], None
    while True:
        rows = queries.roll_page(session, Roll(sort=sort), today, after, 3)
        seen += [row.uid for row in rows[:3]]
        if len(rows) <= 3:
            break
        after = list(rows[2].after)
    assert len(seen) == len(set(seen)) == 7
    assert seen == [row.uid for row in queries.roll_page(session, Roll(sort=sort), today, None, 50)]


@pytest.mark.parametrize("after", [[1, "x"], ["x"], ["x", "y"], [], [{}, []], ["x", True, 1]])
def test_a_damaged_address_shows_the_first_page(session, build, today, after):
    build.commissioner()
    assert len(queries.roll_page(session, Roll(), today, after, 50)) == 1


def test_fifty_rows_cost_as_many_queries_as_one(session, build, today):
    statements: list[str] = []
    connection = session.connection()

    def note(*event):
        statements.append(event[2])

    def cost() -> int:
        session.flush()
        statements.clear()
        queries.roll_page(session, Roll(), today, None, 50)
        return len(statements)

    sa.event.listen(connection, "before_cursor_execute", note)
    try:
        build.appointment(build.commissioner())
        one = cost()
        for _ in range(20):
            build.appointment(build.commissioner(), begins=date(2026, 1, 1))
        assert cost() == one == 3
        assert not any("count(" in statement.lower() for statement in statements)
    finally:
        sa.event.remove(connection, "before_cursor_execute", note)


def test_years_to_choose_from_are_those_with_appointments(session, build):
    assert list(queries.batch_years(session)) == []
    one = build.commissioner()
    build.appointment(one, batch_year=2023)
    build.appointment(one, batch_year=2026)
    assert list(queries.batch_years(session)) == [2026, 2025, 2024, 2023]


def test_a_sending_unit_reads_the_list_of_its_own_people(client):
    with client.building() as build:
        unit = build.organisation("茶叶研究所", kind=OrganisationKind.SENDING_UNIT)
        build.appointment(build.commissioner(name="林所里", sending_unit_id=unit.id))
        build.appointment(build.commissioner(name="赖别处"))
        unit_id = unit.id
    client.sign_in(Role.SENDING_CONTACT, organisation_id=unit_id)
    home = client.get("/")
    assert "/commissioners/?unit=own" in home.links and "茶叶研究所" in home.text
    page = client.get("/commissioners/?unit=own&when=serving")
    assert "林所里" in page.text and "赖别处" not in page.text and "本单位派出的" in page.text
    assert "赖别处" in client.get("/commissioners/").text
