"""Tables of divisions: city, counties, townships, statistical units; their aliases, lines and map files."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.vocabulary import GeometryKind
from app.storage import columns
from app.storage.base import Base, choice


class Region(Base):
    __tablename__ = "regions"
    __table_args__ = (
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_span"),
        {"comment": "administrative divisions by code, dated; changes come by import, never by code"},
    )

    code: Mapped[columns.division_code] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), comment="full name, e.g. 列东街道")
    rank: Mapped[str] = mapped_column(sa.String(20), index=True, comment="city, county, township or statistical_unit")
    kind: Mapped[str] = mapped_column(sa.String(12), comment="市 区 县 街道 镇 乡 民族乡 …, as the code list says")
    parent_code: Mapped[str | None] = mapped_column(sa.ForeignKey("regions.code"), index=True, comment="one level up")
    pinyin: Mapped[columns.sort_key]
    initials: Mapped[str] = mapped_column(sa.String(60), comment="first letters, for finding")
    lon: Mapped[float | None] = mapped_column(comment="seat, WGS84 degrees")
    lat: Mapped[float | None] = mapped_column(comment="seat, WGS84 degrees")
    position_confidence: Mapped[str | None] = mapped_column(sa.String(10), comment="high, medium or low")
    counted: Mapped[bool] = mapped_column(default=True, comment="whether it stands in the denominator of cover")
    valid_from: Mapped[date] = mapped_column(comment="first day as this division")
    valid_to: Mapped[date | None] = mapped_column(comment="last day; empty while it exists")

    @property
    def id(self) -> int:
        """The key under which the trail names a division: the code, which is a number and never given twice."""
        return int(self.code)


class UnitDecision(Base):
    __tablename__ = "unit_decisions"
    __table_args__ = (
        sa.CheckConstraint("holds_from <= decided_on", name="day_has_come"),
        {
            "comment": "of a unit the last written row holds from its day on; earlier ones stay, so that old reports "
            "explain"
        },
    )

    id: Mapped[columns.key]
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("regions.code"), index=True, comment="the statistical unit")
    counted: Mapped[bool] = mapped_column(comment="whether it stands in the denominator of cover")
    holds_from: Mapped[date] = mapped_column(comment="first day it holds on; no later than the day it was decided")
    decided_on: Mapped[date] = mapped_column(comment="Shanghai date")
    because: Mapped[str] = mapped_column(sa.String(300), comment="the document or reason given")
    made_at: Mapped[columns.created_at]


class RegionAlias(Base):
    __tablename__ = "region_aliases"
    __table_args__ = ({"comment": "obsolete or foreign codes accepted on import"},)

    alias: Mapped[str] = mapped_column(sa.String(12), primary_key=True, comment="the other code")
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("regions.code"), comment="what it means today")
    note: Mapped[str] = mapped_column(sa.String(200), comment="where the alias comes from")


class BoundaryVersion(Base):
    __tablename__ = "boundary_versions"
    __table_args__ = ({"comment": "one prepared state of the map's lines; immutable, served at its own address"},)

    id: Mapped[columns.key]
    version: Mapped[str] = mapped_column(sa.String(64), unique=True, comment="sha256 of the township file")
    townships_gzip: Mapped[bytes] = mapped_column(sa.LargeBinary(), comment="gzipped GeoJSON, simplified for drawing")
    counties_gzip: Mapped[bytes] = mapped_column(sa.LargeBinary(), comment="gzipped GeoJSON, simplified for drawing")
    source: Mapped[str] = mapped_column(sa.String(300), comment="data source, review number, licence")
    made_at: Mapped[columns.created_at]
    current: Mapped[bool] = mapped_column(default=True, comment="the version pages draw")


class RegionGeometry(Base):
    __tablename__ = "region_geometries"
    __table_args__ = (
        sa.UniqueConstraint("boundary_id", "region_code"),
        {"comment": "full geometry of a division in one boundary version"},
    )

    id: Mapped[columns.key]
    boundary_id: Mapped[int] = mapped_column(sa.ForeignKey("boundary_versions.id"), comment="which version")
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("regions.code"), index=True, comment="which division")
    kind: Mapped[GeometryKind] = choice(GeometryKind, "kind", comment="how far the line may be trusted")
    wkb: Mapped[bytes] = mapped_column(sa.LargeBinary(), comment="well-known binary, EPSG:4490 (WGS84 for us)")
    area_m2: Mapped[int] = mapped_column(
        columns.BIG, comment="square metres in EPSG:4548; not for reports when schematic"
    )
