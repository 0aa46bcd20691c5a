"""Reads of divisions: names, places, what lies in a territory, and the files a map loads.

A territory is a division code of any level: the city (350400), a county, or a township.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.divisions import CodeAlias, Denominator, TownshipEntry, contains
from app.domain.vocabulary import GeometryKind
from app.features.regions.models import BoundaryVersion, Region, RegionAlias, RegionGeometry, UnitDecision
from app.storage.reach import inside

# A whole province has some 1,100 townships; more than this is a damaged table, not a list.
MOST_ROWS = 5_000
TOWNSHIP, STATISTICAL_UNIT = "township", "statistical_unit"


def region(session: Session, code: str) -> Region | None:
    """The division with this code, whether it still exists or not."""
    return session.get(Region, code)


def city(session: Session) -> Region | None:
    """The one city this installation is for."""
    return session.scalar(sa.select(Region).where(Region.rank == "city").order_by(Region.code).limit(1))


def names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Code → own name (石壁镇, without its county); unknown codes are left out."""
    wanted = sorted(set(codes))
    rows = session.execute(sa.select(Region.code, Region.name).where(Region.code.in_(wanted)).limit(MOST_ROWS))
    return {row.code: row.name for row in rows}


def place_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Code → name with the county in front (宁化县石壁镇); cities and counties as they are."""
    wanted = {code for code in codes if code}
    known = names(session, wanted | {code[:6] for code in wanted})
    return {
        code: f"{known.get(code[:6], '')}{known[code]}" if len(code) == 9 else known[code]
        for code in wanted
        if code in known
    }


def place_name(session: Session, code: str) -> str:
    """宁化县石壁镇; an unknown code stands for itself."""
    return place_names(session, [code]).get(code, code)


def counties(session: Session) -> list[Region]:
    """The counties of today, in the order of their codes."""
    return list(
        session.scalars(
            sa.select(Region)
            .where(Region.rank == "county", Region.valid_to.is_(None))
            .order_by(Region.code)
            .limit(MOST_ROWS)
        )
    )


def county_codes(session: Session, territory: str) -> list[str]:
    """Codes of the counties of a territory, those that no longer exist included: where anything was ever counted."""
    wanted = sa.select(Region.code).where(Region.rank == "county", inside(Region.code, territory))
    return list(session.scalars(wanted.order_by(Region.code).limit(MOST_ROWS)))


def townships(session: Session, territory: str, day: date | None = None) -> list[Region]:
    """The counted townships of a territory that exist on `day` (default: those that exist still), by code.

    Statistical units are among them only where the city bureau counts them on that day.
    """
    wanted = _standing_on(day).where(inside(Region.code, territory), _counts_on(day))
    return list(session.scalars(wanted.order_by(Region.code).limit(MOST_ROWS)))


def denominator(session: Session, territory: str, day: date | None = None) -> Denominator:
    """How many townships and statistical units cover of a territory is measured against on a day."""
    counts = _counts_on(day)
    rows = session.execute(
        _standing_on(day).with_only_columns(Region.rank, counts).where(inside(Region.code, territory)).limit(MOST_ROWS)
    ).all()
    units = [counted for rank, counted in rows if rank == STATISTICAL_UNIT]
    return Denominator(
        townships=sum(counted for rank, counted in rows if rank == TOWNSHIP), units=sum(units), known_units=len(units)
    )


def _standing_on(day: date | None) -> sa.Select[Region]:
    """Townships and statistical units that exist on a day; without one, those that exist still."""
    wanted = sa.select(Region).where(Region.rank.in_((TOWNSHIP, STATISTICAL_UNIT)))
    if day is None:
        return wanted.where(Region.valid_to.is_(None))
    return wanted.where(Region.valid_from <= day, sa.or_(Region.valid_to.is_(None), Region.valid_to >= day))


def _counts_on(day: date | None) -> sa.ColumnElement[bool]:
    """Whether a division stands in the denominator on a day: by the last decision that holds then, if there is one."""
    decided = sa.select(UnitDecision.counted).where(UnitDecision.region_code == Region.code)
    if day is not None:
        decided = decided.where(UnitDecision.holds_from <= day)
    return sa.func.coalesce(decided.order_by(UnitDecision.id.desc()).limit(1).scalar_subquery(), Region.counted)


def units_counted(session: Session, day: date) -> dict[str, bool]:
    """Every statistical unit that exists on a day, in the order of codes, and whether it counts then."""
    counted = _counts_on(day).label("counted")
    wanted = _standing_on(day).with_only_columns(Region.code, counted).where(Region.rank == STATISTICAL_UNIT)
    rows = session.execute(wanted.order_by(Region.code).limit(MOST_ROWS))
    return {row.code: row.counted for row in rows}


def units(session: Session, day: date) -> list[tuple[Region, str, bool, UnitDecision | None]]:
    """Statistical units of a day by code: each with its county, whether it counts, and the decision that says so."""
    held: dict[str, UnitDecision] = {}
    for row in unit_decisions(session):
        if row.holds_from <= day:
            held.setdefault(row.region_code, row)
    found = session.scalars(
        _standing_on(day).where(Region.rank == STATISTICAL_UNIT).order_by(Region.code).limit(MOST_ROWS)
    ).all()
    counted, counties = units_counted(session, day), names(session, {row.code[:6] for row in found})
    return [(row, counties.get(row.code[:6], ""), counted[row.code], held.get(row.code)) for row in found]


def unit_decisions(session: Session) -> list[UnitDecision]:
    """What was decided about statistical units, the latest first."""
    return list(session.scalars(sa.select(UnitDecision).order_by(UnitDecision.id.desc()).limit(MOST_ROWS)))


def stands_for(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Old code → the one of `codes` that it means today, through as many changes as there were.

    A code that is itself among `codes` stands for nothing else: on that day it was still in force.
    """
    listed = set(codes)
    rows = session.execute(sa.select(RegionAlias.alias, RegionAlias.region_code).limit(MOST_ROWS)).all()
    after: dict[str, str] = {alias: code for alias, code in rows if alias not in listed}
    found = {}
    for alias in after:
        code = alias
        for _ in after:
            if code not in after:
                break
            code = after[code]
        if code in listed:
            found[alias] = code
    return found


def township_choices(session: Session, territory: str) -> dict[str, list[tuple[str, str]]]:
    """County name → (code, name) of its townships, for select fields with groups."""
    rows = townships(session, territory)
    county_names = names(session, {row.code[:6] for row in rows})
    choices: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        choices.setdefault(county_names.get(row.code[:6], row.code[:6]), []).append((row.code, row.name))
    return choices


def county_choices(session: Session, *, with_city: bool = False) -> list[tuple[str, str]]:
    """(code, name) of the counties; with the city itself first where a record may be the city's own."""
    ranks = ("city", "county") if with_city else ("county",)
    rows = session.execute(
        sa.select(Region.code, Region.name, Region.rank)
        .where(Region.rank.in_(ranks), Region.valid_to.is_(None))
        .order_by(Region.rank, Region.code)
        .limit(MOST_ROWS)
    )
    return [(code, f"{name}（市直）" if rank == "city" else name) for code, name, rank in rows]


def keeping_choices(session: Session, territory: str | None) -> list[tuple[str, str]]:
    """(code, name) of the counties, and of the city, whose records an actor of this territory keeps."""
    return [
        choice for choice in county_choices(session, with_city=True) if territory and contains(territory, choice[0])
    ]


def territory_choices(session: Session) -> list[tuple[str, str]]:
    """(code, label) of everything a grant may reach: the city, then each county with its townships."""
    own = city(session)
    choices = [(own.code, f"{own.name}（全市）")] if own else []
    rows = townships(session, own.code) if own else []
    for county in counties(session):
        choices.append((county.code, county.name))
        choices += [(row.code, f"{county.name} · {row.name}") for row in rows if row.code[:6] == county.code]
    return choices


def is_inside(session: Session, code: str, territory: str | None) -> bool:
    """Whether `code` is a known division that lies in `territory` (or is it). No territory holds nothing."""
    return bool(territory) and region(session, code) is not None and contains(territory or "", code)


def seats(session: Session) -> dict[str, tuple[float, float]]:
    """Code → (lon, lat) of the seats we know, in WGS84 degrees; for distances, never for boundaries."""
    rows = session.execute(sa.select(Region.code, Region.lon, Region.lat).order_by(Region.code).limit(MOST_ROWS))
    return {code: (lon, lat) for code, lon, lat in rows if lon is not None and lat is not None}


def code_aliases(session: Session) -> tuple[CodeAlias, ...]:
    """Obsolete county codes that imports accept, for `domain.divisions`."""
    rows = session.execute(
        sa.select(RegionAlias.alias, RegionAlias.note, Region.code, Region.valid_from)
        .join(Region, Region.code == RegionAlias.region_code)
        .order_by(RegionAlias.alias)
        .limit(MOST_ROWS)
    )
    return tuple(CodeAlias(alias, note.split("：")[0], code, since, note) for alias, note, code, since in rows)


def township_entries(session: Session) -> tuple[TownshipEntry, ...]:
    """Every township we know, for `domain.divisions.resolve_township`."""
    rows = session.execute(
        sa.select(Region.code, Region.name).where(Region.rank == "township").order_by(Region.code).limit(MOST_ROWS)
    )
    return tuple(TownshipEntry(code, name) for code, name in rows)


@dataclass(frozen=True)
class TownshipRow:
    """A township as the page of townships lists it; `geometry` is how far its line may be trusted."""

    code: str
    name: str
    county: str
    kind: str
    counted: bool
    position_confidence: str | None
    geometry: GeometryKind | None


def township_table(session: Session, territory: str) -> list[TownshipRow]:
    """All townships and statistical units of a territory with what is known of seat and line, by code."""
    county = aliased(Region)
    rows = session.execute(
        sa.select(
            Region.code,
            Region.name,
            county.name,
            Region.kind,
            _counts_on(None),
            Region.position_confidence,
            RegionGeometry.kind,
        )
        .join(county, county.code == Region.parent_code)
        .outerjoin(
            RegionGeometry,
            sa.and_(
                RegionGeometry.region_code == Region.code,
                RegionGeometry.boundary_id
                == sa.select(sa.func.max(BoundaryVersion.id)).where(BoundaryVersion.current).scalar_subquery(),
            ),
        )
        .where(Region.rank.in_((TOWNSHIP, STATISTICAL_UNIT)), inside(Region.code, territory))
        .order_by(Region.code)
        .limit(MOST_ROWS)
    )
    return [TownshipRow(*row) for row in rows]


def line_kinds(session: Session, territory: str) -> dict[str, GeometryKind]:
    """Township → how far its line on the map may be trusted; without a line it is not there."""
    return {row.code: row.geometry for row in township_table(session, territory) if row.geometry is not None}


def current_boundaries(session: Session) -> str | None:
    """The version of the lines that pages draw; None before any were made."""
    return session.scalar(
        sa.select(BoundaryVersion.version).where(BoundaryVersion.current).order_by(BoundaryVersion.id.desc()).limit(1)
    )


def boundary_file(session: Session, version: str, *, of_counties: bool) -> bytes | None:
    """Gzipped GeoJSON of one version; None if there is no such version."""
    column = BoundaryVersion.counties_gzip if of_counties else BoundaryVersion.townships_gzip
    return session.scalar(sa.select(column).where(BoundaryVersion.version == version))
