"""Dated dictionaries: industry schemes, kinds of result with their units."""

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.matching.settings import SettingState
from app.storage import columns, stamps
from app.storage.base import Base, choice


class IndustryScheme(Base):
    __tablename__ = "industry_schemes"
    __table_args__ = ({"comment": "a way of dividing industries, with the years it holds"},)

    id: Mapped[columns.key]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True, comment="leading_four, county_chains …")
    title: Mapped[columns.title] = mapped_column(comment="e.g. 四大主导产业")
    valid_from: Mapped[date] = mapped_column(comment="first day it is used")
    valid_to: Mapped[date | None] = mapped_column(comment="last day; empty while in use")


@stamps.counted
class Industry(stamps.CountsEverywhere, Base):
    __tablename__ = "industries"
    moves_figures = ("parent_id",)
    __table_args__ = (
        sa.UniqueConstraint("scheme_id", "code"),
        {"comment": "two levels within a scheme; every scheme has 'other'"},
    )

    id: Mapped[columns.key]
    scheme_id: Mapped[int] = mapped_column(sa.ForeignKey("industry_schemes.id"), comment="of which scheme")
    code: Mapped[str] = mapped_column(sa.String(60), comment="stable name, e.g. agriculture.tea")
    title: Mapped[str] = mapped_column(sa.String(60), comment="e.g. 特色现代农业")
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("industries.id"), index=True, comment="upper level")
    county_code: Mapped[str | None] = mapped_column(sa.ForeignKey("regions.code"), comment="of a county chain")
    place: Mapped[int] = mapped_column(comment="order in lists")
    is_other: Mapped[bool] = mapped_column(default=False, comment="the catch-all of its scheme")
    valid_from: Mapped[date | None] = mapped_column(comment="first day; empty: as long as its scheme")
    valid_to: Mapped[date | None] = mapped_column(comment="last day it can be chosen; empty while in use")


@stamps.counted
class ChainPart(Base):
    __tablename__ = "chain_parts"
    __table_args__ = ({"comment": "which leading industries count towards a county's chain; a default, not a rule"},)

    chain_id: Mapped[int] = mapped_column(sa.ForeignKey("industries.id"), primary_key=True, comment="cell of a county")
    industry_id: Mapped[int] = mapped_column(
        sa.ForeignKey("industries.id"), primary_key=True, index=True, comment="leading industry or part of one"
    )

    def counted_in(self) -> list[stamps.Mark | int]:
        """A part more or less moves every figure that was asked for the chain."""
        return [stamps.EVERYWHERE]

    @classmethod
    def marks_of(cls, session: Session, ids: Iterable[int]) -> list[stamps.Mark]:
        return [stamps.EVERYWHERE]


class ResultKind(Base):
    __tablename__ = "result_kinds"
    __table_args__ = ({"comment": "results a visit may claim, in integers of the smallest unit"},)

    id: Mapped[columns.key]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True, comment="people_trained, techniques …")
    title: Mapped[str] = mapped_column(sa.String(60), comment="e.g. 培训人次")
    unit: Mapped[str] = mapped_column(sa.String(20), comment="人次, 项, 亩, 元 …")
    smallest_unit: Mapped[str] = mapped_column(sa.String(20), comment="what the integer counts: 分 for money")
    per_unit: Mapped[int] = mapped_column(default=1, comment="smallest units in one unit (100 for money)")
    valid_from: Mapped[date] = mapped_column(comment="first service date")
    valid_to: Mapped[date | None] = mapped_column(comment="last service date")
    place: Mapped[int] = mapped_column(comment="order in forms and tables")


class ConceptEdit(Base):
    __tablename__ = "concept_edits"
    __table_args__ = (
        sa.Index("ix_concept_edits_valid_from_id", "valid_from", "id"),
        {"comment": "the bureau's changes to the matching vocabulary, append-only: of one concept the latest in force"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    concept_id: Mapped[str] = mapped_column(sa.String(80), index=True, comment="stable name, e.g. crop.tea")
    row: Mapped[str | None] = mapped_column(sa.Text(), comment="the concept (JSON by exchange column); empty: left out")
    valid_from: Mapped[date] = mapped_column(comment="Shanghai date from which it holds")
    words: Mapped[str] = mapped_column(sa.String(300), comment="why")
    by: Mapped[str] = mapped_column(sa.String(60), comment="role or command, not name")
    made_at: Mapped[columns.created_at]


class WeightSetting(Base):
    __tablename__ = "weight_settings"
    __table_args__ = (
        sa.CheckConstraint("(state = 'adopted') = (valid_from IS NOT NULL)", name="adopted_has_its_day"),
        {"comment": "weights of the ranking's parts: proposed by a command, adopted by a person from a day on"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    state: Mapped[SettingState] = choice(SettingState, "state", comment="proposed, adopted, dropped")
    values: Mapped[str] = mapped_column(sa.Text(), comment="weight by part (JSON)")
    measured: Mapped[str] = mapped_column(sa.Text(), comment="what was measured by cross-validation (JSON)")
    valid_from: Mapped[date | None] = mapped_column(comment="Shanghai date from which it holds")
    words: Mapped[str | None] = mapped_column(sa.String(300), comment="why adopted or dropped")
    by: Mapped[str] = mapped_column(sa.String(60), comment="role or command, not name")
    made_at: Mapped[columns.created_at]
