"""Natural persons: the ones that are counted (名), each once whatever they hold."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.storage import columns
from app.storage.base import Base


class Person(Base):
    __tablename__ = "people"
    __table_args__ = (
        sa.Index("ix_people_pinyin_id", "pinyin", "id"),
        {"comment": "natural persons; numbers sealed, found by keyed hash"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    name: Mapped[str] = mapped_column(
        sa.String(60), index=True, info=columns.personal("name"), comment="as on the identity card"
    )
    pinyin: Mapped[columns.sort_key] = mapped_column(info=columns.personal("name"))
    initials: Mapped[str] = mapped_column(
        sa.String(60), index=True, info=columns.personal("name"), comment="first letters, for finding"
    )
    id_number_sealed: Mapped[str | None] = mapped_column(
        sa.Text(), info=columns.personal("identity", sealed=True), comment="resident identity number, sealed"
    )
    id_number_hash: Mapped[str | None] = mapped_column(
        sa.String(64),
        unique=True,
        info=columns.personal("identity"),
        comment="keyed hash: one person, one row",
    )
    phone_sealed: Mapped[str | None] = mapped_column(
        sa.Text(), info=columns.personal("contact", sealed=True), comment="mobile number, sealed"
    )
    phone_hash: Mapped[str | None] = mapped_column(
        sa.String(64), index=True, info=columns.personal("contact"), comment="keyed hash of the number"
    )
    employer_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisations.id"),
        index=True,
        info=columns.personal("profile"),
        comment="where he or she works",
    )
    professional_title: Mapped[str | None] = mapped_column(
        sa.String(60), info=columns.personal("profile"), comment="职称, e.g. 高级农艺师"
    )
    education: Mapped[str | None] = mapped_column(sa.String(40), info=columns.personal("profile"), comment="学历")
    anonymised_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="values replaced; counts stay")
    made_at: Mapped[columns.created_at]
    version: Mapped[columns.version]
