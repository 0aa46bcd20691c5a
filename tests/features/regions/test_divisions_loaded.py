"""The divisions that ship: 11 counties, 141 townships, six statistical units known but not counted."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.domain.divisions import current_county
from app.domain.roles import system_actor
from app.features.regions import actions, queries
from app.features.regions.models import BoundaryVersion, Region, RegionGeometry
from app.storage.trail import Event

CITY = "350400"


def test_the_city_has_eleven_counties_and_141_townships(session):
    assert [c.code for c in queries.counties(session)] == [
        "350404", "350405", "350421", "350423", "350424", "350425", "350426", "350428", "350429", "350430", "350481",
    ]  # fmt: skip
    assert len(queries.townships(session, CITY)) == 141
    kinds = [row.kind for row in queries.townships(session, CITY)]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"街道": 13, "镇": 78, "乡": 48, "民族乡": 2}


@pytest.mark.parametrize(("county", "count"), [("350404", 12), ("350425", 18), ("350424", 16), ("350429", 9)])
def test_a_county_holds_its_own_townships_only(session, county, count):
    rows = queries.townships(session, county)
    assert len(rows) == count
    assert {row.code[:6] for row in rows} == {county}


def test_a_township_is_a_territory_of_one(session):
    assert [row.name for row in queries.townships(session, "350424103")] == ["石壁镇"]


def test_statistical_units_are_known_but_not_counted_until_switched_on(session):
    zone = queries.region(session, "350405400")
    assert zone.name == "三明高新技术产业开发区"
    assert not zone.counted
    assert zone.code not in {row.code for row in queries.townships(session, CITY)}
    zone.counted = True
    session.flush()
    assert len(queries.townships(session, CITY)) == 142


def test_townships_stood_before_the_counties_were_merged(session):
    assert len(queries.townships(session, CITY, date(2018, 12, 31))) == 141


def test_a_township_that_ended_leaves_the_days_after(session):
    ended = queries.region(session, "350424103")
    ended.valid_to = date(2025, 12, 31)
    session.flush()
    assert len(queries.townships(session, CITY, date(2025, 12, 31))) == 141
    assert len(queries.townships(session, CITY, date(2026, 1, 1))) == 140
    assert len(queries.townships(session, CITY)) == 140


def test_loading_again_adds_nothing_and_overwrites_nothing(session):
    seat = queries.region(session, "350424103")
    seat.lon, before = 116.5, session.scalar(sa.select(sa.func.count()).select_from(Region))
    session.flush()
    assert actions.load_reference(session, system_actor("tests")) == 0
    assert queries.region(session, "350424103").lon == 116.5
    assert session.scalar(sa.select(sa.func.count()).select_from(Region)) == before


def test_what_is_missing_is_added_with_a_trail(session):
    session.execute(sa.delete(RegionGeometry))
    session.execute(sa.delete(Region).where(Region.code == "350424103"))
    session.expire_all()
    assert actions.load_reference(session, system_actor("tests"), lines=False) == 1
    event = session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (event.tag, event.subject_id, event.words) == ("regions.load", 350400, "载入1个区划")


def test_names_say_the_county_because_township_names_repeat(session):
    assert queries.place_name(session, "350424103") == "宁化县石壁镇"
    assert queries.place_name(session, "350424") == "宁化县"
    assert queries.place_name(session, CITY) == "三明市"
    assert queries.place_name(session, "999999") == "999999"
    assert queries.names(session, ["350424103", "999999"]) == {"350424103": "石壁镇"}


def test_choices_are_grouped_by_county(session):
    choices = queries.township_choices(session, CITY)
    assert list(choices)[:2] == ["三元区", "沙县区"]
    assert ("350424103", "石壁镇") in choices["宁化县"]
    assert list(queries.township_choices(session, "350424")) == ["宁化县"]
    labels = dict(queries.territory_choices(session))
    assert labels[CITY] == "三明市（全市）"
    assert labels["350429202"] == "泰宁县 · 大田乡"
    assert len(labels) == 1 + 11 + 141


@pytest.mark.parametrize(
    ("code", "territory", "inside"),
    [
        ("350424103", "350424", True),
        ("350424103", CITY, True),
        ("350424", "350424103", False),
        ("350429202", "350425", False),  # 大田乡 lies in 泰宁, not in 大田
        ("350499999", CITY, False),  # no such township
        ("350424103", None, False),
    ],
)
def test_what_lies_in_a_territory(session, code, territory, inside):
    assert queries.is_inside(session, code, territory) is inside


def test_old_county_codes_lead_to_todays_counties(session):
    aliases = queries.code_aliases(session)
    assert current_county("350427", aliases) == "350405"
    assert {alias.code for alias in aliases} == {"350404", "350405"}


def test_every_township_has_a_seat_and_a_schematic_cell(session):
    seats = queries.seats(session)
    assert len(seats) == 141
    rows = [row for row in queries.township_table(session, CITY) if row.counted]
    assert {row.geometry.value for row in rows} == {"voronoi"}
    assert len(queries.township_table(session, CITY)) == 147


def test_drawing_the_same_lines_again_makes_no_new_version(session):
    version = queries.current_boundaries(session)
    assert actions.draw_lines(session, system_actor("tests")) is None
    assert queries.current_boundaries(session) == version


def test_a_moved_seat_makes_a_new_version_and_keeps_the_old_one_at_its_address(session):
    old = queries.current_boundaries(session)
    seat = queries.region(session, "350424103")
    seat.lon += 0.01
    session.flush()
    made = actions.draw_lines(session, system_actor("tests"))
    assert queries.current_boundaries(session) == made.version != old
    assert queries.boundary_file(session, old, of_counties=False) is not None
    assert session.scalar(sa.select(sa.func.count()).where(BoundaryVersion.current)) == 1
