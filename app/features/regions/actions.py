"""Writes of divisions: loading the reference data that ships, and making the map's lines out of it."""

import csv
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import FIRST_YEAR
from app.domain.divisions import COUNTY_ALIASES
from app.domain.refusals import RuleBroken
from app.domain.roles import Actor
from app.domain.vocabulary import GeometryKind
from app.features.regions import queries
from app.features.regions.models import BoundaryVersion, Region, RegionAlias, RegionGeometry, UnitDecision
from app.storage import trail
from app.storage.names import pinyin_of

DATA = Path(__file__).parent / "data"
# Divisions whose first day is not stated existed before commissioners did (1999, domain.calendar.FIRST_YEAR).
BEFORE_RECORDS = date(1999, 1, 1)
LINES_SOURCE = (
    "县界：天地图2024年版，审图号GS(2024)0650号；乡镇：按驻地点生成的示意服务单元，不作为行政区域界线；"
    "驻地点：GeoNames（CC BY 4.0）"
)


def load_reference(session: Session, actor: Actor, *, lines: bool = True) -> int:
    """Load city, counties, townships, statistical units, old codes and lines; how many divisions are new.

    May be repeated: what is there stays as the bureau has it, only what is missing is added. `lines=False`
    leaves out the map's lines (they take some seconds and heavy libraries).
    """
    added = sum(
        _add_missing(session, rows)
        for rows in (_divisions("city"), _divisions("county"), _townships(), _divisions("statistical_unit"))
    )
    _add_aliases(session)
    own = queries.city(session)
    if added and own is not None:
        trail.record(session, actor, "regions.load", own, words=f"载入{added}个区划")
    if lines and queries.current_boundaries(session) is None:
        draw_lines(session, actor)
    return added


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _divisions(rank: str) -> list[Region]:
    """The city, counties or statistical units of regions.csv; only statistical units can be counted or not."""
    return [
        _region(
            row["code"],
            row["name"],
            rank,
            "统计用区划" if rank == "statistical_unit" else row["name"][-1],
            row["parent"] or None,
            counted=rank == "statistical_unit" and row["switched_on"] == "1",
            valid_from=_day(row["valid_from"]) or BEFORE_RECORDS,
            valid_to=_day(row["valid_to"]),
        )
        for row in _read("regions.csv")
        if row["level"] == rank
    ]


def _townships() -> list[Region]:
    return [
        _region(
            row["township_code"],
            row["township"],
            "township",
            row["kind"],
            row["county_code"],
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            position_confidence=row["confidence"],
            valid_from=BEFORE_RECORDS,
        )
        for row in _read("townships.csv")
    ]


def _region(code: str, name: str, rank: str, kind: str, parent_code: str | None, **more: object) -> Region:
    pinyin, initials = pinyin_of(name)
    return Region(
        code=code,
        name=name,
        rank=rank,
        kind=kind,
        parent_code=parent_code,
        pinyin=pinyin,
        initials=initials,
        **more,
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _add_missing(session: Session, rows: list[Region]) -> int:
    known = set(session.scalars(sa.select(Region.code).limit(queries.MOST_ROWS)))
    missing = [row for row in rows if row.code not in known]
    session.add_all(missing)
    session.flush()
    return len(missing)


def _add_aliases(session: Session) -> None:
    for alias in COUNTY_ALIASES:
        if session.get(RegionAlias, alias.old_code) is None:
            note = f"{alias.old_name}：{alias.source}"[:200]
            session.add(RegionAlias(alias=alias.old_code, region_code=alias.code, note=note))
    session.flush()


def count_units(
    session: Session,
    actor: Actor,
    today: date,
    *,
    codes: Collection[str],
    counted: bool,
    holds_from: date,
    because: str,
) -> list[UnitDecision]:
    """Count statistical units among the townships, or no longer, from `holds_from` on; the reason stays in the trail.

    A later decision holds from its own day on, so days before it keep what was decided for them. Units for which
    nothing would change are left alone. Refused: no unit, a division that is none, a day to come or before 1999,
    and a decision that would change nothing.
    """
    if holds_from > today:
        raise RuleBroken(f"起算日期不能晚于今天（{today:%Y-%m-%d}）；到了那一天再来更改。", field="holds_from")
    if holds_from.year < FIRST_YEAR:
        raise RuleBroken(f"起算日期不能早于{FIRST_YEAR}年，请检查。", field="holds_from")
    if not codes:
        raise RuleBroken("请至少勾选一个统计用区划。", field="codes")
    known = queries.units_counted(session, today)
    if not known.keys() >= set(codes):
        raise RuleBroken("有一个勾选的地方不是统计用区划，请重新选择。", field="codes")
    before = queries.units_counted(session, holds_from)
    changed = [code for code in known if code in codes and _would_change(session, code, counted, holds_from)]
    if not changed:
        words = "计入" if counted else "不计入"
        raise RuleBroken(f"勾选的统计用区划从{holds_from:%Y-%m-%d}起已经是“{words}”，不需要更改。", field="counted")
    return [_decide(session, actor, today, code, before.get(code), counted, holds_from, because) for code in changed]


def _would_change(session: Session, code: str, counted: bool, holds_from: date) -> bool:
    """Whether on that day or any later one the unit counts otherwise; it can only change where a decision begins."""
    later = {row.holds_from for row in queries.unit_decisions(session) if row.region_code == code}
    days = [holds_from, *sorted(day for day in later if day > holds_from)]
    return any(queries.units_counted(session, day).get(code) is not counted for day in days)


def _decide(
    session: Session,
    actor: Actor,
    today: date,
    code: str,
    before: bool | None,
    counted: bool,
    holds_from: date,
    because: str,
) -> UnitDecision:
    made = UnitDecision(region_code=code, counted=counted, holds_from=holds_from, decided_on=today, because=because)
    session.add(made)
    session.flush()
    changes = {"counted": (before, counted), "holds_from": (None, holds_from.isoformat())}
    trail.record(session, actor, "regions.count_unit", session.get_one(Region, code), words=because, changes=changes)
    return made


def draw_lines(session: Session, actor: Actor) -> BoundaryVersion | None:
    """Make a new version of the lines from county outlines and seats; the one pages draw from now on.

    None where nothing changed: the same seats and outlines give the same version.
    """
    from app.features.regions import maps  # geopandas weighs 70 MB; a worker that serves forms never draws

    own = queries.city(session)
    if own is None:
        return None
    areas = maps.read_counties(own.code)
    known = {row.code for row in queries.counties(session)}
    areas = [area for area in areas if area.code in known]
    seats = [
        maps.Seat(row.code, row.name, row.code[:6], row.lon, row.lat)
        for row in queries.townships(session, own.code)
        if row.lon is not None and row.lat is not None
    ]
    cells = maps.build_cells(areas, seats)
    overview = maps.overview_bytes(maps.simplify_for_overview(cells), areas)
    if queries.boundary_file(session, overview.cells.version, of_counties=True) is not None:
        return None
    session.execute(sa.update(BoundaryVersion).values(current=False))
    version = BoundaryVersion(
        version=overview.cells.version,
        townships_gzip=overview.cells.gzipped,
        counties_gzip=overview.counties.gzipped,
        source=LINES_SOURCE,
        current=True,
    )
    session.add(version)
    session.flush()
    shapes = [(c.code, c.geometry_kind, c.wkb, c.area_m2) for c in cells if c.code not in known]
    shapes += [(area.code, GeometryKind.OFFICIAL, area.wkb, area.area_m2) for area in areas]
    session.add_all(
        RegionGeometry(boundary_id=version.id, region_code=code, kind=kind, wkb=wkb, area_m2=area)
        for code, kind, wkb, area in shapes
    )
    trail.record(session, actor, "regions.draw_lines", version)
    return version
