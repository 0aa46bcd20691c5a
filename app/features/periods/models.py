"""Named periods with their own dates: assessment periods are not calendar years, and may overlap."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.storage import columns
from app.storage.base import Base


class NamedPeriod(Base):
    __tablename__ = "named_periods"
    __table_args__ = (
        sa.CheckConstraint("last_day >= first_day", name="span"),
        {"comment": "a visit may count in several"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    title: Mapped[columns.title] = mapped_column(unique=True, comment="e.g. 2026年度考核期")
    first_day: Mapped[date] = mapped_column(comment="first service date")
    last_day: Mapped[date] = mapped_column(comment="last service date")
